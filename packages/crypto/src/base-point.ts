/**
 * Multiples of the base point of secp256k1 for secret scalars: the expensive half of signing.
 *
 * A table of multiples, built once with `@noble/curves`, turns a multiplication into 41 additions
 * and no doublings. Every call takes the same steps: one addition for each window whatever the digit
 * is, and a look at every entry of the window. The scalar is blinded with a random multiple of the
 * curve order, so that the digits differ each time for the same secret.
 *
 * @source SEC 2 (secp256k1); addition of an affine to a Jacobian point
 */
import { normalizeZ } from '@noble/curves/abstract/curve.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { randomBytes } from '@noble/hashes/utils.js';
import { bigIntToBytes, bytesToBigInt } from '@polyphony/primitives';

/** A point by its coordinates, both below the field prime. */
export interface AffinePoint {
  readonly x: bigint;
  readonly y: bigint;
}

const { Point } = secp256k1;
const PRIME = Point.Fp.ORDER;
const ORDER = Point.Fn.ORDER;

/** A blinded scalar of 320 bits in 40 digits of 8 bits, and one digit for the last carry. */
const BLIND_BYTES = 8;
const SCALAR_BYTES = 32 + BLIND_BYTES;
const WINDOWS = SCALAR_BYTES + 1;
/** Digits are -127 to 128: half the multiples of a window suffice. */
const HALF_WINDOW = 128;

/**
 * Sums begin at this multiple of the base point, so never at infinity, and the scalar is less by as
 * much. Any number without a pattern serves: this is the base point's own x coordinate.
 */
const START_SCALAR = Point.BASE.x;

/** Entry `128 * w + d - 1` holds `d * 256^w` times the base point. */
interface Table {
  readonly xs: readonly bigint[];
  readonly ys: readonly bigint[];
  readonly start: AffinePoint;
}

function buildTable(): Table {
  const points: InstanceType<typeof Point>[] = [];
  let base = Point.BASE;
  for (let window = 0; window < WINDOWS; window++) {
    let multiple = base;
    for (let digit = 1; digit < HALF_WINDOW; digit++) {
      points.push(multiple);
      multiple = multiple.add(base);
    }
    points.push(multiple);
    base = multiple.double();
  }
  const affine = normalizeZ(Point, points).map((point) => point.toAffine());
  return {
    xs: affine.map(({ x }) => x),
    ys: affine.map(({ y }) => y),
    start: Point.BASE.multiplyUnsafe(START_SCALAR).toAffine(),
  };
}

/** A sum in Jacobian coordinates: x = X / Z^2, y = Y / Z^3, each congruent and possibly negative. */
class Sum {
  X: bigint;
  Y: bigint;
  Z = 1n;

  constructor({ x, y }: AffinePoint) {
    this.X = x;
    this.Y = y;
  }

  /** Adds an affine point. Adding the sum itself or its opposite makes Z zero for good. */
  add(x: bigint, y: bigint): void {
    const { X, Y, Z } = this;
    const zz = (Z * Z) % PRIME;
    const h = (x * zz - X) % PRIME;
    const r = (((y * Z) % PRIME) * zz - Y) % PRIME;
    const hh = (h * h) % PRIME;
    const hhh = (h * hh) % PRIME;
    const v = (X * hh) % PRIME;
    const next = (r * r - hhh - 2n * v) % PRIME;
    this.X = next;
    this.Y = (r * (v - next) - Y * hhh) % PRIME;
    this.Z = (Z * h) % PRIME;
  }
}

/** A scalar of 40 bytes as digits from -127 to 128, the least significant first. */
function digitsOf(scalar: bigint): Int16Array {
  const bytes = bigIntToBytes(scalar, SCALAR_BYTES);
  const digits = new Int16Array(WINDOWS);
  let carry = 0;
  for (let window = 0; window < SCALAR_BYTES; window++) {
    const digit = bytes[SCALAR_BYTES - 1 - window]! + carry;
    carry = (HALF_WINDOW - digit) >>> 31;
    digits[window] = digit - 2 * HALF_WINDOW * carry;
  }
  digits[SCALAR_BYTES] = carry;
  return digits;
}

/** A random factor below 2^64; 0 where the platform has no source of randomness. */
function drawBlind(): bigint {
  try {
    return bytesToBigInt(randomBytes(BLIND_BYTES));
  } catch {
    return 0n;
  }
}

function multiply(table: Table, scalar: bigint, blind: bigint): AffinePoint | undefined {
  const { xs, ys, start } = table;
  const digits = digitsOf(Point.Fn.create(scalar - START_SCALAR) + blind * ORDER);
  const sum = new Sum(start);
  const unused = new Sum(start);
  for (let window = 0; window < WINDOWS; window++) {
    const digit = digits[window]!;
    const first = window * HALF_WINDOW;
    const wanted = first + Math.abs(digit) - 1;
    let x = xs[first]!;
    let y = ys[first]!;
    for (let i = first + 1; i < first + HALF_WINDOW; i++) {
      x = i === wanted ? xs[i]! : x;
      y = i === wanted ? ys[i]! : y;
    }
    const negated = PRIME - y;
    (digit === 0 ? unused : sum).add(x, digit < 0 ? negated : y);
  }
  if (sum.Z === 0n) return undefined;
  const inverse = Point.Fp.inv(Point.Fp.create(sum.Z));
  const square = (inverse * inverse) % PRIME;
  const x = Point.Fp.create(sum.X * square);
  const y = Point.Fp.create(((sum.Y * square) % PRIME) * inverse);
  return (y * y - x * x * x - 7n) % PRIME === 0n ? { x, y } : undefined;
}

/**
 * A function that multiplies the base point by a scalar from 1 to the order less 1.
 *
 * The table (5,248 points, about 2 MB) is built by the first call. A result that is not a point of
 * the curve, or the one sum the formula has no answer for, goes to the library's multiplication.
 *
 * @param blind - Gives a factor below 2^64 for each call.
 * @param library - The multiplication that is right in every case.
 */
export function createBaseMultiplier(
  blind: () => bigint = drawBlind,
  library: (scalar: bigint) => AffinePoint = (scalar) => Point.BASE.multiply(scalar).toAffine(),
): (scalar: bigint) => AffinePoint {
  let table: Table | undefined;
  return (scalar) => {
    table ??= buildTable();
    return multiply(table, scalar, blind()) ?? library(scalar);
  };
}
