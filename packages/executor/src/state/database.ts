/**
 * Opening states of one store: who owns the cache of trie nodes, and where in the store things lie.
 */
import { defaultHasher, EMPTY_ROOT, type Hasher } from '@polyphony/chain';
import { genesisBalances, type Network } from '@polyphony/networks';
import { type Address, type Hash, utf8ToBytes } from '@polyphony/primitives';
import type { KeyValueStore } from '@polyphony/storage';
import { NodeStore } from '../trie/nodes.js';
import { State } from './state.js';

/** Options of {@link createStateDatabase}. */
export interface StateDatabaseOptions {
  /** Keccak-256: any crypto engine. Default: the pure one, the slowest. */
  readonly hasher?: Hasher;
  /** What the keys in the store start with. Default `state/`. */
  readonly prefix?: Uint8Array;
  /** Most trie nodes in the cache, about 1 kB each. Default 50,000. */
  readonly cacheNodes?: number;
  /**
   * Whether every node that is read from the store is hashed and compared with its key, so that a
   * damaged store is noticed and never believed. Default true.
   */
  readonly verifyNodes?: boolean;
}

/** States of one store, with a common cache. */
export interface StateDatabase {
  /**
   * The state under a root.
   *
   * @throws {@link ExecutionError} `executor/missing-node` when the store does not have it.
   */
  openState(root: Hash): State;
  /** How many nodes the cache holds. */
  readonly cachedNodes: number;
}

/**
 * Opens states over a store. In the store a trie node lies under the prefix, `n` and its hash, code
 * under the prefix, `c` and its hash.
 *
 * @example
 * const states = createStateDatabase(store, { hasher: await createWasmEngine() })
 * const state = states.openState(parent.stateRoot)
 */
export function createStateDatabase(
  store: KeyValueStore,
  options: StateDatabaseOptions = {},
): StateDatabase {
  const nodes = new NodeStore(store, {
    hasher: options.hasher ?? defaultHasher,
    prefix: options.prefix ?? utf8ToBytes('state/'),
    cacheNodes: options.cacheNodes ?? 50_000,
    verifyNodes: options.verifyNodes ?? true,
  });
  return {
    openState: (root) => State.open(nodes, root),
    get cachedNodes() {
      return nodes.cachedNodes;
    },
  };
}

/**
 * The state under a root, with a cache of its own. To open one state per block use
 * {@link createStateDatabase}, whose cache lives longer.
 *
 * @throws {@link ExecutionError} `executor/missing-node`.
 */
export function openState(store: KeyValueStore, root: Hash, hasher?: Hasher): State {
  return createStateDatabase(store, hasher === undefined ? {} : { hasher }).openState(root);
}

/** An account in a genesis state. */
export interface GenesisAccountState {
  readonly address: Address;
  /** Atto. */
  readonly balance: bigint;
  readonly nonce?: bigint;
  readonly code?: Uint8Array;
}

/**
 * The genesis state of a shard, not stored yet: commit it and write the operations. Its root is that
 * of the genesis header.
 *
 * @param accounts - Instead of the network's own allocations.
 * @source harmony/core/genesis.go: NewGenesisSpec, ToBlock
 * @example
 * const { root, operations } = genesisState(states, localnet, 0).commit()
 * await store.write(operations, { durable: true })
 */
export function genesisState(
  states: StateDatabase,
  network: Network,
  shardId: number,
  accounts: readonly GenesisAccountState[] = genesisBalances(network, shardId),
): State {
  const state = states.openState(EMPTY_ROOT);
  for (const { address, balance, nonce, code } of accounts) {
    state.addBalance(address, balance);
    if (nonce !== undefined) state.setNonce(address, nonce);
    if (code !== undefined) state.setCode(address, code);
  }
  state.endTransaction(false);
  return state;
}
