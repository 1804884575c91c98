import { bytesToHex, concatBytes, hexToBytes, uint64ToBytesLE } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  bodyVersionOf,
  type ChainError,
  coinbaseOfBlsKey,
  computeHeaderHash,
  decodeBlock,
  decodeBody,
  decodeHeader,
  decodeTaggedRlp,
  encodeBlock,
  encodeBody,
  encodeHeader,
  encodeTaggedRlp,
} from '../src/index.js';
import { type HeaderFields, headerOf } from './support.js';

const headers = loadVectors<
  { version: number; fields: HeaderFields; rlp?: string },
  { hash: string }
>(import.meta.url, 'headers', { in: ['version', 'fields', 'rlp'], out: ['hash'] });

describe('headers', () => {
  for (const { name, in: given, out } of headers) {
    test(name, () => {
      const header = headerOf(given.version, given.fields);
      const bytes = encodeHeader(header);
      if (given.rlp !== undefined) expect(bytesToHex(bytes)).toBe(given.rlp);
      expect(decodeHeader(bytes)).toEqual(header);
      expect(computeHeaderHash(header)).toBe(out!.hash);
    });
  }

  test('sizes of empty headers', () => {
    const sizes = [0, 1, 2].map((version) => encodeHeader(headerOf(version, {})).length);
    expect(sizes).toEqual([589, 671, 672]);
  });
});

describe('version envelope', () => {
  const cases = loadVectors<{ rlp: string }, { tag: string; value?: string }>(
    import.meta.url,
    'tagged-rlp',
    { in: ['rlp'], out: ['tag', 'value'] },
  );
  for (const { name, in: given, out } of cases) {
    test(name, () => {
      const bytes = hexToBytes(given.rlp);
      const tagged = decodeTaggedRlp(bytes);
      expect(tagged.tag).toBe(out!.tag);
      if (out!.value !== undefined) expect(bytesToHex(tagged.value)).toBe(out!.value);
      expect(encodeTaggedRlp(tagged)).toEqual(bytes);
      const refused = (): unknown => decodeHeader(bytes);
      const code = out!.tag === '' ? 'chain/invalid-encoding' : 'chain/unsupported-version';
      expect(refused).toThrow(expect.objectContaining({ code } satisfies Partial<ChainError>));
    });
  }
});

describe('bodies', () => {
  const cases = loadVectors<{ version: 0 | 1 | 2 }, { rlp: string }>(import.meta.url, 'bodies', {
    in: ['version'],
    out: ['rlp'],
  });
  const empty = { transactions: [], stakingTransactions: [], uncles: [], incomingReceipts: [] };
  for (const { name, in: given, out } of cases) {
    test(name, () => {
      const body = { version: given.version, ...empty };
      expect(bytesToHex(encodeBody(body))).toBe(out!.rlp);
      expect(decodeBody(hexToBytes(out!.rlp))).toEqual(body);
    });
  }

  test('version 2, computed', () => {
    const rlp = '0xd087486d6e79546764827632c4c0c0c0c0';
    expect(bytesToHex(encodeBody({ version: 2, ...empty }))).toBe(rlp);
  });
});

describe('blocks', () => {
  const cases = loadVectors<
    { headerVersion: 0 | 1 | 2 | 3; tag: string; header: string },
    { rlp: string }
  >(import.meta.url, 'blocks', { in: ['headerVersion', 'tag', 'header'], out: ['rlp'] });
  for (const { name, in: given, out } of cases) {
    test(name, () => {
      const bytes = hexToBytes(out!.rlp);
      const block = decodeBlock(bytes);
      expect(encodeBlock(block)).toEqual(bytes);
      expect(bytesToHex(encodeHeader(block.header))).toBe(given.header);
      expect(block.header.version).toBe(given.headerVersion);
      expect(decodeTaggedRlp(bytes).tag).toBe(given.tag);
      expect(['', 'v1', 'v2'][bodyVersionOf(block.header.version)]).toBe(given.tag);
    });
  }
});

describe('data of seals', () => {
  const coinbases = loadVectors<{ blsPublicKey: string }, { coinbase: string }>(
    import.meta.url,
    'coinbase',
    { in: ['blsPublicKey'], out: ['coinbase'] },
  );
  for (const { name, in: given, out } of coinbases) {
    test(name, () => {
      expect(coinbaseOfBlsKey(hexToBytes(given.blsPublicKey))).toBe(out!.coinbase);
    });
  }

  const commits = loadVectors<
    { header: string; signature: string; bitmap: string },
    { payload: string }
  >(import.meta.url, 'commit-data', { in: ['header', 'signature', 'bitmap'], out: ['payload'] });
  for (const { name, in: given, out } of commits) {
    test(name, () => {
      const found = headers.find((entry) => entry.name === given.header)!;
      const header = headerOf(found.in.version, found.in.fields);
      const payload = concatBytes(
        uint64ToBytesLE(header.number),
        hexToBytes(computeHeaderHash(header)),
        uint64ToBytesLE(header.viewId),
      );
      expect(bytesToHex(payload)).toBe(out!.payload);
      expect(hexToBytes(given.signature)).toHaveLength(header.lastCommitSignature.length);
    });
  }
});
