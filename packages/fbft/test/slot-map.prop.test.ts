import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyIndex } from '../src/key-index.js';
import { SlotMap } from '../src/slot-map.js';

/** A change to one of the versions made so far. */
const change = fc.record({
  version: fc.nat(),
  slot: fc.nat(40),
  value: fc.option(fc.nat(9), { nil: undefined }),
});

test('every version of a slot map keeps its entries, whatever others do', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
      const versions = [{ map: SlotMap.empty<number>(), model: new Map<number, number>() }];
      for (const { version, slot, value } of changes) {
        // Mostly the newest version goes on, sometimes an older one.
        const from = versions.at(version % 3 === 0 ? version % versions.length : -1)!;
        const model = new Map(from.model);
        if (value === undefined) model.delete(slot);
        else model.set(slot, value);
        const map = value === undefined ? from.map.delete(slot) : from.map.set(slot, value);
        // What nobody has seen yet may be extended in place.
        if (value !== undefined && !model.has(slot + 1)) {
          map.extend(slot + 1, value + 1);
          model.set(slot + 1, value + 1);
        }
        versions.push({ map, model });
      }
      for (const { map, model } of versions) {
        expect(map.size).toBe(model.size);
        expect(map.entries()).toEqual([...model].sort(([a], [b]) => a - b));
        for (let slot = 0; slot <= 42; slot++) expect(map.get(slot)).toBe(model.get(slot));
      }
    }),
    propertyRuns(100),
  );
});

test('a slot that changes again and again holds no more than a few changes', () => {
  let map = SlotMap.empty<number>();
  for (let i = 0; i < 10_000; i++) map = map.set(i % 4, i);
  expect(map.entries()).toEqual([9996, 9997, 9998, 9999].map((value, slot) => [slot, value]));
  expect(map.changes).toBeLessThan(100);
});

test('a key index finds the slots of its keys and of nobody else', () => {
  const key = fc.uint8Array({ minLength: 48, maxLength: 48 });
  const same = (a: Uint8Array, b: Uint8Array): boolean => a.join() === b.join();
  fc.assert(
    fc.property(fc.uniqueArray(key, { maxLength: 20, comparator: same }), key, (keys, other) => {
      const index = new KeyIndex(keys);
      keys.forEach((known, slot) => {
        expect(index.slotOf(new Uint8Array(known))).toBe(slot);
      });
      const place = keys.findIndex((known) => same(known, other));
      expect(index.slotOf(other)).toBe(place < 0 ? undefined : place);
      expect(index.slotOf(other.subarray(1))).toBeUndefined();
    }),
    propertyRuns(50),
  );
  // Keys that differ only in bytes that do not choose the list.
  const twins = [0, 1, 2].map((last) => new Uint8Array(48).fill(last, 46, 48));
  expect(twins.map((twin) => new KeyIndex(twins).slotOf(twin))).toEqual([0, 1, 2]);
});
