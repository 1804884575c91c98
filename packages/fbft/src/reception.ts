/**
 * What both wire versions do with a message once it is decoded: where its view and height stand,
 * the queue of early messages, votes, late votes, and seals of the head.
 *
 * Every check here is cheap; nothing is believed. A message ends in a `verify` effect, in the queue,
 * or with a reason.
 */

import { equalBytes, type Hash } from '@polyphony/primitives';
import { type DecodedMessage, type DecodedStrict, type HeardVote, signersOf } from './decoded.js';
import { watchVote } from './double-sign.js';
import { decisionAt, helpLagging } from './heights.js';
import {
  MAX_EARLY_BYTES,
  MAX_EARLY_MESSAGES,
  MAX_EARLY_PER_PEER,
  MAX_FAR_HEIGHT,
} from './limits.js';
import type { NamedSeal } from './named-seal.js';
import { commitBytes } from './payloads.js';
import { commitMessageOf } from './phases.js';
import { isIdentitySignature } from './seal.js';
import type { SignatureCheck } from './signature-check.js';
import {
  askForSync,
  asksForSync,
  type Done,
  emit,
  headOf,
  highestView,
  ignore,
  isLeading,
  slotsAbove,
  type Turn,
  update,
} from './turn.js';
import type { NamedPart, State } from './types.js';
import { weighBallot } from './votes.js';

/** A message on its way through the checks. */
export interface Incoming {
  readonly from: string;
  readonly decoded: DecodedMessage | DecodedStrict;
}

/** A signature that is no signature at all is refused before anything is computed. */
export function isSignature(bytes: Uint8Array): boolean {
  return bytes.length === 96 && !isIdentitySignature(bytes);
}

/** The keys of some members of the current committee. */
export function keysOf(state: State, slots: readonly number[]): Uint8Array[] {
  const { keys } = headOf(state).committee;
  return slots.map((slot) => keys[slot]!);
}

// --- Views --------------------------------------------------------------------------------------

/** How a leader's view stands to the own one. */
export type ViewRelation = 'current' | 'adopt' | 'early' | 'old' | 'far';

/** Where the view of a leader's message stands. Only a node just started or synced adopts. */
export function relateView(state: State, viewId: bigint, now: number): ViewRelation {
  if (viewId === state.viewId && state.mode !== 'view-changing') return 'current';
  if (viewId > highestView(state, now)) return 'far';
  if (state.mode === 'listening') return 'current';
  if (state.mode === 'view-changing') {
    if (viewId < state.viewChangingId) return 'old';
    return state.viewSure ? 'early' : 'adopt';
  }
  if (viewId < state.viewId) return 'old';
  return state.viewSure || state.leaderBlock !== undefined ? 'early' : 'adopt';
}

/** What a leader's message says, by its kind with seals or without. */
interface LeaderSaid {
  readonly kind: 'announce' | 'prepared' | 'committed';
  readonly height: bigint;
  readonly viewId: bigint;
  readonly slot: number;
  readonly blockHash: Hash;
  readonly block: Uint8Array;
  readonly seal?: NamedSeal;
  readonly prepared?: NamedPart;
}

/** Has a leader's message verified. Written out: items of one shape are cheap to read. */
export function verifyLeader(
  turn: Turn,
  { from, decoded }: Incoming,
  { kind, height, viewId, slot, blockHash, block, seal, prepared }: LeaderSaid,
  checks: readonly SignatureCheck[],
): Done {
  emit(turn, {
    type: 'verify',
    item: {
      type: 'leader-message',
      kind,
      from,
      height,
      viewId,
      slot,
      blockHash,
      block,
      seal,
      prepared,
      payload: decoded.payload,
    },
    checks,
  });
}

// --- Heights ------------------------------------------------------------------------------------

/** A message of a later height: kept if it is the next, and a hint to sync. */
export function onLaterHeight(
  turn: Turn,
  incoming: Incoming,
  message: {
    readonly type: string;
    readonly height: bigint;
    /** Whether its sender is in the committee of the current height. */
    readonly isMember: boolean;
    /** Whether it carries what could be its sender's signature. */
    readonly isSigned: boolean;
    /** The check of a member's signature. */
    check(): SignatureCheck;
  },
): Done {
  const { state } = turn;
  const { from } = incoming;
  if (message.type === 'prepare' || message.type === 'commit')
    return ignore(turn, 'far-height', from);
  const next = message.height === state.height + 1n;
  if (next) keepEarly(turn, incoming);
  if (message.type === 'announce') {
    if (!next) ignore(turn, 'far-height', from);
    return;
  }
  // While the own block is being made durable, the next height is no news.
  if (next && state.phase === 'deciding') return;
  const far = message.height > state.height + MAX_FAR_HEIGHT;
  const height = far ? state.height + MAX_FAR_HEIGHT : message.height;
  if (!asksForSync(state, height, turn.now))
    return next ? undefined : ignore(turn, 'repeated', from);
  if (!message.isSigned) return next ? undefined : ignore(turn, 'bad-signature', from);
  if (!message.isMember) {
    // Later heights may have other members, who cannot be told from strangers here. Without the
    // hint, a committee of newcomers would wait for members that never hear of its height. What a
    // stranger says is worth one look for the next block, now and then.
    const above = state.height + 1n;
    if (asksForSync(state, above, turn.now)) return askForSync(turn, above);
    return next ? undefined : ignore(turn, 'not-a-member', from);
  }
  emit(turn, { type: 'verify', item: { type: 'behind', from, height }, checks: [message.check()] });
}

