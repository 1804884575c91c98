/**
 * Euclid's algorithm on large integers, stopped at a bound, by Lehmer's method.
 *
 * Most quotients are found from the leading 52 bits in plain numbers; a dozen of them together touch
 * the large integers once, as a 2 × 2 matrix. The large integers are limbs of 32 bits, and a matrix
 * entry has at most 20, so the products are exact in a double. A quotient is only taken when the
 * bits that were cut off cannot change it (Jebelean's condition); where none is sure, one step is
 * done with whole integers.
 */
import { createLimbs, type Limbs, readLimbs, trimLimbs, writeLimbs } from './limbs.js';

/** Two neighbouring remainders of (r, k) with their coefficients of k. */
export interface Remainders {
  readonly previous: bigint;
  readonly current: bigint;
  readonly previousFactor: bigint;
  readonly currentFactor: bigint;
  /** 1 when previous·currentFactor − current·previousFactor is r, −1 when it is −r. */
  readonly orientation: 1 | -1;
}

/** Euclid's algorithm with room for numbers of one size. */
export interface Euclid {
  /**
   * Steps from (r, k) until the current remainder is at most `bound`.
   *
   * @param r - Greater than k.
   * @param k - 0 or more.
   * @param bound - 0 or more. A remainder may be followed a step too far if it is above the bound by
   *   less than a thousandth.
   */
  readonly reduce: (r: bigint, k: bigint, bound: bigint) => Remainders;
  /** gcd(r, k), and a factor of k that makes it: factor · k ≡ gcd modulo r. */
  readonly invert: (r: bigint, k: bigint) => readonly [gcd: bigint, factor: bigint];
}

const LIMB = 2 ** 32;
const INVERSE_LIMB = 2 ** -32;
/** Matrix entries stay below. */
const ENTRY_LIMIT = 2 ** 20;

/** A 2 × 2 matrix, by rows. */
type Matrix = Float64Array;

/** 52 bits from the limb at `top`, which `shift` zero bits lead in the number that sets the scale. */
function leading({ limbs }: Limbs, top: number, shift: number): number {
  const first = limbs[top]!;
  const second = limbs[top - 1]!;
  if (shift === 0) return first * 2 ** 20 + (second >>> 12);
  const third = top > 1 ? limbs[top - 2]! : 0;
  const high = ((first << shift) | (second >>> (32 - shift))) >>> 0;
  const low = ((second << shift) | (third >>> (32 - shift))) >>> 0;
  return high * 2 ** 20 + (low >>> 12);
}

/** (x, y) becomes (a·x + b·y, c·x + d·y), both 0 or more. Returns the length of the greater. */
function combine(x: Limbs, y: Limbs, length: number, matrix: Matrix): number {
  const a = matrix[0]!;
  const b = matrix[1]!;
  const c = matrix[2]!;
  const d = matrix[3]!;
  const xs = x.limbs;
  const ys = y.limbs;
  let carryX = 0;
  let carryY = 0;
  for (let i = 0; i < length; i++) {
    const xi = xs[i]!;
    const yi = ys[i]!;
    const sumX = a * xi + b * yi + carryX;
    const sumY = c * xi + d * yi + carryY;
    carryX = Math.floor(sumX * INVERSE_LIMB);
    carryY = Math.floor(sumY * INVERSE_LIMB);
    xs[i] = sumX - carryX * LIMB;
    ys[i] = sumY - carryY * LIMB;
  }
  if (carryX === 0 && carryY === 0) return length;
  xs[length] = carryX;
  ys[length] = carryY;
  return length + 1;
}

/**
 * Takes quotients of (high, low) while they are sure and the remainder is above `least`; leaves the
 * magnitudes of their product in `matrix`.
 *
 * @param exact - The two are the whole numbers, not their leading bits.
 * @returns How many quotients.
 */
