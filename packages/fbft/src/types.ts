/**
 * The machine's values: configuration, state, inputs, effects and events.
 *
 * Types only. An answer carries the item of the effect it answers, so the machine keeps no table of
 * pending work: whatever arrives is checked against the state of that moment, late and repeated
 * answers fall away, and lost ones cost nothing but time.
 */
import type { Hash } from '@polyphony/primitives';
import type { DecodedMessage, DecodedPayload, DecodedStrict, WatchedVote } from './decoded.js';
import type { Refusal } from './invariants.js';
import type { KeySlots } from './key-index.js';
import type { Certificate, SignedMark } from './mark.js';
import type { MessageType, PhaseMessage, ViewMessage } from './messages.js';
import type { NamedSeal } from './named-seal.js';
import type {
  DoubleSign,
  HeadInfo,
  LeaderSchedule,
  SignPayload,
  SyncHint,
  ValidationResult,
} from './ports.js';
import type { Profile } from './profile.js';
import type { DecidedSeal, Seal } from './seal.js';
import type { SignatureCheck } from './signature-check.js';
import type { SlotMap } from './slot-map.js';
import type { StrictMessage } from './strict/messages.js';
import type { Timing } from './timing.js';
import type { Ballot, Tally } from './votes.js';

// --- Configuration ------------------------------------------------------------------------------

/** What a machine is made with; never changes. */
export interface MachineConfig {
  /** Messages of other shards are ignored. */
  readonly shardId: number;
  /** Bound by every signature of the profile `strict`, which needs it. Below 2^64. */
  readonly chainId?: bigint;
  /** The node's own BLS keys, 48 bytes each; none for a node that only follows. */
  readonly publicKeys: readonly Uint8Array[];
  readonly leaders: LeaderSchedule;
  readonly timing: Timing;
  /** Rules for votes and views; `guarded` by default. */
  readonly profile?: Profile;
  /** Needed for own keys under `compat`, which can fork: signs although that is unsafe. */
  readonly allowUnsafeSigning?: boolean;
  /** `strict` takes canonical messages only; `lenient` also unknown fields, as Go nodes do. */
  readonly decoding: 'strict' | 'lenient';
  /** Several own keys vote with one message and a bitmap; false sends one message for each. */
  readonly aggregateVotes: boolean;
  /** Lowest view id a chain resumes at after a recovery. */
  readonly viewIdFloor?: bigint;
}

// --- State --------------------------------------------------------------------------------------

/** What the node does. `listening`: no own key in the committee; follows and never signs. */
export type Mode = 'idle' | 'normal' | 'view-changing' | 'listening';

/** How far the height is, as this node sees it. */
export type Phase = 'announce' | 'prepare' | 'commit' | 'deciding';

/** Timers; each name has at most one running. */
export type TimerName =
  | 'phase'
  | 'view-change'
  | 'new-view'
  | 'propose'
  | 'announce'
  | 'grace'
  | `resend-${ResendSlot}`;

/** Messages that are repeated; a new one takes the place of the old one. */
export type ResendSlot = 'announce' | 'prepared' | 'committed' | 'view-change' | 'new-view';

/** Id of each running timer; a firing with another id is stale. */
export type TimerIds = Readonly<Record<TimerName, number | undefined>>;

/** What is being repeated. */
export type Resends = Readonly<Record<ResendSlot, Resend | undefined>>;

/** A block to announce. */
export interface ProposedBlock {
  readonly block: Uint8Array;
  readonly blockHash: Hash;
}

/** A block of the current height. Two blocks may claim one hash; validation tells. */
export interface Candidate {
  readonly id: number;
  readonly blockHash: Hash;
  /** The same as 32 bytes. */
  readonly hash: Uint8Array;
  readonly block: Uint8Array;
  /** `viewId`, the one in its header, is known once it is valid. */
  readonly status:
    | { readonly type: 'validating' }
    | { readonly type: 'valid'; readonly viewId: bigint }
    | { readonly type: 'invalid' };
}

/** A verified prepare seal whose block may still be under validation. */
export interface PreparedProof {
  readonly blockHash: Hash;
  readonly seal: Seal;
  /** View of the message that brought it. */
  readonly viewId: bigint;
  /** `strict`: as in the certificate. */
  readonly justifiedBy?: bigint;
}

/** A COMMITTED message whose sender is verified and whose block is not yet validated. */
export interface CommittedProof {
  readonly blockHash: Hash;
  readonly seal: NamedSeal;
  /** View of the message, if the leader of that view sent it; under `strict` the votes bind it. */
  readonly leaderView: bigint | undefined;
  /** `strict`: the prepare votes of the same view. */
  readonly prepared: NamedPart | undefined;
  /** The gossip payload, to help members that lag behind. */
  readonly payload: Uint8Array;
}

