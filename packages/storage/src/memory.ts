/**
 * A store in memory: for tests, for nodes that need no history, as a cache in front of another.
 *
 * Entries lie in sorted chunks of at most {@link CHUNK} entries, so that a write moves one chunk
 * and not the whole store. An iteration keeps the chunks it started with; a write copies a chunk
 * that an iteration may still hold (copy on write), so a view costs nothing until it is written to.
 */
import { compareBytes } from '@polyphony/primitives';
import { StorageError } from './errors.js';
import {
  assertBatch,
  assertBytes,
  assertRange,
  type BatchOperation,
  type KeyRange,
  type KeyValueStore,
} from './port.js';

type Entry = readonly [key: Uint8Array, value: Uint8Array];

interface Chunk {
  /** The view generation in which this chunk was made: an older one is shared with a view. */
  readonly generation: number;
  readonly entries: Entry[];
}

const CHUNK = 256;

/** First position in `entries` whose key is not below `key`. */
function lowerBound(entries: readonly Entry[], key: Uint8Array): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareBytes(entries[middle]![0], key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The last chunk whose first key is not above `key`, or the first chunk. */
function chunkFor(chunks: readonly Chunk[], key: Uint8Array): number {
  let low = 0;
  let high = chunks.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (compareBytes(chunks[middle]!.entries[0]![0], key) <= 0) low = middle;
    else high = middle - 1;
  }
  return low;
}

class MemoryStore implements KeyValueStore {
  #chunks: Chunk[] = [];
  #chunksGeneration = 0;
  #generation = 0;
  #closed = false;

  #assertOpen(): void {
    if (this.#closed) throw new StorageError({ code: 'storage/closed' });
  }

  getSync(key: Uint8Array): Uint8Array | undefined {
    assertBytes(key, 'key');
    this.#assertOpen();
    if (this.#chunks.length === 0) return undefined;
    const { entries } = this.#chunks[chunkFor(this.#chunks, key)]!;
    const entry = entries[lowerBound(entries, key)];
    return entry !== undefined && compareBytes(entry[0], key) === 0
      ? new Uint8Array(entry[1])
      : undefined;
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.getSync(key);
  }

  async write(batch: readonly BatchOperation[]): Promise<void> {
    assertBatch(batch);
    this.#assertOpen();
    for (const operation of batch) {
      if (operation.type === 'put') this.#put(operation.key, operation.value);
      else this.#delete(operation.key);
    }
  }

  async *iterate(range: KeyRange = {}): AsyncGenerator<Entry> {
    assertRange(range);
    this.#assertOpen();
    const gte = range.gte && new Uint8Array(range.gte);
    const lt = range.lt && new Uint8Array(range.lt);
    const chunks: readonly Chunk[] = this.#chunks;
    this.#generation++;
    let left = range.limit ?? Number.POSITIVE_INFINITY;
    const step = range.reverse === true ? -1 : 1;
    // The position before which (descending) or at which (ascending) the first entry lies.
    const edge = step === 1 ? gte : lt;
    let at = edge !== undefined ? chunkFor(chunks, edge) : step === 1 ? 0 : chunks.length - 1;
    let within = 0;
    if (chunks.length > 0) {
      const { entries } = chunks[at]!;
      if (step === 1) within = edge === undefined ? 0 : lowerBound(entries, edge);
      else within = (edge === undefined ? entries.length : lowerBound(entries, edge)) - 1;
    }
    while (left > 0 && at >= 0 && at < chunks.length) {
      const { entries } = chunks[at]!;
      const entry = entries[within];
      if (entry === undefined) {
        at += step;
        within = step === 1 ? 0 : (chunks[at]?.entries.length ?? 0) - 1;
        continue;
      }
      const [key, value] = entry;
      if (step === 1 ? lt && compareBytes(key, lt) >= 0 : gte && compareBytes(key, gte) < 0) return;
      this.#assertOpen();
      yield [new Uint8Array(key), new Uint8Array(value)];
      within += step;
      left--;
    }
    this.#assertOpen();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#chunks = [];
  }

  /** The chunk at `at`, safe to change. */
  #ownChunk(at: number): Chunk {
    this.#ownChunks();
    const chunk = this.#chunks[at]!;
    if (chunk.generation === this.#generation) return chunk;
    const copy: Chunk = { generation: this.#generation, entries: chunk.entries.slice() };
    this.#chunks[at] = copy;
    return copy;
  }

  #ownChunks(): void {
    if (this.#chunksGeneration === this.#generation) return;
    this.#chunks = this.#chunks.slice();
    this.#chunksGeneration = this.#generation;
  }

  #put(key: Uint8Array, value: Uint8Array): void {
    const entry: Entry = [new Uint8Array(key), new Uint8Array(value)];
    if (this.#chunks.length === 0) {
      this.#ownChunks();
      this.#chunks.push({ generation: this.#generation, entries: [entry] });
      return;
    }
    const index = chunkFor(this.#chunks, key);
    const { entries } = this.#ownChunk(index);
    const at = lowerBound(entries, key);
    const found = entries[at];
    if (found !== undefined && compareBytes(found[0], key) === 0) {
      entries[at] = entry;
      return;
    }
    entries.splice(at, 0, entry);
    if (entries.length > CHUNK) {
      // Keys that arrive in order fill chunks; others split in the middle.
      const cut = at === CHUNK ? CHUNK : CHUNK / 2;
      const upper = entries.splice(cut);
      this.#chunks.splice(index + 1, 0, { generation: this.#generation, entries: upper });
    }
  }

  #delete(key: Uint8Array): void {
    if (this.#chunks.length === 0) return;
    const index = chunkFor(this.#chunks, key);
    const { entries } = this.#chunks[index]!;
    const at = lowerBound(entries, key);
    const found = entries[at];
    if (found === undefined || compareBytes(found[0], key) !== 0) return;
    const own = this.#ownChunk(index);
    own.entries.splice(at, 1);
    if (own.entries.length === 0) this.#chunks.splice(index, 1);
  }
}

/**
 * An empty store in memory. `durable` has no meaning for it: what it holds ends with `close`.
 *
 * @example
 * const store = memoryStore()
 * await store.write([{ type: 'put', key: Uint8Array.of(1), value: Uint8Array.of(2) }])
 * store.getSync(Uint8Array.of(1))  // Uint8Array [2]
 */
export function memoryStore(): KeyValueStore {
  return new MemoryStore();
}
