/** What is left when a store is closed, and opened again. */
import { compareBytes } from '@polyphony/primitives';
import type { BatchOperation } from '../port.js';
import {
  bytes,
  del,
  entriesOf,
  expectBytes,
  expectCode,
  expectKeys,
  fail,
  fill,
  type NamedChecks,
  ORDERED,
  put,
  text,
} from './expectations.js';

/** The checks of closing. */
export const CLOSING_CHECKS: NamedChecks = [
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

/** The checks of stores that can be opened again. */
export const DURABLE_CHECKS: NamedChecks = [
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
