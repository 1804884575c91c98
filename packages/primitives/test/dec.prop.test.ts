import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  absDec,
  addDec,
  ceilDec,
  type Dec,
  decFromRaw,
  decRlp,
  formatDec,
  isIntegerDec,
  mulDec,
  mulTruncateDec,
  negDec,
  parseDec,
  quoDec,
  quoRoundUpDec,
  quoTruncateDec,
  readDec,
  roundIntDec,
  subDec,
  truncateDec,
  truncateIntDec,
} from '../src/dec.js';
import { PrimitivesError } from '../src/errors.js';
import { encodeRlp, RlpReader } from '../src/rlp.js';

const M = 10n ** 18n;
const LIMIT = 1n << 315n;

/** Small values and halves are common, since rounding differs there; also values near the limit. */
const raw: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: -20n, max: 20n }),
  fc.bigInt({ min: -60n, max: 60n }).map((n) => (n * M) / 2n),
  fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
  fc.bigInt({ min: -(LIMIT - 1n), max: LIMIT - 1n }),
);
const dec: fc.Arbitrary<Dec> = raw.map(decFromRaw);

/** Floor division, the one building block of the naive rules below. */
const floor = (a: bigint, b: bigint): bigint => {
  const q = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? q - 1n : q;
};
const toZero = (a: bigint, b: bigint): bigint => {
  const q = floor(a < 0n ? -a : a, b < 0n ? -b : b);
  return a < 0n !== b < 0n ? -q : q;
};
/** Nearest by comparing both neighbours; the even one at equal distance. */
const nearest = (value: bigint): bigint => {
  const low = floor(value, M);
  const down = value - low * M;
  const up = (low + 1n) * M - value;
  if (down !== up) return down < up ? low : low + 1n;
  return low % 2n === 0n ? low : low + 1n;
};

function check(run: () => Dec, expected: bigint): void {
  if (expected >= LIMIT || expected <= -LIMIT) expect(run).toThrow(/^Int overflow/);
  else expect(run()).toBe(expected);
}

test('sum, difference, products and quotients follow the naive rules', () => {
  fc.assert(
    fc.property(dec, dec, (a, b) => {
      check(() => addDec(a, b), a + b);
      check(() => subDec(a, b), a - b);
      check(() => mulDec(a, b), nearest(a * b));
      check(() => mulTruncateDec(a, b), toZero(a * b, M));
      if (b === 0n) return;
      const long = toZero(a * M * M, b);
      check(() => quoDec(a, b), nearest(long));
      check(() => quoTruncateDec(a, b), toZero(long, M));
      check(() => quoRoundUpDec(a, b), long < 0n ? toZero(long, M) : -floor(-long, M));
    }),
    propertyRuns(2000),
  );
});

test('rounding of one decimal follows the naive rules', () => {
  fc.assert(
    fc.property(dec, (a) => {
      expect(roundIntDec(a)).toBe(nearest(a));
      expect(truncateIntDec(a)).toBe(toZero(a, M));
      expect(truncateDec(a)).toBe(toZero(a, M) * M);
      expect(ceilDec(a)).toBe(-floor(-a, M) * M);
      expect(isIntegerDec(a)).toBe(floor(a, M) * M === a);
      expect(absDec(negDec(a))).toBe(absDec(a));
    }),
    propertyRuns(2000),
  );
});

test('text and RLP come back', () => {
  fc.assert(
    fc.property(dec, (a) => {
      expect(parseDec(formatDec(a))).toBe(a);
      expect(formatDec(a)).toMatch(/^-?(0|[1-9][0-9]*)(\.[0-9]{0,17}[1-9])?$/);
      const positive = absDec(a);
      expect(readDec(new RlpReader(encodeRlp(decRlp(positive))))).toBe(positive);
    }),
    propertyRuns(1000),
  );
});

test('any text is a decimal or refused with the right error', () => {
  const near = fc
    .array(fc.constantFrom('0', '1', '9', '.', '-', '+', 'e', ' ', '٣'), { maxLength: 24 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(near, fc.string()), (text) => {
      try {
        const value = parseDec(text);
        expect(text).toMatch(/^-?[+-]?[0-9]*(\.[0-9]+)?$/);
        expect(parseDec(formatDec(value))).toBe(value);
      } catch (error) {
        expect(error).toBeInstanceOf(PrimitivesError);
        expect((error as PrimitivesError).code).toBe('primitives/invalid-decimal');
      }
    }),
    propertyRuns(2000),
  );
});
