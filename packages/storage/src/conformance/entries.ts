/** What is under a key: puts, deletes, batches as a whole, and who owns the bytes. */
import { compareBytes } from '@polyphony/primitives';
import type { BatchOperation } from '../port.js';
import {
  bytes,
  del,
  entriesOf,
  expectBytes,
  expectKeys,
  expectTypeError,
  fail,
  type NamedChecks,
  put,
} from './expectations.js';

/** The checks of entries and batches. */
export const ENTRY_CHECKS: NamedChecks = [
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
];
