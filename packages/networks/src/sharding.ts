/** The shape of the committees in an epoch. Who sits in them is decided in `@polyphony/sharding`. */
import { NetworksError } from './errors.js';
import type { Network, Sharding } from './network.js';

/**
 * How the shards are made up in an epoch.
 *
 * @throws {@link NetworksError} `networks/out-of-range` for a negative epoch.
 * @source harmony/internal/configs/sharding/mainnet.go: InstanceForEpoch
 * @example shardingAt(mainnet, 1673n).shardCount  // 2
 */
export function shardingAt(network: Network, epoch: bigint): Sharding {
  const era = network.sharding.findLast(({ fromEpoch }) => fromEpoch <= epoch);
  if (era === undefined) {
    throw new NetworksError({
      code: 'networks/out-of-range',
      what: 'epoch',
      reason: `must not be negative, got ${epoch}`,
    });
  }
  return era;
}
