/** What an iteration sees: order, ranges, limits, and the view while others write. */
import { compareBytes } from '@polyphony/primitives';
import {
  bytes,
  del,
  type Entry,
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

/** The checks of iterations. */
export const ITERATION_CHECKS: NamedChecks = [
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
];
