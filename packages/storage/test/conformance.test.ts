import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { storeConformance } from '../src/conformance.js';
import { openLevelStore } from '../src/level.js';
import { memoryStore } from '../src/memory.js';
import type { BatchOperation, KeyRange, KeyValueStore, WriteOptions } from '../src/port.js';
import { prefixedStore } from '../src/prefixed.js';

const folder = mkdtempSync(join(tmpdir(), 'polyphony-storage-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let databases = 0;
const paths = new Map<KeyValueStore, string>();
async function openAt(path: string): Promise<KeyValueStore> {
  const store = await openLevelStore(path);
  paths.set(store, path);
  return store;
}
const level = {
  create: () => openAt(join(folder, `db-${databases++}`)),
  reopen: async (store: KeyValueStore) => {
    await store.close();
    return openAt(paths.get(store)!);
  },
};

describe('memoryStore', () => {
  for (const { name, run } of storeConformance({ create: async () => memoryStore() }))
    test(name, run);
});

describe('openLevelStore', () => {
  for (const { name, run } of storeConformance(level)) test(name, run);
});

describe.each([
  ['an ordinary prefix', Uint8Array.of(1, 2)],
  ['no prefix', Uint8Array.of()],
  ['a prefix of 0xff', Uint8Array.of(0xff, 0xff)],
  ['a prefix that ends in 0xff', Uint8Array.of(5, 0xff)],
])('prefixedStore with %s', (_, prefix) => {
  const neighbours = async (): Promise<KeyValueStore> => {
    const store = memoryStore();
    if (prefix.length > 0) {
      const others = [[], [0], [1], [1, 1, 255], [1, 3], [2], [5, 254], [6], [0xff, 0xfe, 1]];
      await store.write(
        others.map((key) => ({ type: 'put', key: Uint8Array.from(key), value: prefix })),
      );
    }
    return store;
  };
  const create = async () => prefixedStore(await neighbours(), prefix);
  for (const { name, run } of storeConformance({ create })) test(name, run);
});

describe('a prefixed store on disk', () => {
  const base = new Map<KeyValueStore, KeyValueStore>();
  const part = (store: KeyValueStore) => {
    const prefixed = prefixedStore(store, Uint8Array.of(3));
    base.set(prefixed, store);
    return prefixed;
  };
  const create = async () => part(await level.create());
  const reopen = async (store: KeyValueStore) => part(await level.reopen(base.get(store)!));
  for (const { name, run } of storeConformance({ create, reopen })) test(name, run);
  afterAll(async () => {
    for (const store of base.values()) await store.close();
  });
});

/** A memory store with one fault: the checks must notice. */
type Fault = (store: KeyValueStore) => Partial<KeyValueStore>;
const faults: readonly (readonly [string, Fault])[] = [
  [
    'returns what it holds without a copy',
    (store) => {
      const held = new Map<string, Uint8Array>();
      return {
        getSync: (key) => {
          const value = store.getSync(key);
          const name = String(key);
          if (value && !held.has(name)) held.set(name, value);
          return value && held.get(name);
        },
      };
    },
  ],
  [
    'copies a batch too late',
    (store) => ({ write: async (batch) => Promise.resolve().then(() => store.write(batch)) }),
  ],
  [
    'applies the operations of a batch one by one',
    (store) => ({
      write: async (batch: readonly BatchOperation[]) => {
        for (const operation of batch) await store.write([operation]);
      },
    }),
  ],
  [
    'ignores the limit',
    (store) => ({
      iterate: ({ limit: _, ...range }: KeyRange = {}) => store.iterate(range),
    }),
  ],
  [
    'includes lt',
    (store) => ({
      iterate: (range: KeyRange = {}) =>
        store.iterate(range.lt ? { ...range, lt: Uint8Array.of(...range.lt, 0) } : range),
    }),
  ],
  [
    'iterates over the live store',
    (store) => ({
      async *iterate(range: KeyRange = {}) {
        const keys: Uint8Array[] = [];
        for await (const [key] of store.iterate(range)) keys.push(key);
        for (const key of keys) yield [key, store.getSync(key) ?? new Uint8Array()] as const;
      },
    }),
  ],
  [
    'answers after close',
    (store) => ({ close: async () => {}, getSync: (key) => store.getSync(key) }),
  ],
  [
    'drops empty values',
    (store) => ({
      write: (batch: readonly BatchOperation[], options?: WriteOptions) =>
        store.write(
          batch.filter((entry) => entry.type === 'delete' || entry.value?.length !== 0),
          options,
        ),
    }),
  ],
];

test.each(faults)('the checks notice a store that %s', async (_, fault) => {
  const create = async (): Promise<KeyValueStore> => {
    const store = memoryStore();
    return {
      get: async (key) => store.get(key),
      getSync: (key) => store.getSync(key),
      write: (batch, options) => store.write(batch, options),
      iterate: (range) => store.iterate(range),
      close: () => store.close(),
      ...fault(store),
    };
  };
  const failed: string[] = [];
  for (const { name, run } of storeConformance({ create })) {
    await run().catch((error) => {
      expect(error).toMatchObject({ code: 'storage/conformance-failed' });
      failed.push(name);
    });
  }
  expect(failed).not.toEqual([]);
});
