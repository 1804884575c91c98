import { describe, expect, test } from 'vitest';
import {
  addDec,
  ceilDec,
  DEC_ONE,
  DEC_SMALLEST,
  DEC_ZERO,
  type Dec,
  decFromBigInt,
  decFromBigIntWithPrecision,
  decFromRaw,
  decRlp,
  formatDec,
  maxDec,
  minDec,
  mulDec,
  mulIntDec,
  mulTruncateDec,
  negDec,
  parseDec,
  quoDec,
  quoIntDec,
  quoRoundUpDec,
  quoTruncateDec,
  readDec,
  subDec,
} from '../src/dec.js';
import { bytesToHex, hexToBytes } from '../src/hex.js';
import { encodeRlp, RlpReader } from '../src/rlp.js';
import { codeOf } from './caught.js';

const dec = (text: string): Dec => parseDec(text);

describe('constructors', () => {
  test('whole numbers and precisions', () => {
    expect(decFromBigInt(-3n)).toBe(-3n * 10n ** 18n);
    expect(decFromBigIntWithPrecision(15n, 1)).toBe(dec('1.5'));
    expect(decFromBigIntWithPrecision(1n, 18)).toBe(DEC_SMALLEST);
    expect(decFromBigIntWithPrecision(7n, 0)).toBe(decFromBigInt(7n));
    expect([DEC_ZERO, DEC_ONE]).toEqual([dec('0'), dec('1')]);
  });

  test('precision outside 0 to 18', () => {
    for (const precision of [-1, 19, 1.5, Number.NaN]) {
      expect(codeOf(() => decFromBigIntWithPrecision(1n, precision))).toBe(
        'primitives/out-of-range',
      );
    }
  });
});

describe('315 bits', () => {
  const most = decFromRaw((1n << 315n) - 1n);
  const least = negDec(most);

  test('the largest results pass', () => {
    expect(addDec(decFromRaw(most - 1n), DEC_SMALLEST)).toBe(most);
    expect(subDec(decFromRaw(least + 1n), DEC_SMALLEST)).toBe(least);
    expect(mulIntDec(most, -1n)).toBe(least);
    expect(mulDec(most, DEC_ONE)).toBe(most);
    expect(quoDec(most, DEC_ONE)).toBe(most);
  });

  test('one more is an overflow in every checked operation', () => {
    const two = dec('2');
    const half = dec('0.5');
    const runs: readonly (() => unknown)[] = [
      () => addDec(most, DEC_SMALLEST),
      () => subDec(least, DEC_SMALLEST),
      () => mulDec(most, two),
      () => mulTruncateDec(least, two),
      () => mulIntDec(most, 2n),
      () => quoDec(most, half),
      () => quoTruncateDec(most, half),
      () => quoRoundUpDec(least, half),
    ];
    for (const run of runs) expect(codeOf(run), String(run)).toBe('primitives/decimal-overflow');
    expect(() => addDec(most, DEC_SMALLEST)).toThrow(/^Int overflow/);
  });

  test('rounding can carry into an overflow', () => {
    const factor = decFromRaw(10n ** 18n + 1n);
    const a = decFromRaw(((1n << 315n) * 10n ** 18n) / factor + 1n);
    expect(codeOf(() => mulDec(a, factor))).toBe('primitives/decimal-overflow');
    expect(mulDec(decFromRaw(a - 2n), factor) <= most).toBe(true);
  });

  test('unchecked operations go past it', () => {
    const more = decFromBigInt(1n << 400n);
    expect(quoIntDec(more, 1n)).toBe(more);
    expect(negDec(more)).toBe(-more);
    expect(parseDec(formatDec(more))).toBe(more);
  });
});

describe('double rounding of the quotient', () => {
  const unit = 10n ** 18n;

  test('a quotient just above a half goes to even', () => {
    // 5 / (2 * 10^18 - 10^-18) is a little above 2.5 * 10^-18, but its 36 digits are ...25000.
    const a = decFromRaw(5n * unit);
    const b = decFromRaw(2n * unit * unit - 1n);
    expect(quoDec(a, b)).toBe(2n);
    expect(quoRoundUpDec(a, b)).toBe(3n);
  });

  test('a quotient that shows more than a half in 36 digits goes up', () => {
    expect(quoDec(decFromRaw(5n), decFromRaw(2n * unit - 1n))).toBe(3n);
  });
});

describe('division by zero', () => {
  test('is an error of its own', () => {
    for (const run of [quoDec, quoTruncateDec, quoRoundUpDec]) {
      expect(codeOf(() => run(DEC_ONE, DEC_ZERO))).toBe('primitives/division-by-zero');
    }
    expect(codeOf(() => quoIntDec(DEC_ONE, 0n))).toBe('primitives/division-by-zero');
  });
});

test('smaller, larger, ceiling of a negative', () => {
  expect(minDec(dec('-1'), dec('1'))).toBe(dec('-1'));
  expect(maxDec(dec('-1'), dec('1'))).toBe(dec('1'));
  expect(ceilDec(dec('-7.5'))).toBe(dec('-7'));
});

test('an absent decimal', () => {
  expect(formatDec(undefined)).toBe('<nil>');
  expect(bytesToHex(encodeRlp(decRlp(undefined)))).toBe('0xc0');
  expect(readDec(new RlpReader(hexToBytes('c0')))).toBeUndefined();
  expect(readDec(new RlpReader(hexToBytes('c180')))).toBe(0n);
});

describe('RLP that is no decimal', () => {
  for (const [name, hex] of [
    ['a bare integer', '01'],
    ['two integers', 'c20102'],
    ['a list inside', 'c1c0'],
    ['a leading zero', 'c3820001'],
    ['an integer zero as a byte', 'c100'],
    ['a cut integer', 'c28205'],
    ['nothing', ''],
  ] as const) {
    test(name, () => {
      expect(codeOf(() => readDec(new RlpReader(hexToBytes(hex))))).toBe('primitives/invalid-rlp');
    });
  }
});

test('the count of fraction digits is in bytes of UTF-8', () => {
  expect(() => parseDec('1.€€€€€€€')).toThrow('too much precision, maximum 18, len decimal 21');
});
