/**
 * Counting votes.
 *
 * A ballot is one signature by the keys of one or more slots. A tally holds ballots that do not overlap,
 * so that the sum of their signatures and the union of their signers always describe one set.
 * Signatures are verified before they come here; whether the set is enough is the committee's word.
 *
 * A tally never changes for those who hold it. Its versions share one growing list, of which each
 * sees its own beginning, so that a vote costs the same whether it is the third or the thousandth.
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
  /** What the ballots sign, where it is one message. */
  readonly message?: Uint8Array | undefined;
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

/** The list that versions of a tally share. Grows at its end only. */
interface Log {
  readonly ballots: Ballot[];
  /** For each slot the place of its ballot in the list, from 1; 0 without one. */
  place: Uint32Array;
}

/** A version of a tally: the first `length` ballots of a log. */
class Version implements Tally {
  readonly blockHash: Hash;
  readonly message: Uint8Array | undefined;
  readonly length: number;
  /** Sum of the powers counted, where the committee tells them. */
  readonly power: bigint;
  readonly #log: Log;
  #signers: readonly number[] | undefined;

  constructor(of: Pick<Tally, 'blockHash' | 'message'>, log: Log, length: number, power: bigint) {
    this.blockHash = of.blockHash;
    this.message = of.message;
    this.length = length;
    this.power = power;
    this.#log = log;
  }

  get ballots(): readonly Ballot[] {
    return this.#log.ballots.slice(0, this.length);
  }

  get signers(): readonly number[] {
    this.#signers ??= this.#slots();
    return this.#signers;
  }

  #slots(): number[] {
    const { place } = this.#log;
    const slots: number[] = [];
    for (let slot = 0; slot < place.length; slot++)
      if (place[slot]! > 0 && place[slot]! <= this.length) slots.push(slot);
    return slots;
  }

  /** The ballot that counts a slot. */
  ballotOf(slot: number): Ballot | undefined {
    const place = this.#log.place[slot] ?? 0;
    return place > 0 && place <= this.length ? this.#log.ballots[place - 1] : undefined;
  }

  /** With one more ballot that overlaps none. */
  with(ballot: Ballot, committee: VotingCommittee): Version {
    const members = committee.keys.length;
    let log = this.#log;
    if (log.ballots.length > this.length || log.place.length < members) {
      // Another version went on from here, or this is the first ballot: a list of its own.
      const ballots = log.ballots.slice(0, this.length);
      log = { ballots, place: placesOf(ballots, members) };
    }
    log.ballots.push(ballot);
    for (const slot of ballot.signers) log.place[slot] = log.ballots.length;
    const power = this.power + powerOf(ballot.signers, committee);
    return new Version(this, log, this.length + 1, power);
  }
}

function placesOf(ballots: readonly Ballot[], members: number): Uint32Array {
  const place = new Uint32Array(members);
  ballots.forEach(({ signers }, i) => {
    for (const slot of signers) place[slot] = i + 1;
  });
  return place;
}

function powerOf(signers: readonly number[], { powers }: VotingCommittee): bigint {
  if (powers === undefined) return 0n;
  if (signers.length === 1) return powers.of[signers[0]!]!;
  return signers.reduce((sum, slot) => sum + powers.of[slot]!, 0n);
}

function versionOf(tally: Tally): Version {
  if (tally instanceof Version) return tally;
  const ballots = [...tally.ballots];
  const highest = Math.max(-1, ...ballots.flatMap(({ signers }) => signers));
  return new Version(tally, { ballots, place: placesOf(ballots, highest + 1) }, ballots.length, 0n);
}

/** A tally without votes. @param message - What its ballots sign. */
export function emptyTally(blockHash: Hash, message?: Uint8Array): Tally {
  return new Version({ blockHash, message }, { ballots: [], place: new Uint32Array(0) }, 0, 0n);
}

/** Whether a tally counts a slot. */
export function hasVoted(tally: Tally, slot: number): boolean {
  return versionOf(tally).ballotOf(slot) !== undefined;
}

/** Whether a tally is a quorum. */
export function isQuorum(tally: Tally, committee: VotingCommittee): boolean {
  const { powers } = committee;
  if (powers !== undefined && tally instanceof Version) return tally.power > powers.quorumAbove;
  return committee.hasQuorum(tally.signers);
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
  const version = versionOf(tally);
  if (signers.length === 1) {
    return version.ballotOf(signers[0]!) === undefined ? 'counted' : 'repeated';
  }
  if (mixesOperators(signers, committee)) return 'mixed-operators';
  const overlapped = new Set<Ballot>();
  let covered = 0;
  for (const slot of signers) {
    const ballot = version.ballotOf(slot);
    if (ballot === undefined) continue;
    covered++;
    overlapped.add(ballot);
  }
  if (covered === 0) return 'counted';
  let held = 0;
  for (const ballot of overlapped) held += ballot.signers.length;
  return covered === held && covered < signers.length ? 'replaced' : 'repeated';
}

/** The tally with a verified ballot, by the rule of {@link weighBallot}. */
export function addBallot(
  tally: Tally,
  ballot: Ballot,
  committee: VotingCommittee,
): { readonly tally: Tally; readonly outcome: BallotOutcome } {
  const outcome = weighBallot(tally, ballot.signers, committee);
  if (outcome !== 'counted' && outcome !== 'replaced') return { tally, outcome };
  let version = versionOf(tally);
  if (outcome === 'replaced') {
    const mine = new Set(ballot.signers);
    const kept = tally.ballots.filter((other) => !other.signers.some((slot) => mine.has(slot)));
    version = kept.reduce(
      (sum, other) => sum.with(other, committee),
      versionOf(emptyTally(tally.blockHash, tally.message)),
    );
  }
  return { tally: version.with(ballot, committee), outcome };
}
