import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hexToBytes } from '@polyphony/primitives';
import { seededRandom } from '@polyphony/testkit';
import { ClassicLevel } from 'classic-level';
import { afterAll, expect, test, vi } from 'vitest';
import { openValue, sealValue } from '../src/checksum.js';
import { StorageError, type StorageErrorDetails } from '../src/errors.js';
import { openLevelStore } from '../src/level.js';
import { memoryStore } from '../src/memory.js';
import { prefixedStore } from '../src/prefixed.js';

const folder = mkdtempSync(join(tmpdir(), 'polyphony-storage-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const key = hexToBytes('0x01');

test('a database in use is locked, and free again after close', async () => {
  const store = await openLevelStore(at('locked'));
  const second = openLevelStore(at('locked'));
  await expect(second).rejects.toThrow(StorageError);
  await expect(second).rejects.toMatchObject({
    details: { code: 'storage/locked', path: at('locked') },
  });
  await store.write([{ type: 'put', key, value: key }]);
  await store.close();
  const again = await openLevelStore(at('locked'));
  expect(again.getSync(key)).toEqual(key);
  await again.close();
});

test('durable batches are fsynced, others are not', async () => {
  const store = await openLevelStore(at('durable'));
  const batch = vi.spyOn(ClassicLevel.prototype, 'batch');
  const put = [{ type: 'put', key, value: key }] as const;
  await store.write(put, { durable: true });
  await store.write(put);
  await store.write(put, { durable: false });
  expect(batch.mock.calls.map((args: readonly unknown[]) => args[1])).toEqual([
    { sync: true },
    { sync: false },
    { sync: false },
  ]);
  batch.mockRestore();
  await store.close();
});

test('damaged files are reported when opening', async () => {
  for (const damage of ['manifest', 'current'] as const) {
    const path = at(`damaged-${damage}`);
    const store = await openLevelStore(path);
    await store.write([{ type: 'put', key, value: new Uint8Array(1000) }], { durable: true });
    await store.close();
    const manifest = readdirSync(path).find((name) => name.startsWith('MANIFEST'))!;
    if (damage === 'current') writeFileSync(join(path, 'CURRENT'), 'nonsense');
    else truncateSync(join(path, manifest), 3);
    await expect(openLevelStore(path)).rejects.toMatchObject({
      details: { code: 'storage/corrupt', path },
    });
  }
});

test('a damaged table is reported when it is read, never answered wrongly', async () => {
  const path = at('damaged-table');
  const options = { writeBufferBytes: 64 * 1024, cacheBytes: 0 };
  let store = await openLevelStore(path, options);
  const keys = Array.from({ length: 200 }, (_, i) => Uint8Array.of(i));
  const expected = (k: Uint8Array) => Uint8Array.from({ length: 2000 }, (_, i) => (i * 31) ^ k[0]!);
  for (const k of keys) await store.write([{ type: 'put', key: k, value: expected(k) }]);
  await store.close();
  store = await openLevelStore(path, options); // moves the log into a table
  await store.close();
  const tables = readdirSync(path).filter((name) => name.endsWith('.ldb'));
  expect(tables.length).toBeGreaterThan(0);
  for (const table of tables) {
    const bytes = readFileSync(join(path, table));
    for (let i = 100; i < bytes.length - 200; i += 500) bytes[i]! ^= 0xff;
    writeFileSync(join(path, table), bytes);
  }
  let refused = 0;
  try {
    store = await openLevelStore(path, options);
    for (const k of keys) {
      try {
        const value = store.getSync(k);
        expect(value).toEqual(expected(k));
      } catch (error) {
        expect(error).toMatchObject({ code: 'storage/corrupt' });
        refused++;
      }
    }
    await store.close();
  } catch (error) {
    expect(error).toMatchObject({ code: 'storage/corrupt' });
    refused++;
  }
  expect(refused).toBeGreaterThan(0);
});

test('every flipped bit and every cut of a sealed value is noticed', () => {
  const random = seededRandom(1);
  const value = random.bytes(20);
  const sealed = sealValue(key, value);
  expect(openValue(key, sealed)).toEqual(value);
  expect(openValue(Uint8Array.of(2), sealed)).toBeUndefined();
  for (let length = 0; length < sealed.length; length++)
    expect(openValue(key, sealed.subarray(0, length))).toBeUndefined();
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const flipped = Uint8Array.from(sealed);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    expect(openValue(key, flipped)).toBeUndefined();
  }
});

test('what is no database cannot be opened', async () => {
  writeFileSync(at('file'), 'x');
  await expect(openLevelStore(at('file'))).rejects.toMatchObject({
    details: { code: 'storage/cannot-open', path: at('file') },
  });
  mkdirSync(at('empty'));
  const missing = openLevelStore(at('empty'), { createIfMissing: false });
  await expect(missing).rejects.toMatchObject({ code: 'storage/cannot-open' });
  await expect(openLevelStore('')).rejects.toThrow(TypeError);
});

test('parts of one store do not see each other, and closing one leaves the rest open', async () => {
  const store = memoryStore();
  const a = prefixedStore(store, Uint8Array.of(1));
  const b = prefixedStore(store, Uint8Array.of(2));
  await a.write([{ type: 'put', key, value: Uint8Array.of(10) }]);
  await b.write([{ type: 'put', key, value: Uint8Array.of(20) }]);
  await a.write([{ type: 'delete', key: Uint8Array.of(9) }]);
  expect(a.getSync(key)).toEqual(Uint8Array.of(10));
  expect(b.getSync(key)).toEqual(Uint8Array.of(20));
  expect(store.getSync(Uint8Array.of(2, 1))).toEqual(Uint8Array.of(20));
  await a.close();
  expect(() => a.getSync(key)).toThrow(StorageError);
  expect(b.getSync(key)).toEqual(Uint8Array.of(20));
  await store.close();
  expect(() => b.getSync(key)).toThrow(StorageError);
});

test('a prefix is copied', async () => {
  const store = memoryStore();
  const prefix = Uint8Array.of(1);
  const part = prefixedStore(store, prefix);
  prefix[0] = 2;
  await part.write([{ type: 'put', key, value: key }]);
  expect(store.getSync(Uint8Array.of(1, 1))).toEqual(key);
  expect(() => prefixedStore(store, 'text' as never)).toThrow(TypeError);
});

test('each error says what happened', () => {
  const messages: [StorageErrorDetails, string][] = [
    [{ code: 'storage/closed' }, 'the store is closed'],
    [{ code: 'storage/invalid-range', reason: 'limit is odd' }, 'range limit is odd'],
    [
      { code: 'storage/locked', path: 'p' },
      'the database at p is in use by another process or store',
    ],
    [{ code: 'storage/corrupt', path: 'p', reason: 'r' }, 'the database at p is damaged: r'],
    [{ code: 'storage/cannot-open', path: 'p', reason: 'r' }, 'cannot open a database at p: r'],
    [{ code: 'storage/read-failed', reason: 'r' }, 'read failed: r'],
    [
      { code: 'storage/write-failed', reason: 'r' },
      'write failed, nothing of the batch was applied: r',
    ],
    [{ code: 'storage/conformance-failed', check: 'c', reason: 'r' }, 'c: r'],
  ];
  for (const [details, message] of messages)
    expect(new StorageError(details).message).toBe(message);
});
