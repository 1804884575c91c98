/**
 * Tails of the two distributions behind random assignment, as exact fractions, and their text.
 *
 * No floating point: a tail of 10^-18 is as exact as one of 0.1, and its digits are the same on every
 * machine. What the tails mean for shards is decided in `takeover.ts`.
 */
import { ShardingError } from '../errors.js';
import { assertPart, type Fraction } from '../fraction.js';

function outOfRange(what: string, reason: string): never {
  throw new ShardingError({ code: 'sharding/out-of-range', what, reason });
}

/** Most draws of one question: the work grows with their square. */
const MAX_DRAWS = 2 ** 16;

function assertCount(what: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= most) return;
  outOfRange(what, `must be an integer from 0 to ${most}, got ${value}`);
}

/** How many ways there are to choose `chosen` of `from`. */
function choose(from: number, chosen: number): bigint {
  let ways = 1n;
  for (let done = 0; done < chosen; done++) ways = (ways * BigInt(from - done)) / BigInt(done + 1);
  return ways;
}

/** The sum of terms from the highest index down to `least`, each made from the one above. */
function sumDown(
  top: bigint,
  from: number,
  least: number,
  next: (k: number) => [bigint, bigint],
): bigint {
  let term = top;
  let sum = top;
  for (let k = from; k > least; k--) {
    const [times, over] = next(k);
    term = (term * times) / over;
    sum += term;
  }
  return sum;
}

/**
 * The probability of at least `atLeast` hits in `draws` independent draws.
 *
 * @param hit - Probability of a hit in one draw.
 * @throws {@link ShardingError} `sharding/out-of-range`.
 */
export function binomialTail(draws: number, atLeast: number, hit: Fraction): Fraction {
  assertCount('number of draws', draws, MAX_DRAWS);
  assertCount('number of hits', atLeast, MAX_DRAWS);
  assertPart('probability of a hit', hit);
  const a = hit.numerator;
  const c = hit.denominator - a;
  if (atLeast === 0) return { numerator: 1n, denominator: 1n };
  if (atLeast > draws || a === 0n) return { numerator: 0n, denominator: 1n };
  const numerator = sumDown(a ** BigInt(draws), draws, atLeast, (k) => [
    BigInt(k) * c,
    BigInt(draws - k + 1) * a,
  ]);
  return { numerator, denominator: hit.denominator ** BigInt(draws) };
}

/** Draws without putting back. */
export interface Sampling {
  readonly population: number;
  /** How many of the population are marked. */
  readonly marked: number;
  readonly draws: number;
}

/**
 * The probability of at least `atLeast` marked ones among draws without putting back.
 *
 * @throws {@link ShardingError} `sharding/out-of-range`.
 */
export function hypergeometricTail(sampling: Sampling, atLeast: number): Fraction {
  const { population, marked, draws } = sampling;
  assertCount('number of draws', draws, MAX_DRAWS);
  assertCount('number of hits', atLeast, MAX_DRAWS);
  assertCount('population', population, 2 ** 32);
  assertCount('marked part of the population', marked, population);
  if (draws > population) {
    outOfRange('number of draws', `must be at most the population ${population}, got ${draws}`);
  }
  const most = Math.min(marked, draws);
  const least = Math.max(atLeast, draws - (population - marked), 0);
  if (least > most) return { numerator: 0n, denominator: 1n };
  const unmarked = population - marked;
  const top = choose(marked, most) * choose(unmarked, draws - most);
  const numerator = sumDown(top, most, least, (k) => [
    BigInt(k) * BigInt(unmarked - draws + k),
    BigInt(marked - k + 1) * BigInt(draws - k + 1),
  ]);
  return { numerator, denominator: choose(population, draws) };
}

/** The greatest e with 10^e at most the value. */
function exponentOf({ numerator, denominator }: Fraction): number {
  let exponent = String(numerator).length - String(denominator).length;
  const reaches = (e: number): boolean =>
    e >= 0
      ? numerator >= denominator * 10n ** BigInt(e)
      : numerator * 10n ** BigInt(-e) >= denominator;
  if (!reaches(exponent)) exponent -= 1;
  return exponent;
}

/** The value over 10^exponent as an integer, halves up. */
function scaled({ numerator, denominator }: Fraction, exponent: number): bigint {
  const [n, d] =
    exponent >= 0
      ? [numerator, denominator * 10n ** BigInt(exponent)]
      : [numerator * 10n ** BigInt(-exponent), denominator];
  return (2n * n + d) / (2n * d);
}

function significant(value: Fraction, digits: number): { digits: string; exponent: number } {
  assertCount('number of digits', digits - 1, 99);
  if (value.denominator <= 0n || value.numerator < 0n) {
    outOfRange('value', `must not be negative, got ${value.numerator}/${value.denominator}`);
  }
  const exponent = exponentOf(value);
  const text = String(scaled(value, exponent - digits + 1));
  // Rounding 9.996 up gives one digit more.
  return text.length > digits
    ? { digits: text.slice(0, digits), exponent: exponent + 1 }
    : { digits: text, exponent };
}

/**
 * A fraction in scientific notation with as many significant digits, halves rounded up.
 *
 * @throws {@link ShardingError} `sharding/out-of-range` for a negative value or no digits.
 * @example formatScientific({ numerator: 1n, denominator: 3n })  // '3.33e-1'
 */
export function formatScientific(value: Fraction, digits = 3): string {
  if (value.numerator === 0n) return '0';
  const { digits: text, exponent } = significant(value, digits);
  return `${text[0]}${digits > 1 ? '.' : ''}${text.slice(1)}e${exponent}`;
}

/**
 * A fraction as a plain decimal with as many significant digits, halves rounded up; digits of the
 * integer part beyond them are zeros.
 *
 * @throws {@link ShardingError} `sharding/out-of-range` for a negative value or no digits.
 * @example formatSignificant({ numerator: 92199n, denominator: 100n })  // '922'
 */
export function formatSignificant(value: Fraction, digits = 3): string {
  if (value.numerator === 0n) return '0';
  const { digits: text, exponent } = significant(value, digits);
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${text}`;
  if (exponent + 1 >= digits) return text + '0'.repeat(exponent + 1 - digits);
  return `${text.slice(0, exponent + 1)}.${text.slice(exponent + 1)}`;
}