/** A block that got its commit quorum here as leader, or by COMMITTED. */
export interface Decision {
  readonly height: bigint;
  readonly blockHash: Hash;
  /** View id in the block's header. */
  readonly viewId: bigint;
  readonly decidedInView: bigint;
  /** Whether `decidedInView` is known to be the leader's. */
  readonly viewSure: boolean;
  /** The head below the block; its committee signed. */
  readonly head: HeadInfo;
  readonly seal: NamedSeal;
  /** `strict`: the prepare votes of the view in which it was decided. */
  readonly prepared: PreparedPart | undefined;
  /** Commit votes, on the node that collects them. */
  readonly tally: Tally | undefined;
  /** COMMITTED as sent or received. */
  readonly payload: Uint8Array | undefined;
  /** When `payload` was last sent to members that lag behind; 0 if never. */
  readonly helpedMs: number;
  /** Whether the wait for late votes ended before the block was durable. */
  readonly graceOver: boolean;
}

/** A member's verified report that it wants a view. */
export interface ViewReport {
  readonly slot: number;
  readonly viewId: bigint;
  /** M3; empty under `strict`, where one signature covers both. */
  readonly viewIdSignature: Uint8Array;
  /** M1 or M2. */
  readonly claimSignature: Uint8Array;
  /** The block it claims prepared, and under wire version 1 M1 as bytes; absent for M2. */
  readonly claim?: CarriedBlock & { readonly payload?: Uint8Array };
  /** Whether all it says was verified, or only who sent it. */
  readonly full: boolean;
}

/** A message that came too early. */
export interface EarlyMessage {
  readonly from: string;
  readonly decoded: DecodedMessage | DecodedStrict;
}

/** A message kept for repeating. */
export interface Resend {
  readonly payloads: readonly Uint8Array[];
  readonly left: number;
}

/** The bytes that commit votes for a block sign, and what they follow from. */
export interface CommitMessage {
  /** The head below the block. */
  readonly head: HeadInfo;
  readonly blockHash: Hash;
  /** View id in the block's header. */
  readonly viewId: bigint;
  readonly votedIn: bigint;
  readonly bytes: Uint8Array;
}

/** The machine's whole memory. Never changed in place. */
export interface State {
  readonly config: MachineConfig & { readonly profile: Profile };
  readonly mode: Mode;
  readonly head: HeadInfo | undefined;
  /** `head.height + 1`. */
  readonly height: bigint;
  /** First view of the height. */
  readonly firstViewId: bigint;
  /** View of normal operation; never goes down within a height. */
  readonly viewId: bigint;
  /** View being changed to, else equal to `viewId`. */
  readonly viewChangingId: bigint;
  /** False after a start or sync: the current view may be later than the head tells. */
  readonly viewSure: boolean;
  readonly phase: Phase;
  /** Who opened the current view, where another member than its scheduled leader may. */
  readonly viewLeader: number | undefined;
  /** Whether an own key leads the view of normal operation. */
  readonly leading: boolean;
  /** Committee slots by key. */
  readonly slots: KeySlots;
  /** Slots of own keys, ascending. */
  readonly ownSlots: readonly number[];
  readonly mark: SignedMark;
  readonly candidates: readonly Candidate[];
  /** The block the leader announced or carried in the current view. */
  readonly leaderBlock: Hash | undefined;
  /** `strict`: view of the certificate that justifies votes in the current view, or 0. */
  readonly justifiedBy: bigint;
  /** `strict`: the certificate that NEWVIEW carried, until its block is valid here. */
  readonly carried: PreparedProof | undefined;
  /** `strict`: NEWVIEW of the current view, to help members that missed it. */
  readonly opened: Resend | undefined;
  /** Best prepare certificate of the height. */
  readonly certificate: Certificate | undefined;
  readonly preparedProof: PreparedProof | undefined;
  /** By the slot of the sender. */
  readonly committedProofs: ReadonlyMap<number, CommittedProof>;
  /** Leader: votes of the current view. */
  readonly prepareVotes: Tally | undefined;
  readonly commitVotes: Tally | undefined;
  /** The block whose commit effect is out. */
  readonly decision: Decision | undefined;
  /** The block of the head, for late votes and better seals. */
  readonly last: Decision | undefined;
  /** Own votes as sent in this view, to repeat them when the leader repeats. */
  readonly sentPrepare: Resend | undefined;
  readonly sentCommit: Resend | undefined;
  /** Whether a vote of the current view was permitted, so that it is not asked for twice. */
  readonly prepareCast: boolean;
  readonly commitCast: boolean;
  /** What the last own commit votes signed. */
  readonly commitMessage: CommitMessage | undefined;
  /** Newest report of each slot. */
  readonly reports: ReadonlyMap<number, ViewReport>;
  /** View for which NEWVIEW is being made or was sent. */
  readonly newViewFor: bigint | undefined;
  /** Whether the wait for further reports is over. */
  readonly newViewWaited: boolean;
  /** A block waiting for its time. */
  readonly proposal: ProposedBlock | undefined;
  /** Newest commit vote of a slot at its number, newest prepare vote at that and the number of slots. */
  readonly watch: SlotMap<WatchedVote>;
  /** Slots reported for double signing at this height. */
  readonly reported: ReadonlySet<number>;
  readonly early: readonly EarlyMessage[];
  readonly resends: Resends;
  readonly timers: TimerIds;
  readonly nextTimerId: number;
  readonly nextCandidateId: number;
  /** Earliest time for the next announcement. */
  readonly nextDueMs: number;
  readonly heightStartedMs: number;
  /** Highest height a sync was asked for. */
  readonly syncHeight: bigint;
  /** When it was asked for. */
  readonly syncMs: number;
}

