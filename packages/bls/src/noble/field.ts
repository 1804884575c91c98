/**
 * The two fields under the curves as plain bigints: reduction, products, inverses, square roots, for
 * encodings, subgroup checks and the network's map. The pairing and its tower are noble's.
 *
 * A square root in Fp is a^((p+1)/4); it exists when its square is a. One power also gives the
 * inverse of the root, so a root in Fp2 costs two powers and no inversion.
 */

/** The field modulus p. */
export const P =
  0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaabn;

const HALF: bigint = (P + 1n) / 2n;

/** An element c0 + c1*i of Fp2, i^2 = -1, both parts in 0 .. p-1. */
export interface Fp2 {
  readonly c0: bigint;
  readonly c1: bigint;
}

/** Reduces any integer into 0 .. p-1. */
export function mod(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

/** Base-32 digits of (p-3)/4, most significant first. */
const EXPONENT: readonly number[] = Array.from(((P - 3n) / 4n).toString(32), (digit) =>
  Number.parseInt(digit, 32),
);

/** a^((p-3)/4): times a it is the square root of a if a has one, alone it is that root's inverse. */
function power(a: bigint): bigint {
  const table: bigint[] = [1n, a];
  for (let i = 2; i < 32; i++) table.push((table[i - 1]! * a) % P);
  let result = table[EXPONENT[0]!]!;
  for (let i = 1; i < EXPONENT.length; i++) {
    for (let square = 0; square < 5; square++) result = (result * result) % P;
    const digit = EXPONENT[i]!;
    if (digit !== 0) result = (result * table[digit]!) % P;
  }
  return result;
}

/** The square root of `a` that is itself a square, or `undefined` when `a` is not a square. */
export function sqrt(a: bigint): bigint | undefined {
  const root = (a * power(a)) % P;
  return (root * root) % P === a ? root : undefined;
}

/** The inverse by the extended Euclidean algorithm, for public values other than zero. */
export function invert(value: bigint): bigint {
  let [a, b, u, v] = [mod(value), P, 1n, 0n];
  while (a !== 0n) {
    const quotient = b / a;
    [a, b] = [b - a * quotient, a];
    [u, v] = [v - u * quotient, u];
  }
  return mod(v);
}

/** The inverse in Fp2, for public values other than zero. */
export function invert2({ c0, c1 }: Fp2): Fp2 {
  const norm = invert(c0 * c0 + c1 * c1);
  return { c0: mod(c0 * norm), c1: mod(-c1 * norm) };
}

/** Product in Fp2. The parts need not be reduced; those of the result are. */
export function mul2(a: Fp2, b: Fp2): Fp2 {
  const v0 = a.c0 * b.c0;
  const v1 = a.c1 * b.c1;
  return { c0: mod(v0 - v1), c1: mod((a.c0 + a.c1) * (b.c0 + b.c1) - v0 - v1) };
}

/** Square in Fp2. The parts need not be reduced; those of the result are. */
export function sqr2(a: Fp2): Fp2 {
  return { c0: mod((a.c0 + a.c1) * (a.c0 - a.c1)), c1: mod(2n * a.c0 * a.c1) };
}

/** The curve equation's right side on G2: x^3 + 4 + 4i. */
export function rightSide2(x: Fp2): Fp2 {
  const cube = mul2(sqr2(x), x);
  return { c0: mod(cube.c0 + 4n), c1: mod(cube.c1 + 4n) };
}

/** The curve equation's right side on G1: x^3 + 4. */
export function rightSide(x: bigint): bigint {
  return mod(x * x * x + 4n);
}

/** Either square root in Fp2, or `undefined` when there is none. */
export function sqrt2(a: Fp2): Fp2 | undefined {
  if (a.c1 === 0n) {
    const real = sqrt(a.c0);
    // p = 3 mod 4: if c0 is not a square, -c0 is.
    return real !== undefined ? { c0: real, c1: 0n } : { c0: 0n, c1: sqrt(mod(-a.c0))! };
  }
  const norm = sqrt((a.c0 * a.c0 + a.c1 * a.c1) % P);
  if (norm === undefined) return undefined;
  const t = mod((a.c0 + norm) * HALF);
  const inverse = power(t);
  const root = (t * inverse) % P;
  const half = (((a.c1 * inverse) % P) * HALF) % P;
  // root^2 = t and root * inverse = 1: the root is (root, c1 / 2root). Otherwise root^2 = -t and
  // root * inverse = -1, and with the other sign of the norm, (c0 - norm) / 2 = -c1^2 / 4t, the
  // root is (c1 / 2root, root).
  return (root * root) % P === t ? { c0: root, c1: half } : { c0: mod(-half), c1: root };
}

/**
 * The square root in Fp2 that the network's library takes: of the two, the one whose c0 is a
 * square in Fp; if c0 is zero, the one whose c1 is.
 *
 * @source harmony-one/mcl include/mcl/fp_tower.hpp: Fp2T::squareRoot
 */
export function librarySqrt2(a: Fp2): Fp2 | undefined {
  const root = sqrt2(a);
  if (root === undefined) return undefined;
  const decisive = root.c0 === 0n ? root.c1 : root.c0;
  return sqrt(decisive) !== undefined ? root : { c0: mod(-root.c0), c1: mod(-root.c1) };
}
