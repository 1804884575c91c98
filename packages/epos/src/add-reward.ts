/**
 * How a validator's reward is shared: commission first, then the delegators by their stakes of the
 * epoch's start, the rest to the validator.
 *
 * Rate and stakes are those of the snapshot, so an edit or a delegation counts from the next epoch.
 *
 * @source harmony/core/state/statedb.go: AddReward; internal/chain/reward.go: lookupDelegatorShares
 */
import {
  type Address,
  type Dec,
  decFromBigInt,
  mulIntDec,
  quoDec,
  roundIntDec,
} from '@polyphony/primitives';
import { EposError } from './errors.js';
import type { ValidatorWrapper } from './types.js';
import { totalDelegation } from './wrapper.js';

/** Parts of a validator's stake by delegation, in the snapshot's order; empty when nothing is staked. */
export type DelegatorShares = readonly Dec[];

/**
 * Each delegation's part of the stake at the epoch's start. A delegator that is listed twice has the
 * part of its last entry in both, as the node looks parts up by address.
 *
 * @source harmony/internal/chain/reward.go: lookupDelegatorShares
 */
export function delegatorShares(snapshot: ValidatorWrapper): DelegatorShares {
  const total = decFromBigInt(totalDelegation(snapshot));
  if (total === 0n) return [];
  const { delegations } = snapshot;
  const shares = delegations.map(({ amount }) => quoDec(decFromBigInt(amount), total));
  const last = new Map<Address, number>();
  for (const [i, { delegator }] of delegations.entries()) last.set(delegator, i);
  if (last.size === delegations.length) return shares;
  return delegations.map(({ delegator }) => shares[last.get(delegator)!]!);
}

/** What {@link addReward} needs beside the current record. */
export interface RewardShare {
  /** The record of the epoch's start: its rate and stakes hold. */
  readonly snapshot: ValidatorWrapper;
  /** Atto. */
  readonly amount: bigint;
  /** From {@link delegatorShares} when it is at hand. */
  readonly shares?: DelegatorShares;
  /**
   * Nobody receives more than is left, and without any stake the rest is the validator's: the rules from
   * `strictStateValidation` on. Otherwise rounding may pay more than the reward (quirk Q5), and a rest
   * without a stake is lost (quirk Q15).
   */
  readonly capped?: boolean;
}

/** What became of a reward. */
export interface AddedReward {
  /** The given record itself if nothing changed. */
  readonly wrapper: ValidatorWrapper;
  /** All that delegations received; may differ from the reward by rounding, or be 0 when banned. */
  readonly paid: bigint;
}

/**
 * Adds a reward to a validator's record: commission to the validator, the rest to the delegators of the
 * snapshot by place and rounded half to even, what rounding leaves to the validator. A banned validator
 * and a reward of zero change nothing. The record is not checked; see {@link flushWrappers}.
 *
 * @param wrapper - The current record.
 * @throws {@link EposError} `epos/inconsistent-tables` when the record has fewer delegations than its
 * snapshot.
 * @source harmony/core/state/statedb.go: AddReward
 * @activation staking; strictStateValidation for `capped`
 */
export function addReward(wrapper: ValidatorWrapper, reward: RewardShare): AddedReward {
  const { snapshot, amount, capped = false } = reward;
  if (amount === 0n || wrapper.status === 'banned') return { wrapper, paid: 0n };
  const known = snapshot.delegations.length;
  if (wrapper.delegations.length === 0 || wrapper.delegations.length < known) {
    const have = wrapper.delegations.length;
    const reason = `${wrapper.address} has ${have} delegations, its snapshot ${known}`;
    throw new EposError({ code: 'epos/inconsistent-tables', reason });
  }
  const rewards = wrapper.delegations.map((delegation) => delegation.reward);
  let pool = amount;
  const { rate } = snapshot.commission;
  if (rate > 0n) {
    const commission = roundIntDec(mulIntDec(rate, amount));
    rewards[0]! += commission;
    pool -= commission;
  }
  const base = pool;
  const shares = reward.shares ?? delegatorShares(snapshot);
  for (const [i, share] of shares.entries()) {
    let due = roundIntDec(mulIntDec(share, base));
    if (capped && due > pool) due = pool;
    rewards[i]! += due;
    pool -= due;
  }
  const isLost = shares.length < known && !capped;
  if (pool > 0n && !isLost) {
    rewards[0]! += pool;
    pool = 0n;
  }
  const delegations = wrapper.delegations.map((delegation, i) =>
    rewards[i] === delegation.reward ? delegation : { ...delegation, reward: rewards[i]! },
  );
  const blockReward = wrapper.blockReward + amount;
  return { wrapper: { ...wrapper, delegations, blockReward }, paid: amount - pool };
}
