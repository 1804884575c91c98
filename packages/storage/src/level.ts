/**
 * A store on disk over LevelDB (`classic-level`, an optional peer).
 *
 * It decides how LevelDB's answers become this package's errors and which bytes are copied, and it
 * adds a checksum to every value, since the binding reads tables without checking theirs. Durable batches are fsynced; others survive the end of the process but not a power cut. One
 * process may hold a database at a time.
 */
import { ClassicLevel } from 'classic-level';
import { openValue, sealValue } from './checksum.js';
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

type Database = ClassicLevel<Uint8Array, Uint8Array>;

/** How a database is opened. */
export interface LevelStoreOptions {
  /** Whether a database is made when there is none at the path. Default true. */
  readonly createIfMissing?: boolean;
  /** Bytes of memory for uncompressed blocks that were read. Default 8 MiB. */
  readonly cacheBytes?: number;
  /** Bytes written before they move from the log to a sorted file. Default 4 MiB. */
  readonly writeBufferBytes?: number;
}

const CLOSED_CODES: readonly string[] = [
  'LEVEL_DATABASE_NOT_OPEN',
  'LEVEL_ITERATOR_NOT_OPEN',
  'LEVEL_BATCH_NOT_OPEN',
];

/** The library answers with Node buffers that own their memory: the same bytes as a plain array. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function openError(path: string, error: unknown): StorageError {
  const cause = (error as { cause?: unknown } | undefined)?.cause ?? error;
  const options = { cause: error };
  const reason = reasonOf(cause);
  if (codeOf(cause) === 'LEVEL_LOCKED') {
    return new StorageError({ code: 'storage/locked', path }, options);
  }
  if (codeOf(cause) === 'LEVEL_CORRUPTION') {
    return new StorageError({ code: 'storage/corrupt', path, reason }, options);
  }
  return new StorageError({ code: 'storage/cannot-open', path, reason }, options);
}

class LevelStore implements KeyValueStore {
  readonly #db: Database;
  readonly #path: string;
  #closing: Promise<void> | undefined;
  /** Settles when the batches given so far have been written or refused. Never rejects. */
  #written: Promise<unknown> = Promise.resolve();

  constructor(db: Database, path: string) {
    this.#db = db;
    this.#path = path;
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new StorageError({ code: 'storage/closed' });
  }

  #error(code: 'storage/read-failed' | 'storage/write-failed', error: unknown): StorageError {
    if (error instanceof StorageError) return error;
    const options = { cause: error };
    if (this.#closing !== undefined || CLOSED_CODES.includes(codeOf(error))) {
      return new StorageError({ code: 'storage/closed' }, options);
    }
    const reason = reasonOf(error);
    if (codeOf(error) === 'LEVEL_CORRUPTION') {
      return new StorageError({ code: 'storage/corrupt', path: this.#path, reason }, options);
    }
    return new StorageError({ code, reason }, options);
  }

  #open(key: Uint8Array, sealed: Uint8Array): Uint8Array {
    const value = openValue(key, plain(sealed));
    if (value === undefined) {
      const reason = 'the checksum of an entry does not fit';
      throw new StorageError({ code: 'storage/corrupt', path: this.#path, reason });
    }
    return value;
  }

  getSync(key: Uint8Array): Uint8Array | undefined {
    assertBytes(key, 'key');
    this.#assertOpen();
    try {
      const value = this.#db.getSync(key);
      return value === undefined ? undefined : this.#open(key, value);
    } catch (error) {
      throw this.#error('storage/read-failed', error);
    }
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    assertBytes(key, 'key');
    this.#assertOpen();
    try {
      const own = new Uint8Array(key);
      const value = await this.#db.get(own);
      return value === undefined ? undefined : this.#open(own, value);
    } catch (error) {
      throw this.#error('storage/read-failed', error);
    }
  }

  async write(batch: readonly BatchOperation[], options: WriteOptions = {}): Promise<void> {
    assertBatch(batch);
    this.#assertOpen();
    if (batch.length === 0) return;
    // The bytes belong to the caller again when this call returns.
    const operations = batch.map((operation) => {
      const key = new Uint8Array(operation.key);
      return operation.type === 'put'
        ? ({ type: 'put', key, value: sealValue(key, operation.value) } as const)
        : ({ type: 'del', key } as const);
    });
    // LevelDB runs batches on a pool of threads, in any order: one at a time keeps that of the calls.
    const turn = this.#written.then(() =>
      this.#db.batch(operations, { sync: options.durable === true }),
    );
    this.#written = turn.catch(() => undefined);
    try {
      await turn;
    } catch (error) {
      throw this.#error('storage/write-failed', error);
    }
  }

  async *iterate(
    range: KeyRange = {},
  ): AsyncGenerator<readonly [key: Uint8Array, value: Uint8Array]> {
    assertRange(range);
    this.#assertOpen();
    try {
      // The view of LevelDB begins here; leaving the loop closes it.
      for await (const [key, value] of this.#db.iterator({
        ...(range.gte === undefined ? {} : { gte: new Uint8Array(range.gte) }),
        ...(range.lt === undefined ? {} : { lt: new Uint8Array(range.lt) }),
        reverse: range.reverse === true,
        limit: range.limit ?? -1,
      })) {
        const plainKey = plain(key);
        yield [plainKey, this.#open(plainKey, value)];
      }
    } catch (error) {
      throw this.#error('storage/read-failed', error);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#written.then(() => this.#db.close());
    return this.#closing;
  }
}

/**
 * Opens the database at `path`, a folder of its own; missing folders on the way are made.
 *
 * On disk a value is followed by CRC-32C of key and value (4 bytes, big-endian): an entry that does
 * not fit its checksum is answered with `storage/corrupt`. An entry that damage made vanish is not
 * noticed: hash what must be complete.
 *
 * @throws {@link StorageError} `storage/locked` when another store or process holds it,
 * `storage/corrupt` when its files are damaged, `storage/cannot-open` for anything else (no
 * database there and `createIfMissing` is false, a file in the way, no permission).
 * @example
 * const store = await openLevelStore('data/shard-0')
 * await store.write([{ type: 'put', key, value }], { durable: true })
 */
export async function openLevelStore(
  path: string,
  options: LevelStoreOptions = {},
): Promise<KeyValueStore> {
  const db: Database = new ClassicLevel<Uint8Array, Uint8Array>(path, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    createIfMissing: options.createIfMissing !== false,
    ...(options.cacheBytes === undefined ? {} : { cacheSize: options.cacheBytes }),
    ...(options.writeBufferBytes === undefined
      ? {}
      : { writeBufferSize: options.writeBufferBytes }),
  });
  try {
    await db.open();
  } catch (error) {
    throw openError(path, error);
  }
  return new LevelStore(db, path);
}
