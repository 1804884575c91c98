/** The shape of voting rules. Their texts are `invariants.ts`, `compat-rules.ts` and `strict/rules.ts`. */
import type { Refusal } from './invariants.js';
import type { Certificate, MarkedVote, OwnProposal, SignedMark } from './mark.js';

/** Which votes may be signed, and what a vote leaves in the mark. Pure. */
export interface VotingRules {
  /** The rule that bars a prepare vote in a view, or undefined. */
  refusePrepare(
    mark: SignedMark,
    height: bigint,
    block: MarkedVote,
    viewId: bigint,
    certificate: MarkedVote | undefined,
  ): Refusal | undefined;
  /** The rule that bars a commit vote for a block with a prepare certificate, or undefined. */
  refuseCommit(
    mark: SignedMark,
    height: bigint,
    block: MarkedVote,
    viewId: bigint,
  ): Refusal | undefined;
  /** The mark after a prepare vote. */
  markPrepare(
    mark: SignedMark,
    height: bigint,
    block: MarkedVote,
    viewId: bigint,
    proposal?: OwnProposal,
  ): SignedMark;
  /** The mark after a commit vote. */
  markCommit(
    mark: SignedMark,
    height: bigint,
    certificate: Certificate,
    viewId: bigint,
  ): SignedMark;
}
