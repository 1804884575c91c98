/**
 * Subgroup checks and cofactor clearing by endomorphisms, for public points.
 *
 * The order-r subgroups are where an endomorphism that costs one multiplication acts as a power of
 * the curve parameter z, so a check costs one or two multiplications by the 64-bit |z|. Points are
 * in Jacobian coordinates with variable-time formulas, and every exceptional case is handled: a
 * hostile point may have any small order.
 *
 * @source eprint.iacr.org/2021/1130 (checks); eprint.iacr.org/2017/419 (cofactor of G2)
 */
import { type Fp2, invert, invert2, mod, mul2, sqr2 } from './field.js';

/** Arithmetic whose sums may be unreduced; products are reduced. */
interface Field<E> {
  readonly one: E;
  mul(a: E, b: E): E;
  sqr(a: E): E;
  sub(a: E, b: E): E;
  /** `a` times a small positive integer. */
  times(a: E, n: bigint): E;
  isZero(a: E): boolean;
  invert(a: E): E;
}

const FP: Field<bigint> = {
  one: 1n,
  mul: (a, b) => mod(a * b),
  sqr: (a) => mod(a * a),
  sub: (a, b) => a - b,
  times: (a, n) => a * n,
  isZero: (a) => mod(a) === 0n,
  invert,
};

const FP2: Field<Fp2> = {
  one: { c0: 1n, c1: 0n },
  mul: mul2,
  sqr: sqr2,
  sub: (a, b) => ({ c0: a.c0 - b.c0, c1: a.c1 - b.c1 }),
  times: (a, n) => ({ c0: a.c0 * n, c1: a.c1 * n }),
  isZero: (a) => mod(a.c0) === 0n && mod(a.c1) === 0n,
  invert: invert2,
};

/** An affine point other than infinity. */
export interface Affine<E> {
  readonly x: E;
  readonly y: E;
}

/** x = X / Z^2, y = Y / Z^3; infinity when Z = 0. */
interface Jacobian<E> {
  readonly X: E;
  readonly Y: E;
  readonly Z: E;
}

function double<E>({ mul, sqr, sub, times }: Field<E>, { X, Y, Z }: Jacobian<E>): Jacobian<E> {
  const a = sqr(X);
  const b = sqr(Y);
  const d = times(mul(X, b), 4n);
  const e = times(a, 3n);
  const x = sub(sqr(e), times(d, 2n));
  return {
    X: x,
    Y: sub(mul(e, sub(d, x)), times(sqr(b), 8n)),
    Z: times(mul(Y, Z), 2n),
  };
}

function add<E>(field: Field<E>, p: Jacobian<E>, q: Affine<E>): Jacobian<E> {
  const { mul, sqr, sub, times, isZero } = field;
  if (isZero(p.Z)) return { X: q.x, Y: q.y, Z: field.one };
  const zz = sqr(p.Z);
  const h = sub(mul(q.x, zz), p.X);
  const r = sub(mul(q.y, mul(zz, p.Z)), p.Y);
  if (isZero(h)) {
    return isZero(r) ? double(field, p) : { X: field.one, Y: field.one, Z: times(h, 0n) };
  }
  const hh = sqr(h);
  const hhh = mul(h, hh);
  const v = mul(p.X, hh);
  const x = sub(sub(sqr(r), hhh), times(v, 2n));
  return { X: x, Y: sub(mul(r, sub(v, x)), mul(p.Y, hhh)), Z: mul(p.Z, h) };
}

function toAffine<E>(field: Field<E>, { X, Y, Z }: Jacobian<E>): Affine<E> | undefined {
  if (field.isZero(Z)) return undefined;
  const inverse = field.invert(Z);
  const square = field.sqr(inverse);
  return { x: field.mul(X, square), y: field.mul(Y, field.mul(square, inverse)) };
}

/** Whether a Jacobian point is this affine point. */
function equals<E>(field: Field<E>, { X, Y, Z }: Jacobian<E>, q: Affine<E>): boolean {
  const zz = field.sqr(Z);
  return (
    !field.isZero(Z) &&
    field.isZero(field.sub(field.mul(q.x, zz), X)) &&
    field.isZero(field.sub(field.mul(q.y, field.mul(zz, Z)), Y))
  );
}

