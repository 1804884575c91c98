/** What the RPC methods ask of a node. The node implements it; nothing of the wire is in it. */
import type { Header, SignedTransaction } from '@polyphony/chain';
import type { Network } from '@polyphony/networks';
import type { Address, Hash } from '@polyphony/primitives';
import type { ChainStore } from '../chain-store.js';
import type { PlainPoolTransaction, PoolTransaction, StakingPoolTransaction } from '../mempool.js';

/** Accounts at one block. */
export interface AccountsView {
  nonceOf(address: Address): bigint;
  balanceOf(address: Address): bigint;
  codeOf(address: Address): Uint8Array;
  storageOf(address: Address, slot: Uint8Array): Uint8Array;
}

/** What `getNodeMetadata` reports beside constants. */
export interface NodeStatus {
  readonly blsKeys: readonly string[];
  readonly version: string;
  readonly isLeader: boolean;
  readonly startedAtSeconds: number;
  readonly peerId: string;
  readonly peers: number;
  readonly viewId: bigint;
  readonly mode: string;
  readonly phase: string;
  /** Time from announcement to commit of the newest block, ms; undefined before the first. */
  readonly finalityMs: number | undefined;
}

/** One node of one shard as its RPC sees it. */
export interface NodeBackend {
  readonly network: Network;
  readonly shardId: number;
  readonly chain: ChainStore;
  /** State after a block. @throws Error when its trie is not in the store. */
  accountsAt(header: Header): AccountsView;
  /** The proposer's account. */
  leaderOf(header: Header): Address;
  /** Accounts whose keys signed a block; undefined while the seal is not known. */
  signersOf(number: bigint): readonly Address[] | undefined;
  senderOf(transaction: SignedTransaction): Address;
  pooled(hash: Hash): PoolTransaction | undefined;
  nextNonce(address: Address): bigint;
  poolCounts(): { readonly executable: number; readonly queued: number };
  /**
   * Checks a transaction, puts it into the pool and gossips it.
   *
   * @throws PoolRejection, or a ChainError for bytes that are no transaction.
   */
  submit(bytes: Uint8Array, form: 'harmony' | 'ethereum'): PlainPoolTransaction;
  /** The same for a staking transaction. */
  submitStaking(bytes: Uint8Array): StakingPoolTransaction;
  status(): NodeStatus;
  /** RPC addresses of all shards. */
  shards(): readonly { readonly shardId: number; readonly http: string; readonly ws: string }[];
}
