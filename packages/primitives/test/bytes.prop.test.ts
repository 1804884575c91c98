import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  assertLength,
  compareBytes,
  concatBytes,
  equalBytes,
  isZeroBytes,
  joinBytes,
  utf8ToBytes,
} from '../src/bytes.js';
import { bytesToHex, bytesToPlainHex, hexToBytes } from '../src/hex.js';
import {
  bigIntToBytes,
  bytesToBigInt,
  bytesToBigIntLE,
  uint32ToBytes,
  uint64ToBytesLE,
} from '../src/integers.js';
import { codeOf } from './caught.js';

/** Every length that takes another path: words of 6, 7, 8 and more bytes, and past 256. */
const bytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 80 }),
  fc.uint8Array({ minLength: 250, maxLength: 270 }),
  fc.uint8Array({ minLength: 1000, maxLength: 2100 }),
);

const naiveValue = (input: Uint8Array): bigint => {
  let value = 0n;
  for (const byte of input) value = value * 256n + BigInt(byte);
  return value;
};
const naiveBytes = (value: bigint): number[] => {
  const list: number[] = [];
  for (let rest = value; rest > 0n; rest /= 256n) list.unshift(Number(rest % 256n));
  return list;
};

describe('integers', () => {
  test('from bytes, as the naive rule', () => {
    fc.assert(
      fc.property(bytes, (input) => {
        const value = naiveValue(input);
        expect(bytesToBigInt(input)).toBe(value);
        expect(bytesToBigIntLE(Uint8Array.from(input).reverse())).toBe(value);
        const offset = new Uint8Array(input.length + 9).fill(0xff);
        offset.set(input, 5);
        expect(bytesToBigInt(offset.subarray(5, 5 + input.length))).toBe(value);
      }),
      propertyRuns(400),
    );
  });

  test('to bytes, as the naive rule, at every length', () => {
    fc.assert(
      fc.property(bytes, fc.integer({ min: 0, max: 40 }), (input, more) => {
        const value = naiveValue(input);
        const shortest = naiveBytes(value);
        expect([...bigIntToBytes(value)]).toEqual(shortest);
        const padded = bigIntToBytes(value, shortest.length + more);
        expect(padded.length).toBe(shortest.length + more);
        expect(naiveValue(padded)).toBe(value);
        if (shortest.length > 0) {
          expect(codeOf(() => bigIntToBytes(value, shortest.length - 1))).toBe(
            'primitives/out-of-range',
          );
        }
      }),
      propertyRuns(400),
    );
  });

  test('powers of two and their neighbours up to 2^600', () => {
    for (let bits = 0; bits <= 600; bits++) {
      for (const value of [
        (1n << BigInt(bits)) - 1n,
        1n << BigInt(bits),
        (1n << BigInt(bits)) + 1n,
      ]) {
        const encoded = bigIntToBytes(value);
        expect([...encoded]).toEqual(naiveBytes(value));
        expect(bytesToBigInt(encoded)).toBe(value);
      }
    }
  });

  test('little-endian u64 and big-endian u32', () => {
    expect([...uint64ToBytesLE(0x0102030405060708n)]).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    expect([...uint64ToBytesLE(0n)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(bytesToBigIntLE(uint64ToBytesLE(2n ** 64n - 1n))).toBe(2n ** 64n - 1n);
    expect([...uint32ToBytes(0xfffefdfc)]).toEqual([0xff, 0xfe, 0xfd, 0xfc]);
    expect([...uint32ToBytes(1)]).toEqual([0, 0, 0, 1]);
    expect(bytesToBigInt(new Uint8Array(0))).toBe(0n);
  });

  test('out of range', () => {
    for (const run of [
      () => bigIntToBytes(-1n),
      () => bigIntToBytes(256n, 1),
      () => bigIntToBytes(1n, 0),
      () => uint64ToBytesLE(2n ** 64n),
      () => uint64ToBytesLE(-1n),
      () => uint32ToBytes(2 ** 32),
      () => uint32ToBytes(-1),
      () => uint32ToBytes(1.5),
      () => uint32ToBytes(Number.NaN),
    ]) {
      expect(codeOf(run), String(run)).toBe('primitives/out-of-range');
    }
  });
});

describe('hex', () => {
  test('comes back, and equals the naive text', () => {
    fc.assert(
      fc.property(bytes, (input) => {
        const digits = Array.from(input, (byte) => byte.toString(16).padStart(2, '0')).join('');
        expect(bytesToPlainHex(input)).toBe(digits);
        expect(bytesToHex(input)).toBe(`0x${digits}`);
        for (const text of [digits, `0x${digits}`, `0X${digits.toUpperCase()}`]) {
          expect(equalBytes(hexToBytes(text, input.length), input)).toBe(true);
        }
      }),
      propertyRuns(300),
    );
  });

  test('any other text is refused', () => {
    for (const text of [
      '0',
      '0x0',
      '0xg0',
      '0x0g',
      'xyz0',
      '0x0x00',
      ' 00',
      '0x 0',
      '0x٠٠',
      '0xàb',
    ]) {
      expect(
        codeOf(() => hexToBytes(text)),
        text,
      ).toBe('primitives/invalid-hex');
    }
    expect(codeOf(() => hexToBytes('0x00', 2))).toBe('primitives/invalid-length');
    expect(hexToBytes('0x')).toEqual(new Uint8Array(0));
    expect(hexToBytes('')).toEqual(new Uint8Array(0));
  });
});

describe('byte strings', () => {
  test('order, equality and joining agree with the hex text', () => {
    const short = fc.uint8Array({ maxLength: 4 });
    fc.assert(
      fc.property(short, short, short, (a, b, c) => {
        const [x, y] = [bytesToHex(a), bytesToHex(b)];
        expect(Math.sign(compareBytes(a, b))).toBe(x < y ? -1 : x > y ? 1 : 0);
        expect(equalBytes(a, b)).toBe(x === y);
        expect(bytesToHex(concatBytes(a, b, c))).toBe(
          `0x${[a, b, c].map(bytesToPlainHex).join('')}`,
        );
        expect(isZeroBytes(a)).toBe(/^0x0*$/.test(x));
      }),
      propertyRuns(500),
    );
  });

  test('joining nothing, a long list, a checked length, UTF-8', () => {
    expect(concatBytes()).toEqual(new Uint8Array(0));
    const long = Array.from({ length: 300_000 }, (_, i) => Uint8Array.of(i & 255));
    expect(joinBytes(long)).toHaveLength(300_000);
    expect(joinBytes(long)[299_999]).toBe(299_999 & 255);
    const two = new Uint8Array(2);
    expect(assertLength(two, 2, 'thing')).toBe(two);
    expect(() => assertLength(two, 3, 'thing')).toThrow('thing must be 3 bytes, got 2');
    expect([...utf8ToBytes('né€')]).toEqual([0x6e, 0xc3, 0xa9, 0xe2, 0x82, 0xac]);
  });
});
