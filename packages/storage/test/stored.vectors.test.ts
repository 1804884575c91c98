/** What is on disk: entries one by one and whole folders, read and written. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToHex, hexToBytes } from '@polyphony/primitives';
import { codeOf, loadVectors, packageFolder, unreadVectorFiles } from '@polyphony/testkit';
import { ClassicLevel } from 'classic-level';
import { afterAll, describe, expect, test } from 'vitest';
import { crc32c, openValue, sealValue } from '../src/checksum.js';
import { openLevelStore } from '../src/level.js';
import type { KeyValueStore } from '../src/port.js';

const folder = mkdtempSync(join(tmpdir(), 'polyphony-stored-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name.replaceAll(/\W+/g, '-'));

/** A database as other software opens it: without this package. */
const bare = (path: string): ClassicLevel<Uint8Array, Uint8Array> =>
  new ClassicLevel(path, { keyEncoding: 'view', valueEncoding: 'view' });

async function entriesOf(store: KeyValueStore): Promise<readonly (readonly string[])[]> {
  const entries: string[][] = [];
  for await (const [key, value] of store.iterate())
    entries.push([bytesToHex(key), bytesToHex(value)]);
  return entries;
}

describe('CRC-32C', () => {
  for (const { name, in: given, out } of loadVectors<{ bytes: string }, { crc32c: string }>(
    import.meta.url,
    'crc32c',
    { in: ['bytes'], out: ['crc32c'] },
  )) {
    test(name, () => {
      const bytes = hexToBytes(given.bytes);
      const expected = Number(out!.crc32c);
      expect(crc32c(bytes)).toBe(expected);
      expect(crc32c(bytes.subarray(0, 3), bytes.subarray(3))).toBe(expected);
    });
  }
});

describe('entries', () => {
  const cases = loadVectors<{ key: string; value: string }, { stored: string }>(
    import.meta.url,
    'entries',
    { in: ['key', 'value'], out: ['stored'] },
  );

  for (const { name, in: given, out } of cases) {
    test(name, () => {
      const [key, value, stored] = [given.key, given.value, out!.stored].map((text) =>
        hexToBytes(text),
      ) as [Uint8Array, Uint8Array, Uint8Array];
      expect(sealValue(key, value)).toEqual(stored);
      expect(openValue(key, stored)).toEqual(value);
    });
  }

  test('are what a store leaves on disk, and what it finds there', async () => {
    const last = new Map(cases.map(({ in: given, out }) => [given.key, { ...given, ...out! }]));
    const store = await openLevelStore(at('written'));
    await store.write(
      [...last.values()].map(({ key, value }) => ({
        type: 'put',
        key: hexToBytes(key),
        value: hexToBytes(value),
      })),
    );
    await store.close();
    const written = bare(at('written'));
    for (const { key, stored } of last.values())
      expect(bytesToHex((await written.get(hexToBytes(key)))!)).toBe(stored);
    await written.close();

    const foreign = bare(at('found'));
    for (const { key, stored } of last.values())
      await foreign.put(hexToBytes(key), hexToBytes(stored));
    await foreign.close();
    const found = await openLevelStore(at('found'));
    for (const { key, value } of last.values())
      expect(found.getSync(hexToBytes(key))).toEqual(hexToBytes(value));
    await found.close();
  });
});

describe('entries that are refused', () => {
  for (const { name, in: given, error } of loadVectors<{ key: string; stored: string }, never>(
    import.meta.url,
    'entries-refused',
    { in: ['key', 'stored'] },
  )) {
    test(name, async () => {
      const [key, stored] = [hexToBytes(given.key), hexToBytes(given.stored)];
      expect(openValue(key, stored)).toBeUndefined();
      const path = at(`refused ${name}`);
      const foreign = bare(path);
      await foreign.put(key, stored);
      await foreign.close();
      const store = await openLevelStore(path);
      expect(codeOf(() => store.getSync(key))).toBe(error);
      await store.close();
    });
  }
});

describe('folders', () => {
  for (const { name, in: given, out } of loadVectors<
    { files: Readonly<Record<string, string>> },
    { entries: readonly (readonly string[])[] }
  >(import.meta.url, 'folders', { in: ['files'], out: ['entries'] })) {
    test(name, async () => {
      const path = at(`folder ${name}`);
      mkdirSync(path);
      for (const [file, bytes] of Object.entries(given.files))
        writeFileSync(join(path, file), hexToBytes(bytes));
      const store = await openLevelStore(path, { createIfMissing: false });
      expect(await entriesOf(store)).toEqual(out!.entries);
      // It goes on from there.
      const key = Uint8Array.of(0xfe);
      await store.write([{ type: 'put', key, value: key }], { durable: true });
      await store.close();
      const again = await openLevelStore(path);
      expect(again.getSync(key)).toEqual(key);
      expect(await entriesOf(again)).toHaveLength(out!.entries.length + 1);
      await again.close();
    });
  }
});

test('every vector file is read', () => {
  expect(unreadVectorFiles(packageFolder(import.meta.url))).toEqual([]);
});
