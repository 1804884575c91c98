/**
 * How evenly something is spread: stakes, votes or rewards over their holders. Exact integers in, exact
 * decimals out.
 */
import { DEC_ZERO, type Dec, decFromBigInt, quoDec } from '@polyphony/primitives';
import { EposError } from './errors.js';

/** Holdings of zero count as holders; negative ones are refused. */
function sorted(amounts: Iterable<bigint>): readonly bigint[] {
  const list = [...amounts];
  for (const amount of list) {
    if (amount < 0n) {
      const reason = `must not be negative, got ${amount}`;
      throw new EposError({ code: 'epos/out-of-range', what: 'a holding', reason });
    }
  }
  return list.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** A part of a whole. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Who has more than this can stop consensus. */
const ONE_THIRD: Fraction = { numerator: 1n, denominator: 3n };

/**
 * The Nakamoto coefficient: how many of the greatest holders together have more than a part of the
 * whole, by default the third that can stop consensus. 0 when nobody holds anything.
 *
 * @throws {@link EposError} `epos/out-of-range` for a negative holding.
 * @example nakamotoCoefficient([40n, 30n, 20n, 10n])  // 1
 */
export function nakamotoCoefficient(amounts: Iterable<bigint>, part: Fraction = ONE_THIRD): number {
  const ascending = sorted(amounts);
  const total = ascending.reduce((sum, amount) => sum + amount, 0n);
  let held = 0n;
  for (let count = 1; count <= ascending.length; count++) {
    held += ascending[ascending.length - count]!;
    if (held * part.denominator > total * part.numerator) return count;
  }
  return 0;
}

/**
 * The Gini coefficient: 0 when all hold the same, towards 1 when one holds everything. Rounded once, at
 * the 18th digit.
 *
 * @throws {@link EposError} `epos/out-of-range` for a negative holding.
 * @example formatDec(giniCoefficient([1n, 3n]))  // '0.25'
 */
export function giniCoefficient(amounts: Iterable<bigint>): Dec {
  const ascending = sorted(amounts);
  const count = BigInt(ascending.length);
  let total = 0n;
  let ranked = 0n;
  for (const [i, amount] of ascending.entries()) {
    total += amount;
    ranked += BigInt(i + 1) * amount;
  }
  if (total === 0n) return DEC_ZERO;
  const above = 2n * ranked - (count + 1n) * total;
  return quoDec(decFromBigInt(above), decFromBigInt(count * total));
}
