/**
 * The checks every store must pass, as data: any test framework can run them.
 *
 * It decides what the port promises (see `port.ts`); it knows nothing of how a store is built. A
 * check that fails throws {@link StorageError} `storage/conformance-failed`.
 */
import { bytesToHex, compareBytes, equalBytes } from '@polyphony/primitives';
import { StorageError, type StorageErrorDetails } from './errors.js';
import type { BatchOperation, KeyRange, KeyValueStore } from './port.js';

/** How the checks get stores. */
export interface StoreHarness {
  /** A fresh, empty store. Called at least once per check; the check closes it. */
  readonly create: () => Promise<KeyValueStore>;
  /**
   * Closes a store of `create` and opens what it holds again. Left out for stores that keep nothing:
   * the durability checks are then not in the list.
   */
  readonly reopen?: (store: KeyValueStore) => Promise<KeyValueStore>;
}

/** One check. */
export interface StoreCheck {
  readonly name: string;
  /** Resolves when the store behaves; rejects with what was expected and what came. */
  readonly run: () => Promise<void>;
}

type Entry = readonly [key: Uint8Array, value: Uint8Array];
type Check = (store: KeyValueStore, harness: StoreHarness) => Promise<void>;

class Mismatch extends Error {}

function fail(reason: string): never {
  throw new Mismatch(reason);
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const put = (key: Uint8Array, value: Uint8Array): BatchOperation => ({ type: 'put', key, value });
const del = (key: Uint8Array): BatchOperation => ({ type: 'delete', key });
const text = (value: Uint8Array | undefined): string =>
  value === undefined ? 'nothing' : value.length > 40 ? `${value.length} bytes` : bytesToHex(value);

async function entriesOf(store: KeyValueStore, range?: KeyRange): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of store.iterate(range)) entries.push(entry);
  return entries;
}

function expectBytes(actual: Uint8Array | undefined, expected: Uint8Array, what: string): void {
  if (actual === undefined || !equalBytes(actual, expected)) {
    fail(`${what}: expected ${text(expected)}, got ${text(actual)}`);
  }
}

function expectKeys(entries: readonly Entry[], expected: readonly Uint8Array[]): void {
  const actual = entries.map(([key]) => text(key)).join(' ');
  const wanted = expected.map(text).join(' ');
  if (actual !== wanted) fail(`expected the keys [${wanted}], got [${actual}]`);
}

async function expectCode(
  what: string,
  action: () => unknown,
  code: StorageErrorDetails['code'],
): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (error instanceof StorageError && error.code === code) return;
    fail(`${what}: expected ${code}, got ${String(error)}`);
  }
  fail(`${what}: expected ${code}, nothing was thrown`);
}

async function expectTypeError(what: string, action: () => unknown): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (error instanceof TypeError) return;
    fail(`${what}: expected a TypeError, got ${String(error)}`);
  }
  fail(`${what}: expected a TypeError, nothing was thrown`);
}

/** Keys in their order, chosen so that text order, signed order and length order all differ. */
const ORDERED: readonly Uint8Array[] = [
  bytes(),
  bytes(0),
  bytes(0, 0),
  bytes(0, 255),
  bytes(1),
  bytes(0x39, 1),
  bytes(0x3a),
  bytes(0x7f, 255),
  bytes(0x80),
  bytes(0x80, 0),
  bytes(0xff),
  bytes(0xff, 0),
  bytes(0xff, 0xff),
];

async function fill(store: KeyValueStore): Promise<void> {
  // Written in an order that is not theirs.
  const shuffled = ORDERED.map((_, i) => ORDERED[(i * 5 + 3) % ORDERED.length]!);
  await store.write(shuffled.map((key) => put(key, bytes(...key, 7))));
}

