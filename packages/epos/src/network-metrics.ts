/**
 * Figures of the whole network that the node serves to its clients; nothing in consensus reads them.
 *
 * @source harmony/staking/network/reward.go; staking/network/utility.go; hmy/staking.go
 */
import type { Network } from '@polyphony/networks';
import {
  addDec,
  type Dec,
  decFromBigInt,
  decFromBigIntWithPrecision,
  formatDec,
  mulDec,
  mulTruncateDec,
  quoDec,
  subDec,
} from '@polyphony/primitives';
import { genesisSupply, releasedFraction } from './supply.js';

const TARGET_STAKED: Dec = decFromBigIntWithPrecision(35n, 2);
const ADJUSTMENT_STEP: Dec = decFromBigIntWithPrecision(4n, 1);
const ATTO: Dec = decFromBigInt(10n ** 18n);

/** How far the staked part is from the 0.35 that was aimed at in 2019. */
export interface StakingAdjustment {
  /** 0.35 less the staked part. */
  readonly deviation: Dec;
  /** By how much the reward of a block would change: 0.4 ONE for each hundredth. Nothing applies it. */
  readonly adjustment: Dec;
}

/**
 * The remains of a model of 2019 in which issuance followed the staked part.
 *
 * @source harmony/staking/network/reward.go: Adjustment
 */
export function stakingAdjustment(stakedFraction: Dec): StakingAdjustment {
  const deviation = subDec(TARGET_STAKED, stakedFraction);
  const steps = mulDec(mulTruncateDec(deviation, decFromBigInt(100n)), ADJUSTMENT_STEP);
  return { deviation, adjustment: mulTruncateDec(steps, ATTO) };
}

/** What the staked part is measured against. */
export interface StakedState {
  /** Stakes of all elected validators, atto. */
  readonly staked: bigint;
  /** The reward accumulator, atto. */
  readonly accumulated: bigint;
  /** Seconds since 1970. */
  readonly time: bigint;
}

/**
 * The staked part of the tokens: stakes of elected validators over free genesis tokens and what staking
 * issued. What was issued before staking is missing from the whole, as on the node.
 *
 * @source harmony/staking/network/reward.go: WhatPercentStakedNow
 */
export function stakedFraction(network: Network, state: StakedState): Dec {
  const inOne = (atto: bigint) => decFromBigIntWithPrecision(atto, 18);
  const free = mulDec(inOne(genesisSupply(network)), releasedFraction(network, state.time));
  return quoDec(inOne(state.staked), addDec(free, inOne(state.accumulated)));
}

/** The figures of `hmy_getCurrentUtilityMetrics`. */
export interface UtilityMetrics extends StakingAdjustment {
  readonly accumulated: bigint;
  readonly stakedFraction: Dec;
}

/**
 * The figures of `hmy_getCurrentUtilityMetrics`.
 *
 * @source harmony/staking/network/utility.go: NewUtilityMetricSnapshot
 */
export function utilityMetrics(network: Network, state: StakedState): UtilityMetrics {
  const staked = stakedFraction(network, state);
  return { accumulated: state.accumulated, stakedFraction: staked, ...stakingAdjustment(staked) };
}

/** A reply under the node's own names: integers as they are, decimals as text. */
export interface UtilityMetricsReply {
  readonly AccumulatorSnapshot: bigint;
  readonly CurrentStakedPercentage: string;
  readonly Deviation: string;
  readonly Adjustment: string;
}

/** The metrics as the node's JSON has them; integers need a JSON that keeps all their digits. */
export function utilityMetricsReply(metrics: UtilityMetrics): UtilityMetricsReply {
  return {
    AccumulatorSnapshot: metrics.accumulated,
    CurrentStakedPercentage: formatDec(metrics.stakedFraction),
    Deviation: formatDec(metrics.deviation),
    Adjustment: formatDec(metrics.adjustment),
  };
}
