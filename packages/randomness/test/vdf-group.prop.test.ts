import { propertyRuns, seededRandom } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Form } from '../src/vdf/arithmetic.js';
import { createEuclid } from '../src/vdf/euclid.js';
import { gmpArithmetic } from '../src/vdf/gmp.js';
import { bigintArithmetic, deriveDiscriminant } from '../src/vdf/index.js';
import { integerSqrt } from '../src/vdf/integers.js';
import { isPrime } from '../src/vdf/prime.js';
import { allForms, textbookArithmetic } from './support/textbook.js';

const gmp = await gmpArithmetic();

describe('Euclid by leading bits', () => {
  test('walks through the remainders of the plain algorithm and stops at the bound', () => {
    const euclid = createEuclid(1100);
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 1n << 64n }),
        fc.integer({ min: 1, max: 1030 }),
        (seed, bits) => {
          const random = seededRandom(Number(seed & 0xffffffffn));
          const r = random.bigint(bits) + 2n;
          // Every third pair shares a large factor; some have a huge first quotient.
          const k = random.bigint(1 + random.below(bits)) % r;
          const common = random.below(3) === 0 ? random.bigint(60) + 1n : 1n;
          const bound = random.below(3) === 0 ? 0n : random.bigint(1 + random.below(bits));
          let step: readonly [bigint, bigint, bigint, bigint] = [r * common, k * common, 0n, 1n];
          const steps = [step];
          while (step[1] > 0n) {
            const [p, c, u, v] = step;
            step = [c, p % c, v, u - (p / c) * v];
            steps.push(step);
          }
          const found = euclid.reduce(r * common, k * common, bound);
          const at = steps.findIndex(([p, c]) => p === found.previous && c === found.current);
          const wanted = steps.findIndex(([, c]) => c <= bound);
          expect(at - wanted).toBeGreaterThanOrEqual(0);
          expect(at - wanted).toBeLessThanOrEqual(1);
          expect(steps[at]).toEqual([
            found.previous,
            found.current,
            found.previousFactor,
            found.currentFactor,
          ]);
          const area = found.previous * found.currentFactor - found.current * found.previousFactor;
          expect(area * BigInt(found.orientation)).toBe(r * common);
          const [gcd, factor] = euclid.invert(r * common, k * common);
          expect(gcd).toBe(step[0]);
          expect((factor * k * common - gcd) % (r * common)).toBe(0n);
        },
      ),
      propertyRuns(400),
    );
  });
});

describe('primes', () => {
  test('the answer is that of trial division below 20,000', () => {
    for (let n = 0; n < 20_000; n++) {
      let divides = n < 2;
      for (let d = 2; d * d <= n && !divides; d++) divides = n % d === 0;
      if (isPrime(BigInt(n)) === divides) expect.fail(`${n}`);
    }
  });

  test.each([
    ['strong pseudoprimes to base 2 and 3', [1373653n, 1530787n, 1987021n, 2284453n]],
    ['strong Lucas pseudoprimes', [5459n, 5777n, 10877n, 16109n, 18971n, 75077n]],
    ['Carmichael numbers', [294409n, 56052361n, 118901521n, 172947529n]],
    ['squares of primes', [1009n ** 2n, 1093n ** 2n, 3511n ** 2n, 65537n ** 2n]],
    ['to twelve bases', [318665857834031151167461n, 3317044064679887385961981n]],
  ])('%s are refused', (_name, numbers) => {
    for (const n of numbers) expect(isPrime(n)).toBe(false);
  });

  test('large ones are found', () => {
    for (const exponent of [89n, 107n, 127n, 521n]) expect(isPrime(2n ** exponent - 1n)).toBe(true);
    for (const exponent of [67n, 101n, 257n, 523n]) {
      expect(isPrime(2n ** exponent - 1n)).toBe(false);
    }
  });
});

test('whole square roots are rounded down', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 1n << 600n }), (n) => {
      const root = integerSqrt(n);
      expect(root * root <= n && (root + 1n) * (root + 1n) > n).toBe(true);
    }),
    propertyRuns(200),
  );
});

describe('the class group', () => {
  const engines = [bigintArithmetic, gmp];

  test.each([7n, 23n, 47n, 71n, 167n, 1031n, 4999n])(
    'of -%s: the whole table of products is the textbook’s',
    (magnitude) => {
      const forms = allForms(magnitude);
      const ours = bigintArithmetic.openGroup(magnitude);
      const theirs = textbookArithmetic.openGroup(magnitude);
      const squares = engines.map((engine) => engine.openGroup(magnitude).square);
      for (const left of forms) {
        const squared = theirs.multiply(left, left);
        for (const square of squares) expect(square(left, 1)).toEqual(squared);
        for (const right of forms) {
          expect(ours.multiply(left, right)).toEqual(theirs.multiply(left, right));
        }
      }
    },
  );

  test('random products of every size are the textbook’s, and obey the laws of a group', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 64, max: 700 }),
        fc.uint8Array({ minLength: 1, maxLength: 8 }),
        fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 3, maxLength: 3 }),
        (bits, seed, exponents) => {
          const magnitude = deriveDiscriminant(seed, bits);
          const ours = bigintArithmetic.openGroup(magnitude);
          const theirs = textbookArithmetic.openGroup(magnitude);
          const [f, g, h] = exponents.map((times, i) =>
            ours.multiply(ours.square({ a: 2n, b: 1n }, times), ours.square({ a: 2n, b: 1n }, i)),
          ) as [Form, Form, Form];
          const product = ours.multiply(f, g);
          expect(product).toEqual(theirs.multiply(f, g));
          expect(ours.multiply(g, f)).toEqual(product);
          for (const engine of engines) {
            const { square } = engine.openGroup(magnitude);
            expect(square(f, 1)).toEqual(ours.multiply(f, f));
            expect(square(f, 40)).toEqual(ours.square(f, 40));
          }
          expect(ours.multiply(product, h)).toEqual(ours.multiply(f, ours.multiply(g, h)));
          expect(ours.multiply(f, { a: 1n, b: 1n })).toEqual(f);
          const inverse = { a: f.a, b: f.a === f.b ? f.b : -f.b };
          expect(ours.multiply(f, inverse)).toEqual({ a: 1n, b: 1n });
        },
      ),
      propertyRuns(60),
    );
  });
});

test('discriminants of every size are primes of their size, 7 modulo 8, and differ by seed', () => {
  const found = new Set<bigint>();
  for (let bits = 64; bits <= 160; bits++) {
    const magnitude = deriveDiscriminant(Uint8Array.of(bits), bits);
    expect(magnitude.toString(2)).toHaveLength(bits);
    expect(magnitude & 7n).toBe(7n);
    expect(isPrime(magnitude)).toBe(true);
    found.add(magnitude);
  }
  expect(found.size).toBe(97);
});