const CHECKS: readonly (readonly [name: string, check: Check])[] = [
  [
    'an absent key has no value',
    async (store) => {
      if (store.getSync(bytes(1)) !== undefined) fail('getSync must answer undefined');
      if ((await store.get(bytes(1))) !== undefined) fail('get must answer undefined');
      expectKeys(await entriesOf(store), []);
    },
  ],
  [
    'get and getSync answer what was put, and a later put replaces it',
    async (store) => {
      await store.write([put(bytes(1), bytes(2))]);
      expectBytes(store.getSync(bytes(1)), bytes(2), 'getSync');
      expectBytes(await store.get(bytes(1)), bytes(2), 'get');
      await store.write([put(bytes(1), bytes(3, 4))]);
      expectBytes(store.getSync(bytes(1)), bytes(3, 4), 'getSync after the second put');
    },
  ],
  [
    'a deleted key is gone, and deleting an absent key is no error',
    async (store) => {
      await store.write([put(bytes(1), bytes(1)), put(bytes(2), bytes(2))]);
      await store.write([del(bytes(1)), del(bytes(9))]);
      if (store.getSync(bytes(1)) !== undefined) fail('the key is still there');
      expectKeys(await entriesOf(store), [bytes(2)]);
    },
  ],
  [
    'keys are ordered as unsigned bytes, a prefix first',
    async (store) => {
      await fill(store);
      const entries = await entriesOf(store);
      expectKeys(entries, ORDERED);
      for (const [key, value] of entries) expectBytes(value, bytes(...key, 7), text(key));
    },
  ],
  [
    'ranges include gte, exclude lt, and may be open on either side',
    async (store) => {
      await fill(store);
      const bounds = [undefined, ...ORDERED, bytes(0, 1), bytes(0x80, 0, 0), bytes(0xff, 0xff, 0)];
      for (const gte of bounds) {
        for (const lt of bounds) {
          const range = { ...(gte && { gte }), ...(lt && { lt }) };
          const expected = ORDERED.filter(
            (key) =>
              (gte === undefined || compareBytes(key, gte) >= 0) &&
              (lt === undefined || compareBytes(key, lt) < 0),
          );
          expectKeys(await entriesOf(store, range), expected);
          const reversed = await entriesOf(store, { ...range, reverse: true });
          expectKeys(reversed, expected.slice().reverse());
        }
      }
    },
  ],
  [
    'a limit counts from the side the iteration starts at',
    async (store) => {
      await fill(store);
      expectKeys(await entriesOf(store, { limit: 0 }), []);
      expectKeys(await entriesOf(store, { limit: 3 }), ORDERED.slice(0, 3));
      expectKeys(
        await entriesOf(store, { limit: 2, reverse: true }),
        ORDERED.slice(-2).reverse() as Uint8Array[],
      );
      expectKeys(await entriesOf(store, { gte: bytes(1), lt: bytes(0x80), limit: 2 }), [
        bytes(1),
        bytes(0x39, 1),
      ]);
      expectKeys(await entriesOf(store, { limit: 1000 }), ORDERED);
    },
  ],
  [
    'a limit that is no count is refused',
    async (store) => {
      for (const limit of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        await expectCode(
          `limit ${limit}`,
          () => entriesOf(store, { limit }),
          'storage/invalid-range',
        );
      }
    },
  ],
  [
    'the empty key and empty values are ordinary',
    async (store) => {
      await store.write([put(bytes(), bytes()), put(bytes(1), bytes())]);
      expectBytes(store.getSync(bytes()), bytes(), 'value of the empty key');
      expectBytes(await store.get(bytes(1)), bytes(), 'empty value');
      expectKeys(await entriesOf(store), [bytes(), bytes(1)]);
      await store.write([del(bytes())]);
      if (store.getSync(bytes()) !== undefined) fail('the empty key cannot be deleted');
    },
  ],
  [
    'of two operations on one key in a batch the later wins',
    async (store) => {
      await store.write([
        put(bytes(1), bytes(1)),
        put(bytes(1), bytes(2)),
        put(bytes(2), bytes(1)),
        del(bytes(2)),
        del(bytes(3)),
        put(bytes(3), bytes(3)),
      ]);
      expectBytes(store.getSync(bytes(1)), bytes(2), 'put, put');
      if (store.getSync(bytes(2)) !== undefined) fail('put, delete: the key is there');
      expectBytes(store.getSync(bytes(3)), bytes(3), 'delete, put');
    },
  ],
  [
    'batches apply in the order of the calls',
    async (store) => {
      const writes: Promise<void>[] = [];
      for (let i = 0; i < 20; i++) writes.push(store.write([put(bytes(1), bytes(i))]));
      await Promise.all(writes);
      expectBytes(store.getSync(bytes(1)), bytes(19), 'after 20 writes');
    },
  ],
  [
    'an empty batch is no error',
    async (store) => {
      await store.write([]);
      await store.write([], { durable: true });
      expectKeys(await entriesOf(store), []);
    },
  ],
  [
    'a batch with a wrong type is refused as a whole',
    async (store) => {
      await store.write([put(bytes(1), bytes(1))]);
      const wrong = [
        [put(bytes(1), bytes(2)), put('k' as never, bytes(2))],
        [put(bytes(1), bytes(2)), put(bytes(2), undefined as never)],
        [put(bytes(1), bytes(2)), { type: 'del' as never, key: bytes(1) }],
      ];
      for (const batch of wrong) await expectTypeError('batch', () => store.write(batch as never));
      expectBytes(store.getSync(bytes(1)), bytes(1), 'after refused batches');
      await expectTypeError('getSync', () => store.getSync('k' as never));
      await expectTypeError('get', () => store.get([1] as never));
      await expectTypeError('iterate', () => entriesOf(store, { gte: 'k' as never }));
    },
  ],
  [
    'a running iteration sees whole batches only',
    async (store) => {
      const keys = [bytes(1), bytes(2), bytes(3)];
      await store.write(keys.map((key) => put(key, bytes(0))));
      const writers = (async () => {
        for (let i = 1; i <= 30; i++) await store.write(keys.map((key) => put(key, bytes(i))));
      })();
      let torn: string | undefined;
      for (let i = 0; i < 30; i++) {
        const values = (await entriesOf(store)).map(([, value]) => text(value));
        if (new Set(values).size !== 1) torn ??= values.join(' ');
      }
      await writers;
      if (torn !== undefined) fail(`saw a part of a batch: ${torn}`);
    },
  ],
  [
    'bytes given to a store may be changed after the call',
    async (store) => {
      const key = bytes(1, 1);
      const value = bytes(2, 2);
      const written = store.write([put(key, value)]);
      key.fill(9);
      value.fill(9);
      await written;
      expectBytes(store.getSync(bytes(1, 1)), bytes(2, 2), 'after changing the arguments');
      const asked = bytes(1, 1);
      const reading = store.get(asked);
      asked.fill(9);
      expectBytes(await reading, bytes(2, 2), 'after changing the key of a get');
      const gte = bytes(1, 1);
      const iterator = store.iterate({ gte })[Symbol.asyncIterator]();
      const first = iterator.next();
      gte.fill(9);
      const { value: entry } = await first;
      await iterator.return?.();
      expectBytes(entry?.[0], bytes(1, 1), 'after changing a bound');
    },
  ],
  [
    'bytes from a store belong to the caller',
    async (store) => {
      await store.write([put(bytes(1), bytes(2, 3))]);
      for (let i = 0; i < 2; i++) {
        const first = store.getSync(bytes(1));
        expectBytes(first, bytes(2, 3), 'getSync');
        first!.fill(9);
        const second = await store.get(bytes(1));
        expectBytes(second, bytes(2, 3), 'get');
        second!.fill(9);
        const [entry] = await entriesOf(store);
        expectBytes(entry?.[0], bytes(1), 'iterated key');
        expectBytes(entry?.[1], bytes(2, 3), 'iterated value');
        entry![0].fill(9);
        entry![1].fill(9);
      }
    },
  ],
  [
    'values are plain Uint8Arrays',
    async (store) => {
      await store.write([put(bytes(1), bytes(2))]);
      const [entry] = await entriesOf(store);
      const all = [store.getSync(bytes(1)), await store.get(bytes(1)), entry?.[0], entry?.[1]];
      for (const value of all) {
        if (value === undefined || Object.getPrototypeOf(value) !== Uint8Array.prototype) {
          fail('expected a Uint8Array and no subclass of it');
        }
      }
    },
  ],
  [
    'large values and large batches',
    async (store) => {
      const large = new Uint8Array(4 << 20);
      for (let i = 0; i < large.length; i += 4093) large[i] = i & 255;
      await store.write([put(bytes(255), large)]);
      expectBytes(store.getSync(bytes(255)), large, 'large value');
      const many: BatchOperation[] = [];
      for (let i = 0; i < 5000; i++) {
        const key = bytes((i * 7919) & 255, ((i * 7919) >> 8) & 255, i >> 8, i & 255);
        many.push(put(key, key));
      }
      await store.write(many);
      const entries = await entriesOf(store);
      if (entries.length !== 5001) fail(`expected 5001 entries, got ${entries.length}`);
      for (let i = 1; i < entries.length; i++) {
        if (compareBytes(entries[i - 1]![0], entries[i]![0]) >= 0) fail('keys out of order');
      }
      await store.write(many.slice(0, 4990).map((operation) => del(operation.key)));
      const rest = await entriesOf(store);
      if (rest.length !== 11) fail(`expected 11 entries after deleting, got ${rest.length}`);
    },
  ],
  [
    'writes during an iteration do not change what it sees',
    async (store) => {
      await fill(store);
      const seen: Uint8Array[] = [];
      for await (const [key, value] of store.iterate()) {
        expectBytes(value, bytes(...key, 7), text(key));
        seen.push(key);
        await store.write([
          put(bytes(...key, 1), bytes(1)),
          put(bytes(0xff, 0xff), bytes(1)),
          del(bytes(0x80)),
        ]);
      }
      expectKeys(
        seen.map((key) => [key, key]),
        ORDERED,
      );
      if (store.getSync(bytes(0x80)) !== undefined) fail('the delete was lost');
    },
  ],
  [
    'the view begins with the first entry asked for',
    async (store) => {
      const iteration = store.iterate();
      await store.write([put(bytes(1), bytes(1))]);
      const keys: Entry[] = [];
      for await (const entry of iteration) keys.push(entry);
      expectKeys(keys, [bytes(1)]);
    },
  ],
  [
    'an iteration may be left early, and several may run at once',
    async (store) => {
      await fill(store);
      for await (const _ of store.iterate()) break;
      const first = store.iterate()[Symbol.asyncIterator]();
      const second = store.iterate({ reverse: true })[Symbol.asyncIterator]();
      for (let i = 0; i < ORDERED.length; i++) {
        const up = await first.next();
        const down = await second.next();
        expectBytes(up.value?.[0], ORDERED[i]!, 'ascending');
        expectBytes(down.value?.[0], ORDERED[ORDERED.length - 1 - i]!, 'descending');
      }
      if ((await first.next()).done !== true) fail('the iteration does not end');
      await second.return?.();
      await store.write([put(bytes(1), bytes(2))]);
    },
  ],
  [
    'a closed store refuses everything but close',
    async (store) => {
      await fill(store);
      const running = store.iterate()[Symbol.asyncIterator]();
      await running.next();
      await store.close();
      await store.close();
      const code = 'storage/closed';
      await expectCode('get', () => store.get(bytes(1)), code);
      await expectCode('getSync', () => store.getSync(bytes(1)), code);
      await expectCode('write', () => store.write([put(bytes(1), bytes(1))]), code);
      await expectCode('iterate', () => entriesOf(store), code);
      await expectCode('an iteration under way', () => running.next(), code);
    },
  ],
  [
    'close waits for writes under way',
    async (store) => {
      const writing = store.write([put(bytes(1), bytes(1))]);
      const closing = store.close();
      await writing;
      await closing;
    },
  ],
];

