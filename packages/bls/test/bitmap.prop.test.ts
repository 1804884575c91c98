/** Laws of bitmaps, and hostile bytes. */
import { BlsError } from '@polyphony/bls';
import {
  bitmapFromIndices,
  bitmapIndices,
  bitmapLength,
  countBits,
  hasBit,
  MAX_BITMAP_SIGNERS,
  mergeBitmaps,
} from '@polyphony/bls/bitmap';
import { hostileBytes, propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { codeOf } from './engines.js';

const committee = fc
  .integer({ min: 1, max: 600 })
  .chain((signers) =>
    fc.tuple(
      fc.constant(signers),
      fc.uniqueArray(fc.integer({ min: 0, max: signers - 1 })),
      fc.uniqueArray(fc.integer({ min: 0, max: signers - 1 })),
    ),
  );

test('indices come back in order', () => {
  fc.assert(
    fc.property(committee, ([signers, indices]) => {
      const bitmap = bitmapFromIndices(indices, signers);
      expect(bitmapIndices(bitmap, signers)).toEqual([...indices].sort((a, b) => a - b));
      expect(countBits(bitmap, signers)).toBe(indices.length);
    }),
    propertyRuns(200),
  );
});

test('a merge is the union', () => {
  fc.assert(
    fc.property(committee, ([signers, a, b]) => {
      const merged = mergeBitmaps(
        bitmapFromIndices(a, signers),
        bitmapFromIndices(b, signers),
        signers,
      );
      expect(merged).toEqual(bitmapFromIndices([...a, ...b], signers));
    }),
    propertyRuns(200),
  );
});

test('any padding bit is an error unless ignored, and a lenient merge drops it', () => {
  fc.assert(
    fc.property(committee, fc.integer({ min: 0, max: 6 }), ([signers, indices], extra) => {
      const bit = signers + extra;
      const bitmap = bitmapFromIndices(indices, signers);
      if (bit >> 3 >= bitmap.length) return;
      const padded = Uint8Array.from(bitmap);
      padded[bit >> 3]! |= 1 << (bit & 7);
      expect(codeOf(() => bitmapIndices(padded, signers))).toBe('bls/bitmap-padding');
      expect(codeOf(() => mergeBitmaps(bitmap, padded, signers))).toBe('bls/bitmap-padding');
      const lenient = { padding: 'ignore' } as const;
      expect(bitmapIndices(padded, signers, lenient)).toEqual(bitmapIndices(bitmap, signers));
      expect(mergeBitmaps(padded, bitmap, signers, lenient)).toEqual(bitmap);
    }),
    propertyRuns(200),
  );
});

test('hostile bytes give indices inside the committee or a coded error', () => {
  for (const [name, bytes] of hostileBytes) {
    for (const signers of [0, 1, 7, 8, 9, 250, 256, 768]) {
      for (const padding of ['reject', 'ignore'] as const) {
        try {
          const indices = bitmapIndices(bytes, signers, { padding });
          expect(bytes.length, name).toBe(bitmapLength(signers));
          for (const index of indices) expect(index).toBeLessThan(signers);
        } catch (error) {
          expect(error, name).toBeInstanceOf(BlsError);
        }
      }
    }
  }
});

test('sizes and indices that make no sense', () => {
  for (const signers of [-1, 1.5, Number.NaN, MAX_BITMAP_SIGNERS + 1, 2 ** 40]) {
    expect(codeOf(() => bitmapLength(signers))).toBe('bls/out-of-range');
    expect(codeOf(() => bitmapFromIndices([], signers))).toBe('bls/out-of-range');
  }
  for (const index of [-1, 9, 0.5, Number.NaN]) {
    expect(codeOf(() => bitmapFromIndices([index], 9))).toBe('bls/out-of-range');
    expect(codeOf(() => hasBit(new Uint8Array(2), index, 9))).toBe('bls/out-of-range');
  }
  expect(() => bitmapIndices('00' as unknown as Uint8Array, 8)).toThrow(TypeError);
});
