import { createMerkleProof, createMPT, verifyMPTWithMerkleProof } from '@ethereumjs/mpt';
import { bytesToHex, encodeRlp, hexToBytes, keccak256 } from '@polyphony/primitives';
import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ChainError,
  type CrossShardReceipt,
  computeAccountRoot,
  computeListRoot,
  computeSecureRoot,
  computeShardRoots,
  computeStorageRoot,
  EMPTY_ROOT,
  encodeAccount,
  encodeCrossShardReceipt,
  listKey,
  proveListItem,
  proveSecureKey,
  verifyAccountProof,
  verifyListProof,
  verifySecureProof,
  verifyStorageProof,
} from '../src/index.js';
import { hashOf } from './support.js';

const item = fc.uint8Array({ minLength: 1, maxLength: 90 });
const lists = fc.array(item, { maxLength: 300, size: 'max' });
const maps = fc.uniqueArray(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 32 }), item), {
  selector: ([key]) => bytesToHex(key),
  maxLength: 40,
});

async function independentRoot(
  entries: Iterable<readonly [Uint8Array, Uint8Array]>,
  hash: (bytes: Uint8Array) => Uint8Array = keccak256,
): Promise<string> {
  const trie = await createMPT({ useKeyHashingFunction: hash });
  for (const [key, value] of entries) await trie.put(key, value);
  return bytesToHex(trie.root());
}

describe('list root', () => {
  test('keys are the RLP of the index', () => {
    for (const index of [0, 1, 127, 128, 255, 256, 65535, 65536, 16777215, 16777216, 4294967295]) {
      expect(listKey(index)).toEqual(encodeRlp(index));
    }
  });

  test('agrees with a trie that is filled item by item', async () => {
    await fc.assert(
      fc.asyncProperty(lists, async (items) => {
        const entries = items.map((value, index) => [listKey(index), value] as const);
        expect(computeListRoot(items)).toBe(await independentRoot(entries));
      }),
      propertyRuns(20),
    );
  });

  test.each([1, 2, 16, 17, 127, 128, 129, 130, 255, 256, 257, 600])('%i items', async (count) => {
    const items = Array.from({ length: count }, (_, i) => encodeRlp([i, i % 7]));
    const entries = items.map((value, index) => [listKey(index), value] as const);
    expect(computeListRoot(items)).toBe(await independentRoot(entries));
  });

  // Where the length of an item, of its node or of the list in it gets another prefix.
  test.each([
    1, 26, 27, 28, 29, 30, 31, 50, 51, 52, 54, 55, 56, 57, 250, 251, 252, 253, 255, 256, 1010, 1020,
    1030, 65_525, 65_528, 65_530, 65_532, 65_535, 65_536, 70_000, 17_000_000,
  ])('items of about %i bytes', async (length) => {
    const items = [length, length + 1, 3, length].map((size, index) =>
      new Uint8Array(size).fill(size === 1 ? 0x7f : index),
    );
    const entries = items.map((value, index) => [listKey(index), value] as const);
    // Prefixes are at the start: of megabytes no more is hashed.
    const hash = (node: Uint8Array) => keccak256(length > 1e6 ? node.subarray(0, 64) : node);
    expect(computeListRoot(items, { keccak256: hash })).toBe(await independentRoot(entries, hash));
  });

  test('no items', () => expect(computeListRoot([])).toBe(EMPTY_ROOT));

  test('an empty item is refused', () => {
    expect(() => computeListRoot([new Uint8Array([1]), new Uint8Array(0)])).toThrow(ChainError);
  });
});

describe('secure root', () => {
  test('agrees with a trie that is filled key by key', async () => {
    await fc.assert(
      fc.asyncProperty(maps, async (entries) => {
        const hashed = entries.map(([key, value]) => [keccak256(key), value] as const);
        expect(computeSecureRoot(entries)).toBe(await independentRoot(hashed));
      }),
      propertyRuns(30),
    );
  });

  test('a key that occurs twice is refused', () => {
    const entry = [new Uint8Array([1]), new Uint8Array([2])] as const;
    expect(() => computeSecureRoot([entry, entry])).toThrow(ChainError);
  });

  test('storage leaves zero values out and encodes the others', () => {
    const slots = [
      [hashOf(1), 5n],
      [hashOf(2), 0n],
    ] as const;
    const value = encodeRlp(5n);
    expect(computeStorageRoot(slots)).toBe(computeSecureRoot([[hexToBytes(hashOf(1)), value]]));
    expect(computeStorageRoot([[hashOf(2), 0n]])).toBe(EMPTY_ROOT);
  });
});

