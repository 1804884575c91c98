/**
 * The consensus messages as plain values.
 *
 * One type for each body of the wire schema, joined by `type`. Their bytes are `wire.ts`; which of
 * them a node may send or believe is the machine's. A bytes field that a message does not use is
 * empty; the sender's signature is empty on the votes, which prove themselves.
 *
 * @source harmony/api/proto/message/harmonymessage.proto
 */

/** Message types and their numbers on the wire. */
export const MESSAGE_TYPES: {
  readonly announce: 1;
  readonly prepare: 2;
  readonly prepared: 3;
  readonly commit: 4;
  readonly committed: 5;
  readonly 'view-change': 6;
  readonly 'new-view': 7;
  readonly 'last-sign-power': 13;
} = {
  announce: 1,
  prepare: 2,
  prepared: 3,
  commit: 4,
  committed: 5,
  'view-change': 6,
  'new-view': 7,
  'last-sign-power': 13,
};

/** What a message says. */
export type MessageType = keyof typeof MESSAGE_TYPES;

/**
 * A message of the three phases.
 *
 * - `announce`: `payload` is the block hash, `block` the block.
 * - `prepare`, `commit`: `payload` is a signature (96 bytes), by `senderKey` or, for several keys
 *   of one operator, the sum of the signatures of the keys in `senderBitmap`.
 * - `prepared`, `committed`: `payload` is a seal, 96 bytes and a bitmap; `prepared` has the block.
 */
export interface PhaseMessage {
  readonly type: 'announce' | 'prepare' | 'prepared' | 'commit' | 'committed';
  /** The sender's signature over the rest, 96 bytes; empty on `prepare` and `commit`. */
  readonly signature: Uint8Array;
  readonly viewId: bigint;
  readonly height: bigint;
  readonly shardId: number;
  /** 32 bytes. */
  readonly blockHash: Uint8Array;
  readonly block: Uint8Array;
  /** 48 bytes, or empty when `senderBitmap` names the senders. */
  readonly senderKey: Uint8Array;
  readonly payload: Uint8Array;
  /** Committee bitmap of a vote by several keys, else empty. */
  readonly senderBitmap: Uint8Array;
}

/**
 * A message of the view change.
 *
 * `payload` is empty, or M1: block hash (32), prepare seal (96 and a bitmap); then `preparedBlock`
 * is the block. `view-change` has `leaderKey`, `viewChangeSignature` (over M1, or over one byte 01,
 * called M2) and `viewIdSignature` (over the view id, called M3). `new-view` has the sums of the M2
 * and M3 signatures with their bitmaps; both M2 fields are empty if nobody sent M2.
 */
export interface ViewMessage {
  readonly type: 'view-change' | 'new-view';
  /** The sender's signature over the rest, 96 bytes. */
  readonly signature: Uint8Array;
  readonly viewId: bigint;
  readonly height: bigint;
  readonly shardId: number;
  /** 48 bytes. */
  readonly senderKey: Uint8Array;
  readonly leaderKey: Uint8Array;
  readonly payload: Uint8Array;
  readonly viewChangeSignature: Uint8Array;
  readonly viewIdSignature: Uint8Array;
  readonly m2Signature: Uint8Array;
  readonly m2Bitmap: Uint8Array;
  readonly m3Signature: Uint8Array;
  readonly m3Bitmap: Uint8Array;
  readonly preparedBlock: Uint8Array;
}

/** Shares of voting power seen by a leader, in percent; a metric that nothing depends on. */
export interface SignPowerMessage {
  readonly type: 'last-sign-power';
  /** The sender's signature over the rest, 96 bytes. */
  readonly signature: Uint8Array;
  readonly prepare: bigint;
  readonly commit: bigint;
  readonly change: bigint;
  /** 48 bytes. */
  readonly senderKey: Uint8Array;
  readonly shardId: number;
}

/** Any consensus message. */
export type Message = PhaseMessage | ViewMessage | SignPowerMessage;

/** Whether a message belongs to the view change. */
export function isViewMessage(message: Message): message is ViewMessage {
  return message.type === 'view-change' || message.type === 'new-view';
}
