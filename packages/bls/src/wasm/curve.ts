/**
 * Points of the curve over Fp2 in the module: decoding without the subgroup check, and sums that make up
 * for it. A point's place holds x, y and z of two field elements each; z is 1, or 0 at infinity.
 *
 * The library's own decoder takes three powers where two are enough, and its check of one point takes
 * as long as its decoding; sums check a whole batch at once, see `weight-digits.ts`.
 */
import { BlsError } from '../errors.js';
import type { Encoding } from '../noble/encoding.js';
import { P } from '../noble/field.js';
import { BALANCED, DIGIT_BASE, DIGIT_PLACES, writeDigits } from '../weight-digits.js';
import { type MclModule, SIZE } from './module.js';

const { fp: FP, g2: POINT } = SIZE;
const FP2 = 2 * FP;

/** How a suite's bytes become numbers of the module. */
export interface CurveEncoding {
  readonly encoding: Encoding;
  /** Whether c1 comes before c0 and the bytes of each are big-endian. */
  readonly bigEndian: boolean;
  /** Whether the flag of a point with the y at this address is set. */
  readonly flagOf: (y: number) => boolean;
}

/** Works on points by their addresses. */
export interface Curve {
  /** Decodes 96 bytes to a point of the curve at an address; throws as `Backend.decodeSignature` does. */
  decode(at: number, bytes: Uint8Array): void;
  /** Whether a point of the curve, infinity included, is in the subgroup. */
  isInSubgroup(at: number): boolean;
  /**
   * Leaves the sum of points times weights at an address.
   *
   * @returns False when a point is outside the subgroup.
   */
  provenSum(at: number, points: readonly Int8Array[], weights: readonly Uint8Array[]): boolean;
}

/** The exponent (p - 3) / 4, little-endian. */
const EXPONENT: Uint8Array = Uint8Array.from({ length: FP }, (_, i) =>
  Number((((P - 3n) / 4n) >> BigInt(8 * i)) & 255n),
);

