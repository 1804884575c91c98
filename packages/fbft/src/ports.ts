/**
 * What the consensus needs from the world, as small interfaces that the embedder implements.
 *
 * `VotingCommittee`, `LeaderSchedule` and `HeadInfo` are facts that the pure machine reads; their
 * methods must be pure: equal arguments give equal answers for the life of the value. `Clock`,
 * `Signer`, `Broadcast`, `Application` and `SignedMarkStore` act, and only the driver calls them.
 */
import type { Hash } from '@polyphony/primitives';
import type { DecidedSeal, Seal, VotingCommittee } from './seal.js';

export type { VotingCommittee } from './seal.js';

/** Where {@link LeaderSchedule} is asked about. */
export interface LeaderContext {
  /** The height to lead. */
  readonly height: bigint;
  /** The view to lead, at least `head.viewId + 1`. */
  readonly viewId: bigint;
  /** The block below that height. */
  readonly head: HeadInfo;
}

/** Who leads which view. */
export interface LeaderSchedule {
  /**
   * The slot, in `head.committee`, that leads a view; undefined if nobody does. Total, bounded and
   * never throwing: the machine asks it about any view id a peer mentions.
   */
  leaderAt(context: LeaderContext): number | undefined;
}

/** The last final block and what follows from it for the next height. */
export interface HeadInfo {
  readonly height: bigint;
  readonly hash: Hash;
  /** View id in this block's header; the next height starts one above it. */
  readonly viewId: bigint;
  /** Header time in milliseconds since 1970. View ids that follow the clock count from it. */
  readonly timestampMs: number;
  /** Epoch of the next height. */
  readonly epoch: bigint;
  /** Committee of the next height. */
  readonly committee: VotingCommittee;
  /** BLS key of this block's proposer, for schedules that start from it. */
  readonly proposer?: Uint8Array;
  /** The leaders of the next height, in place of the configured schedule. */
  readonly leaders?: LeaderSchedule;
  /**
   * Whether commit votes of the next height cover the view id (`staking` of `commitPayload`).
   * True by default; Harmony before its staking epoch says false.
   */
  readonly commitViewId?: boolean;
  /** Time between blocks from the next height on, in place of the configured one. */
  readonly blockPeriodMs?: number;
}

/** A timer's stop function; calling it again or after the timer fired does nothing. */
export type CancelTimer = () => void;

/** Time. The driver reads it once for each input; the machine sees numbers. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. */
  now(): number;
  /** Calls back once after a delay, never synchronously. */
  setTimer(delayMs: number, callback: () => void): CancelTimer;
}

/** What a signature is for, so that a remote signer can apply its own rules. */
export type SignPayload =
  | {
      readonly kind: 'prepare' | 'commit';
      /** 32 bytes for `prepare`, 40 or 48 for `commit`; under `strict` 32 bytes. */
      readonly bytes: Uint8Array;
      readonly height: bigint;
      /** View id in the block's header; under `strict` the view of the vote. */
      readonly viewId: bigint;
      readonly blockHash: Hash;
      /** `strict`: view of the certificate that justifies a prepare vote, or 0. */
      readonly justifiedBy?: bigint;
    }
  | {
      /**
       * `sender`: digest of a message (32 bytes). `prepared-claim`: M1. `nothing-prepared`: M2.
       * `view-id`: M3. `view-change`: a report under `strict` (32 bytes).
       */
      readonly kind: 'sender' | 'prepared-claim' | 'nothing-prepared' | 'view-id' | 'view-change';
      readonly bytes: Uint8Array;
      readonly height: bigint;
      /** View id of the message. */
      readonly viewId: bigint;
    };

/** Holds the keys. May be remote. */
export interface Signer {
  /** BLS public keys, 48 bytes each. Those in the committee of a height vote at that height. */
  readonly publicKeys: readonly Uint8Array[];
  /**
   * Signs `payload.bytes` with one key.
   *
   * @returns 96 bytes. A rejection means no signature: the vote is not cast.
   */
  sign(publicKey: Uint8Array, payload: SignPayload): Promise<Uint8Array> | Uint8Array;
}

/**
 * Work on many signatures done elsewhere, so that the driver's own thread goes on: `startBlsThread` of
 * `bls/thread` gives one. If it rejects, the driver does the work itself.
 */
export interface SignatureWork {
  /** As `Bls.findInvalid`: ascending positions of the wrong ones of `entries`. */
  findInvalid(
    message: Uint8Array,
    entries: readonly { readonly publicKey: Uint8Array; readonly signature: Uint8Array }[],
    weights: Uint8Array,
  ): Promise<readonly number[]>;
  /** As `Bls.aggregateSignatures`: the sum of signatures that were verified before, 96 bytes. */
  aggregateSignatures(signatures: readonly Uint8Array[]): Promise<Uint8Array>;
}

/** Sends gossip payloads to the other members. Delivery may fail, repeat and reorder. */
export interface Broadcast {
  publish(payload: Uint8Array): void;
}

