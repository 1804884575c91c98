/**
 * What happens when an era has fewer shards than the one before: mainnet went from 4 to 2 at the end of
 * epoch 1672, testnet at the end of 485.
 *
 * Validators with a key whose shard changes become inactive in the last block of the beacon shard;
 * balances of a shard that ends move to another, one account a block. Who is a validator and what an
 * account holds is decided elsewhere: the answers here are about keys, epochs and shards.
 *
 * @source harmony/core/state_processor.go: MayShardReduction, MayBalanceMigration
 */
import { activationEpoch, type Network, shardingAt } from '@polyphony/networks';
import { bigIntToBytes, bytesToHex, type Hash, uint64ToBytesLE } from '@polyphony/primitives';
import { shardOfKey } from './committee.js';

/** The numbers of shards at the border of two epochs. */
export interface ShardReduction {
  readonly from: number;
  readonly to: number;
}

/**
 * The change of the number of shards after an epoch; `undefined` when it stays. The node asks in the
 * epoch's last block on the beacon shard, after its transactions.
 *
 * @param epoch - The epoch that ends.
 * @source harmony/core/state_processor.go: MayShardReduction
 * @example shardReductionAfter(mainnet, 1672n)  // { from: 4, to: 2 }
 */
export function shardReductionAfter(network: Network, epoch: bigint): ShardReduction | undefined {
  const from = shardingAt(network, epoch).shardCount;
  const to = shardingAt(network, epoch + 1n).shardCount;
  return from === to ? undefined : { from, to };
}

/**
 * Whether a change of the number of shards makes an active validator inactive: when any of its keys
 * would serve another shard than before. The election in the same block reads the state before it, and
 * so still sees the validator active.
 *
 * @param blsPublicKeys - Keys of one validator, 48 bytes each.
 * @source harmony/core/state_processor.go: MayShardReduction
 */
export function isRetiredBy(
  reduction: ShardReduction,
  blsPublicKeys: readonly Uint8Array[],
): boolean {
  return blsPublicKeys.some(
    (key) => shardOfKey(key, reduction.from) !== shardOfKey(key, reduction.to),
  );
}

/**
 * The shard that the balances of a shard move to in an epoch; `undefined` when nothing moves.
 *
 * On mainnet the shards that end give theirs to shard 1; on other networks every shard but 0 gives its
 * own to shard 0. Both in the epoch before `hip30`.
 *
 * @source harmony/core/state_processor.go: MayBalanceMigration
 * @activation hip30: the epoch before
 */
export function migrationTarget(
  network: Network,
  epoch: bigint,
  shardId: number,
): number | undefined {
  if (activationEpoch(network, 'hip30') !== epoch + 1n) return undefined;
  if (network.name !== 'mainnet') return shardId === 0 ? undefined : 0;
  return shardId >= shardingAt(network, epoch + 1n).shardCount ? 1 : undefined;
}

/** What a balance migration needs to know of an account. */
export interface MigrationAccount {
  readonly isZeroAddress: boolean;
  readonly hasCode: boolean;
  readonly hasStorage: boolean;
  /** Atto. */
  readonly balance: bigint;
}

/**
 * Whether an account's balance migrates. The first such account in the order of the state's trie is
 * moved in each block, and its whole balance with it.
 *
 * @source harmony/core/state_processor.go: generateOneMigrationMessage
 */
export function isMigrated(account: MigrationAccount): boolean {
  const { isZeroAddress, hasCode, hasStorage, balance } = account;
  return !isZeroAddress && !hasCode && !hasStorage && balance > 0n;
}

/**
 * The hash that stands for a transaction in the receipt of a migrated balance: block number and shard
 * id, little-endian, in the last 12 bytes.
 *
 * @throws PrimitivesError `primitives/out-of-range` for a number outside 64 bits or a shard id outside 32.
 * @source harmony/core/state_processor.go: generateOneMigrationMessage
 */
export function migrationHash(blockNumber: bigint, shardId: number): Hash {
  const hash = new Uint8Array(32);
  hash.set(uint64ToBytesLE(blockNumber), 20);
  hash.set(bigIntToBytes(BigInt(shardId), 4).reverse(), 28);
  return bytesToHex(hash);
}
