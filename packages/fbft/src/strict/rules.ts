/**
 * The votes of the profile `strict`: one prepare and one commit vote in a view, and a lock.
 *
 * - S1: in a view, prepare at most one block with one justification, and commit at most one.
 * - S2: after a commit vote for B in view v, prepare another block in a later view only if the view
 *   was opened with a certificate of view v or later.
 * - S3: commit-vote only what a quorum prepared in the current view.
 *
 * Agreement: let B be committed by a quorum in view v, and C ≠ B be prepared by a quorum in a later
 * view; take the first such view w. The two quorums share more than a third; each of them committed
 * B before it prepared C, justified by a certificate of a view j < w. If j < v, all of them broke S2.
 * If j = v there are certificates of B and C in one view, so more than a third broke S1; j > v would
 * contradict that w is the first. A prepare vote signs j, so the votes themselves name the guilty:
 * that is `accountability.ts`.
 *
 * Progress: a leader opens a view with the newest certificate among the reports of a quorum and
 * waits for the reports of the others, so a member's lock binds it only until its report is heard.
 */
import { markAt, markCommit, type Refusal } from '../invariants.js';
import {
  type Certificate,
  copyMark,
  type MarkedVote,
  type OwnProposal,
  type SignedMark,
} from '../mark.js';
import type { VotingRules } from '../voting.js';

/** Voting rules of the profile `strict`. */
export const strictVoting: VotingRules = {
  refusePrepare: (
    mark: SignedMark,
    height: bigint,
    block: MarkedVote,
    viewId: bigint,
  ): Refusal | undefined => {
    if (mark.height > height) return 'mark-ahead';
    const { prepared, lock, viewId: marked } = markAt(mark, height);
    if (marked > viewId) return 'view-passed';
    const justifiedBy = block.justifiedBy ?? 0n;
    if (prepared !== undefined && prepared.viewId === viewId) {
      const same = prepared.blockHash === block.blockHash;
      if (!same || (prepared.justifiedBy ?? 0n) !== justifiedBy) return 'prepared-other';
    }
    if (lock === undefined) return undefined;
    const bound = lock.blockHash === block.blockHash ? (lock.otherViewId ?? 0n) : lock.viewId;
    return justifiedBy < bound ? 'locked' : undefined;
  },
  refuseCommit: (
    mark: SignedMark,
    height: bigint,
    block: MarkedVote,
    viewId: bigint,
  ): Refusal | undefined => {
    if (mark.height > height) return 'mark-ahead';
    const { lock, viewId: marked } = markAt(mark, height);
    if (marked > viewId) return 'view-passed';
    if (block.viewId !== viewId) return 'wrong-view';
    const other = lock !== undefined && lock.blockHash !== block.blockHash;
    return other && lock.votedInView === viewId ? 'committed-other' : undefined;
  },
  markPrepare: (
    mark: SignedMark,
    height: bigint,
    { blockHash, justifiedBy = 0n }: MarkedVote,
    viewId: bigint,
    proposal?: OwnProposal,
  ): SignedMark => {
    const next = copyMark(markAt(mark, height));
    next.viewId = viewId;
    next.prepared = { viewId, blockHash, justifiedBy };
    if (proposal) next.proposal = proposal;
    return next;
  },
  markCommit: (
    mark: SignedMark,
    height: bigint,
    certificate: Certificate,
    viewId: bigint,
  ): SignedMark => {
    const before = markAt(mark, height).lock;
    const next = copyMark(markCommit(mark, height, certificate, viewId));
    const moved = before !== undefined && before.blockHash !== certificate.blockHash;
    const otherViewId = moved ? before.viewId : before?.otherViewId;
    const { blockHash } = certificate;
    const lock = { viewId, blockHash, votedInView: viewId };
    next.lock = otherViewId === undefined ? lock : { ...lock, otherViewId };
    return next;
  },
};