const DURABLE_CHECKS: readonly (readonly [name: string, check: Check])[] = [
  [
    'what was written is there after reopening, durable or not',
    async (store, { reopen }) => {
      await fill(store);
      await store.write([put(bytes(5), bytes(5))], { durable: true });
      await store.write([del(bytes(5)), del(bytes(0x80)), put(bytes(6), bytes())]);
      const again = await reopen!(store);
      const expected = [...ORDERED.filter((key) => text(key) !== '0x80'), bytes(6)];
      expectKeys(await entriesOf(again), expected.sort(compareBytes));
      expectBytes(again.getSync(bytes(6)), bytes(), 'empty value');
      await again.close();
    },
  ],
  [
    'a large batch survives reopening whole, several times',
    async (store, { reopen }) => {
      let current = store;
      for (let round = 1; round <= 3; round++) {
        const batch: BatchOperation[] = [];
        for (let i = 0; i < 2000; i++) batch.push(put(bytes(i >> 8, i & 255), bytes(round, i & 7)));
        await current.write(batch, { durable: true });
        current = await reopen!(current);
        const entries = await entriesOf(current);
        if (entries.length !== 2000) fail(`expected 2000 entries, got ${entries.length}`);
        for (const [key, value] of entries) expectBytes(value, bytes(round, key[1]! & 7), 'value');
      }
      await current.close();
    },
  ],
];

/**
 * The checks of a store: order, ranges, atomicity, ownership of bytes, iteration while writing,
 * errors after closing, and durability when the harness can reopen.
 *
 * @example
 * for (const { name, run } of storeConformance({ create: async () => memoryStore() })) test(name, run)
 */
export function storeConformance(harness: StoreHarness): readonly StoreCheck[] {
  const checks = harness.reopen === undefined ? CHECKS : [...CHECKS, ...DURABLE_CHECKS];
  return checks.map(([name, check]) => ({
    name,
    run: async (): Promise<void> => {
      const store = await harness.create();
      try {
        await check(store, harness);
      } catch (error) {
        const reason = error instanceof Mismatch ? error.message : `unexpected ${String(error)}`;
        throw new StorageError(
          { code: 'storage/conformance-failed', check: name, reason },
          { cause: error },
        );
      } finally {
        await store.close();
      }
    },
  }));
}
