/**
 * How much each slot's vote weighs.
 *
 * Harmony's slots share Harmony's part evenly, the others share the rest by effective stake. What
 * rounding leaves of 1 goes to the last staked slot, however much it is. Counting votes is decided in
 * `quorum.ts`.
 *
 * @source harmony/consensus/votepower/roster.go: Compute
 */
import {
  addDec,
  bytesToHex,
  DEC_ONE,
  DEC_ZERO,
  type Dec,
  decFromBigInt,
  mulDec,
  quoDec,
  subDec,
} from '@polyphony/primitives';
import type { Committee } from './committee.js';
import { ShardingError } from './errors.js';

/** The weight of one slot. */
export interface SlotPower {
  /** Part of all votes, 0 to 1: what quorums and rewards use. */
  readonly overall: Dec;
  /** Part within the slot's own group, Harmony's or the staked. */
  readonly group: Dec;
}

/** The weights of a committee. */
export interface Roster {
  /** In slot order. */
  readonly slots: readonly SlotPower[];
  /** Sum of the effective stakes, in atto as a decimal. */
  readonly totalEffectiveStake: Dec;
  /** Sum over Harmony's slots. */
  readonly harmonyPower: Dec;
  /** Sum over the staked slots, with what rounding left over. */
  readonly stakedPower: Dec;
}

/** How the weights of a committee are made. */
export interface RosterOptions {
  /**
   * Give the part of a group that has no slot to the other group, instead of to the last staked slot
   * or to nobody (quirk Q13). Off by default: Harmony's networks count as their node does.
   */
  readonly withoutQuirks?: boolean;
}

/**
 * The weights of a committee's slots.
 *
 * A key that sits in two slots has the weight of the first in both, while both count in the sums, as
 * on the node. If no slot is staked nothing is made up to 1: with a share below 1 the rest of the votes
 * belongs to nobody.
 *
 * @param harmonyVoteShare - Harmony's part of the votes in the epoch, 0 to 1.
 * @throws {@link ShardingError} `sharding/no-stake` when there are staked slots and their stakes add up
 * to 0; `sharding/out-of-range` for a share outside 0 to 1.
 * @source harmony/consensus/votepower/roster.go: Compute
 * @activation staking
 */
export function computeRoster(
  committee: Committee,
  harmonyVoteShare: Dec,
  options: RosterOptions = {},
): Roster {
  if (harmonyVoteShare < DEC_ZERO || harmonyVoteShare > DEC_ONE) {
    throw new ShardingError({
      code: 'sharding/out-of-range',
      what: 'Harmony vote share',
      reason: 'must be from 0 to 1',
    });
  }
  const { slots } = committee;
  let totalEffectiveStake = DEC_ZERO;
  let harmonySlots = 0n;
  let lastStaked = -1;
  slots.forEach(({ effectiveStake }, index) => {
    if (effectiveStake === undefined) harmonySlots += 1n;
    else {
      totalEffectiveStake = addDec(totalEffectiveStake, effectiveStake);
      lastStaked = index;
    }
  });
  if (lastStaked >= 0 && totalEffectiveStake <= DEC_ZERO) {
    throw new ShardingError({
      code: 'sharding/no-stake',
      reason: 'the effective stakes of a committee must add up to more than 0',
    });
  }

  let harmonyShare = harmonyVoteShare;
  if (options.withoutQuirks === true) {
    if (lastStaked < 0) harmonyShare = DEC_ONE;
    else if (harmonySlots === 0n) harmonyShare = DEC_ZERO;
  }
  const externalShare = subDec(DEC_ONE, harmonyShare);
  let harmonyPower = DEC_ZERO;
  let stakedPower = DEC_ZERO;
  const powers = slots.map(({ effectiveStake }): SlotPower => {
    if (effectiveStake !== undefined) {
      const group = quoDec(effectiveStake, totalEffectiveStake);
      const overall = mulDec(group, externalShare);
      stakedPower = addDec(stakedPower, overall);
      return { overall, group };
    }
    const overall = quoDec(harmonyShare, decFromBigInt(harmonySlots));
    harmonyPower = addDec(harmonyPower, overall);
    return {
      overall,
      group: harmonyShare === DEC_ZERO ? DEC_ZERO : quoDec(overall, harmonyShare),
    };
  });

  if (lastStaked >= 0) {
    const left = subDec(DEC_ONE, addDec(harmonyPower, stakedPower));
    const last = powers[lastStaked]!;
    powers[lastStaked] = { ...last, overall: addDec(last.overall, left) };
    stakedPower = addDec(stakedPower, left);
  }

  const first = new Map<string, SlotPower>();
  const bySlot = slots.map(({ blsPublicKey }, index) => {
    const key = bytesToHex(blsPublicKey);
    const known = first.get(key) ?? powers[index]!;
    first.set(key, known);
    return known;
  });
  return { slots: bySlot, totalEffectiveStake, harmonyPower, stakedPower };
}

/**
 * The weight of each slot's vote, in slot order.
 *
 * @throws {@link ShardingError} as {@link computeRoster}.
 * @source harmony/consensus/votepower/roster.go: Compute
 * @activation staking
 */
export function votingPower(
  committee: Committee,
  harmonyVoteShare: Dec,
  options?: RosterOptions,
): readonly Dec[] {
  return computeRoster(committee, harmonyVoteShare, options).slots.map(({ overall }) => overall);
}