/** The bits of |z| = 0xd201000000010000 below the first. */
const PARAMETER_BITS: readonly boolean[] = Array.from(
  0xd201000000010000n.toString(2).slice(1),
  (bit) => bit === '1',
);

/** |z| times a point. */
function timesParameter<E>(field: Field<E>, p: Affine<E>): Jacobian<E> {
  let sum: Jacobian<E> = { X: p.x, Y: p.y, Z: field.one };
  for (const bit of PARAMETER_BITS) {
    sum = double(field, sum);
    if (bit) sum = add(field, sum, p);
  }
  return sum;
}

/** A cube root of one in Fp: (x, y) -> (BETA x, y) is -z^2 on G1. */
const BETA = 0x5f19672fdf76ce51ba69c6076a0f77eaddb3a93be6f89688de17d813620a00022e01fffffffefffen;

/** Whether a point of the curve over Fp is in G1. */
export function inG1(p: Affine<bigint>): boolean {
  const first = toAffine(FP, timesParameter(FP, p));
  if (first === undefined) return false;
  return equals(FP, timesParameter(FP, first), { x: mod(BETA * p.x), y: -p.y });
}

/** 1 / (1 + i)^((p-1)/3). */
const PSI_X: Fp2 = {
  c0: 0n,
  c1: 0x1a0111ea397fe699ec02408663d4de85aa0d857d89759ad4897d29650fb85f9b409427eb4f49fffd8bfd00000000aaadn,
};
/** 1 / (1 + i)^((p-1)/2). */
const PSI_Y: Fp2 = {
  c0: 0x135203e60180a68ee2e9c448d77a2cd91c3dedd930b1cf60ef396489f61eb45e304466cf3e67fa0af1ee7b04121bdea2n,
  c1: 0x06af0e0437ff400b6831e36d6bd17ffe48395dabc2d3435e77f76e17009241c5ee67992f72ec05f4c81084fbede3cc09n,
};
/** 1 / 2^((p-1)/3). */
const PSI_SQUARED_X =
  0x1a0111ea397fe699ec02408663d4de85aa0d857d89759ad4897d29650fb85f9b409427eb4f49fffd8bfd00000000aaacn;

/** The untwist-Frobenius-twist map; it is z on G2. */
function psi({ x, y }: Affine<Fp2>): Affine<Fp2> {
  return {
    x: mul2({ c0: x.c0, c1: -x.c1 }, PSI_X),
    y: mul2({ c0: y.c0, c1: -y.c1 }, PSI_Y),
  };
}

/** psi applied twice. */
function psiSquared({ x, y }: Affine<Fp2>): Affine<Fp2> {
  return {
    x: { c0: mod(x.c0 * PSI_SQUARED_X), c1: mod(x.c1 * PSI_SQUARED_X) },
    y: { c0: -y.c0, c1: -y.c1 },
  };
}

const negated = ({ x, y }: Affine<Fp2>): Affine<Fp2> => ({ x, y: { c0: -y.c0, c1: -y.c1 } });

/** Whether a point of the curve over Fp2 is in G2. */
export function inG2(p: Affine<Fp2>): boolean {
  return equals(FP2, timesParameter(FP2, p), negated(psi(p)));
}

/**
 * (z^2 - z - 1) P + (z - 1) psi(P) + psi(psi(2P)): a point of G2 for any point of the curve, infinity
 * as `undefined`.
 *
 * @source harmony-one/mcl include/mcl/bn.hpp: MapTo::mulByCofactorBLS12; RFC 9380 appendix G.3
 */
export function clearCofactor2(p: Affine<Fp2>): Affine<Fp2> | undefined {
  const twice = psiSquared(p);
  const terms = [negated(p), negated(psi(p)), twice, twice];
  // z is negative: with A = |z| P the rest of the sum is |z| A + A - psi(A).
  const a = toAffine(FP2, timesParameter(FP2, p));
  let sum: Jacobian<Fp2>;
  if (a === undefined) {
    sum = { X: FP2.one, Y: FP2.one, Z: { c0: 0n, c1: 0n } };
  } else {
    sum = timesParameter(FP2, a);
    terms.push(a, negated(psi(a)));
  }
  for (const term of terms) sum = add(FP2, sum, term);
  return toAffine(FP2, sum);
}
