/** What the checks of stores are made of: keys and values, and the words they speak in. */
import { bytesToHex, equalBytes } from '@polyphony/primitives';
import { StorageError, type StorageErrorDetails } from '../errors.js';
import type { BatchOperation, KeyRange, KeyValueStore } from '../port.js';

/** A key and its value. */
export type Entry = readonly [key: Uint8Array, value: Uint8Array];

/** A check over a fresh store; it fails by throwing. `reopen` is there for the durability checks. */
export type Check = (
  store: KeyValueStore,
  harness: { readonly reopen?: (store: KeyValueStore) => Promise<KeyValueStore> },
) => Promise<void>;

/** Checks by name. */
export type NamedChecks = readonly (readonly [name: string, check: Check])[];

/** A check found something else than it expected. */
export class Mismatch extends Error {}

/** Fails the check at hand. */
export function fail(reason: string): never {
  throw new Mismatch(reason);
}

/** Bytes by their values. */
export const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
export const put = (key: Uint8Array, value: Uint8Array): BatchOperation => ({
  type: 'put',
  key,
  value,
});
export const del = (key: Uint8Array): BatchOperation => ({ type: 'delete', key });
/** Bytes as a message says them. */
export const text = (value: Uint8Array | undefined): string =>
  value === undefined ? 'nothing' : value.length > 40 ? `${value.length} bytes` : bytesToHex(value);

/** All entries of a range. */
export async function entriesOf(store: KeyValueStore, range?: KeyRange): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of store.iterate(range)) entries.push(entry);
  return entries;
}

export function expectBytes(
  actual: Uint8Array | undefined,
  expected: Uint8Array,
  what: string,
): void {
  if (actual === undefined || !equalBytes(actual, expected)) {
    fail(`${what}: expected ${text(expected)}, got ${text(actual)}`);
  }
}

export function expectKeys(entries: readonly Entry[], expected: readonly Uint8Array[]): void {
  const actual = entries.map(([key]) => text(key)).join(' ');
  const wanted = expected.map(text).join(' ');
  if (actual !== wanted) fail(`expected the keys [${wanted}], got [${actual}]`);
}

/** Expects a call to throw or reject with a code. */
export async function expectCode(
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

export async function expectTypeError(what: string, action: () => unknown): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (error instanceof TypeError) return;
    fail(`${what}: expected a TypeError, got ${String(error)}`);
  }
  fail(`${what}: expected a TypeError, nothing was thrown`);
}

/** Keys in their order, chosen so that text order, signed order and length order all differ. */
export const ORDERED: readonly Uint8Array[] = [
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

/** Puts {@link ORDERED}, each with a value of its own. */
export async function fill(store: KeyValueStore): Promise<void> {
  // Written in an order that is not theirs.
  const shuffled = ORDERED.map((_, i) => ORDERED[(i * 5 + 3) % ORDERED.length]!);
  await store.write(shuffled.map((key) => put(key, bytes(...key, 7))));
}
