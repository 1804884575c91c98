/**
 * Amounts as text and as integers. Inside the packages an amount is a `bigint` in atto; text with a
 * decimal point exists only at the edges. No floating-point number is used anywhere.
 */
import { PrimitivesError } from './errors.js';

/** 1 ONE = 10^18 atto. */
export const ATTO_PER_ONE: bigint = 10n ** 18n;

/** 1 nano = 10^9 atto: the usual unit of gas prices (gwei elsewhere). */
export const ATTO_PER_NANO: bigint = 10n ** 9n;

const AMOUNT = /^(-?)([0-9]+)(?:\.([0-9]+))?$/;

function refuse(reason: string): never {
  throw new PrimitivesError({ code: 'primitives/invalid-amount', reason });
}

function assertDecimals(decimals: number): void {
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > 255) {
    throw new PrimitivesError({
      code: 'primitives/out-of-range',
      what: 'number of decimals',
      reason: `must be an integer from 0 to 255, got ${decimals}`,
    });
  }
}

/**
 * Decimal text as a count of smallest units. Digits on both sides of the point, an optional minus,
 * nothing else; more fraction digits than the unit has are refused, not rounded.
 *
 * @param decimals - Digits after the point that one unit has: 18 for ONE, a token's own for tokens.
 * @throws {@link PrimitivesError} `primitives/invalid-amount`, `primitives/out-of-range`.
 * @example parseUnits('1.5', 6)  // 1500000n
 */
export function parseUnits(text: string, decimals: number): bigint {
  if (typeof text !== 'string') throw new TypeError('amount text must be a string');
  assertDecimals(decimals);
  const match = AMOUNT.exec(text);
  if (!match) refuse('amount must be decimal digits with at most one point between them');
  const fraction = match[3] ?? '';
  if (fraction.length > decimals) {
    refuse(`amount has ${fraction.length} digits after the point, at most ${decimals} fit`);
  }
  const magnitude = BigInt(match[2]! + fraction.padEnd(decimals, '0'));
  return match[1] === '-' ? -magnitude : magnitude;
}

/**
 * A count of smallest units as the shortest decimal text that {@link parseUnits} reads back.
 *
 * @throws {@link PrimitivesError} `primitives/out-of-range` for decimals outside 0 to 255.
 * @example formatUnits(1500000n, 6)  // '1.5'
 */
export function formatUnits(value: bigint, decimals: number): string {
  assertDecimals(decimals);
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, '0');
  const point = digits.length - decimals;
  let end = digits.length;
  while (end > point && digits.charCodeAt(end - 1) === 48) end--;
  const fraction = end > point ? `.${digits.slice(point, end)}` : '';
  return `${value < 0n ? '-' : ''}${digits.slice(0, point)}${fraction}`;
}

/**
 * An amount in ONE as atto.
 *
 * @throws {@link PrimitivesError} `primitives/invalid-amount`.
 * @example parseOne('1.5')  // 1500000000000000000n
 */
export function parseOne(text: string): bigint {
  return parseUnits(text, 18);
}

/** Atto as an amount in ONE, shortest form: `formatOne(10n ** 17n)` is `0.1`. */
export function formatOne(atto: bigint): string {
  return formatUnits(atto, 18);
}

/**
 * An amount in nano as atto.
 *
 * @throws {@link PrimitivesError} `primitives/invalid-amount`.
 * @example parseNano('100')  // 100000000000n
 */
export function parseNano(text: string): bigint {
  return parseUnits(text, 9);
}

/** Atto as an amount in nano, shortest form: `formatNano(10n ** 11n)` is `100`. */
export function formatNano(atto: bigint): string {
  return formatUnits(atto, 9);
}
