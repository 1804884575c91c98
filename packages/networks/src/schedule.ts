/**
 * Blocks and epochs of the beacon shard, and the block time.
 *
 * Shard 0 follows this arithmetic always, the other shards only before staking: afterwards their
 * epochs begin when they learn of the beacon's committee, have no fixed length and may skip numbers.
 *
 * @source harmony/internal/configs/sharding/mainnet.go: CalcEpochNumber, IsLastBlock, EpochLastBlock,
 * IsSkippedEpoch, and the files of the other networks
 */
import { isActive } from './activations.js';
import { NetworksError } from './errors.js';
import type { EpochSpan, Network } from './network.js';

function assertNotNegative(what: string, value: bigint): void {
  if (value < 0n) {
    throw new NetworksError({
      code: 'networks/out-of-range',
      what,
      reason: `must not be negative, got ${value}`,
    });
  }
}

function spanAt(network: Network, epoch: bigint): EpochSpan {
  assertNotNegative('epoch', epoch);
  return network.schedule.findLast((span) => span.fromEpoch <= epoch)!;
}

/**
 * The epoch of a beacon block.
 *
 * @throws {@link NetworksError} `networks/out-of-range` when negative.
 * @source harmony/internal/configs/sharding/mainnet.go: CalcEpochNumber
 * @example epochOfBlock(mainnet, 6324224n)  // 366n
 */
export function epochOfBlock(network: Network, number: bigint): bigint {
  assertNotNegative('block number', number);
  const span = network.schedule.findLast(({ fromBlock }) => fromBlock <= number)!;
  return span.fromEpoch + (number - span.fromBlock) / span.blocksPerEpoch;
}

/**
 * The number of the first beacon block of an epoch.
 *
 * @throws {@link NetworksError} `networks/out-of-range` when negative.
 */
export function firstBlockOfEpoch(network: Network, epoch: bigint): bigint {
  const span = spanAt(network, epoch);
  return span.fromBlock + (epoch - span.fromEpoch) * span.blocksPerEpoch;
}

/**
 * The number of the last beacon block of an epoch: the one that carries the next committees.
 *
 * @throws {@link NetworksError} `networks/out-of-range` when negative.
 * @source harmony/internal/configs/sharding/mainnet.go: EpochLastBlock
 * @example lastBlockOfEpoch(mainnet, 0n)  // 344063n
 */
export function lastBlockOfEpoch(network: Network, epoch: bigint): bigint {
  return firstBlockOfEpoch(network, epoch) + blocksPerEpochAt(network, epoch) - 1n;
}

/**
 * Whether a beacon block is the last of its epoch.
 *
 * @throws {@link NetworksError} `networks/out-of-range` when negative.
 * @source harmony/internal/configs/sharding/mainnet.go: IsLastBlock
 */
export function isLastBlockOfEpoch(network: Network, number: bigint): boolean {
  return lastBlockOfEpoch(network, epochOfBlock(network, number)) === number;
}

/**
 * How many blocks an epoch of the beacon shard has.
 *
 * @throws {@link NetworksError} `networks/out-of-range` when negative.
 * @source harmony/internal/configs/sharding/mainnet.go: BlocksPerEpoch
 */
export function blocksPerEpochAt(network: Network, epoch: bigint): bigint {
  return spanAt(network, epoch).blocksPerEpoch;
}

/**
 * Whether a shard jumped over an epoch, so that it has no block of it.
 *
 * @source harmony/internal/configs/sharding/mainnet.go: IsSkippedEpoch
 * @example isSkippedEpoch(mainnet, 1, 185n)  // true
 */
export function isSkippedEpoch(network: Network, shardId: number, epoch: bigint): boolean {
  return network.skippedEpochs.some(
    (gap) => gap.shardId === shardId && gap.first <= epoch && epoch <= gap.last,
  );
}

/**
 * The time between blocks that a leader aims at, in milliseconds: 5000, from `twoSeconds` 2000, from
 * `oneSecond` 1000.
 *
 * @source harmony/consensus/consensus_service.go: setBlockPeriod
 */
export function blockPeriodMs(network: Network, epoch: bigint): number {
  if (isActive(network, 'oneSecond', epoch)) return 1000;
  return isActive(network, 'twoSeconds', epoch) ? 2000 : 5000;
}
