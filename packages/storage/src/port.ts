/**
 * The port: an ordered map from bytes to bytes with atomic batches.
 *
 * It decides how the stores of this package behave towards their caller: order, atomicity,
 * durability, what a running iteration sees, who owns the bytes. It does not decide what is
 * stored, and it has no transactions across batches. `./conformance` checks every sentence.
 */
import { StorageError } from './errors.js';

/** Sets a key. */
export interface PutOperation {
  readonly type: 'put';
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Removes a key; removing an absent key is no error. */
export interface DeleteOperation {
  readonly type: 'delete';
  readonly key: Uint8Array;
}

/** One change of a batch. */
export type BatchOperation = PutOperation | DeleteOperation;

/** How a batch is written. */
export interface WriteOptions {
  /** Whether the batch survives a power cut once the promise resolves (fsync). Default false. */
  readonly durable?: boolean;
}

/** Keys from `gte` (included) to `lt` (excluded), in the byte order of the keys. */
export interface KeyRange {
  /** First key, included. Left out: from the start. */
  readonly gte?: Uint8Array;
  /** End of the range, excluded. Left out: to the end. */
  readonly lt?: Uint8Array;
  /** Descending order. Default false. */
  readonly reverse?: boolean;
  /** Most entries, counted from the side the iteration starts at. Left out: all. */
  readonly limit?: number;
}

/**
 * An ordered map from bytes to bytes.
 *
 * - Keys are ordered as unsigned bytes; a prefix comes first. The empty key and empty values are
 *   ordinary. Of two operations on one key in a batch the later wins.
 * - Bytes given to the store are copied before the call returns; bytes it hands out belong to the
 *   caller. Neither side sees later changes of the other.
 * - After `close` every call fails with {@link StorageError} `storage/closed`; `close` itself may be
 *   repeated.
 */
export interface KeyValueStore {
  /** The value of a key, undefined when absent. */
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  /** The same, at once: for tries, whose reads cannot be planned. */
  getSync(key: Uint8Array): Uint8Array | undefined;
  /**
   * Applies a batch as a whole or not at all. Batches apply in the order of the calls; reads see a
   * batch no later than when its promise resolves.
   */
  write(batch: readonly BatchOperation[], options?: WriteOptions): Promise<void>;
  /**
   * The entries of a range in order. The view is the store at the moment the first entry is asked
   * for; later writes do not change it. Leave the loop early or finish it: both release the view.
   */
  iterate(range?: KeyRange): AsyncIterable<readonly [key: Uint8Array, value: Uint8Array]>;
  /** Waits for writes under way and releases the store. */
  close(): Promise<void>;
}

/** @throws TypeError when the value is not bytes. */
export function assertBytes(value: unknown, what: string): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${what} must be a Uint8Array`);
  return value;
}

/**
 * Checks the types of a whole batch, so that a wrong one is refused before anything is applied.
 *
 * @throws TypeError
 */
export function assertBatch(batch: readonly BatchOperation[]): void {
  if (!Array.isArray(batch)) throw new TypeError('batch must be an array');
  for (const operation of batch as readonly BatchOperation[]) {
    assertBytes(operation.key, 'key');
    if (operation.type === 'put') assertBytes(operation.value, 'value');
    else if (operation.type !== 'delete')
      throw new TypeError('operation type must be put or delete');
  }
}

/**
 * Checks a range.
 *
 * @throws TypeError for a bound that is not bytes.
 * @throws {@link StorageError} `storage/invalid-range` for a limit that is no count.
 */
export function assertRange(range: KeyRange): void {
  if (range.gte !== undefined) assertBytes(range.gte, 'gte');
  if (range.lt !== undefined) assertBytes(range.lt, 'lt');
  const { limit } = range;
  if (limit !== undefined && (!Number.isSafeInteger(limit) || limit < 0)) {
    throw new StorageError({
      code: 'storage/invalid-range',
      reason: `limit must be a non-negative integer, got ${limit}`,
    });
  }
}
