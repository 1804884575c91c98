/**
 * `Dec`: the signed fixed-point decimal of the staking rules, 18 digits after the point, with the
 * node's own rounding. A wrong rounding here is a different block, so each operation states its own.
 *
 * A `Dec` is a `bigint` that holds value × 10^18; `<`, `>` and `===` compare decimals as they are.
 * "Raw" below means that integer. Whether a decimal counts ONE or atto is the caller's business.
 */
import { utf8ToBytes } from './bytes.js';
import { PrimitivesError } from './errors.js';
import type { RlpInput, RlpReader } from './rlp.js';
import { formatUnits } from './units.js';

declare const decBrand: unique symbol;

/** A decimal: a `bigint` of value × 10^18. Make one with `decFromBigInt`, `parseDec` or `decFromRaw`. */
export type Dec = bigint & { readonly [decBrand]: never };

/** Digits after the point. */
export const DEC_PRECISION = 18;

const SCALE = 10n ** 18n;
const HALF_SCALE = SCALE / 2n;
/** Results of checked operations need at most 315 bits: 255 for the value, 60 for the fraction. */
const LIMIT = 1n << 315n;

/** The decimal 0. */
export const DEC_ZERO: Dec = 0n as Dec;

/** The decimal 1. */
export const DEC_ONE: Dec = SCALE as Dec;

/** The decimal 10^-18, the smallest above zero. */
export const DEC_SMALLEST: Dec = 1n as Dec;

function checked(raw: bigint): Dec {
  if (raw >= LIMIT || raw <= -LIMIT) {
    throw new PrimitivesError({
      code: 'primitives/decimal-overflow',
      reason: 'Int overflow: decimal needs more than 315 bits',
    });
  }
  return raw as Dec;
}

/** `bigint` division already cuts toward zero; this only refuses the divisor 0. */
function quotient(dividend: bigint, divisor: bigint): bigint {
  if (divisor === 0n) {
    throw new PrimitivesError({
      code: 'primitives/division-by-zero',
      reason: 'decimal must not be divided by zero',
    });
  }
  return dividend / divisor;
}

/** `raw / 10^18` to the nearest integer, a half to the even neighbour. */
function halfEven(raw: bigint): bigint {
  const magnitude = raw < 0n ? -raw : raw;
  let whole = magnitude / SCALE;
  const rest = magnitude - whole * SCALE;
  if (rest > HALF_SCALE || (rest === HALF_SCALE && (whole & 1n) === 1n)) whole++;
  return raw < 0n ? -whole : whole;
}

/** A raw integer (value × 10^18) as a decimal: what a header or a wrapper stores. */
export function decFromRaw(raw: bigint): Dec {
  return raw as Dec;
}

/**
 * The decimal of a whole number. `decFromBigInt(atto)` counts atto.
 *
 * @source harmony/numeric/decimal.go: NewDecFromBigInt
 * @example decFromBigInt(2n)  // raw 2000000000000000000n
 */
export function decFromBigInt(value: bigint): Dec {
  return (value * SCALE) as Dec;
}

/**
 * The decimal `value / 10^precision`. `decFromBigIntWithPrecision(atto, 18)` counts ONE.
 *
 * @param precision - 0 to 18.
 * @throws {@link PrimitivesError} `primitives/out-of-range`.
 * @source harmony/numeric/decimal.go: NewDecFromBigIntWithPrec
 */
export function decFromBigIntWithPrecision(value: bigint, precision: number): Dec {
  if (!Number.isInteger(precision) || precision < 0 || precision > DEC_PRECISION) {
    throw new PrimitivesError({
      code: 'primitives/out-of-range',
      what: 'decimal precision',
      reason: `must be an integer from 0 to ${DEC_PRECISION}, got ${precision}`,
    });
  }
  return (value * 10n ** BigInt(DEC_PRECISION - precision)) as Dec;
}

