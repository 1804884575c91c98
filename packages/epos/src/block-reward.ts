/**
 * How much a block is worth, and when rewards are paid.
 *
 * The deployed node pays a fixed amount per committed block of any shard; it chose the amounts so that
 * they make about 441 million ONE a year at the block time of each era, and caps nothing. A network
 * with an economy of its own has a cap per year, from which the amount follows. Who receives it is
 * decided in `link-reward.ts` and `add-reward.ts`.
 *
 * @source harmony/internal/chain/reward.go: getDefaultStakingReward; staking/reward/values.go
 */
import { blockPeriodMs, isActive, type Network, shardingAt } from '@polyphony/networks';
import {
  ATTO_PER_ONE,
  DEC_ONE,
  type Dec,
  decFromBigInt,
  mulDec,
  mulIntDec,
  subDec,
  truncateIntDec,
} from '@polyphony/primitives';

const HALF_ONE = ATTO_PER_ONE / 2n;

/**
 * What one committed block of any shard is worth, in atto. Before staking 24 ONE; from `staking` 28,
 * from `fiveSeconds` 17.5, from `twoSeconds` 7, from `hip30` 14, from `oneSecond` 7. On a network with
 * an economy of its own: the cap of a year, divided by the blocks that all shards make in it.
 *
 * @param epoch - Of the block that pays, not of the block that is paid for.
 * @source harmony/internal/chain/reward.go: getDefaultStakingReward
 * @activation staking, fiveSeconds, twoSeconds, hip30, oneSecond
 * @example blockReward(mainnet, 1673n)  // 14n * 10n ** 18n
 */
export function blockReward(network: Network, epoch: bigint): bigint {
  const { economy } = network;
  if (economy !== undefined) {
    const shards = BigInt(shardingAt(network, epoch).shardCount);
    const period = BigInt(blockPeriodMs(network, epoch));
    return (economy.yearlyIssuance * period) / (economy.yearSeconds * 1000n * shards);
  }
  if (!isActive(network, 'staking', epoch)) return 24n * ATTO_PER_ONE;
  if (isActive(network, 'oneSecond', epoch)) return 7n * ATTO_PER_ONE;
  if (isActive(network, 'hip30', epoch)) return 14n * ATTO_PER_ONE;
  if (isActive(network, 'twoSeconds', epoch)) return 7n * ATTO_PER_ONE;
  return isActive(network, 'fiveSeconds', epoch) ? 35n * HALF_ONE : 28n * ATTO_PER_ONE;
}

/**
 * The most that may be issued while chain time goes on by some seconds: the network's cap, cut down to
 * whole atto. `undefined` where nothing caps issuance.
 *
 * Over any number of consecutive spans the sum is at most the cap of the whole span, since each is cut.
 */
export function issuanceCap(network: Network, elapsedSeconds: bigint): bigint | undefined {
  const { economy } = network;
  if (economy === undefined) return undefined;
  return elapsedSeconds <= 0n
    ? 0n
    : (economy.yearlyIssuance * elapsedSeconds) / economy.yearSeconds;
}

/** A block's reward in its two parts, each an amount of atto as a decimal. */
export interface EmissionSplit {
  readonly validators: Dec;
  readonly recovery: Dec;
}

/**
 * HIP-30: the part of a block's reward that goes to the recovery account.
 *
 * @param reward - Atto.
 * @param recoveryShare - 0 to 1.
 * @source harmony/internal/chain/reward.go: distributeRewardAfterAggregateEpoch
 * @activation hip30
 */
export function splitEmission(reward: bigint, recoveryShare: Dec): EmissionSplit {
  const whole = decFromBigInt(reward);
  return {
    validators: mulDec(whole, subDec(DEC_ONE, recoveryShare)),
    recovery: mulDec(whole, recoveryShare),
  };
}

/**
 * What the recovery account is credited with for some blocks, in atto.
 *
 * @param perBlock - From {@link splitEmission}.
 * @param blocks - All blocks of the period, those before staking among them (quirk Q11).
 * @source harmony/internal/chain/engine.go: Finalize
 * @activation hip30
 */
export function recoveryCredit(perBlock: Dec, blocks: number): bigint {
  return truncateIntDec(mulIntDec(perBlock, BigInt(blocks)));
}

/**
 * Whether a beacon block pays rewards: every one before `aggregatedReward`, afterwards the last of each
 * period (64 blocks; 16 on localnet and reference).
 *
 * @source harmony/internal/chain/reward.go: AccumulateRewardsAndCountSigs
 * @activation aggregatedReward
 */
export function paysRewards(network: Network, epoch: bigint, blockNumber: bigint): boolean {
  if (blockNumber === 0n) return false;
  if (!isActive(network, 'aggregatedReward', epoch)) return true;
  const period = network.rewardPeriodBlocks;
  return blockNumber % period === period - 1n;
}

/**
 * The reward of a block before staking, over those who signed its parent: equal shares, each rounded so
 * that they add up to the reward.
 *
 * @param signers - How many, at least 1; none are paid when there are none.
 * @returns Atto, in slot order.
 * @source harmony/internal/chain/reward.go: accumulateRewardsAndCountSigsBeforeStaking
 * @activation until staking
 */
export function preStakingShares(reward: bigint, signers: number): readonly bigint[] {
  const count = BigInt(signers);
  let before = 0n;
  return Array.from({ length: signers }, (_, i) => {
    const upTo = (reward * BigInt(i + 1)) / count;
    const share = upTo - before;
    before = upTo;
    return share;
  });
}