// --- Work given out and answered ----------------------------------------------------------------

/** The prepare votes behind a commit seal, under `strict`. */
export interface PreparedPart {
  /** View of the certificate that justified them; 0 for a fresh block. */
  readonly justifiedBy: bigint;
  readonly seal: Seal;
}

/** The same as it came, with whom the seal names. */
export interface NamedPart {
  readonly justifiedBy: bigint;
  readonly seal: NamedSeal;
}

/** A block that a new leader carries, with its prepare seal. */
export interface CarriedBlock {
  readonly blockHash: Hash;
  readonly seal: Seal;
  /** `strict`: the view in which it was prepared, and what justified that. */
  readonly viewId?: bigint;
  readonly justifiedBy?: bigint;
}

/** What a `verify` effect is about. */
export type VerifyItem =
  | {
      readonly type: 'leader-message';
      readonly kind: 'announce' | 'prepared' | 'committed';
      readonly from: string;
      readonly height: bigint;
      readonly viewId: bigint;
      /** Of the sender. */
      readonly slot: number;
      readonly blockHash: Hash;
      readonly block: Uint8Array;
      /** None on `announce`. */
      readonly seal: NamedSeal | undefined;
      /** `strict`: the prepare votes; on `prepared` the seal is theirs. */
      readonly prepared: NamedPart | undefined;
      readonly payload: Uint8Array;
    }
  | {
      readonly type: 'vote';
      readonly kind: 'prepare' | 'commit';
      readonly from: string;
      readonly height: bigint;
      readonly viewId: bigint;
      readonly blockHash: Hash;
      readonly ballot: Ballot;
    }
  | {
      readonly type: 'late-vote';
      readonly from: string;
      readonly height: bigint;
      readonly blockHash: Hash;
      readonly ballot: Ballot;
    }
  | {
      readonly type: 'committed-seal';
      readonly proof: CommittedProof;
      readonly height: bigint;
    }
  | {
      readonly type: 'better-seal';
      readonly from: string;
      readonly height: bigint;
      readonly blockHash: Hash;
      readonly seal: NamedSeal;
      readonly payload: Uint8Array;
    }
  | {
      readonly type: 'view-change';
      readonly from: string;
      readonly height: bigint;
      readonly report: ViewReport;
      /** The block that the report claims prepared, or empty. */
      readonly block: Uint8Array;
    }
  | {
      readonly type: 'new-view';
      readonly from: string;
      readonly height: bigint;
      readonly viewId: bigint;
      /** Of the sender. */
      readonly slot: number;
      readonly claim?: CarriedBlock;
      readonly block: Uint8Array;
      readonly payload: Uint8Array;
    }
  /** The own sum of commit votes, where votes for other blocks may be in it. */
  | { readonly type: 'own-sum'; readonly sum: AggregateItem; readonly signature: Uint8Array }
  | { readonly type: 'behind'; readonly from: string; readonly height: bigint }
  | {
      readonly type: 'double-sign';
      readonly from: string;
      readonly slot: number;
      readonly evidence: DoubleSign;
      /** The second vote, kept if only it is right. */
      readonly watched: WatchedVote;
    };

