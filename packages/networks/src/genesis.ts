/**
 * What a network begins with, apart from the large committee lists, which are imported only on
 * demand from `@polyphony/networks/genesis/<network>`.
 *
 * @source harmony/core/genesis.go: NewGenesisSpec; harmony/internal/genesis/genesis.go
 */
import type { Address, Hex } from '@polyphony/primitives';
import type { GenesisConstants, Network } from './network.js';

/** One entry of a committee list: an operator's account and a BLS public key. */
export interface GenesisAccount {
  readonly address: Address;
  /** 48 bytes. */
  readonly blsPublicKey: Hex;
}

/**
 * The committee lists of a network. Order decides shard and slot. Each call reads the list afresh
 * (about a millisecond for mainnet): keep what it returns.
 */
export interface GenesisAccounts {
  /** Accounts of Harmony's slots in an epoch. */
  harmonyAccountsAt(epoch: bigint): readonly GenesisAccount[];
  /** Accounts of the other slots in an epoch before staking. */
  externalAccountsAt(epoch: bigint): readonly GenesisAccount[];
}

/** A balance in the genesis state. */
export interface GenesisBalance {
  readonly address: Address;
  /** Atto. */
  readonly balance: bigint;
}

/** Seconds since 1970 in every genesis header of Harmony's networks. */
export const HARMONY_GENESIS_TIME = 1561734000n;

/** The extra field of every genesis header of Harmony's networks: a sentence of 48 ASCII characters. */
export const HARMONY_GENESIS_EXTRA: Hex =
  '0x4861726d6f6e7920666f72204f6e6520616e6420416c6c2e204f70656e20436f6e73656e73757320666f72203130422e';

/** The account that Harmony's test networks give 10^10 ONE on every shard; its secret key is public. */
const TEST_GENESIS_ACCOUNT: Address = '0x15a128e599b74842bccba860311efa92991bffb5';

/** Genesis constants of Harmony's networks other than mainnet. */
export const TEST_GENESIS: GenesisConstants = {
  timestamp: HARMONY_GENESIS_TIME,
  gasLimit: 80_000_000n,
  extraData: HARMONY_GENESIS_EXTRA,
  allocations: [{ address: TEST_GENESIS_ACCOUNT, balance: 10n ** 28n }],
};

/**
 * The balances in the genesis state of a shard.
 *
 * @source harmony/core/genesis.go: NewGenesisSpec
 * @example genesisBalances(mainnet, 0)  // one account with 12.6 billion ONE
 */
export function genesisBalances(network: Network, shardId: number): readonly GenesisBalance[] {
  return network.genesis.allocations
    .filter(({ shardIds }) => shardIds === undefined || shardIds.includes(shardId))
    .map(({ address, balance }) => ({ address, balance }));
}
