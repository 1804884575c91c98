import { compareBytes } from '@polyphony/primitives';
import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryStore } from '../src/memory.js';
import type { BatchOperation, KeyRange } from '../src/port.js';
import { prefixedStore } from '../src/prefixed.js';

const key = fc.uint8Array({ maxLength: 3 });
const operation: fc.Arbitrary<BatchOperation> = fc.oneof(
  fc.record({ type: fc.constant('put' as const), key, value: fc.uint8Array({ maxLength: 4 }) }),
  fc.record({ type: fc.constant('delete' as const), key }),
);
const range: fc.Arbitrary<KeyRange> = fc.record(
  { gte: key, lt: key, reverse: fc.boolean(), limit: fc.nat(20) },
  { requiredKeys: [] },
);

type Model = Map<string, readonly [Uint8Array, Uint8Array]>;

function modelEntries(model: Model, { gte, lt, reverse, limit }: KeyRange) {
  const entries = [...model.values()]
    .filter(([k]) => (!gte || compareBytes(k, gte) >= 0) && (!lt || compareBytes(k, lt) < 0))
    .sort((a, b) => compareBytes(a[0], b[0]));
  if (reverse) entries.reverse();
  return entries.slice(0, limit);
}

test('stores agree with a sorted list, also views held over many writes', async () => {
  const steps = fc.array(fc.tuple(fc.array(operation, { maxLength: 40, size: 'max' }), range), {
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(steps, fc.uint8Array({ maxLength: 2 }), async (batches, prefix) => {
      const base = memoryStore();
      const outside = Uint8Array.of(...prefix, 0);
      if (prefix.length > 0) outside[prefix.length - 1]! ^= 1;
      if (prefix.length > 0)
        await base.write([{ type: 'put', key: outside, value: Uint8Array.of(1) }]);
      for (const store of [memoryStore(), prefixedStore(base, prefix)]) {
        const model: Model = new Map();
        const views: [AsyncIterator<readonly [Uint8Array, Uint8Array]>, unknown[], unknown][] = [];
        for (const [batch, wanted] of batches) {
          await store.write(batch);
          for (const op of batch) {
            if (op.type === 'put') model.set(String(op.key), [op.key, op.value]);
            else model.delete(String(op.key));
          }
          const expected = modelEntries(model, wanted);
          const entries = [];
          for await (const entry of store.iterate(wanted)) entries.push(entry);
          expect(entries).toEqual(expected);
          const view = store.iterate(wanted)[Symbol.asyncIterator]();
          const first = await view.next();
          views.push([view, first.done ? [] : [first.value], expected]);
        }
        for (const [view, seen, expected] of views) {
          for (;;) {
            const next = await view.next();
            if (next.done) break;
            seen.push(next.value);
          }
          expect(seen).toEqual(expected);
        }
      }
    }),
    propertyRuns(60),
  );
});

test('many keys in any order come back sorted', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.nat(0xffff), { minLength: 500, maxLength: 1500, size: 'max' }),
      async (numbers) => {
        const store = memoryStore();
        const bytes = (n: number) => Uint8Array.of(n >> 8, n & 255);
        for (const n of numbers)
          await store.write([{ type: 'put', key: bytes(n), value: bytes(n) }]);
        const keep = numbers.filter((_, i) => i % 3 !== 0);
        await store.write(
          numbers.filter((_, i) => i % 3 === 0).map((n) => ({ type: 'delete', key: bytes(n) })),
        );
        const found: number[] = [];
        for await (const [k] of store.iterate()) found.push(k[0]! * 256 + k[1]!);
        expect(found).toEqual(keep.sort((a, b) => a - b));
        for (const n of keep) expect(store.getSync(bytes(n))).toEqual(bytes(n));
      },
    ),
    propertyRuns(10),
  );
});
