import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { bytesToPlainHex, hexToBytes } from '../src/hex.js';
import { decodeRlp, encodeRlp, type RlpInput, type RlpItem } from '../src/rlp.js';
import { codeOf } from './caught.js';

/** Hexadecimal strings and lists of them. */
type Tree = string | readonly Tree[];

const toInput = (tree: Tree): RlpInput =>
  typeof tree === 'string' ? hexToBytes(tree) : tree.map(toInput);
const toTree = (item: RlpItem): Tree =>
  item instanceof Uint8Array ? bytesToPlainHex(item) : item.map(toTree);

describe('items and their RLP', () => {
  for (const { name, in: given, out } of loadVectors<{ item: Tree }, { rlp: string }>(
    import.meta.url,
    'rlp',
    { in: ['item'], out: ['rlp'] },
  )) {
    test(name, () => {
      expect(bytesToPlainHex(encodeRlp(toInput(given.item)))).toBe(out!.rlp);
      expect(toTree(decodeRlp(hexToBytes(out!.rlp)))).toEqual(given.item);
    });
  }
});

describe('bytes that are not canonical RLP', () => {
  for (const { name, in: given, error } of loadVectors<{ rlp: string }, never>(
    import.meta.url,
    'rlp-invalid',
    { in: ['rlp'] },
  )) {
    test(name, () => {
      expect(codeOf(() => decodeRlp(hexToBytes(given.rlp)))).toBe(error);
    });
  }
});
