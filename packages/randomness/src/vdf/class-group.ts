/**
 * The class group with the language's own integers.
 *
 * Products are found by partial reduction (the idea of Shanks' NUDUPL and NUCOMP): Euclid's
 * algorithm runs on half-size numbers before the product is written out, so that no number grows
 * beyond the discriminant and the result is almost reduced. With R, Y the remainder and factor of
 * the stopped algorithm, the product form takes the value (A₂R² + b₂RY + d·c₂Y²)/A₁ on that basis.
 */
import type { Form, FormGroup, VdfArithmetic } from './arithmetic.js';
import { integerSqrt, partialEuclid } from './euclid.js';

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value < 0n && quotient * by !== value ? quotient - 1n : quotient;
}

function modulo(value: bigint, by: bigint): bigint {
  const rest = value % by;
  return rest < 0n ? rest + by : rest;
}

/** gcd and the factor of `k`: factor · k ≡ gcd modulo r. */
function inverse(r: bigint, k: bigint): readonly [gcd: bigint, factor: bigint] {
  if (k === 0n) return [r, 0n];
  const { previous, previousFactor } = partialEuclid(r, k, 0n);
  return [previous, previousFactor];
}

/** The reduced form of the class of (a, b, c), a positive. */
function reduce(a: bigint, b: bigint, c: bigint): Form {
  for (;;) {
    if (b > a || b <= -a) {
      const twice = 2n * a;
      const steps = -floorDivide(b + a - 1n, twice);
      c += steps * (b + steps * a);
      b += steps * twice;
    }
    if (a < c || (a === c && b >= 0n)) return { a, b };
    [a, b, c] = [c, -b, a];
  }
}

/**
 * Writes out the product from its lattice: value (A₂R² + b₂RY + d·c₂Y²)/A₁ for remainders R of
 * (A₁, k).
 */
function writeOut(
  first: bigint,
  second: bigint,
  b1: bigint,
  b2: bigint,
  scaledC: bigint,
  k: bigint,
  bound: bigint,
): Form {
  const { previous, current, previousFactor, currentFactor, orientation } = partialEuclid(
    first,
    k,
    bound,
  );
  // The basis (current, previous) must keep the orientation of the form.
  const R = current;
  const Y = currentFactor;
  const R2 = orientation === -1 ? previous : -previous;
  const Y2 = orientation === -1 ? previousFactor : -previousFactor;
  const half = (b1 + b2) >> 1n;
  const difference = (b1 - b2) >> 1n;
  const m1 = (second * R - difference * Y) / first;
  const m2 = (half * R + scaledC * Y) / first;
  const n1 = (m1 * Y2 - second) / Y;
  const n2 = (m2 * Y2 - half) / Y;
  return reduce(R * m1 + Y * m2, 2n * (R2 * m1 + Y2 * m2) - b1, R2 * n1 + Y2 * n2);
}

function openGroup(magnitude: bigint): FormGroup {
  const fourth = integerSqrt(integerSqrt(magnitude));

  function lastOf({ a, b }: Form): bigint {
    return (b * b + magnitude) / (4n * a);
  }

  function squareOnce(form: Form): Form {
    const { a, b } = form;
    if (a === 1n) return form;
    const c = lastOf(form);
    // The discriminant is a prime, so a and b have no factor in common.
    const [, factor] = inverse(a, modulo(b, a));
    const k = modulo(-factor * c, a);
    return writeOut(a, a, b, b, c, k, fourth);
  }

  function multiply(left: Form, right: Form): Form {
    const [one, two] = left.a >= right.a ? [left, right] : [right, left];
    if (two.a === 1n) return one;
    const { a: a1, b: b1 } = one;
    const { a: a2, b: b2 } = two;
    const c2 = lastOf(two);
    const difference = (b1 - b2) >> 1n;
    const [common, factor] = inverse(a1, modulo(a2, a1));
    let d = 1n;
    let first = a1;
    let second = a2;
    let k = factor * difference;
    if (common !== 1n) {
      const half = (b1 + b2) >> 1n;
      const [shared, z] = inverse(common, modulo(half, common));
      // shared = u · common + z · half
      const u = (shared - z * half) / common;
      d = shared;
      first = a1 / d;
      second = a2 / d;
      k = u * factor * difference - z * c2;
    }
    const bound = integerSqrt((first * fourth * fourth) / second);
    if (first === 1n) return reduce(second, b2, d * c2);
    return writeOut(first, second, b1, b2, d * c2, modulo(k, first), bound);
  }

  return {
    square(form, times) {
      let result = form;
      for (let i = 0; i < times; i++) result = squareOnce(result);
      return result;
    },
    multiply,
  };
}

/** Class groups over `bigint`. Needs nothing but the language. */
export const bigintArithmetic: VdfArithmetic = { name: 'bigint', openGroup };
