/**
 * Nodes and code by hash, in a part of a key-value store, with a bounded cache.
 *
 * Only what the store is known to have is cached: a node that some block made and nobody wrote must
 * be written by the next block that makes it too. Nothing is ever deleted; old roots stay readable.
 */
import type { Hasher } from '@polyphony/chain';
import { bytesToHex, concatBytes, equalBytes, type Hash } from '@polyphony/primitives';
import type { BatchOperation, KeyValueStore } from '@polyphony/storage';
import { ExecutionError } from '../errors.js';
import { decodeNode, type FullNode, type HashFunction, NodeFormatError } from './node.js';

const NODE_KEY = 0x6e; // n
const CODE_KEY = 0x63; // c

/** Options of {@link NodeStore}. */
export interface NodeStoreOptions {
  readonly hasher: Hasher;
  /** Keys in the store start with it. */
  readonly prefix: Uint8Array;
  /** Most nodes in the cache. */
  readonly cacheNodes: number;
  /** Whether a node that is read is hashed and compared with its key. */
  readonly verifyNodes: boolean;
}

/** Bytes as a map key: one character per byte. */
function mapKey(hash: Uint8Array): string {
  return String.fromCharCode.apply(null, hash as unknown as number[]);
}

/** A cache in two generations: what was used since the last turn is kept at the next. */
class GenerationCache<V> {
  readonly #half: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  constructor(capacity: number) {
    this.#half = Math.floor(capacity / 2);
  }

  get(key: string): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: V): void {
    if (this.#half === 0) return;
    if (this.#young.size >= this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }
}

/** Reads nodes and code; turns new ones into batch operations. */
export class NodeStore {
  readonly hash: HashFunction;
  readonly #store: KeyValueStore;
  readonly #options: NodeStoreOptions;
  readonly #cache: GenerationCache<FullNode>;

  constructor(store: KeyValueStore, options: NodeStoreOptions) {
    const { hasher } = options;
    this.hash = (data) => hasher.keccak256(data);
    this.#store = store;
    this.#options = { ...options, prefix: new Uint8Array(options.prefix) };
    this.#cache = new GenerationCache(options.cacheNodes);
  }

  /** How many nodes are cached. */
  get cachedNodes(): number {
    return this.#cache.size;
  }

  #key(kind: number, hash: Uint8Array): Uint8Array {
    return concatBytes(this.#options.prefix, Uint8Array.of(kind), hash);
  }

  /**
   * The node with a hash.
   *
   * @throws {@link ExecutionError} `executor/missing-node`, `executor/corrupt-node`.
   */
  read(hash: Uint8Array): FullNode {
    const key = mapKey(hash);
    const cached = this.#cache.get(key);
    if (cached !== undefined) return cached;
    const bytes = this.#store.getSync(this.#key(NODE_KEY, hash));
    if (bytes === undefined) {
      throw new ExecutionError({ code: 'executor/missing-node', hash: bytesToHex(hash) });
    }
    if (this.#options.verifyNodes && !equalBytes(this.hash(bytes), hash)) {
      throw corruptNode(hash, 'its hash differs');
    }
    const node = decode(bytes, hash);
    if (bytes.length >= 32) node.memo.reference = new Uint8Array(hash);
    this.#cache.set(key, node);
    return node;
  }

  /** The operation that stores a node. */
  put(hash: Uint8Array, encoded: Uint8Array): BatchOperation {
    return { type: 'put', key: this.#key(NODE_KEY, hash), value: encoded };
  }

  /** Takes a node into the cache that has been written since. */
  remember(hash: Uint8Array, node: FullNode): void {
    this.#cache.set(mapKey(hash), node);
  }

  /**
   * Code by its hash.
   *
   * @throws {@link ExecutionError} `executor/missing-code`.
   */
  readCode(hash: Hash, hashBytes: Uint8Array): Uint8Array {
    const code = this.#store.getSync(this.#key(CODE_KEY, hashBytes));
    if (code === undefined) throw new ExecutionError({ code: 'executor/missing-code', hash });
    return code;
  }

  /** The operation that stores code. */
  putCode(hash: Uint8Array, code: Uint8Array): BatchOperation {
    return { type: 'put', key: this.#key(CODE_KEY, hash), value: code };
  }
}

function corruptNode(hash: Uint8Array, reason: string, cause?: unknown): ExecutionError {
  const details = { code: 'executor/corrupt-node', hash: bytesToHex(hash), reason } as const;
  return new ExecutionError(details, { cause });
}

function decode(bytes: Uint8Array, hash: Uint8Array): FullNode {
  try {
    return decodeNode(bytes);
  } catch (error) {
    if (error instanceof NodeFormatError) throw corruptNode(hash, error.message, error);
    throw error;
  }
}