/**
 * Text as a decimal, with the node's grammar: an optional minus, digits, and at most 18 digits after
 * a point that has digits on both sides. Leading zeros are allowed, and so is one more sign after
 * the minus or at the start (`--5` is 5, `-+5` is -5, `+5` is 5). There is no size check.
 *
 * @throws {@link PrimitivesError} `primitives/invalid-decimal`; the message is the node's own.
 * @source harmony/numeric/decimal.go: NewDecFromStr
 * @example parseDec('0.05')  // raw 50000000000000000n
 */
export function parseDec(text: string): Dec {
  const negative = text.startsWith('-');
  const parts = (negative ? text.slice(1) : text).split('.');
  const [whole = '', fraction] = parts;
  if (parts.length === 1 && whole === '') refuse('decimal string is empty');
  if (parts.length > 2) refuse('too many periods to be a decimal string');
  if (fraction === '' || (fraction !== undefined && whole === '')) refuse('bad decimal length');
  const places = fraction === undefined ? 0 : utf8ToBytes(fraction).length;
  if (places > DEC_PRECISION) {
    refuse(`too much precision, maximum ${DEC_PRECISION}, len decimal ${places}`);
  }
  const combined = whole + (fraction ?? '') + '0'.repeat(DEC_PRECISION - places);
  if (!/^[+-]?[0-9]+$/.test(combined)) {
    refuse(`bad string to integer conversion, combinedStr: ${combined}`);
  }
  const unsigned = BigInt(/^[+-]/.test(combined) ? combined.slice(1) : combined);
  return (negative !== combined.startsWith('-') ? -unsigned : unsigned) as Dec;
}

function refuse(reason: string): never {
  throw new PrimitivesError({ code: 'primitives/invalid-decimal', reason });
}

/**
 * A decimal as its shortest text: no trailing zeros, `0` for zero, a minus in front. An absent
 * decimal is `<nil>`. Inside JSON a decimal is this text as a string, and {@link parseDec} reads it.
 *
 * @source harmony/numeric/decimal.go: String, MarshalJSON
 */
export function formatDec(dec: Dec | undefined): string {
  return dec === undefined ? '<nil>' : formatUnits(dec, DEC_PRECISION);
}

/**
 * a + b.
 *
 * @throws {@link PrimitivesError} `primitives/decimal-overflow`.
 * @source harmony/numeric/decimal.go: Add
 */
export function addDec(a: Dec, b: Dec): Dec {
  return checked(a + b);
}

/**
 * a - b.
 *
 * @throws {@link PrimitivesError} `primitives/decimal-overflow`.
 * @source harmony/numeric/decimal.go: Sub
 */
export function subDec(a: Dec, b: Dec): Dec {
  return checked(a - b);
}

/**
 * a × b, rounded to the nearest, a half to the even neighbour.
 *
 * @throws {@link PrimitivesError} `primitives/decimal-overflow`.
 * @source harmony/numeric/decimal.go: Mul
 */
export function mulDec(a: Dec, b: Dec): Dec {
  return checked(halfEven(a * b));
}

/**
 * a × b, cut toward zero.
 *
 * @throws {@link PrimitivesError} `primitives/decimal-overflow`.
 * @source harmony/numeric/decimal.go: MulTruncate
 */
export function mulTruncateDec(a: Dec, b: Dec): Dec {
  return checked((a * b) / SCALE);
}

/**
 * A decimal times a whole number; exact.
 *
 * @throws {@link PrimitivesError} `primitives/decimal-overflow`.
 * @source harmony/numeric/decimal.go: MulInt, MulInt64
 */
export function mulIntDec(a: Dec, n: bigint): Dec {
  return checked(a * n);
}

/**
 * a / b, rounded twice: cut at 36 digits, then to the nearest at 18, a half to the even neighbour.
 *
 * @throws {@link PrimitivesError} `primitives/division-by-zero`, `primitives/decimal-overflow`.
 * @source harmony/numeric/decimal.go: Quo
 * @example formatDec(quoDec(decFromBigInt(2n), decFromBigInt(3n)))  // '0.666666666666666667'
 */
export function quoDec(a: Dec, b: Dec): Dec {
  return checked(halfEven(quotient(a * SCALE * SCALE, b)));
}