describe('receipts that keep their index in the block', () => {
  test('agree with a trie of scattered indices', async () => {
    const receipts = Array.from(
      { length: 140 },
      (_, i): CrossShardReceipt => ({
        transactionHash: hashOf(i),
        from: `0x${'11'.repeat(20)}`,
        to: `0x${'22'.repeat(20)}`,
        shardId: 0,
        toShardId: 1 + ((i * i) % 3),
        amount: BigInt(i),
      }),
    );
    for (const { shardId, root } of computeShardRoots(receipts, 'per-block')) {
      const entries = receipts
        .map((receipt, index) => [listKey(index), receipt] as const)
        .filter(([, receipt]) => receipt.toShardId === shardId)
        .map(([key, receipt]) => [key, encodeCrossShardReceipt(receipt)] as const);
      expect(entries.length).toBeGreaterThan(0);
      expect(root).toBe(await independentRoot(entries));
    }
    expect(computeShardRoots(receipts, 'per-block')).not.toEqual(computeShardRoots(receipts));
  });
});

describe('proofs', () => {
  test('of every item and of the index after the last', () => {
    fc.assert(
      fc.property(lists, (items) => {
        const root = computeListRoot(items);
        const step = Math.max(1, Math.floor(items.length / 8));
        for (let index = 0; index <= items.length; index += step) {
          const proof = proveListItem(items, index);
          expect(verifyListProof(root, index, items[index], proof)).toBe(true);
          const other = items[index] === undefined ? Uint8Array.of(7) : undefined;
          expect(verifyListProof(root, index, other, proof)).toBe(false);
        }
      }),
      propertyRuns(20),
    );
  });

  test('of secure keys agree with an independent prover and verifier', async () => {
    await fc.assert(
      fc.asyncProperty(
        maps,
        fc.uint8Array({ minLength: 33, maxLength: 33 }),
        async (entries, missing) => {
          const trie = await createMPT({ useKeyHashing: true });
          for (const [key, value] of entries) await trie.put(key, value);
          const root = computeSecureRoot(entries);
          for (const [key, value] of [...entries.slice(0, 3), [missing, undefined] as const]) {
            const proof = proveSecureKey(entries, key);
            expect(verifySecureProof(root, key, value, proof)).toBe(true);
            if (entries.length === 0) continue;
            expect(proof).toEqual(await createMerkleProof(trie, key));
            expect(await verifyMPTWithMerkleProof(trie, trie.root(), key, proof)).toEqual(
              value ?? null,
            );
          }
        },
      ),
      propertyRuns(20),
    );
  });

  test('of accounts and storage', () => {
    const account = {
      nonce: 3n,
      balance: 10n ** 20n,
      storageRoot: computeStorageRoot([[hashOf(1), 5n]]),
      codeHash: hashOf(9),
    };
    const accounts = [1, 2, 3, 4, 5].map((byte) => ({
      address: `0x${byte.toString(16).padStart(2, '0').repeat(20)}` as const,
      ...account,
    }));
    const stateRoot = computeAccountRoot(accounts);
    const { address } = accounts[2]!;
    const entries = accounts.map(
      (entry) => [hexToBytes(entry.address), encodeAccount(entry)] as const,
    );
    const proof = proveSecureKey(entries, hexToBytes(address));
    expect(verifyAccountProof(stateRoot, address, account, proof)).toBe(true);
    expect(verifyAccountProof(stateRoot, address, { ...account, nonce: 4n }, proof)).toBe(false);
    expect(verifyAccountProof(stateRoot, address, undefined, proof)).toBe(false);
    const slotProof = proveSecureKey(
      [[hexToBytes(hashOf(1)), encodeRlp(5n)]],
      hexToBytes(hashOf(1)),
    );
    expect(verifyStorageProof(account.storageRoot, hashOf(1), 5n, slotProof)).toBe(true);
    expect(verifyStorageProof(account.storageRoot, hashOf(1), 0n, slotProof)).toBe(false);
    expect(verifyStorageProof(account.storageRoot, hashOf(2), 0n, slotProof)).toBe(true);
    expect(verifyStorageProof(EMPTY_ROOT, hashOf(2), 0n, [])).toBe(true);
  });

  test('a proof with a node too many, too few or in another order is refused', () => {
    const items = Array.from({ length: 300 }, (_, i) => encodeRlp([i, new Uint8Array(40)]));
    const root = computeListRoot(items);
    const proof = proveListItem(items, 200);
    expect(proof.length).toBeGreaterThan(2);
    const answer = (nodes: readonly Uint8Array[]): boolean =>
      verifyListProof(root, 200, items[200], nodes);
    expect(answer(proof)).toBe(true);
    expect(answer(proof.slice(1))).toBe(false);
    expect(answer(proof.slice(0, -1))).toBe(false);
    expect(answer([...proof, proof[0]!])).toBe(false);
    expect(answer([...proof].reverse())).toBe(false);
    expect(answer([])).toBe(false);
  });
});