/** What an `aggregate` effect is about: `height` and `viewId` when it was asked. */
export interface AggregateItem {
  readonly type: 'prepare' | 'commit' | 'late-commit' | 'new-view' | 'own-prepare' | 'own-commit';
  readonly height: bigint;
  readonly viewId: bigint;
  readonly blockHash: Hash;
  /** The slots behind each sum. */
  readonly signers: readonly (readonly number[])[];
  /** `new-view`: the M1 to carry. */
  readonly claim?: Uint8Array;
  /** `new-view` under `strict`: what each group of `signers` reported. */
  readonly reported?: readonly { readonly viewId: bigint; readonly blockHash: Hash }[];
}

/** One signature to make. */
export interface SignRequest {
  readonly slot: number;
  readonly key: Uint8Array;
  readonly payload: SignPayload;
}

/** A message of this node, of either wire version. */
export type OutMessage = PhaseMessage | ViewMessage | StrictMessage;

/** What signatures are for. `requests` and the answer's signatures stand in the same order. */
export interface SignPlan {
  readonly type:
    | 'announce'
    | 'prepare'
    | 'prepared'
    | 'commit'
    | 'committed'
    | 'view-claims'
    | 'view-change'
    | 'new-view'
    | 'record';
  readonly height: bigint;
  readonly viewId: bigint;
  readonly blockHash: Hash;
  readonly requests: readonly SignRequest[];
  /** Unsigned messages that the `sender` requests sign, in the same order. */
  readonly messages: readonly OutMessage[];
  /** `view-claims` under `strict`: the certificate that is reported. */
  readonly certificate?: Certificate;
}

// --- Inputs -------------------------------------------------------------------------------------

/**
 * One gossip payload of a peer. Untrusted. A host that gives `decoded`, by `decodePayload`, saves the
 * machine that work and must not change the payload any more.
 */
export interface PeerMessage {
  /** Names the peer for quotas. */
  readonly from: string;
  readonly payload: Uint8Array;
  readonly decoded?: DecodedPayload;
}

/** Everything the machine reacts to. `now`: wall clock in milliseconds since 1970. */
export type Input = { readonly now: number } & (
  | {
      /** The chain's head at start, and the mark of an earlier run. */
      readonly type: 'start';
      readonly head: HeadInfo;
      readonly mark?: SignedMark;
    }
  /** One gossip payload. */
  | ({ readonly type: 'message' } & PeerMessage)
  /** What has come since the last input, in the order of its coming. Taken in like one by one, only faster. */
  | { readonly type: 'messages'; readonly messages: readonly PeerMessage[] }
  /** Answers `verify`: one truth for each check, in order. */
  | { readonly type: 'verified'; readonly item: VerifyItem; readonly results: readonly boolean[] }
  /** Answers `validate`. */
  | {
      readonly type: 'validated';
      readonly height: bigint;
      readonly candidate: number;
      readonly result: ValidationResult;
    }
  /** Answers `persist`: the mark is durable. */
  | { readonly type: 'persisted'; readonly plan: SignPlan }
  /** Answers `sign`; undefined where a key did not sign. */
  | {
      readonly type: 'signed';
      readonly plan: SignPlan;
      readonly signatures: readonly (Uint8Array | undefined)[];
    }
  /** Answers `aggregate`. */
  | {
      readonly type: 'aggregated';
      readonly item: AggregateItem;
      readonly signatures: readonly Uint8Array[];
    }
  /** Answers `propose`; no proposal means nothing to propose yet. */
  | {
      readonly type: 'proposed';
      readonly height: bigint;
      readonly viewId: bigint;
      readonly proposal?: ProposedBlock;
    }
  /** Answers `commit`, or tells of a block that came from elsewhere. */
  | { readonly type: 'head'; readonly head: HeadInfo }
  | { readonly type: 'timer'; readonly timer: TimerName; readonly id: number }
  /** Operators release a stuck height up to a view: see `releaseMark`. */
  | { readonly type: 'release'; readonly height: bigint; readonly viewId: bigint }
);

// --- Effects ------------------------------------------------------------------------------------

/** Why a message or an answer led to nothing. */
export type IgnoreReason =
  | 'idle'
  | 'not-consensus'
  | 'metric'
  | 'malformed'
  | 'wrong-shard'
  | 'old-height'
  | 'far-height'
  | 'old-view'
  | 'far-view'
  | 'early'
  | 'early-queue-full'
  | 'not-a-member'
  | 'not-the-leader'
  | 'not-leading'
  | 'not-changing'
  | 'wrong-epoch'
  | 'no-release'
  | 'wrong-block'
  | 'bad-bitmap'
  | 'bad-signature'
  | 'no-quorum'
  | 'bad-claim'
  | 'repeated'
  | 'mixed-operators'
  | 'deciding'
  | 'stale';

