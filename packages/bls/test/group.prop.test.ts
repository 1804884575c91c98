/**
 * Subgroup checks and cofactor clearing against noble's own, for random points and for points of
 * every small order there is: those exercise the exceptional cases of the formulas.
 */
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { bigIntToBytes } from '@polyphony/primitives';
import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mod, P, rightSide, rightSide2, sqrt, sqrt2 } from '../src/noble/field.js';
import { clearCofactor2, inG1, inG2 } from '../src/noble/group.js';
import { BALANCED, DIGIT_BASE, DIGIT_PLACES, POSITIVE, writeDigits } from '../src/weight-digits.js';

const G1 = bls12_381.G1.Point;
const G2 = bls12_381.G2.Point;
type PointG1 = typeof G1.BASE;
type PointG2 = typeof G2.BASE;

const H1 = G1.CURVE().h;
const H2 = G2.CURVE().h;
const ORDER = G1.Fn.ORDER;

/** Any multiple, also by scalars above the order. */
function times<Point extends { add(other: Point): Point; double(): Point }>(
  point: Point,
  scalar: bigint,
  zero: Point,
): Point {
  let sum = zero;
  for (const bit of scalar.toString(2)) {
    sum = sum.double();
    if (bit === '1') sum = sum.add(point);
  }
  return sum;
}

function curvePoint1(from: bigint): PointG1 {
  for (let x = mod(from); ; x = mod(x + 1n)) {
    const y = sqrt(rightSide(x));
    if (y !== undefined) return G1.fromAffine({ x, y });
  }
}

function curvePoint2(from: bigint): PointG2 {
  for (let c0 = mod(from); ; c0 = mod(c0 + 1n)) {
    const x = { c0, c1: mod(from * 3n) };
    const y = sqrt2(rightSide2(x));
    if (y !== undefined) return G2.fromAffine({ x, y });
  }
}

function check1(point: PointG1): boolean {
  const expected = point.isTorsionFree();
  expect(inG1(point.toAffine())).toBe(expected);
  return expected;
}

function check2(point: PointG2): boolean {
  const expected = point.isTorsionFree();
  expect(inG2(point.toAffine())).toBe(expected);
  const cleared = clearCofactor2(point.toAffine());
  const wanted = point.clearCofactor();
  if (cleared === undefined) expect(wanted.is0()).toBe(true);
  else expect(G2.fromAffine(cleared).equals(wanted)).toBe(true);
  return expected;
}

const coordinate = fc.bigInt({ min: 0n, max: P - 1n });

test('random points of the curves and their multiples by the cofactor', () => {
  fc.assert(
    fc.property(coordinate, (from) => {
      const a = curvePoint1(from);
      expect(check1(a)).toBe(false);
      expect(check1(times(a, H1, G1.ZERO))).toBe(true);
      const b = curvePoint2(from);
      expect(check2(b)).toBe(false);
      expect(check2(b.clearCofactor())).toBe(true);
    }),
    propertyRuns(6),
  );
});

/** Points of order q^k for a prime q that divides the cofactor. */
function* torsion<Point extends { add(other: Point): Point; double(): Point; is0(): boolean }>(
  point: Point,
  cofactor: bigint,
  prime: bigint,
  zero: Point,
): Generator<Point> {
  let rest = cofactor;
  while (rest % prime === 0n) rest /= prime;
  let small = times(times(point, ORDER, zero), rest, zero);
  for (; !small.is0(); small = times(small, prime, zero)) yield small;
}

test('points of small order, and they added to points of the subgroup', () => {
  let seen = 0;
  for (const start of [1n, 77n]) {
    // (z-1)^2 / 3 = 3 * 11^2 * 10177^2 * 859267^2 * 52437899^2
    for (const prime of [3n, 11n, 10177n]) {
      for (const point of torsion(curvePoint1(start), H1, prime, G1.ZERO)) {
        expect(check1(point)).toBe(false);
        expect(check1(point.add(G1.BASE))).toBe(false);
        seen++;
      }
    }
    for (const prime of [13n, 23n, 2713n]) {
      for (const point of torsion(curvePoint2(start), H2, prime, G2.ZERO)) {
        expect(check2(point)).toBe(false);
        expect(check2(point.add(G2.BASE))).toBe(false);
        seen++;
      }
    }
  }
  expect(seen).toBeGreaterThanOrEqual(8);
});

test('digits of weights differ modulo every order outside the subgroup', () => {
  // Divisors of the cofactor below the base would let an error pass in more than one digit.
  for (let order = 2n; order < BigInt(DIGIT_BASE); order++) expect(H2 % order).not.toBe(0n);
  expect(H2 % BigInt(DIGIT_BASE)).toBe(0n);
  expect(2 * BALANCED + 1).toBe(DIGIT_BASE);
  expect(POSITIVE + 1).toBe(DIGIT_BASE);
});

test('digits of weights: in range, and the weight again', () => {
  const weights = fc.oneof(
    fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    fc.constantFrom(0n, 1n, 6n, 7n, (1n << 32n) - 1n, 1n << 32n, (1n << 64n) - 1n),
  );
  fc.assert(
    fc.property(weights, fc.constantFrom(BALANCED, POSITIVE), (weight, largest) => {
      const digits = new Int8Array(DIGIT_PLACES);
      writeDigits(bigIntToBytes(weight, 8), largest, digits);
      let value = 0n;
      for (const digit of digits.toReversed()) {
        expect(digit).toBeLessThanOrEqual(largest);
        expect(digit).toBeGreaterThan(largest - DIGIT_BASE);
        value = value * BigInt(DIGIT_BASE) + BigInt(digit);
      }
      expect(value).toBe(weight);
    }),
    propertyRuns(200),
  );
});

test('square roots: exact, absent for non-squares, real and imaginary radicands', () => {
  fc.assert(
    fc.property(coordinate, coordinate, (c0, c1) => {
      const square = { c0: mod(c0 * c0 - c1 * c1), c1: mod(2n * c0 * c1) };
      for (const radicand of [
        square,
        { c0: square.c0, c1: 0n },
        { c0: 0n, c1: square.c1 },
        { c0, c1 },
      ]) {
        const root = sqrt2(radicand);
        const norm = mod(radicand.c0 ** 2n + radicand.c1 ** 2n);
        expect(root !== undefined).toBe(sqrt(norm) !== undefined);
        if (root === undefined) continue;
        expect(mod(root.c0 ** 2n - root.c1 ** 2n)).toBe(radicand.c0);
        expect(mod(2n * root.c0 * root.c1)).toBe(radicand.c1);
      }
    }),
    propertyRuns(25),
  );
});
