/**
 * The votes of the Go node: at most one PREPARE and one COMMIT in a view while the process lives,
 * and nothing that binds across views. Not safe; see `invariants.ts` for what is missing.
 *
 * @source harmony/consensus/validator.go: onAnnounce, onPrepared
 */
import { markAt, markCommit, markPrepare, type Refusal } from './invariants.js';
import type { MarkedVote, SignedMark } from './mark.js';
import type { VotingRules } from './voting.js';

/** Voting rules of the profile `compat`. */
export const compatVoting: VotingRules = {
  /** One block for each view; its header is not looked at. */
  refusePrepare: (
    mark: SignedMark,
    height: bigint,
    block: MarkedVote,
    viewId: bigint,
  ): Refusal | undefined => {
    const { prepared } = markAt(mark, height);
    const other = prepared !== undefined && prepared.blockHash !== block.blockHash;
    return other && prepared.viewId === viewId ? 'prepared-other' : undefined;
  },
  /** Whatever has a prepare certificate, once in each view. */
  refuseCommit: (
    mark: SignedMark,
    height: bigint,
    block: MarkedVote,
    viewId: bigint,
  ): Refusal | undefined => {
    const { lock } = markAt(mark, height);
    const other = lock !== undefined && lock.blockHash !== block.blockHash;
    return other && lock.votedInView === viewId ? 'committed-other' : undefined;
  },
  markPrepare,
  markCommit,
};
