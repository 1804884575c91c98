/**
 * Which votes may be signed: the whole safety of agreement, as predicates over the signed mark.
 *
 * The wire has no lock: a new leader's word alone decides what is carried into a new view. These
 * rules make agreement hold anyway, as long as less than a third of the power breaks them, because
 * withholding a vote is always allowed:
 *
 * - R1: prepare at most one block for each height and view, and only a validated block whose header
 *   names the current view.
 * - R2: after a commit vote for B, prepare no other block of that height without a prepare
 *   certificate for it whose block's view is greater than B's.
 * - R3: never commit-vote X after a prepare vote for another block of that height with a greater
 *   view in its header.
 *
 * Why two blocks of one height cannot both be final: let B (view v) and C (view w > v) have commit
 * quorums. The first prepare quorum for C and the commit quorum of B share an honest key. It
 * prepared C before or after its commit vote for B. Before is barred by R3; after is barred by R2,
 * as no certificate for C existed yet. For v = w, R1 bars it.
 *
 * The price: a height can be stuck when members hold on to different blocks. Operators may then
 * {@link releaseMark} it up to a view that no member has passed, and vote from there on as if the
 * height were new: no block of these views can get a quorum any more, since nobody votes for it.
 */
import type { Hash } from '@polyphony/primitives';
import {
  type Certificate,
  copyMark,
  emptyMark,
  type MarkedVote,
  type OwnProposal,
  type SignedMark,
} from './mark.js';

/** The rule that bars a vote. */
export type Refusal =
  /** The mark speaks of a later height: this chain was rolled back. Nothing may be signed. */
  | 'mark-ahead'
  /** R1: another block was prepared in this view, or any block in a later one. */
  | 'prepared-other'
  /** R1: the header's view is not the current view. */
  | 'wrong-view'
  /** R2: locked on another block. */
  | 'locked'
  /** R3: another block with a greater view was prepared. */
  | 'prepared-later'
  /** A commit vote for another block was cast in this view. */
  | 'committed-other'
  /** A later view was asked for or voted in. */
  | 'view-passed'
  /** The block is of a view that operators released. */
  | 'released';

/** The mark for a height: the kept one, or a fresh one if it speaks of a lower height. */
export function markAt(mark: SignedMark, height: bigint): SignedMark {
  return mark.height < height ? emptyMark(mark.shardId, height, mark.wire) : mark;
}

/**
 * Whether a prepare vote for a validated block may be signed.
 *
 * @param mark - Of the block's height or a later one.
 * @param block - View id in its header, and its hash.
 * @param viewId - The current view.
 * @param certificate - The best prepare certificate known at this height.
 * @returns The rule that bars it, or undefined.
 */
export function refusePrepare(
  mark: SignedMark,
  height: bigint,
  block: MarkedVote,
  viewId: bigint,
  certificate: MarkedVote | undefined,
): Refusal | undefined {
  if (mark.height > height) return 'mark-ahead';
  if (block.viewId !== viewId) return 'wrong-view';
  const { prepared, lock, floor, viewId: marked } = markAt(mark, height);
  if (marked > viewId) return 'view-passed';
  if (floor !== undefined && block.viewId <= floor) return 'released';
  if (prepared !== undefined && prepared.blockHash !== block.blockHash) {
    if (prepared.viewId >= block.viewId) return 'prepared-other';
  }
  if (lock !== undefined && lock.blockHash !== block.blockHash) {
    const certified = certificate?.blockHash === block.blockHash;
    if (!certified || block.viewId <= lock.viewId) return 'locked';
  }
  return undefined;
}

/**
 * Whether a commit vote may be signed for a validated block that has a valid prepare certificate.
 *
 * @param viewId - The current view; greater than the block's when it was carried over.
 * @returns The rule that bars it, or undefined.
 */
export function refuseCommit(
  mark: SignedMark,
  height: bigint,
  block: MarkedVote,
  viewId: bigint,
): Refusal | undefined {
  if (mark.height > height) return 'mark-ahead';
  const { prepared, lock, floor, viewId: marked } = markAt(mark, height);
  if (marked > viewId) return 'view-passed';
  if (floor !== undefined && block.viewId <= floor) return 'released';
  if (prepared !== undefined && prepared.blockHash !== block.blockHash) {
    if (prepared.viewId > block.viewId) return 'prepared-later';
  }
  if (lock !== undefined && lock.blockHash !== block.blockHash) {
    if (block.viewId <= lock.viewId) return 'locked';
    if (lock.votedInView === viewId) return 'committed-other';
  }
  return undefined;
}

/** The mark after a prepare vote that {@link refusePrepare} let through. */
export function markPrepare(
  mark: SignedMark,
  height: bigint,
  block: MarkedVote,
  viewId: bigint,
  proposal?: OwnProposal,
): SignedMark {
  const next = copyMark(markAt(mark, height));
  next.viewId = viewId;
  next.prepared = { viewId: block.viewId, blockHash: block.blockHash };
  if (proposal) next.proposal = proposal;
  return next;
}

/** The mark after a commit vote that {@link refuseCommit} let through. */
export function markCommit(
  mark: SignedMark,
  height: bigint,
  certificate: Certificate,
  viewId: bigint,
): SignedMark {
  const { blockHash, viewId: headerView } = certificate;
  const next = copyMark(markAt(mark, height));
  next.viewId = viewId;
  next.lock = { viewId: headerView, blockHash, votedInView: viewId };
  next.certificate = certificate;
  return next;
}

/** The mark after asking for a view; undefined if a later one was asked for before. */
export function markView(
  mark: SignedMark,
  height: bigint,
  viewId: bigint,
  certificate: Certificate | undefined,
): SignedMark | undefined {
  if (mark.height > height) return undefined;
  const current = markAt(mark, height);
  if (current.viewId > viewId) return undefined;
  return { ...current, viewId, ...(certificate && { certificate }) };
}

/**
 * Whether a mark covers a vote, so that its signature may leave. The last gate before a key is
 * used: a vote that is not in the durable mark is never signed.
 */
export function isMarked(
  mark: SignedMark,
  kind: 'prepare' | 'commit',
  height: bigint,
  blockHash: Hash,
): boolean {
  if (mark.height !== height) return false;
  return (kind === 'prepare' ? mark.prepared : mark.lock)?.blockHash === blockHash;
}

/**
 * The mark after operators released a stuck height up to a view: nothing that was signed binds any
 * more, and no block of that view or an earlier one is voted for again.
 *
 * Safe when the operators of all honest members, also of those that are down, name the same view
 * before any of these votes again, and none of them has passed it ({@link SignedMark.viewId}). Then
 * votes cast before the release stay in the world, but nobody adds to them. It is for them to make
 * sure first that no member has a final block at this height.
 *
 * @param viewId - The view, at least 1.
 * @returns Undefined when this member has passed the view: a later one must be named.
 */
export function releaseMark(
  mark: SignedMark,
  height: bigint,
  viewId: bigint,
): SignedMark | undefined {
  const current = markAt(mark, height);
  if (current.height > height || current.viewId > viewId) return undefined;
  return { ...emptyMark(mark.shardId, height, mark.wire), viewId, floor: viewId };
}
