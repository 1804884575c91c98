/**
 * When the votes of some slots are enough.
 *
 * A policy counts slots by their place in the committee; how signatures prove who voted is decided in
 * `@polyphony/bls` and `@polyphony/fbft`. The same policy serves all phases and the verification of
 * headers and links.
 *
 * @source harmony/consensus/quorum/quorum.go, one-node-staked-vote.go, verifier.go
 */
import { isActive, type Network, shardingAt } from '@polyphony/networks';
import {
  type Address,
  DEC_ONE,
  DEC_ZERO,
  type Dec,
  decFromBigInt,
  quoDec,
} from '@polyphony/primitives';
import type { Committee } from './committee.js';
import { type RosterOptions, votingPower } from './voting-power.js';

/** Two thirds with 18 digits, rounded as the node rounds: 0.666666666666666667. */
export const TWO_THIRDS: Dec = quoDec(decFromBigInt(2n), decFromBigInt(3n));

/** Decides whether a set of slots is a quorum. */
export interface QuorumPolicy {
  /** `uniform`: slots count alike. `staked`: by voting power. `legacy-header`: see {@link legacyHeaderQuorum}. */
  readonly kind: 'uniform' | 'staked' | 'legacy-header';
  /**
   * Whether these slots are a quorum.
   *
   * @param signers - Places in the committee. A repeated place counts once; with a place outside the
   * committee the answer is `false`. Never throws on numbers.
   */
  hasQuorum(signers: Iterable<number>): boolean;
  /** The weight of a slot: its part of 1 when staked, 1 otherwise; 0 outside the committee. */
  powerOf(index: number): Dec;
}

/** The distinct places, or `undefined` when one is not in the committee. */
function distinct(signers: Iterable<number>, size: number): ReadonlySet<number> | undefined {
  const places = new Set<number>();
  for (const index of signers) {
    if (!Number.isInteger(index) || index < 0 || index >= size) return undefined;
    places.add(index);
  }
  return places;
}

/**
 * How many signers a committee of equals needs: `floor(2n / 3) + 1`.
 *
 * @source harmony/consensus/quorum/quorum.go: TwoThirdsSignersCount
 * @example uniformThreshold(4)  // 3
 */
export function uniformThreshold(size: number): number {
  return Math.floor((2 * size) / 3) + 1;
}

/**
 * Every slot counts alike: a quorum is at least `floor(2n / 3) + 1` distinct slots. The policy before
 * staking.
 *
 * @source harmony/consensus/quorum/quorum.go: SuperMajorityVote; verifier.go: uniformVerifier since v2026.1.1
 * @activation until staking
 */
export function uniformQuorum(committee: Committee): QuorumPolicy {
  const size = committee.slots.length;
  const threshold = uniformThreshold(size);
  return {
    kind: 'uniform',
    hasQuorum: (signers) => (distinct(signers, size)?.size ?? 0) >= threshold,
    powerOf: (index) => (distinct([index], size) ? DEC_ONE : DEC_ZERO),
  };
}

/**
 * Slots count by voting power: a quorum is strictly more than {@link TWO_THIRDS}. The policy from
 * staking on.
 *
 * @param harmonyVoteShare - Harmony's part of the votes in the epoch, 0 to 1.
 * @throws {@link ShardingError} as `computeRoster`.
 * @source harmony/consensus/quorum/one-node-staked-vote.go; verifier.go: stakeVerifier
 * @activation staking
 */
export function stakedQuorum(
  committee: Committee,
  harmonyVoteShare: Dec,
  options?: RosterOptions,
): QuorumPolicy {
  const powers = votingPower(committee, harmonyVoteShare, options);
  return {
    kind: 'staked',
    hasQuorum(signers) {
      const places = distinct(signers, powers.length);
      if (places === undefined) return false;
      let total = 0n;
      for (const index of places) total += powers[index]!;
      return total > TWO_THIRDS;
    },
    powerOf: (index) => powers[index] ?? DEC_ZERO,
  };
}

/**
 * For replaying history only: the answer the node gave for headers before staking until v2026.1.1. It
 * compared the size of the committee with the threshold, whoever had signed, so every committee of
 * four or more was a quorum of itself and smaller ones never. Blocks that were really made satisfy
 * {@link uniformQuorum} too; using this policy on anything from a peer accepts forged headers.
 *
 * @source harmony/consensus/quorum/verifier.go: uniformVerifier at dc52025
 */
export function legacyHeaderQuorum(committee: Committee): QuorumPolicy {
  const size = committee.slots.length;
  const answer = size > uniformThreshold(size);
  return { ...uniformQuorum(committee), kind: 'legacy-header', hasQuorum: () => answer };
}

/**
 * The policy of an epoch: staked from `staking` on with the share of that epoch, uniform before.
 *
 * @param epoch - The epoch of the block that is voted on.
 * @throws {@link ShardingError} as `computeRoster`.
 * @source harmony/consensus/quorum/verifier.go: NewVerifier
 */
export function quorumAt(network: Network, epoch: bigint, committee: Committee): QuorumPolicy {
  return isActive(network, 'staking', epoch)
    ? stakedQuorum(committee, shardingAt(network, epoch).harmonyVoteShare, network)
    : uniformQuorum(committee);
}

/** Keys in committee order and the question of a quorum: what a consensus engine asks for. */
export interface VotingCommittee {
  /** 48 bytes each; the place is the signer's bit. */
  readonly keys: readonly Uint8Array[];
  hasQuorum(signers: readonly number[]): boolean;
  /**
   * Who runs a slot, so that nobody can merge the votes of others into one of his own; `undefined` for
   * Harmony's slots, which may vote together with any other.
   */
  operatorOf(slot: number): Address | undefined;
}

/**
 * A committee with its policy in the shape that `@polyphony/fbft` takes.
 *
 * @source harmony/consensus/quorum/one-node-staked-vote.go: AddNewVote (operators)
 */
export function votingCommittee(committee: Committee, policy: QuorumPolicy): VotingCommittee {
  return {
    keys: committee.slots.map(({ blsPublicKey }) => blsPublicKey),
    hasQuorum: (signers) => policy.hasQuorum(signers),
    operatorOf(slot) {
      const seat = committee.slots[slot];
      return seat?.effectiveStake === undefined ? undefined : seat.address;
    },
  };
}
