/**
 * The first block of a shard, made from the constants of its network and its first committees.
 *
 * Not here: the committees themselves (`sharding`), and a state that holds more than balances.
 *
 * @source harmony/core/genesis.go: NewGenesisSpec, ToBlock; core/genesis_initializer.go
 */
import { genesisBalances, type Network } from '@polyphony/networks';
import { type Hash, hexToBytes } from '@polyphony/primitives';
import {
  committeeOf,
  computeShardStateHash,
  encodeShardState,
  type ShardState,
} from '@polyphony/sharding';
import type { Block } from './block.js';
import { decoding } from './errors.js';
import { defaultHasher, type Hasher } from './hasher.js';
import { emptyHeader, type Header, headerVersionAt } from './header.js';
import { computeAccountRoot } from './secure-root.js';
import { EMPTY_ROOT } from './trie-root.js';

/** The beacon shard, whose genesis block carries all committees. */
const BEACON_SHARD_ID = 0;

/**
 * State root of the genesis block of a shard: the network's genesis balances.
 *
 * @source harmony/core/genesis.go: NewGenesisSpec
 */
export function computeGenesisStateRoot(
  network: Network,
  shardId: number,
  hasher: Hasher = defaultHasher,
): Hash {
  return computeAccountRoot(genesisBalances(network, shardId), hasher);
}

/** What a genesis block needs beside the network's constants. */
export interface GenesisOptions {
  /** The committees of epoch 0, all shards. */
  readonly shardState: ShardState;
  /** Root of the state, if it holds more than the network's genesis balances. */
  readonly stateRoot?: Hash;
  readonly hasher?: Hasher;
}

/**
 * Header of block 0 of a shard. It carries, in the legacy form, the committees of all shards on the
 * beacon shard and only its own elsewhere.
 *
 * @throws {@link ChainError} `chain/invalid-encoding` when the shard state has no committee for the shard.
 * @source harmony/core/genesis.go: ToBlock
 * @example
 * const shardState = genesisShardState(mainnet, accounts)
 * computeHeaderHash(genesisHeader(mainnet, 0, { shardState }))  // 0xb4d158b8…
 */
export function genesisHeader(network: Network, shardId: number, options: GenesisOptions): Header {
  const hasher = options.hasher ?? defaultHasher;
  const shardState = decoding('genesis shard state', () => ownState(options.shardState, shardId));
  const version = headerVersionAt(network, 0n);
  const header: Header = {
    ...emptyHeader(version),
    stateRoot: options.stateRoot ?? computeGenesisStateRoot(network, shardId, hasher),
    transactionsRoot: EMPTY_ROOT,
    receiptsRoot: EMPTY_ROOT,
    gasLimit: network.genesis.gasLimit,
    timestamp: network.genesis.timestamp,
    extraData: hexToBytes(network.genesis.extraData),
    shardId,
    shardState: encodeShardState(shardState, 'legacy'),
  };
  return {
    ...header,
    ...(version === 0
      ? {}
      : { outgoingReceiptsRoot: EMPTY_ROOT, incomingReceiptsRoot: EMPTY_ROOT }),
    ...(version === 3 ? {} : { shardStateHash: computeShardStateHash(shardState) }),
  };
}

function ownState(state: ShardState, shardId: number): ShardState {
  const own = committeeOf(state, shardId);
  return shardId === BEACON_SHARD_ID ? state : { epoch: state.epoch, committees: [own] };
}

/**
 * Block 0 of a shard: {@link genesisHeader} and no transactions.
 *
 * @throws {@link ChainError} as {@link genesisHeader} does.
 */
export function genesisBlock(network: Network, shardId: number, options: GenesisOptions): Block {
  return {
    header: genesisHeader(network, shardId, options),
    transactions: [],
    stakingTransactions: [],
    uncles: [],
    incomingReceipts: [],
  };
}
