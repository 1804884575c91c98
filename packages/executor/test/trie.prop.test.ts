import { createMerkleProof, createMPT } from '@ethereumjs/mpt';
import { EMPTY_ROOT } from '@polyphony/chain';
import { bytesToHex, keccak256 } from '@polyphony/primitives';
import { memoryStore } from '@polyphony/storage';
import { propertyRuns, seededRandom } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NodeStore } from '../src/trie/nodes.js';
import { readProof } from '../src/trie/proof.js';
import { Trie } from '../src/trie/trie.js';
import { engine } from './support.js';

const nodeStore = (store = memoryStore(), cacheNodes = 1000) =>
  new NodeStore(store, {
    hasher: engine,
    prefix: new Uint8Array(),
    cacheNodes,
    verifyNodes: true,
  });

/** Keys of 32 bytes that share long prefixes, so that nodes of every kind and size appear. */
const clusteredKey = fc
  .tuple(fc.nat(3), fc.nat(2), fc.constantFrom(1, 8, 29, 30, 31), fc.nat(40))
  .map(([first, second, at, last]) => {
    const key = new Uint8Array(32);
    key[0] = first * 0x41;
    key[at] = second * 0x10;
    key[31] = last;
    return key;
  });
const hashedKey = fc.nat(30).map((n) => keccak256(Uint8Array.of(n)));
const value = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 3 }),
  fc.uint8Array({ minLength: 1, maxLength: 80 }),
  fc.constantFrom(
    Uint8Array.of(0x7f),
    Uint8Array.of(0x80),
    new Uint8Array(55),
    new Uint8Array(300),
  ),
);
type Step = { key: Uint8Array; value: Uint8Array | undefined };
const steps = (key: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Step[][]> =>
  fc.array(
    fc.array(fc.record({ key, value: fc.option(value, { nil: undefined, freq: 2 }) }), {
      minLength: 1,
      maxLength: 25,
      size: 'max',
    }),
    { minLength: 1, maxLength: 5 },
  );

const apply = (trie: Trie, step: Step): Trie =>
  step.value === undefined ? trie.delete(step.key) : trie.put(step.key, step.value);

describe.each([
  ['hashed keys', hashedKey],
  ['clustered keys', clusteredKey],
])('with %s', (_, key) => {
  test('roots, values and proofs are those of @ethereumjs/mpt, deletes included', async () => {
    await fc.assert(
      fc.asyncProperty(steps(key), async (batches) => {
        const store = memoryStore();
        const nodes = nodeStore(store);
        const oracle = await createMPT({
          useKeyHashingFunction: (data) => engine.keccak256(data),
        });
        let trie = Trie.open(nodes, EMPTY_ROOT);
        const model = new Map<string, Step>();
        for (const batch of batches) {
          for (const step of batch) {
            trie = apply(trie, step);
            if (step.value === undefined) await oracle.del(step.key);
            else await oracle.put(step.key, step.value);
            model.set(bytesToHex(step.key), step);
          }
          const root = trie.rootHash();
          expect(root).toBe(bytesToHex(oracle.root()));
          const operations: Parameters<typeof store.write>[0][number][] = [];
          const confirm = trie.commit(operations);
          await store.write(operations);
          confirm();
          // A second instance reads it from the store alone.
          trie = Trie.open(trie.rootHash().endsWith('0') ? nodeStore(store, 0) : nodes, root);
          for (const step of model.values()) {
            expect(trie.get(step.key)).toEqual(step.value);
            const proof = trie.prove(step.key);
            expect(readProof(root, step.key, proof)).toEqual(step.value);
            if (root !== EMPTY_ROOT) {
              // The oracle also lists the nodes that are embedded in their parents.
              const expected = await createMerkleProof(oracle, step.key);
              expect(proof).toEqual(expected.filter((node) => node.length >= 32));
            }
          }
        }
      }),
      propertyRuns(12),
    );
  });

  test('the root depends on the content alone, and old versions stay', () => {
    fc.assert(
      fc.property(steps(key), fc.integer(), (batches, seed) => {
        const nodes = nodeStore();
        const empty = Trie.open(nodes, EMPTY_ROOT);
        let trie = empty;
        const model = new Map<string, Step>();
        const versions: [Trie, string][] = [];
        for (const step of batches.flat()) {
          trie = apply(trie, step);
          model.set(bytesToHex(step.key), step);
          versions.push([trie, trie.rootHash()]);
        }
        const random = seededRandom(seed);
        const entries = [...model.values()].filter((step) => step.value !== undefined);
        let rebuilt = empty;
        while (entries.length > 0) {
          rebuilt = apply(rebuilt, entries.splice(random.below(entries.length), 1)[0]!);
        }
        expect(rebuilt.rootHash()).toBe(trie.rootHash());
        for (const [version, root] of versions) expect(version.rootHash()).toBe(root);
        for (const step of model.values()) trie = trie.delete(step.key);
        expect(trie.rootHash()).toBe(EMPTY_ROOT);
      }),
      propertyRuns(12),
    );
  });
});

test('a commit writes each new node once and nothing that is stored', async () => {
  const store = memoryStore();
  const nodes = nodeStore(store);
  let trie = Trie.open(nodes, EMPTY_ROOT);
  for (let i = 0; i < 200; i++) trie = trie.put(keccak256(Uint8Array.of(i)), Uint8Array.of(1, i));
  const first: Parameters<typeof store.write>[0][number][] = [];
  trie.commit(first);
  expect(new Set(first.map(({ key }) => bytesToHex(key))).size).toBe(first.length);
  const again: typeof first = [];
  trie.commit(again);
  expect(again).toEqual([]);
  await store.write(first);
  const reopened = Trie.open(nodeStore(store), trie.rootHash());
  const changed = reopened.put(keccak256(Uint8Array.of(7)), Uint8Array.of(9));
  const second: typeof first = [];
  changed.commit(second);
  // One leaf and the branches above it.
  expect(second.length).toBeGreaterThanOrEqual(2);
  expect(second.length).toBeLessThanOrEqual(4);
  expect(reopened.put(keccak256(Uint8Array.of(7)), Uint8Array.of(1, 7))).toBe(reopened);
  expect(reopened.delete(new Uint8Array(32))).toBe(reopened);
});

test('the cache stays within its bound', async () => {
  const store = memoryStore();
  let trie = Trie.open(nodeStore(store), EMPTY_ROOT);
  const keys = Array.from({ length: 800 }, (_, i) => keccak256(Uint8Array.of(i >> 8, i & 255)));
  for (const key of keys) trie = trie.put(key, key);
  const operations: Parameters<typeof store.write>[0][number][] = [];
  trie.commit(operations);
  await store.write(operations);
  for (const capacity of [0, 1, 10, 500]) {
    const nodes = nodeStore(store, capacity);
    const reading = Trie.open(nodes, trie.rootHash());
    for (const key of keys) expect(reading.get(key)).toEqual(key);
    expect(nodes.cachedNodes).toBeLessThanOrEqual(capacity);
  }
});

test('hostile nodes and proofs are refused', async () => {
  let trie = Trie.open(nodeStore(), EMPTY_ROOT);
  const keys = Array.from({ length: 60 }, (_, i) => keccak256(Uint8Array.of(i)));
  for (const key of keys) trie = trie.put(key, key.subarray(0, 5));
  const root = trie.rootHash();
  const random = seededRandom(3);
  for (const key of keys) {
    const proof = trie.prove(key);
    expect(readProof(root, key, proof)).toEqual(key.subarray(0, 5));
    const bad: Uint8Array[][] = [
      proof.slice(0, -1),
      proof.slice(1),
      [...proof, proof[0]!],
      proof.map((node, i) => {
        if (i !== proof.length - 1) return node;
        const copy = Uint8Array.from(node);
        copy[random.below(copy.length)]! ^= 1 << random.below(8);
        return copy;
      }),
    ];
    for (const nodes of bad) {
      expect(() => readProof(root, key, nodes)).toThrow(
        expect.objectContaining({ code: 'executor/invalid-proof' }),
      );
    }
  }
  expect(() => readProof(EMPTY_ROOT, keys[0]!, [keys[0]!])).toThrow(
    expect.objectContaining({ code: 'executor/invalid-proof' }),
  );
  expect(readProof(EMPTY_ROOT, keys[0]!, [])).toBeUndefined();
  expect(() => trie.get(new Uint8Array(31))).toThrow();
  expect(() => trie.put(keys[0]!, new Uint8Array())).toThrow(
    expect.objectContaining({ code: 'executor/out-of-range' }),
  );
});
