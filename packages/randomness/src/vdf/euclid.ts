/**
 * Euclid's algorithm on large integers, stopped at a bound, by Lehmer's method: most quotients are
 * found from the leading bits in floating-point integers, and only every ten or so steps touch the
 * large numbers. Quotients taken this way are exact: a doubtful one is left to a full division.
 */

/** Two neighbouring remainders of (r, k) with their coefficients of k. */
export interface Remainders {
  readonly previous: bigint;
  readonly current: bigint;
  readonly previousFactor: bigint;
  readonly currentFactor: bigint;
  /** 1 when previous·currentFactor − current·previousFactor is r, −1 when it is −r. */
  readonly orientation: 1 | -1;
}

/** Leading bits that fit a double with room for the sums of the test. */
const LEADING = 51;
const LEADING_LIMIT = 2 ** LEADING;

/** Bits of a positive integer. */
export function bitLength(value: bigint): number {
  const hex = value.toString(16);
  return (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex[0]!, 16)));
}

/**
 * Steps Euclid's algorithm from (r, k) until the current remainder is at most `bound`.
 *
 * @param r - Greater than k.
 * @param k - 0 or more.
 * @param bound - 0 or more. Lehmer steps may pass it by a few bits.
 */
export function partialEuclid(r: bigint, k: bigint, bound: bigint): Remainders {
  let previous = r;
  let current = k;
  let previousFactor = 0n;
  let currentFactor = 1n;
  let even = true;
  let shift = bitLength(r) - LEADING;
  while (current > bound) {
    let stepped = false;
    if (shift > 0) {
      let high = Number(previous >> BigInt(shift));
      while (high < LEADING_LIMIT / 2 && shift > 0) {
        shift = Math.max(0, shift - (LEADING - 1 - Math.floor(Math.log2(high + 1))) || shift - 1);
        high = Number(previous >> BigInt(shift));
      }
      while (high >= LEADING_LIMIT) {
        shift += 1;
        high = Number(previous >> BigInt(shift));
      }
      let low = Number(current >> BigInt(shift));
      let a = 1;
      let b = 0;
      let c = 0;
      let d = 1;
      let flips = false;
      while (low + c !== 0 && low + d !== 0) {
        const quotient = Math.floor((high + a) / (low + c));
        if (quotient !== Math.floor((high + b) / (low + d))) break;
        const nextC = a - quotient * c;
        const nextD = b - quotient * d;
        const rest = high - quotient * low;
        a = c;
        b = d;
        c = nextC;
        d = nextD;
        high = low;
        low = rest;
        flips = !flips;
      }
      if (b !== 0) {
        const [bigA, bigB, bigC, bigD] = [BigInt(a), BigInt(b), BigInt(c), BigInt(d)];
        const nextPrevious = bigA * previous + bigB * current;
        current = bigC * previous + bigD * current;
        previous = nextPrevious;
        const nextFactor = bigA * previousFactor + bigB * currentFactor;
        currentFactor = bigC * previousFactor + bigD * currentFactor;
        previousFactor = nextFactor;
        if (flips) even = !even;
        shift -= LEADING >> 1;
        if (shift < 0) shift = 0;
        stepped = true;
      }
    }
    if (!stepped) {
      const quotient = previous / current;
      [previous, current] = [current, previous - quotient * current];
      [previousFactor, currentFactor] = [
        currentFactor,
        previousFactor - quotient * currentFactor,
      ];
      even = !even;
    }
  }
  return { previous, current, previousFactor, currentFactor, orientation: even ? 1 : -1 };
}

/** Whole square root, rounded down. */
export function integerSqrt(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt((bitLength(value) + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
