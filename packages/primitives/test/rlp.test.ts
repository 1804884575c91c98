import { expect, test } from 'vitest';
import { decodeRlp, encodeRlp } from '../src/rlp.js';

test('a list of a small integer and a byte above 0x7f', () => {
  const bytes = encodeRlp([1n, new Uint8Array([0x80])]);
  expect([...bytes]).toEqual([0xc3, 1, 0x81, 0x80]);
  expect(decodeRlp(bytes)).toEqual([new Uint8Array([1]), new Uint8Array([0x80])]);
});