/** Reserves memory of the module for the work. */
export function createCurve(
  module: MclModule,
  { encoding, bigEndian, flagOf }: CurveEncoding,
): Curve {
  const {
    _mclBnFp_add: add,
    _mclBnFp_mul: mul,
    _mclBnFp_neg: neg,
    _mclBnFp_sqr: sqr,
    _mclBnFp_isEqual: isEqual,
    _mclBnFp_isZero: isZero,
    _mclBnFp_powArray: powArray,
    _mclBnFp_setLittleEndian: setLittleEndian,
    _mclBnFp2_add: add2,
    _mclBnFp2_mul: mul2,
    _mclBnFp2_sqr: sqr2,
    _mclBnG2_add: addPoints,
    _mclBnG2_dbl: double,
    _mclBnG2_neg: negate,
    _mclBnG2_isZero: isInfinity,
  } = module;
  const places = DIGIT_PLACES * BALANCED * POINT;
  let next = module._malloc(FP2 + places + 5 * POINT + 3 * FP2 + 6 * FP);
  if (next === 0) throw new Error('mcl-wasm has no memory left');
  const take = (length: number): number => {
    const at = next;
    next += length;
    return at;
  };

  const buckets = take(places);
  const term = take(POINT);
  const negated = take(POINT);
  const running = take(POINT);
  const sum = take(POINT);
  const total = take(POINT);
  const raw = take(FP2);
  const offset = take(FP2);
  const square = take(FP2);
  const exponent = take(FP);
  const half = take(FP);
  const root = take(FP);
  const inverse = take(FP);
  const t = take(FP);
  const u = take(FP);

  module.HEAP8.set(EXPONENT, exponent);
  module._mclBnFp_setInt32(half, 2);
  module._mclBnFp_inv(half, half);
  // The curve is y^2 = x^3 + 4 + 4i.
  module._mclBnFp_setInt32(offset, 4);
  module._mclBnFp_setInt32(offset + FP, 4);

  /** Twists a square into z: z = x^((p-3)/4), by which x times z is a root of x or of -x. */
  const power = (z: number, x: number): void => {
    powArray(z, x, exponent, FP);
  };

  /** Leaves the real root of x at z; false when there is none. */
  const realRoot = (z: number, x: number): boolean => {
    power(inverse, x);
    mul(z, x, inverse);
    sqr(u, z);
    return isEqual(u, x) === 1;
  };

  /** Leaves either root of `square` at y; false when there is none. As `noble/field.ts`: sqrt2. */
  const rootInto = (y: number): boolean => {
    const c0 = square;
    const c1 = square + FP;
    if (isZero(c1) === 1) {
      // p = 3 mod 4: if c0 is not a square, -c0 is.
      const isReal = realRoot(root, c0);
      if (!isReal) {
        neg(t, c0);
        realRoot(root, t);
      }
      module.HEAP8.fill(0, y, y + FP2);
      module.HEAP8.copyWithin(isReal ? y : y + FP, root, root + FP);
      return true;
    }
    sqr(t, c0);
    sqr(u, c1);
    add(t, t, u);
    if (!realRoot(root, t)) return false;
    add(t, c0, root);
    mul(t, t, half);
    power(inverse, t);
    mul(root, t, inverse);
    mul(u, c1, inverse);
    mul(u, u, half);
    sqr(inverse, root);
    if (isEqual(inverse, t) === 1) {
      module.HEAP8.copyWithin(y, root, root + FP);
      module.HEAP8.copyWithin(y + FP, u, u + FP);
    } else {
      neg(y, u);
      module.HEAP8.copyWithin(y + FP, root, root + FP);
    }
    return true;
  };

  const isInSubgroup = (at: number): boolean =>
    isInfinity(at) === 1 || module._mclBnG2_isValidOrder(at) === 1;

  return {
    decode(at, bytes) {
      const point = encoding.decodeSignature(bytes);
      module.HEAP8.fill(0, at, at + POINT);
      if (point === 'infinity') return;
      const copy = new Uint8Array(bytes);
      if (bigEndian) {
        copy[0]! &= 0x1f;
        copy.reverse();
      } else copy[FP2 - 1]! &= 0x7f;
      module.HEAP8.set(copy, raw);
      setLittleEndian(at, raw, FP);
      setLittleEndian(at + FP, raw + FP, FP);
      sqr2(square, at);
      mul2(square, square, at);
      add2(square, square, offset);
      const y = at + FP2;
      if (!rootInto(y)) throw new BlsError({ code: 'bls/not-on-curve', what: 'signature' });
      if (flagOf(y) !== point.flag) module._mclBnFp2_neg(y, y);
      module._mclBnFp_setInt32(y + FP2, 1);
    },

    isInSubgroup,

    provenSum(at, points, weights) {
      module.HEAP8.fill(0, buckets, buckets + places);
      const digits = new Int8Array(DIGIT_PLACES);
      points.forEach((point, i) => {
        module.HEAP8.set(point, term);
        negate(negated, term);
        writeDigits(weights[i]!, BALANCED, digits);
        for (let place = 0; place < DIGIT_PLACES; place++) {
          const digit = digits[place]!;
          if (digit === 0) continue;
          const bucket = buckets + (place * BALANCED + Math.abs(digit) - 1) * POINT;
          addPoints(bucket, bucket, digit > 0 ? term : negated);
        }
      });
      module.HEAP8.fill(0, total, total + POINT);
      for (let place = DIGIT_PLACES - 1; place >= 0; place--) {
        module.HEAP8.fill(0, running, running + POINT);
        module.HEAP8.fill(0, sum, sum + POINT);
        for (let digit = BALANCED; digit > 0; digit--) {
          addPoints(running, running, buckets + (place * BALANCED + digit - 1) * POINT);
          addPoints(sum, sum, running);
        }
        if (!isInSubgroup(sum)) return false;
        module.HEAP8.copyWithin(term, total, total + POINT);
        for (const bit of DIGIT_BASE.toString(2).slice(1)) {
          double(total, total);
          if (bit === '1') addPoints(total, total, term);
        }
        addPoints(total, total, sum);
      }
      module.HEAP8.copyWithin(at, total, total + POINT);
      return true;
    },
  };
}
