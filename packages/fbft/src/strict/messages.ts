/**
 * The messages of wire version 2 as plain values. Their bytes are `wire.ts`.
 *
 * Members are named by their slot in the committee. Votes prove themselves; the leader's messages
 * carry the leader's signature over the whole message.
 */

/** Fields of every message. */
interface Common {
  readonly wire: 2;
  readonly shardId: number;
  /** Of the height. */
  readonly epoch: bigint;
  readonly height: bigint;
  readonly viewId: bigint;
}

/** Fields of a message that its sender signs as a whole. */
interface Signed extends Common {
  /** Slot of the sender. */
  readonly slot: number;
  /** 96 bytes; empty while unsigned. */
  readonly signature: Uint8Array;
}

/** The sum of a quorum's signatures, and who signed. */
export interface StrictSeal {
  /** 96 bytes. */
  readonly signature: Uint8Array;
  /** `ceil(members / 8)` bytes. */
  readonly bitmap: Uint8Array;
}

/** Prepare votes of a quorum for a block in one view. */
export interface StrictCertificate {
  readonly viewId: bigint;
  /** 32 bytes. */
  readonly blockHash: Uint8Array;
  /** View of the certificate that justified these votes; 0 when the block was fresh. */
  readonly justifiedBy: bigint;
  readonly seal: StrictSeal;
}

/** A fresh block from the leader. */
export interface StrictAnnounce extends Signed {
  readonly type: 'announce';
  /** 32 bytes. */
  readonly blockHash: Uint8Array;
  readonly block: Uint8Array;
}

/** A prepare or commit vote of one member or of several keys of one operator. */
export interface StrictVote extends Common {
  readonly type: 'prepare' | 'commit';
  /** 32 bytes. */
  readonly blockHash: Uint8Array;
  /** As in the statement; 0 in a commit vote. */
  readonly justifiedBy: bigint;
  /** The voter's slot, or -1 when `bitmap` names several. */
  readonly slot: number;
  /** Empty, or at least two voters. */
  readonly bitmap: Uint8Array;
  /** 96 bytes. */
  readonly signature: Uint8Array;
}

/** The leader's proof that a quorum prepared, with the block for those that missed it. */
export interface StrictPrepared extends Signed {
  readonly type: 'prepared';
  /** Its view is the message's. */
  readonly certificate: StrictCertificate;
  readonly block: Uint8Array;
}

/** The proof that a block is final. */
export interface StrictCommitted extends Signed {
  readonly type: 'committed';
  /** Commit votes of a quorum in the message's view. */
  readonly seal: StrictSeal;
  /** The prepare certificate of the same view. */
  readonly certificate: StrictCertificate;
}

/** A member's wish for a view, with the newest certificate it knows. */
export interface StrictViewChange extends Common {
  readonly type: 'view-change';
  readonly slot: number;
  /** Over the statement of kind `view-change`, 96 bytes. */
  readonly signature: Uint8Array;
  readonly certificate: StrictCertificate | undefined;
  /** The certified block, or empty. */
  readonly block: Uint8Array;
}

/** Members that reported the same certificate. */
export interface ReportGroup {
  /** 0 for those that reported none. */
  readonly certificateView: bigint;
  /** 32 bytes; zero for none. */
  readonly blockHash: Uint8Array;
  /** The sum of their view-change signatures. */
  readonly seal: StrictSeal;
}

/** The opening of a view: the reports of a quorum and what follows from them. */
export interface StrictNewView extends Signed {
  readonly type: 'new-view';
  /** By falling view, then by hash; each member in one of them. */
  readonly groups: readonly ReportGroup[];
  /** The certificate of the first group, unless that reports none. */
  readonly certificate: StrictCertificate | undefined;
  /** The certified block, or empty. */
  readonly block: Uint8Array;
}

/** Any message of wire version 2. */
export type StrictMessage =
  | StrictAnnounce
  | StrictVote
  | StrictPrepared
  | StrictCommitted
  | StrictViewChange
  | StrictNewView;

/** Whether a message is a vote, which nobody signs as a whole. */
export function isStrictVote(message: StrictMessage): message is StrictVote {
  return message.type === 'prepare' || message.type === 'commit';
}
