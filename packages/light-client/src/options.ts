/**
 * What a light client is told and what it can be asked.
 *
 * Shapes, defaults and the check of options. What happens with them is in `client.ts`.
 */
import type { Bls } from '@polyphony/bls';
import type {
  Hasher,
  Receipt,
  SignedStakingTransaction,
  SignedTransaction,
} from '@polyphony/chain';
import type { Network } from '@polyphony/networks';
import type { KeyValueStore } from '@polyphony/storage';
import { LightClientError } from './errors.js';
import type { Clock, CommitteeSource, HeaderSource, LightClientEvent } from './ports.js';
import type { TrieProof } from './proofs.js';
import { BEACON_SHARD_ID } from './rules.js';
import type { RuleSet, VerifiedHeader } from './seal.js';
import type { Checkpoint } from './trust.js';

/** What `createLightClient` needs. */
export interface LightClientOptions {
  readonly network: Network;
  /** Of the network's suite; remember at least a committee's keys (`cachedPublicKeys`). */
  readonly bls: Bls;
  readonly checkpoint: Checkpoint;
  /** One or more, of the checkpoint's shard. One honest and reachable source is enough. */
  readonly sources: readonly HeaderSource[];
  /** The client's own part of a store; see `prefixedStore` of `@polyphony/storage`. */
  readonly store: KeyValueStore;
  readonly clock: Clock;
  /** Default `headers`. `epochs` needs the beacon shard, or `beacon`. */
  readonly way?: 'headers' | 'epochs';
  /**
   * For another shard than the beacon: where the beacon's committees come from, usually the light
   * client of shard 0. The committees that the shard's own headers carry must then be these.
   */
  readonly beacon?: CommitteeSource;
  /** Default `strict`. */
  readonly rules?: RuleSet;
  /** Headers asked for at once; default 64. */
  readonly batchSize?: number;
  /** Default 10,000. */
  readonly requestTimeoutMs?: number;
  /** Heights below the head whose headers are kept; default 1024. */
  readonly keepHeaders?: number;
  /** Epochs, counted from the head's, whose committees are kept; default 16. */
  readonly keepEpochs?: number;
  readonly hasher?: Hasher;
  readonly onEvent?: (event: LightClientEvent) => void;
}

/** A receipt and its place. */
export interface ReceiptQuestion {
  readonly blockNumber: bigint;
  /** Plain transactions come first, then staking transactions. */
  readonly index: number;
  readonly receipt: Receipt;
  readonly proof: TrieProof;
}

/** A transaction and its place. */
export interface TransactionQuestion {
  readonly blockNumber: bigint;
  /** Plain transactions come first, then staking transactions. */
  readonly index: number;
  readonly transaction: SignedTransaction | SignedStakingTransaction;
  readonly proof: TrieProof;
}

/** A client that follows one shard. */
export interface LightClient extends CommitteeSource {
  readonly shardId: number;
  /** The highest header that is proved. */
  readonly head: VerifiedHeader;
  /**
   * Runs one round and gives the head after it. Calls during a round share it.
   *
   * @throws {@link LightClientError} `light-client/no-source` when sources failed and nothing was
   *   proved; `light-client/closed`. What the store throws.
   */
  sync(): Promise<VerifiedHeader>;
  /**
   * Runs a round now and one every `pollMs`, default the network's block time; less often while rounds
   * fail, which an event tells.
   *
   * @returns Stops following.
   */
  follow(options?: { readonly pollMs?: number }): () => void;
  /**
   * A proved header: from the store, or from a source and checked by its seal.
   *
   * @throws {@link LightClientError} `light-client/not-proven` above the head; `light-client/no-source`
   *   when no source gave a header that holds, or its committee is not kept; `light-client/closed`.
   */
  getVerifiedHeader(number: bigint): Promise<VerifiedHeader>;
  /**
   * Whether a block has a receipt.
   *
   * @throws {@link LightClientError} as {@link LightClient.getVerifiedHeader}, never about the proof.
   */
  verifyReceipt(question: ReceiptQuestion): Promise<boolean>;
  /**
   * Whether a block has a transaction, plain or staking.
   *
   * @throws {@link LightClientError} as {@link LightClient.getVerifiedHeader}, never about the proof.
   */
  verifyTransaction(question: TransactionQuestion): Promise<boolean>;
  /** Stops, and waits for what is under way. The store stays open: it is the caller's. */
  close(): Promise<void>;
}

/** What is used where an option is left out. @internal */
export const DEFAULTS: Readonly<
  Record<'batchSize' | 'requestTimeoutMs' | 'keepHeaders' | 'keepEpochs', number>
> = { batchSize: 64, requestTimeoutMs: 10_000, keepHeaders: 1024, keepEpochs: 16 };

/** @internal */
export function assertCount(option: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    const reason = `must be an integer of at least ${least}, got ${value}`;
    throw new LightClientError({ code: 'light-client/invalid-option', option, reason });
  }
}

/** @internal */
export function assertOptions(options: LightClientOptions): void {
  const refuse = (option: string, reason: string): never => {
    throw new LightClientError({ code: 'light-client/invalid-option', option, reason });
  };
  const { network, bls, checkpoint, sources, way, beacon } = options;
  if (sources.length === 0) refuse('sources', 'must not be empty');
  if (bls.suite !== network.blsSuite) {
    refuse('bls', `must be of the ${network.blsSuite} suite, got ${bls.suite}`);
  }
  if (beacon !== undefined && checkpoint.shardId === BEACON_SHARD_ID) {
    refuse('beacon', 'is for other shards than the beacon');
  }
  if (way === 'epochs' && checkpoint.shardId !== BEACON_SHARD_ID && beacon === undefined) {
    refuse('way', 'must be headers for a shard without `beacon`: its epochs follow no schedule');
  }
  for (const [option, fallback] of Object.entries(DEFAULTS)) {
    assertCount(option, options[option as keyof typeof DEFAULTS] ?? fallback, 1);
  }
}