/**
 * a / b, cut toward zero.
 *
 * @throws {@link PrimitivesError} `primitives/division-by-zero`, `primitives/decimal-overflow`.
 * @source harmony/numeric/decimal.go: QuoTruncate
 */
export function quoTruncateDec(a: Dec, b: Dec): Dec {
  return checked(quotient(a * SCALE * SCALE, b) / SCALE);
}

/**
 * a / b, cut at 36 digits and then rounded up (toward positive infinity) at 18.
 *
 * @throws {@link PrimitivesError} `primitives/division-by-zero`, `primitives/decimal-overflow`.
 * @source harmony/numeric/decimal.go: QuoRoundUp
 */
export function quoRoundUpDec(a: Dec, b: Dec): Dec {
  const long = quotient(a * SCALE * SCALE, b);
  return checked(long < 0n ? long / SCALE : (long + SCALE - 1n) / SCALE);
}

/**
 * A decimal divided by a whole number, cut toward zero; no overflow check.
 *
 * @throws {@link PrimitivesError} `primitives/division-by-zero`.
 * @source harmony/numeric/decimal.go: QuoInt, QuoInt64
 */
export function quoIntDec(a: Dec, n: bigint): Dec {
  return quotient(a, n) as Dec;
}

/**
 * The nearest whole number, a half to the even neighbour: 7.5 is 8, 2.5 is 2.
 *
 * @source harmony/numeric/decimal.go: RoundInt
 */
export function roundIntDec(dec: Dec): bigint {
  return halfEven(dec);
}

/**
 * The whole number left after cutting toward zero: -7.5 is -7.
 *
 * @source harmony/numeric/decimal.go: TruncateInt
 */
export function truncateIntDec(dec: Dec): bigint {
  return dec / SCALE;
}

/**
 * The decimal without its fraction, cut toward zero.
 *
 * @source harmony/numeric/decimal.go: TruncateDec
 */
export function truncateDec(dec: Dec): Dec {
  return ((dec / SCALE) * SCALE) as Dec;
}

/**
 * The smallest whole decimal that is not below: 7.1 is 8, -7.5 is -7.
 *
 * @source harmony/numeric/decimal.go: Ceil
 */
export function ceilDec(dec: Dec): Dec {
  const whole = (dec / SCALE) * SCALE;
  return (dec > whole ? whole + SCALE : whole) as Dec;
}

/** Whether the fraction is zero. */
export function isIntegerDec(dec: Dec): boolean {
  return dec % SCALE === 0n;
}

/** The decimal with the other sign. */
export function negDec(dec: Dec): Dec {
  return -dec as Dec;
}

/** The decimal without its sign. */
export function absDec(dec: Dec): Dec {
  return (dec < 0n ? -dec : dec) as Dec;
}

/** The smaller of two decimals. */
export function minDec(a: Dec, b: Dec): Dec {
  return a < b ? a : b;
}

/** The larger of two decimals. */
export function maxDec(a: Dec, b: Dec): Dec {
  return a > b ? a : b;
}

/**
 * What {@link encodeRlp} takes for a decimal: a list of its raw integer (zero is `c180`), or the
 * empty list `c0` for an absent one. Encoding a negative decimal fails.
 *
 * @source harmony/numeric/decimal.go: Dec (the struct's default RLP)
 */
export function decRlp(dec: Dec | undefined): RlpInput {
  return dec === undefined ? [] : [dec];
}

/**
 * Reads the next item as a decimal; `undefined` for the empty list. Any size is read, as the node
 * does: ranges are checked by the rule that uses the value.
 *
 * @throws {@link PrimitivesError} `primitives/invalid-rlp`.
 * @source harmony/numeric/decimal.go: Dec (the struct's default RLP)
 */
export function readDec(reader: RlpReader): Dec | undefined {
  const list = reader.readList();
  if (list.done) return undefined;
  const raw = list.readBigInt(Number.POSITIVE_INFINITY);
  list.assertDone('decimal');
  return raw as Dec;
}