/** What the host must do, in order. */
export type Effect =
  /** Start or restart a timer; answer with `timer` and the same id. */
  | {
      readonly type: 'set-timer';
      readonly timer: TimerName;
      readonly id: number;
      readonly afterMs: number;
    }
  | { readonly type: 'cancel-timer'; readonly timer: TimerName }
  /** Check signatures; answer with `verified`, or never. */
  | {
      readonly type: 'verify';
      readonly item: VerifyItem;
      readonly checks: readonly SignatureCheck[];
    }
  /** Validate a block on top of the head; answer with `validated`. */
  | {
      readonly type: 'validate';
      readonly candidate: number;
      readonly height: bigint;
      readonly viewId: bigint;
      readonly blockHash: Hash;
      readonly block: Uint8Array;
    }
  /** Make a mark durable in place of the one before; answer with `persisted`. Keep the order. */
  | { readonly type: 'persist'; readonly mark: SignedMark; readonly plan: SignPlan }
  /** Sign; answer with `signed`. */
  | { readonly type: 'sign'; readonly plan: SignPlan }
  /** Add up each group of signatures, all verified before; answer with `aggregated`. */
  | {
      readonly type: 'aggregate';
      readonly item: AggregateItem;
      readonly groups: readonly (readonly Uint8Array[])[];
    }
  /** Publish a gossip payload. */
  | {
      readonly type: 'broadcast';
      readonly message: MessageType;
      readonly payload: Uint8Array;
    }
  /** Make a block; answer with `proposed`. */
  | {
      readonly type: 'propose';
      readonly height: bigint;
      readonly viewId: bigint;
      readonly slot: number;
    }
  /** The best seal of the parent that the proposer can have. */
  | { readonly type: 'parent-seal'; readonly height: bigint; readonly seal?: DecidedSeal }
  /** Make a block final, durably; answer with `head`. */
  | {
      readonly type: 'commit';
      readonly height: bigint;
      readonly blockHash: Hash;
      readonly block: Uint8Array;
      readonly viewId: bigint;
      readonly decidedInView: bigint;
      readonly seal: Seal;
      readonly signers: readonly number[];
      /** `strict`: the prepare votes of the same view. */
      readonly prepared?: PreparedPart;
    }
  | {
      readonly type: 'improve-seal';
      readonly height: bigint;
      readonly blockHash: Hash;
      readonly seal: DecidedSeal;
    }
  | { readonly type: 'report-double-sign'; readonly evidence: DoubleSign }
  | { readonly type: 'sync'; readonly hint: SyncHint }
  /** A peer's message or a late answer led to nothing. */
  | { readonly type: 'ignore'; readonly reason: IgnoreReason; readonly from?: string }
  | { readonly type: 'event'; readonly event: MachineEvent };

/** Facts for metrics and operators. */
export type MachineEvent =
  | {
      readonly type: 'height-started';
      readonly height: bigint;
      readonly viewId: bigint;
      readonly mode: Mode;
      readonly leading: boolean;
    }
  | { readonly type: 'block-announced'; readonly height: bigint; readonly blockHash: Hash }
  | {
      readonly type: 'quorum-reached';
      readonly phase: 'prepare' | 'commit';
      readonly height: bigint;
      readonly blockHash: Hash;
      readonly signers: number;
      /** Since the height started here. */
      readonly afterMs: number;
    }
  | {
      readonly type: 'height-decided';
      readonly height: bigint;
      readonly blockHash: Hash;
      readonly viewId: bigint;
      readonly decidedInView: bigint;
      readonly signers: number;
      readonly members: number;
      /** Since the height started here. */
      readonly afterMs: number;
    }
  | {
      readonly type: 'view-change-started';
      readonly height: bigint;
      readonly viewId: bigint;
      readonly cause: ViewChangeCause;
    }
  | {
      readonly type: 'view-entered';
      readonly height: bigint;
      readonly viewId: bigint;
      readonly carried?: Hash;
    }
  | {
      readonly type: 'vote-refused';
      readonly phase: 'prepare' | 'commit';
      readonly height: bigint;
      readonly blockHash: Hash;
      readonly rule: Refusal;
    }
  | {
      readonly type: 'block-refused';
      readonly height: bigint;
      readonly blockHash: Hash;
      readonly reason: string;
    }
  | { readonly type: 'leader-equivocated'; readonly height: bigint; readonly viewId: bigint }
  | { readonly type: 'height-released'; readonly height: bigint; readonly viewId: bigint };

/** Why a view is given up. */
export type ViewChangeCause =
  | 'timeout'
  | 'equivocation'
  | 'invalid-block'
  | 'joined'
  | 'restart'
  | 'released';
