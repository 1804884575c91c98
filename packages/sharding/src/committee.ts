/**
 * Who sits in a committee, and which shard a key belongs to. Order matters everywhere: a signer's bit
 * is its place in the committee.
 *
 * @source harmony/shard/shard_state.go: Slot, Committee, State
 */
import type { Address, Dec } from '@polyphony/primitives';
import { ShardingError } from './errors.js';

/** Bytes of a BLS public key. */
export const BLS_PUBLIC_KEY_LENGTH = 48;

/** One seat: an operator's account and the BLS key that votes. */
export interface Slot {
  readonly address: Address;
  /** 48 bytes in the encoding of the network's BLS suite; not checked to be a point of the curve. */
  readonly blsPublicKey: Uint8Array;
  /** Stake that counts, in atto as a decimal; `undefined` for a slot that Harmony fills. */
  readonly effectiveStake: Dec | undefined;
}

/** The slots of one shard, in order. */
export interface Committee {
  readonly shardId: number;
  readonly slots: readonly Slot[];
}

/** The committees of an epoch. */
export interface ShardState {
  /** The epoch they serve in; `undefined` in the legacy form, which does not say. */
  readonly epoch: bigint | undefined;
  readonly committees: readonly Committee[];
}

/**
 * The committee of a shard.
 *
 * @throws {@link ShardingError} `sharding/unknown-shard`.
 * @source harmony/shard/shard_state.go: FindCommitteeByID
 */
export function committeeOf(state: ShardState, shardId: number): Committee {
  const committee = state.committees.find((entry) => entry.shardId === shardId);
  if (committee === undefined) throw new ShardingError({ code: 'sharding/unknown-shard', shardId });
  return committee;
}

/**
 * The shard that an elected key serves: the 48 bytes as a big-endian integer modulo the shard count.
 *
 * @throws {@link ShardingError} `sharding/out-of-range` when the shard count is not a positive integer of 32 bits.
 * @source harmony/shard/committee/assignment.go: eposStakedCommittee
 * @activation staking
 * @example shardOfKey(key, 2)  // for two shards the lowest bit of the last byte
 */
export function shardOfKey(blsPublicKey: Uint8Array, shardCount: number): number {
  if (!Number.isInteger(shardCount) || shardCount < 1 || shardCount > 0xffffffff) {
    throw new ShardingError({
      code: 'sharding/out-of-range',
      what: 'shard count',
      reason: `must be a positive integer of 32 bits, got ${shardCount}`,
    });
  }
  let rest = 0;
  for (let i = 0; i < blsPublicKey.length; i++) {
    rest = (rest * 256 + blsPublicKey[i]!) % shardCount;
  }
  return rest;
}
