/**
 * The class group over any Euclid, and with nothing but the language.
 *
 * Products are found by partial reduction (the idea of Shanks' NUDUPL and NUCOMP): Euclid's
 * algorithm runs on half-size numbers before the product is written out, so that no number grows
 * beyond the discriminant and the result is almost reduced. With R, Y the remainder and factor of
 * the stopped algorithm on (A₁, k), the product form takes the value (A₂R² + b₂RY + d·c₂Y²)/A₁.
 */
import type { Form, FormGroup, VdfArithmetic } from './arithmetic.js';
import { createEuclid, type Euclid } from './euclid.js';
import { bitLength, floorDivide, integerSqrt, modulo, roughSqrt } from './integers.js';

/** A reduced form with its last coefficient. */
interface FullForm extends Form {
  readonly c: bigint;
}

/** The reduced form of the class of (a, b, c), a positive. */
function reduce(a: bigint, b: bigint, c: bigint): FullForm {
  for (;;) {
    if (b > a || b <= -a) {
      const twice = 2n * a;
      const steps = -floorDivide(b + a - 1n, twice);
      c += steps * (b + steps * a);
      b += steps * twice;
    }
    if (a < c || (a === c && b >= 0n)) return { a, b, c };
    [a, b, c] = [c, -b, a];
  }
}

/**
 * The class group of a discriminant.
 *
 * @param euclid - With room for half the discriminant's bits and 64 more.
 */
function openGroup(magnitude: bigint, euclid: Euclid): FormGroup {
  const rootOfMagnitude = integerSqrt(magnitude);
  const fourth = integerSqrt(rootOfMagnitude);

  function lastOf({ a, b }: Form): bigint {
    return (b * b + magnitude) / (4n * a);
  }

  function squareOnce(form: FullForm): FullForm {
    const { a, b, c } = form;
    if (a === 1n) return form;
    // The discriminant is a prime, so a and b have no factor in common.
    const [, factor] = euclid.invert(a, modulo(b, a));
    const k = modulo(-factor * c, a);
    const rest = euclid.reduce(a, k, fourth);
    // The basis (current, previous) must keep the orientation of the form.
    const flip = rest.orientation === -1;
    const { current: R, currentFactor: Y } = rest;
    const R2 = flip ? rest.previous : -rest.previous;
    const Y2 = flip ? rest.previousFactor : -rest.previousFactor;
    const m = (b * R + c * Y) / a;
    const n = (m * Y2 - b) / Y;
    return reduce(R * R + Y * m, 2n * (R2 * R + Y2 * m) - b, R2 * R2 + Y2 * n);
  }

  function multiply(left: Form, right: Form): Form {
    const [one, two] = left.a >= right.a ? [left, right] : [right, left];
    if (two.a === 1n) return one;
    const { a: a1, b: b1 } = one;
    const { a: a2, b: b2 } = two;
    const c2 = lastOf(two);
    const difference = (b1 - b2) >> 1n;
    const half = (b1 + b2) >> 1n;
    const [common, factor] = euclid.invert(a1, modulo(a2, a1));
    let d = 1n;
    let first = a1;
    let second = a2;
    let k = factor * difference;
    if (common !== 1n) {
      const [shared, z] = euclid.invert(common, modulo(half, common));
      // shared = u · common + z · half
      const u = (shared - z * half) / common;
      d = shared;
      first = a1 / d;
      second = a2 / d;
      k = u * factor * difference - z * c2;
    }
    const scaledC = d * c2;
    if (first === 1n) {
      const { a, b } = reduce(second, b2, scaledC);
      return { a, b };
    }
    const bound = roughSqrt((first * rootOfMagnitude) / second);
    const rest = euclid.reduce(first, modulo(k, first), bound);
    const flip = rest.orientation === -1;
    const { current: R, currentFactor: Y } = rest;
    const R2 = flip ? rest.previous : -rest.previous;
    const Y2 = flip ? rest.previousFactor : -rest.previousFactor;
    const m1 = (second * R - difference * Y) / first;
    const m2 = (half * R + scaledC * Y) / first;
    const n1 = (m1 * Y2 - second) / Y;
    const n2 = (m2 * Y2 - half) / Y;
    const { a, b } = reduce(R * m1 + Y * m2, 2n * (R2 * m1 + Y2 * m2) - b1, R2 * n1 + Y2 * n2);
    return { a, b };
  }

  return {
    square(form, times) {
      let result: FullForm = { ...form, c: lastOf(form) };
      for (let i = 0; i < times; i++) result = squareOnce(result);
      return { a: result.a, b: result.b };
    },
    multiply,
  };
}

/** Bits that numbers of a group's Euclid have at most. */
function euclidBits(magnitude: bigint): number {
  return (bitLength(magnitude) >> 1) + 64;
}

/** Class groups over `bigint`. Needs nothing but the language. */
export const bigintArithmetic: VdfArithmetic = {
  name: 'bigint',
  openGroup: (magnitude) => openGroup(magnitude, createEuclid(euclidBits(magnitude))),
};
