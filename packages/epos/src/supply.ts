/**
 * How many tokens there are, as the node reports them.
 *
 * The node counts what it issued, not what accounts hold: payments to the recovery account, burnt fees,
 * slashes and tokens made by a broken rule are missing from its figures.
 *
 * @source harmony/internal/chain/supply.go; staking/reward/values.go; consensus/reward/schedule.go
 */
import { genesisBalances, type Network } from '@polyphony/networks';
import {
  type Address,
  ATTO_PER_ONE,
  addDec,
  DEC_ONE,
  type Dec,
  decFromBigIntWithPrecision,
  mulDec,
  subDec,
} from '@polyphony/primitives';

/**
 * The account whose tokens the node calls inaccessible.
 *
 * @source harmony/internal/chain/supply.go
 */
export const INACCESSIBLE_ACCOUNT: Address = '0x7bdef7bdef7bdef7bdef7bdef7bdef7bdef6e7ad';

/** An amount of atto as a decimal of ONE. */
function inOne(atto: bigint): Dec {
  return decFromBigIntWithPrecision(atto, 18);
}

/**
 * Everything that the genesis of all shards gives, atto.
 *
 * @source harmony/staking/reward/values.go: SetTotalInitialTokens
 * @example genesisSupply(mainnet)  // 12600000000n * 10n ** 18n
 */
export function genesisSupply(network: Network): bigint {
  const { shardCount } = network.sharding[0]!;
  let total = 0n;
  for (let shardId = 0; shardId < shardCount; shardId++) {
    for (const { balance } of genesisBalances(network, shardId)) total += balance;
  }
  return total;
}

/**
 * What was issued before staking, by the node's count: 24 ONE for each block after the first of each
 * shard, up to the network's `preStakingBlocks`. Atto.
 *
 * @source harmony/staking/reward/values.go: getTotalPreStakingNetworkRewards
 */
export function preStakingRewards({ preStakingBlocks }: Pick<Network, 'preStakingBlocks'>): bigint {
  let blocks = 0n;
  for (const last of preStakingBlocks) if (last >= 2n) blocks += last - 1n;
  return 24n * ATTO_PER_ONE * blocks;
}

/**
 * The part of the genesis tokens that is free: the last step of the network's plan that was reached;
 * before the first step that step, and 1 without a plan.
 *
 * @param time - Seconds since 1970.
 * @source harmony/consensus/reward/schedule.go: PercentageForTimeStamp
 * @example formatDec(releasedFraction(mainnet, 1638230400n))  // '0.856135555555555'
 */
export function releasedFraction({ releasePlan }: Pick<Network, 'releasePlan'>, time: bigint): Dec {
  const step = releasePlan.findLast(({ fromTime }) => fromTime <= time) ?? releasePlan[0];
  return step === undefined ? DEC_ONE : step.share;
}

/** The node's figures of supply, as decimals of ONE. */
export interface Supply {
  readonly total: Dec;
  readonly circulating: Dec;
}

/** What {@link supply} needs beside the network. */
export interface SupplyState {
  /** The reward accumulator: the sum of `RewardPayment.accumulated` since staking began, atto. */
  readonly accumulated: bigint;
  /** Seconds since 1970. */
  readonly time: bigint;
  /** Balance of {@link INACCESSIBLE_ACCOUNT}, atto; 0 by default. */
  readonly inaccessible?: bigint;
}

/**
 * Total and circulating supply as the node reports them, in ONE.
 *
 * @source harmony/internal/chain/supply.go: GetCirculatingSupply; staking/reward/values.go: GetTotalTokens
 */
export function supply(
  network: Network,
  { accumulated, time, inaccessible = 0n }: SupplyState,
): Supply {
  const genesis = inOne(genesisSupply(network));
  const issued = inOne(preStakingRewards(network) + accumulated);
  const free = mulDec(genesis, releasedFraction(network, time));
  return {
    total: addDec(genesis, issued),
    circulating: subDec(addDec(free, issued), inOne(inaccessible)),
  };
}
