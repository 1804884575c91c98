/**
 * What the end of an epoch enters into the stats of validators.
 *
 * @source harmony/core/blockchain_impl.go: UpdateValidatorVotingPower, ComputeAndUpdateAPR
 */
import { type Network, type Sharding, shardingAt } from '@polyphony/networks';
import {
  type Address,
  addDec,
  DEC_ZERO,
  type Dec,
  decFromBigInt,
  quoIntDec,
} from '@polyphony/primitives';
import { computeRoster, type ShardState, shardOfKey } from '@polyphony/sharding';
import { readWrapper } from './access.js';
import { appendApr, computeApr } from './apr.js';
import { stakedValidators } from './staked-validators.js';
import type { StakingContext, StakingView, ValidatorStatus, ValidatorWrapper } from './types.js';
import {
  type BootedStatus,
  EMPTY_STATS,
  type SlotVote,
  type ValidatorStats,
} from './validator-stats.js';
import { totalDelegation } from './wrapper.js';

/**
 * The stake behind each key of a validator: its whole stake, cut into parts, over the keys that the
 * limit of HIP-16 leaves; 0 without any.
 *
 * @returns Atto as a decimal.
 * @source harmony/staking/types/validator.go: ValidatorSnapshot.RawStakePerSlot
 */
export function rawStakePerSlot(
  wrapper: ValidatorWrapper,
  { shardCount, slotLimit }: Pick<Sharding, 'shardCount' | 'slotLimit'>,
): Dec {
  let slots = wrapper.blsPublicKeys.length;
  if (slotLimit > 0) {
    const inShard = new Array<number>(shardCount).fill(0);
    for (const key of wrapper.blsPublicKeys) inShard[shardOfKey(key, shardCount)]! += 1;
    slots = inShard.reduce((sum, count) => sum + Math.min(count, slotLimit), 0);
  }
  if (slots === 0) return DEC_ZERO;
  return quoIntDec(decFromBigInt(totalDelegation(wrapper)), BigInt(slots));
}

/** The end of an epoch, as stats see it. */
export interface StatsUpdate {
  /** The committees of the epoch that ends. */
  readonly current: ShardState;
  /** Those of the next one. */
  readonly next: ShardState;
  /** From the last block of the epoch before to this block. */
  readonly seconds: bigint;
  /** What is kept about a validator. */
  readonly statsOf: (address: Address) => ValidatorStats | undefined;
}

const LEAVING: Readonly<Record<ValidatorStatus, BootedStatus>> = {
  nil: 'lost-auction',
  active: 'lost-auction',
  inactive: 'inactive-or-insufficient-uptime',
  banned: 'banned',
};

/** Weights of the staked slots by validator, shards in order of their ids. */
function votesOf(network: Network, next: ShardState, epoch: bigint): Map<Address, SlotVote[]> {
  const { harmonyVoteShare } = shardingAt(network, epoch);
  const votes = new Map<Address, SlotVote[]>();
  const committees = [...next.committees].sort((a, b) => a.shardId - b.shardId);
  for (const committee of committees) {
    const { slots } = computeRoster(committee, harmonyVoteShare);
    for (const [i, { address, blsPublicKey, effectiveStake }] of committee.slots.entries()) {
      if (effectiveStake === undefined) continue;
      const { shardId } = committee;
      const rest = { rawStake: DEC_ZERO, earned: 0n, shardId };
      const vote = { address, blsPublicKey, effectiveStake, ...slots[i]!, ...rest };
      votes.set(address, [...(votes.get(address) ?? []), vote]);
    }
  }
  return votes;
}

/**
 * The stats of all validators that leave, stay in or enter the committees, at the last block of an
 * epoch and after everything else of it. For others nothing changes.
 *
 * @param view - The state after the block; its snapshots of the next epoch are read too.
 * @param context - Of the block.
 * @throws {@link EposError} as `computeApr`. The node then enters nothing for any validator and goes on.
 * @source harmony/core/blockchain_impl.go: UpdateValidatorVotingPower
 */
export function updateStats(
  view: StakingView,
  update: StatsUpdate,
  context: StakingContext,
): ReadonlyMap<Address, ValidatorStats> {
  const { network, epoch } = context;
  const { current, next, seconds, statsOf } = update;
  const updated = new Map<Address, ValidatorStats>();
  const withApr = (address: Address, stats: ValidatorStats): ValidatorStats => {
    const snapshot = view.snapshotOf(address, epoch);
    if (snapshot === undefined) return stats;
    const wrapper = readWrapper(view, address, context);
    const reward = wrapper.blockReward - snapshot.blockReward;
    const apr = computeApr({ reward, seconds, stake: totalDelegation(snapshot) });
    return { ...stats, aprs: appendApr(stats.aprs, { epoch, apr }) };
  };

  const votes = votesOf(network, next, epoch + 1n);
  const members = new Set(stakedValidators(current));
  for (const address of members) {
    if (votes.has(address)) continue;
    const booted = LEAVING[readWrapper(view, address, context).status];
    updated.set(address, withApr(address, { ...(statsOf(address) ?? EMPTY_STATS), booted }));
  }
  for (const [address, own] of votes) {
    const snapshot = view.snapshotOf(address, epoch + 1n);
    const sharding = shardingAt(network, epoch + 1n);
    const rawStake = snapshot === undefined ? DEC_ZERO : rawStakePerSlot(snapshot, sharding);
    const stats = {
      ...(statsOf(address) ?? EMPTY_STATS),
      totalEffectiveStake: own.reduce((sum, vote) => addDec(sum, vote.effectiveStake), DEC_ZERO),
      votes: own.map((vote) => ({ ...vote, rawStake })),
    };
    updated.set(address, members.has(address) ? withApr(address, stats) : stats);
  }
  return updated;
}