/** What a proposer is given. */
export interface ProposalContext {
  readonly height: bigint;
  /** The block's header must carry it. */
  readonly viewId: bigint;
  /** The parent. */
  readonly head: HeadInfo;
  /** Key of the leader, one of the signer's. */
  readonly leaderKey: Uint8Array;
  /**
   * The parent's commit seal for the new block's header. Settles when the grace period for late
   * votes is over, so a block may be built meanwhile; undefined right after genesis and when
   * this node never saw one (then the application has its own copy or goes without).
   */
  readonly parentSeal: Promise<DecidedSeal | undefined>;
}

/** A block to be announced. */
export interface Proposal {
  /** The encoded block, opaque here. */
  readonly block: Uint8Array;
  readonly blockHash: Hash;
}

/** What a validator is given with a block. */
export interface ValidationContext {
  readonly height: bigint;
  /** The view in which the block came, not lower than that in its header. */
  readonly viewId: bigint;
  /** The parent. */
  readonly head: HeadInfo;
  /** The key that leads a view at this height, to check who proposed the block. */
  leaderOf(viewId: bigint): Uint8Array | undefined;
}

/** What a validator answers. */
export type ValidationResult =
  | {
      readonly valid: true;
      readonly blockHash: Hash;
      readonly height: bigint;
      readonly parentHash: Hash;
      /** View id in the block's header. */
      readonly viewId: bigint;
    }
  | { readonly valid: false; readonly reason: string };

/** What came with a final block. */
export interface CommitContext {
  readonly height: bigint;
  readonly blockHash: Hash;
  /** View id in the block's header. */
  readonly viewId: bigint;
  /** View id in which it was finished; larger after a view change. */
  readonly decidedInView: bigint;
  /** Slots of the seal, ascending. */
  readonly signers: readonly number[];
  /** `strict`: the prepare votes of the same view; with the seal the proof of the decision. */
  readonly prepared?: { readonly justifiedBy: bigint; readonly seal: Seal };
  /** The parent. */
  readonly head: HeadInfo;
}

/** Why and how far to look for blocks elsewhere. */
export interface SyncHint {
  /**
   * `behind`: a member spoke of a later height. `missing-block`: a block is final and its bytes
   * never came. `refused-block`: a block is final and validation here refused it. `silence`:
   * nothing was decided here for long, so perhaps it was elsewhere.
   */
  readonly reason: 'behind' | 'missing-block' | 'refused-block' | 'silence';
  /** A height that a member claims exists, unproven; with `silence` the one that is missing here. */
  readonly height: bigint;
  /** Hash of the missing block where a seal proved it final. */
  readonly blockHash?: Hash;
}

/** A vote as evidence. */
export interface EvidenceVote {
  /** Slots whose keys signed, ascending. */
  readonly signers: readonly number[];
  /** Their public keys in the same order. */
  readonly keys: readonly Uint8Array[];
  readonly blockHash: Hash;
  /**
   * The (sum of) signature(s), 96 bytes, over `commitPayload(height, blockHash, viewId, …)`, or
   * over the statement of the vote under `strict`.
   */
  readonly signature: Uint8Array;
  /** `strict`: what the statement says besides the block. */
  readonly statement?: {
    readonly kind: 'prepare' | 'commit';
    readonly viewId: bigint;
    /** View of the certificate that justified a prepare vote; 0 otherwise. */
    readonly justifiedBy: bigint;
  };
}

/**
 * Two votes of one key that no honest member casts both; both signatures verified.
 *
 * Two commit votes for two blocks at one height and view; under `strict` also two prepare votes in
 * one view, and a prepare vote against an earlier commit vote without a certificate that justifies
 * it.
 */
export interface DoubleSign {
  readonly height: bigint;
  /** Of both votes; of the later one when they differ. */
  readonly viewId: bigint;
  readonly epoch: bigint;
  /** The key they share. */
  readonly key: Uint8Array;
  readonly first: EvidenceVote;
  readonly second: EvidenceVote;
}

/** The replicated application: makes, checks and keeps blocks. */
export interface Application {
  /**
   * A new block on top of `context.head`, valid here. Undefined: nothing to propose now; asked
   * again after a while as long as this node leads.
   */
  propose(context: ProposalContext): Promise<Proposal | undefined>;
  /**
   * Whether a block may follow `context.head`. Must check that the block binds its height, its
   * parent and its view id, and what else makes it valid. Never called twice at once for one block.
   */
  validate(block: Uint8Array, context: ValidationContext): Promise<ValidationResult>;
  /**
   * Makes a block final. Must be durable when it resolves. A block that is already final is not an
   * error. A rejection stops the driver.
   */
  commit(block: Uint8Array, seal: Seal, context: CommitContext): Promise<HeadInfo>;
  /** A seal with more signers for a block that is already final. */
  improveSeal?(height: bigint, blockHash: Hash, seal: DecidedSeal): void;
  /** Look for later blocks; answer by `driver.setHead` when the chain has grown. */
  requestSync?(hint: SyncHint): void;
  /** Evidence against a member. */
  reportDoubleSign?(evidence: DoubleSign): void;
}

/**
 * Keeps the one record that stops a restarted node from contradicting itself. One store belongs to
 * one set of keys; two running nodes must never share keys.
 */
export interface SignedMarkStore {
  /** The bytes last saved, or undefined if none ever were. */
  load(): Promise<Uint8Array | undefined>;
  /** Replaces the record at once, or leaves the old one whole. Must be durable when it resolves. */
  save(mark: Uint8Array): Promise<void>;
}