function collect(matrix: Matrix, high: number, low: number, least: number, exact: boolean): number {
  let a = 1;
  let b = 0;
  let c = 0;
  let d = 1;
  let x = high;
  let y = low;
  let steps = 0;
  while (y > least) {
    const quotient = Math.floor(x / y);
    const rest = x - quotient * y;
    const nextC = a + quotient * c;
    const nextD = b + quotient * d;
    if (nextC >= ENTRY_LIMIT || nextD >= ENTRY_LIMIT) break;
    if (!exact) {
      // The true remainder lies above rest − one entry and below rest + the other.
      const sure =
        (steps & 1) === 0
          ? rest >= nextD && y - rest >= nextC + c
          : rest >= nextC && y - rest >= nextD + d;
      if (!sure) break;
    }
    a = c;
    b = d;
    c = nextC;
    d = nextD;
    x = y;
    y = rest;
    steps += 1;
  }
  matrix[0] = a;
  matrix[1] = b;
  matrix[2] = c;
  matrix[3] = d;
  return steps;
}

/** Makes the algorithm with room for numbers of `bits` bits. One call at a time. */
export function createEuclid(bits: number): Euclid {
  let previous = createLimbs(bits);
  let current = createLimbs(bits);
  let previousFactor = createLimbs(bits);
  let currentFactor = createLimbs(bits);
  const bound = createLimbs(bits);
  const matrix: Matrix = new Float64Array(4);
  let length = 0;
  let factorLength = 0;

  function isAbove(boundLength: number): boolean {
    for (let i = Math.max(length, boundLength) - 1; i >= 0; i--) {
      const difference = current.limbs[i]! - bound.limbs[i]!;
      if (difference !== 0) return difference > 0;
    }
    return false;
  }

  function stepByLeadingBits(boundLength: number): number {
    if (length === 1) {
      const least = boundLength > 1 ? 0 : bound.limbs[0]!;
      return collect(matrix, previous.limbs[0]!, current.limbs[0]!, least, true);
    }
    const top = length - 1;
    const shift = Math.clz32(previous.limbs[top]!);
    return collect(
      matrix,
      leading(previous, top, shift),
      leading(current, top, shift),
      leading(bound, top, shift),
      false,
    );
  }

  function applyMatrix(steps: number): void {
    factorLength = combine(previousFactor, currentFactor, factorLength, matrix);
    // The signs alternate, with the number of steps and across the matrix.
    if ((steps & 1) === 0) {
      matrix[1] = -matrix[1]!;
      matrix[2] = -matrix[2]!;
    } else {
      matrix[0] = -matrix[0]!;
      matrix[3] = -matrix[3]!;
    }
    combine(previous, current, length, matrix);
  }

  function stepByDivision(): void {
    const value = readLimbs(previous, length);
    const by = readLimbs(current, length);
    const quotient = value / by;
    writeLimbs(previous, value - quotient * by);
    [previous, current] = [current, previous];
    const factor =
      readLimbs(previousFactor, factorLength) + quotient * readLimbs(currentFactor, factorLength);
    factorLength = writeLimbs(previousFactor, factor);
    [previousFactor, currentFactor] = [currentFactor, previousFactor];
  }

  /** Leaves the numbers in place. Answers whether the number of steps was even. */
  function run(r: bigint, k: bigint, least: bigint): boolean {
    length = writeLimbs(previous, r);
    writeLimbs(current, k);
    const boundLength = writeLimbs(bound, least);
    writeLimbs(previousFactor, 0n);
    factorLength = writeLimbs(currentFactor, 1n);
    let even = true;
    while (isAbove(boundLength)) {
      length = trimLimbs(previous, length);
      const steps = stepByLeadingBits(boundLength);
      if (steps > 0) applyMatrix(steps);
      else stepByDivision();
      if (steps === 0 || (steps & 1) === 1) even = !even;
    }
    return even;
  }

  return {
    reduce(r, k, least) {
      const even = run(r, k, least);
      const first = readLimbs(previousFactor, factorLength);
      const second = readLimbs(currentFactor, factorLength);
      return {
        previous: readLimbs(previous, length),
        current: readLimbs(current, length),
        previousFactor: even ? -first : first,
        currentFactor: even ? second : -second,
        orientation: even ? 1 : -1,
      };
    },
    invert(r, k) {
      const even = run(r, k, 0n);
      const factor = readLimbs(previousFactor, factorLength);
      return [readLimbs(previous, length), even ? -factor : factor];
    },
  };
}
