/**
 * Counting verified votes for one block.
 *
 * A ballot is one signature by one or several members; a tally holds ballots that do not overlap,
 * so that the sum of their signatures and the union of their signers always describe one set.
 * Signatures are verified before they come here; whether the set is enough is the committee's word.
 *
 * @source harmony/consensus/quorum/quorum.go: submitVote, AggregateVotes
 */
import type { Hash } from '@polyphony/primitives';
import type { VotingCommittee } from './ports.js';

/** One verified signature and the slots it speaks for, ascending and distinct. */
export interface Ballot {
  readonly signers: readonly number[];
  readonly signature: Uint8Array;
}

/** The ballots for one block in one phase. */
export interface Tally {
  readonly blockHash: Hash;
  readonly ballots: readonly Ballot[];
  /** All slots counted, ascending. */
  readonly signers: readonly number[];
}

/** What became of a ballot. */
export type BallotOutcome =
  | 'counted'
  | 'replaced'
  | 'repeated'
  | 'mixed-operators'
  | 'not-a-member';

/** A tally without votes. */
export function emptyTally(blockHash: Hash): Tally {
  return { blockHash, ballots: [], signers: [] };
}

function mixesOperators(signers: readonly number[], committee: VotingCommittee): boolean {
  if (committee.operatorOf === undefined || signers.length < 2) return false;
  const first = committee.operatorOf(signers[0]!);
  return signers.slice(1).some((slot) => {
    const operator = committee.operatorOf?.(slot);
    return operator !== undefined && operator !== first;
  });
}

/**
 * Whether a ballot would change a tally, before anything is verified.
 *
 * A ballot is refused when one of its slots is counted already, unless it holds all slots of
 * every ballot it overlaps and at least one more: then it takes their place. When the committee
 * names operators, all slots of a ballot must belong to one, so that nobody can wrap the votes
 * of others into his own.
 */
export function weighBallot(
  tally: Tally,
  signers: readonly number[],
  committee: VotingCommittee,
): BallotOutcome {
  if (signers.length === 0 || signers.some((slot) => committee.keys[slot] === undefined))
    return 'not-a-member';
  if (mixesOperators(signers, committee)) return 'mixed-operators';
  const mine = new Set(signers);
  let covered = 0;
  for (const ballot of tally.ballots) {
    const shared = ballot.signers.filter((slot) => mine.has(slot)).length;
    if (shared === 0) continue;
    if (shared < ballot.signers.length) return 'repeated';
    covered += shared;
  }
  if (covered === 0) return 'counted';
  return covered < signers.length ? 'replaced' : 'repeated';
}

/** The tally with a verified ballot, by the rule of {@link weighBallot}. */
export function addBallot(
  tally: Tally,
  ballot: Ballot,
  committee: VotingCommittee,
): { readonly tally: Tally; readonly outcome: BallotOutcome } {
  const outcome = weighBallot(tally, ballot.signers, committee);
  if (outcome !== 'counted' && outcome !== 'replaced') return { tally, outcome };
  const mine = new Set(ballot.signers);
  const kept = tally.ballots.filter((other) => !other.signers.some((slot) => mine.has(slot)));
  const signers = [...new Set([...tally.signers, ...ballot.signers])].sort((a, b) => a - b);
  return { tally: { ...tally, ballots: [...kept, ballot], signers }, outcome };
}
