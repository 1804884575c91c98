/**
 * A part of another store: every key carries a prefix that users of the part do not see.
 *
 * Closing the part closes only the part; the store below belongs to whoever opened it. Choose
 * prefixes of which none is the start of another, or the parts overlap.
 */
import { concatBytes } from '@polyphony/primitives';
import { StorageError } from './errors.js';
import {
  assertBatch,
  assertBytes,
  assertRange,
  type BatchOperation,
  type KeyRange,
  type KeyValueStore,
  type WriteOptions,
} from './port.js';

/** The first key after all keys that start with `prefix`; none when the prefix is all 0xff. */
function endOfPrefix(prefix: Uint8Array): Uint8Array | undefined {
  let last = prefix.length - 1;
  while (last >= 0 && prefix[last] === 0xff) last--;
  if (last < 0) return undefined;
  const end = prefix.slice(0, last + 1);
  end[last]!++;
  return end;
}

class PrefixedStore implements KeyValueStore {
  readonly #store: KeyValueStore;
  readonly #prefix: Uint8Array;
  readonly #end: Uint8Array | undefined;
  #closed = false;

  constructor(store: KeyValueStore, prefix: Uint8Array) {
    this.#store = store;
    this.#prefix = new Uint8Array(assertBytes(prefix, 'prefix'));
    this.#end = endOfPrefix(this.#prefix);
  }

  #assertOpen(): void {
    if (this.#closed) throw new StorageError({ code: 'storage/closed' });
  }

  #key(key: Uint8Array): Uint8Array {
    return concatBytes(this.#prefix, assertBytes(key, 'key'));
  }

  getSync(key: Uint8Array): Uint8Array | undefined {
    const full = this.#key(key);
    this.#assertOpen();
    return this.#store.getSync(full);
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const full = this.#key(key);
    this.#assertOpen();
    return this.#store.get(full);
  }

  async write(batch: readonly BatchOperation[], options?: WriteOptions): Promise<void> {
    assertBatch(batch);
    this.#assertOpen();
    await this.#store.write(
      batch.map((operation) => ({ ...operation, key: this.#key(operation.key) })),
      options,
    );
  }

  async *iterate(
    range: KeyRange = {},
  ): AsyncGenerator<readonly [key: Uint8Array, value: Uint8Array]> {
    assertRange(range);
    this.#assertOpen();
    const lt = range.lt === undefined ? this.#end : this.#key(range.lt);
    const full: KeyRange = {
      ...range,
      gte: range.gte === undefined ? this.#prefix : this.#key(range.gte),
    };
    const inner = this.#store.iterate(lt === undefined ? full : { ...full, lt });
    for await (const [key, value] of inner) {
      this.#assertOpen();
      yield [key.slice(this.#prefix.length), value];
    }
    this.#assertOpen();
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}

/**
 * The entries of `store` whose keys start with `prefix`, under the keys without it. A batch written
 * to a part is atomic; a batch over several parts is written to the store below.
 *
 * @throws TypeError when the prefix is not bytes.
 * @example prefixedStore(store, utf8ToBytes('state/'))
 */
export function prefixedStore(store: KeyValueStore, prefix: Uint8Array): KeyValueStore {
  return new PrefixedStore(store, prefix);
}
