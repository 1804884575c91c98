/** Arithmetic of large integers that the language leaves out. */

/** Bits of a positive integer; 1 for 0. */
export function bitLength(value: bigint): number {
  const hex = value.toString(16);
  return (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex[0]!, 16)));
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

/** A square root to about 50 bits: for bounds. */
export function roughSqrt(value: bigint): bigint {
  const shift = Math.max(0, bitLength(value) - 104) & ~1;
  const root = BigInt(Math.floor(Math.sqrt(Number(value >> BigInt(shift)))));
  return root << BigInt(shift >> 1);
}

/** Quotient rounded down, by a positive number. */
export function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value < 0n && quotient * by !== value ? quotient - 1n : quotient;
}

/** Rest from 0 to `by` - 1, by a positive number. */
export function modulo(value: bigint, by: bigint): bigint {
  const rest = value % by;
  return rest < 0n ? rest + by : rest;
}

/** base^exponent modulo a number above 1. */
export function modPow(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % modulus;
    if (bit === '1') result = (result * base) % modulus;
  }
  return result;
}
