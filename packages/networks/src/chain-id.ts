/**
 * Chain ids: each network has one of Harmony's own and a range of Ethereum-compatible ones, one per
 * shard. Which of them a signature needs is decided in `@polyphony/chain`.
 *
 * @source harmony/internal/params/config.go
 */
import { NetworksError } from './errors.js';
import type { Network } from './network.js';

/** From here on a chain id counts as Ethereum-compatible, on every network. */
export const FIRST_ETH_CHAIN_ID = 1666600000n;

/**
 * Whether a chain id is an Ethereum-compatible one, of whatever network.
 *
 * @source harmony/internal/params/config.go: IsEthCompatible
 */
export function isEthCompatibleChainId(chainId: bigint): boolean {
  return chainId >= FIRST_ETH_CHAIN_ID;
}

/**
 * The Ethereum-compatible chain id of a shard: that of shard 0 plus the shard id.
 *
 * @throws {@link NetworksError} `networks/out-of-range` when the shard id is not a u32.
 * @source harmony/internal/params/config.go: UpdateEthChainIDByShard
 * @example ethChainIdOfShard(mainnet, 1)  // 1666600001n
 */
export function ethChainIdOfShard(network: Network, shardId: number): bigint {
  if (!Number.isInteger(shardId) || shardId < 0 || shardId > 0xffffffff) {
    throw new NetworksError({
      code: 'networks/out-of-range',
      what: 'shard id',
      reason: `must be an unsigned 32-bit integer, got ${shardId}`,
    });
  }
  return network.ethChainId + BigInt(shardId);
}

/**
 * The chain id that a transaction of a shard is signed for.
 *
 * @param form - `harmony` for the network's own id, `ethereum` for the shard's compatible one.
 * @throws {@link NetworksError} `networks/out-of-range` when the shard id is not a u32.
 */
export function chainIdOf(network: Network, form: 'harmony' | 'ethereum', shardId: number): bigint {
  return form === 'harmony' ? network.chainId : ethChainIdOfShard(network, shardId);
}

/**
 * The shard that an Ethereum-compatible chain id names, or `undefined` when it is not one of the
 * first `shardCount` shards of this network.
 *
 * @example shardOfEthChainId(mainnet, 1666600001n, 2)  // 1
 */
export function shardOfEthChainId(
  network: Network,
  chainId: bigint,
  shardCount: number,
): number | undefined {
  const shardId = chainId - network.ethChainId;
  return shardId >= 0n && shardId < BigInt(shardCount) ? Number(shardId) : undefined;
}