/** A report of the height below: that member is stuck. */
export function onLaggard(turn: Turn, from: string, isMember: boolean): Done {
  if (!isMember) return ignore(turn, 'not-a-member', from);
  helpLagging(turn);
}

/** Keeps a message for the next height or view; the peer with most entries makes room. */
export function keepEarly(turn: Turn, { from, decoded }: Incoming): Done {
  const { early } = turn.state;
  const { payload } = decoded;
  if (early.some((other) => equalBytes(other.decoded.payload, payload)))
    return ignore(turn, 'repeated', from);
  if (payload.length > MAX_EARLY_BYTES) return ignore(turn, 'early-queue-full', from);
  let kept = early;
  let bytes = bytesOf(early, payload);
  const fromPeer = early.filter((other) => other.from === from).length;
  if (fromPeer >= MAX_EARLY_PER_PEER) {
    kept = withoutFirst(kept, from);
    bytes = bytesOf(kept, payload);
  }
  while (kept.length >= MAX_EARLY_MESSAGES || bytes > MAX_EARLY_BYTES) {
    const busiest = busiestPeer(kept);
    kept = withoutFirst(kept, busiest);
    bytes = bytesOf(kept, payload);
  }
  update(turn, { early: [...kept, { from, decoded }] });
}

function bytesOf(early: State['early'], more: Uint8Array): number {
  return early.reduce((sum, { decoded }) => sum + decoded.payload.length, more.length);
}

function withoutFirst(early: State['early'], from: string): State['early'] {
  const index = early.findIndex((other) => other.from === from);
  return early.filter((_, i) => i !== index);
}

function busiestPeer(early: State['early']): string {
  const counts = new Map<string, number>();
  for (const { from } of early) counts.set(from, (counts.get(from) ?? 0) + 1);
  let busiest = early[0]!.from;
  for (const [from, count] of counts) if (count > counts.get(busiest)!) busiest = from;
  return busiest;
}

// --- Votes --------------------------------------------------------------------------------------

/** A vote of the current height. */
export function onVote(turn: Turn, from: string, vote: HeardVote): Done {
  const { state } = turn;
  const { kind, viewId, blockHash, signature } = vote;
  const signers = signersOf(vote, headOf(state), state.slots);
  if (signers === undefined) return ignore(turn, 'malformed', from);
  watchVote(turn, from, vote, signers);
  // Everybody hears votes; whom they are not for has only watched them.
  if (!isLeading(state)) return;
  if (viewId !== state.viewId) return ignore(turn, 'not-leading', from);
  if (kind === 'commit' && state.decision !== undefined) return onLateCommit(turn, from, vote);
  const tally = kind === 'prepare' ? state.prepareVotes : state.commitVotes;
  if (tally === undefined) return ignore(turn, 'wrong-block', from);
  const other = tally.blockHash !== blockHash;
  const any = kind === 'commit' && state.config.profile.countsCommitsFor === 'known-blocks';
  if (other && !any) return ignore(turn, 'wrong-block', from);
  // Once a quorum prepared, further prepare votes prove nothing more.
  if (kind === 'prepare' && state.phase !== 'prepare') return ignore(turn, 'repeated', from);
  if (kind === 'prepare' && (vote.justifiedBy ?? 0n) !== state.justifiedBy)
    return ignore(turn, 'wrong-block', from);
  const outcome = weighBallot(tally, signers, headOf(state).committee);
  if (outcome === 'mixed-operators') return ignore(turn, outcome, from);
  if (outcome !== 'counted' && outcome !== 'replaced') return ignore(turn, 'repeated', from);
  const message = other ? commitMessageOf(state, blockHash) : tally.message;
  if (message === undefined) return ignore(turn, 'wrong-block', from);
  const { height } = state;
  const ballot = { signers, signature };
  emit(turn, {
    type: 'verify',
    item: { type: 'vote', kind, from, height, viewId, blockHash, ballot },
    checks: [{ keys: keysOf(state, signers), message, signature }],
  });
}

/** A commit vote for a block that is decided already, while late votes are taken. */
export function onLateCommit(turn: Turn, from: string, vote: HeardVote): Done {
  const { state } = turn;
  const decision = decisionAt(state, vote.height);
  if (decision?.tally === undefined || vote.blockHash !== decision.blockHash)
    return ignore(turn, 'old-height', from);
  if (state.config.profile.wire === 2 && vote.viewId !== decision.decidedInView)
    return ignore(turn, 'old-view', from);
  if (state.timers.grace === undefined) return ignore(turn, 'old-height', from);
  const { head, height, blockHash } = decision;
  const signers = signersOf(vote, head, slotsAbove(state, head));
  if (signers === undefined) return ignore(turn, 'malformed', from);
  const outcome = weighBallot(decision.tally, signers, head.committee);
  if (outcome !== 'counted' && outcome !== 'replaced') return ignore(turn, 'repeated', from);
  const { signature } = vote;
  const message = commitBytes(state, head, decision, decision.decidedInView);
  const keys = signers.map((slot) => head.committee.keys[slot]!);
  emit(turn, {
    type: 'verify',
    item: { type: 'late-vote', from, height, blockHash, ballot: { signers, signature } },
    checks: [{ keys, message, signature }],
  });
}
