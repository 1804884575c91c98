import { runInNewContext } from 'node:vm';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keccak256 } from '../src/keccak.js';

const pattern = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => i * 31 + length);

test('every length up to three blocks hashes as the library does', () => {
  for (let length = 0; length <= 3 * 136 + 4; length++) {
    const bytes = pattern(length);
    expect(keccak256(bytes), `${length} bytes`).toEqual(keccak_256(bytes));
  }
});

test('any bytes, wherever they lie in their buffer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 700 }), fc.nat(7), (bytes, offset) => {
      const inside = new Uint8Array(bytes.length + 16).fill(0xff);
      inside.set(bytes, offset);
      const view = inside.subarray(offset, offset + bytes.length);
      expect(keccak256(view)).toEqual(keccak_256(bytes));
      expect(view).toEqual(bytes);
    }),
    propertyRuns(200),
  );
});

test('bytes of another realm are bytes, and text is not', () => {
  const foreign = runInNewContext('Uint8Array.of(1, 2, 3)') as Uint8Array;
  expect(keccak256(foreign)).toEqual(keccak_256(Uint8Array.of(1, 2, 3)));
  expect(() => keccak256('abc' as unknown as Uint8Array)).toThrow(TypeError);
});
