/**
 * How many new tokens come into being: by the rule and the block time it was made for, and net of what
 * is burnt.
 *
 * These are figures about the rules. What blocks really issued is in the rewards that they paid; the
 * two differ when blocks are slower than meant or when links come late.
 *
 * @source harmony/staking/reward/values.go
 */
import {
  blockPeriodMs,
  blocksPerEpochAt,
  isActive,
  type Network,
  shardingAt,
} from '@polyphony/networks';
import { DEC_ZERO, truncateIntDec } from '@polyphony/primitives';
import { blockReward, splitEmission } from './block-reward.js';
import { EposError } from './errors.js';

/** Seconds of 365 days. */
export const COMMON_YEAR_SECONDS: bigint = 31_536_000n;

/**
 * Seconds of 365.25 days: the year of the node's own yearly figures.
 *
 * @source harmony/staking/apr/compute.go: secondsInYear
 */
export const JULIAN_YEAR_SECONDS: bigint = 31_557_600n;

/** Block rewards, shards and block time, from which issuance follows. */
export interface EmissionRate {
  /** Atto per committed block. */
  readonly reward: bigint;
  readonly shards: number;
  /** Meant time between two blocks of a shard. */
  readonly blockMs: number;
}

/**
 * New atto in some seconds when every shard makes its blocks in the time that is meant; cut to whole
 * atto.
 *
 * @example emission({ reward: 14n * 10n ** 18n, shards: 2, blockMs: 2000 }, 1n)  // 14 ONE a second
 */
export function emission({ reward, shards, blockMs }: EmissionRate, seconds: bigint): bigint {
  return (reward * BigInt(shards) * seconds * 1000n) / BigInt(blockMs);
}

/**
 * What the rewards of an epoch were made for: 8 seconds at the start of staking, then the block time of
 * `blockPeriodMs`.
 */
export function emissionRate(network: Network, epoch: bigint): EmissionRate {
  const early = !isActive(network, 'fiveSeconds', epoch) && !isActive(network, 'twoSeconds', epoch);
  const slow = early && !isActive(network, 'oneSecond', epoch);
  return {
    reward: blockReward(network, epoch),
    shards: shardingAt(network, epoch).shardCount,
    blockMs: slow ? 8000 : blockPeriodMs(network, epoch),
  };
}

/** Amounts of new tokens, atto. */
export interface Issuance {
  readonly total: bigint;
  readonly toValidators: bigint;
  readonly toRecovery: bigint;
}

function splitIssuance(network: Network, epoch: bigint, blocks: bigint): Issuance {
  const reward = blockReward(network, epoch);
  const { recovery } = shardingAt(network, epoch);
  const isSplit = recovery !== undefined && isActive(network, 'hip30', epoch);
  const split = splitEmission(reward, isSplit ? recovery.share : DEC_ZERO);
  const toRecovery = truncateIntDec(split.recovery) * blocks;
  return { total: reward * blocks, toValidators: reward * blocks - toRecovery, toRecovery };
}

/** From the first epoch to the last, both among them. */
export interface EpochRange {
  readonly from: bigint;
  readonly to: bigint;
}

/**
 * What the blocks of some epochs are worth when every shard makes as many as the beacon: the most that
 * they can issue. Epochs before staking count as the later ones do.
 *
 * @throws {@link EposError} `epos/out-of-range` when the range is empty, negative or longer than 100,000
 * epochs.
 */
export function issuance(network: Network, { from, to }: EpochRange): Issuance {
  if (from < 0n || to < from || to - from >= 100_000n) {
    const reason = `must be ascending, from 0 and of at most 100000 epochs, got ${from} to ${to}`;
    throw new EposError({ code: 'epos/out-of-range', what: 'epochs', reason });
  }
  const sum = { total: 0n, toValidators: 0n, toRecovery: 0n };
  for (let epoch = from; epoch <= to; epoch++) {
    const shards = BigInt(shardingAt(network, epoch).shardCount);
    const part = splitIssuance(network, epoch, blocksPerEpochAt(network, epoch) * shards);
    sum.total += part.total;
    sum.toValidators += part.toValidators;
    sum.toRecovery += part.toRecovery;
  }
  return sum;
}

/**
 * What a year brings by the rule of an epoch.
 *
 * @param yearSeconds - {@link COMMON_YEAR_SECONDS}, {@link JULIAN_YEAR_SECONDS}, or the network's own.
 * @example yearlyIssuance(mainnet, 1673n, COMMON_YEAR_SECONDS).total  // 441504000n * 10n ** 18n
 */
export function yearlyIssuance(network: Network, epoch: bigint, yearSeconds: bigint): Issuance {
  const { shards, blockMs } = emissionRate(network, epoch);
  const blocks = (yearSeconds * 1000n * BigInt(shards)) / BigInt(blockMs);
  return splitIssuance(network, epoch, blocks);
}

/** What came into being and what went out of it, atto. */
export interface TokenFlows {
  /** Rewards and payments to a recovery account. */
  readonly issued: bigint;
  /** Fees that nobody received. */
  readonly burntFees: bigint;
  /** Stake and locked tokens that nobody received: slashes, fines, forfeits. */
  readonly burntStake: bigint;
}

/**
 * By how much the supply grew. Negative when more was burnt than issued.
 *
 * The deployed node counts no burns; whoever wants this figure of it adds up receipts.
 */
export function netIssuance({ issued, burntFees, burntStake }: TokenFlows): bigint {
  return issued - burntFees - burntStake;
}
