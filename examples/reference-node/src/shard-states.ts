/**
 * The committees of all shards by epoch, as this node knows them from blocks.
 *
 * On the beacon shard they come with the last block of an epoch, on other shards from the beacon's
 * epoch blocks. They are stored under the Go node's keys, in the same batch as what they came with.
 *
 * @source harmony/core/rawdb/accessors_offchain.go: WriteShardStateBytes
 */
import { shardStateKey } from '@polyphony/chain/database-keys';
import { isActive, type Network } from '@polyphony/networks';
import { bigIntToBytes, bytesToBigInt, utf8ToBytes } from '@polyphony/primitives';
import { decodeShardState, encodeShardState, type ShardState } from '@polyphony/sharding';
import type { BatchOperation, KeyValueStore } from '@polyphony/storage';

/** Committees by epoch. */
export interface ShardStates {
  /** Newest epoch whose committees are known here. */
  readonly newest: bigint;
  /** Undefined for an epoch that is not known here. */
  find(epoch: bigint): ShardState | undefined;
  /** @throws Error for an epoch that is not known here. */
  at(epoch: bigint): ShardState;
  /** What a header that hands over to an epoch carries. */
  encode(epoch: bigint, state: ShardState): Uint8Array;
  /** The operations that make the committees of an epoch known once they are written. */
  operationsOf(epoch: bigint, state: ShardState): readonly BatchOperation[];
}

const NEWEST_KEY = utf8ToBytes('newest-shard-state');
/** Decoded states that stay in memory. */
const REMEMBERED = 8;

/** The committees in a store; an empty one begins with those of genesis. */
export async function openShardStates(
  store: KeyValueStore,
  network: Network,
  genesis: ShardState,
): Promise<ShardStates> {
  const known = new Map<bigint, ShardState>();

  const encode = (epoch: bigint, state: ShardState): Uint8Array => {
    const staking = epoch > 0n && isActive(network, 'staking', epoch);
    return staking
      ? encodeShardState({ epoch, committees: state.committees }, 'staking')
      : encodeShardState(state, 'legacy');
  };

  const operationsOf = (epoch: bigint, state: ShardState): readonly BatchOperation[] => [
    { type: 'put', key: shardStateKey(epoch), value: encode(epoch, state) },
    { type: 'put', key: NEWEST_KEY, value: bigIntToBytes(epoch) },
  ];

  const find = (epoch: bigint): ShardState | undefined => {
    const remembered = known.get(epoch);
    if (remembered !== undefined) return remembered;
    const bytes = store.getSync(shardStateKey(epoch));
    if (bytes === undefined) return undefined;
    const state = decodeShardState(bytes);
    known.set(epoch, state);
    if (known.size > REMEMBERED) known.delete(known.keys().next().value!);
    return state;
  };

  if (store.getSync(NEWEST_KEY) === undefined) await store.write(operationsOf(0n, genesis));

  return {
    get newest() {
      return bytesToBigInt(store.getSync(NEWEST_KEY) ?? new Uint8Array());
    },
    find,
    at(epoch) {
      const state = find(epoch);
      if (state === undefined) throw new Error(`the committees of epoch ${epoch} are not known`);
      return state;
    },
    encode,
    operationsOf,
  };
}
