/** Signer bitmaps: the network's order of bits, exact lengths, strict padding. */
import {
  assertValidBitmap,
  bitmapFromIndices,
  bitmapIndices,
  bitmapLength,
  countBits,
  hasBit,
} from '@polyphony/bls/bitmap';
import { loadVectors } from '@polyphony/testkit';
import { expect, test } from 'vitest';
import { codeOf, hex, text } from './engines.js';

const cases = loadVectors<
  { signers: number; bitmap: string; padding?: 'ignore' },
  { indices: readonly number[] }
>(import.meta.url, 'bitmap', { in: ['signers', 'bitmap', 'padding'], out: ['indices'] });

test.each(cases)('$name', ({ in: { signers, bitmap, padding }, out, error }) => {
  const options = padding === undefined ? {} : { padding };
  const bytes = hex(bitmap);
  if (error !== undefined) {
    expect(codeOf(() => bitmapIndices(bytes, signers, options))).toBe(error);
    expect(codeOf(() => countBits(bytes, signers, options))).toBe(error);
    expect(codeOf(() => hasBit(bytes, 0, signers, options))).toBe(error);
    expect(codeOf(() => assertValidBitmap(bytes, signers, options))).toBe(error);
    return;
  }
  const { indices } = out!;
  expect(bitmapIndices(bytes, signers, options)).toEqual(indices);
  expect(countBits(bytes, signers, options)).toBe(indices.length);
  expect(bitmapLength(signers)).toBe(bytes.length);
  for (let i = 0; i < signers; i++) {
    expect(hasBit(bytes, i, signers, options)).toBe(indices.includes(i));
  }
  if (padding === undefined) expect(text(bitmapFromIndices(indices, signers))).toBe(bitmap);
});
