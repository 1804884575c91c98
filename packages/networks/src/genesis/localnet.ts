/**
 * The committee lists of Harmony's local network and the published secret keys behind them.
 *
 * The keys are known to everybody. Never give value to anything they control.
 *
 * @source harmony/internal/genesis/localnodes.go; harmony/.hmy
 */
import type { Address, Hex } from '@polyphony/primitives';
import type { GenesisAccount, GenesisAccounts } from '../genesis.js';
import { readAccounts } from './account-list.js';
import { LOCALNET_EXTERNAL_ACCOUNTS, LOCALNET_HARMONY_ACCOUNTS } from './lists/localnet.js';
import { LOCALNET_BLS_KEYS } from './lists/localnet-keys.js';

export type { GenesisAccount, GenesisAccounts } from '../genesis.js';

/**
 * The accounts of Harmony's slots: the same 12 in every epoch, in list order.
 *
 * @source harmony/internal/genesis/localnodes.go: LocalHarmonyAccountsV2
 */
export function harmonyAccountsAt(_epoch: bigint): readonly GenesisAccount[] {
  return readAccounts(LOCALNET_HARMONY_ACCOUNTS);
}

/**
 * The accounts of the other slots before staking: the same 10 in every epoch, in list order.
 *
 * @source harmony/internal/genesis/localnodes.go: LocalFnAccountsV2
 */
export function externalAccountsAt(_epoch: bigint): readonly GenesisAccount[] {
  return readAccounts(LOCALNET_EXTERNAL_ACCOUNTS);
}

/** Both lists of the local network. */
export const localnetAccounts: GenesisAccounts = { harmonyAccountsAt, externalAccountsAt };

/** A published BLS key pair in Harmony's encoding. */
export interface TestBlsKey {
  /** 48 bytes. */
  readonly blsPublicKey: Hex;
  /** 32 bytes, little-endian, as key files hold it. */
  readonly blsSecretKey: Hex;
}

/**
 * The BLS keys of the local network's committees and of a few validators outside them: 34 published
 * test keys. For local use only.
 *
 * @source harmony/.hmy
 */
export function localnetTestKeys(): readonly TestBlsKey[] {
  return LOCALNET_BLS_KEYS.split('\n').map((line) => ({
    blsPublicKey: `0x${line.slice(0, 96)}` as Hex,
    blsSecretKey: `0x${line.slice(96)}` as Hex,
  }));
}

/** A published account of a test network. */
export interface TestAccount {
  readonly address: Address;
  /** 32 bytes, big-endian. */
  readonly secretKey: Hex;
}

/**
 * Accounts of the local network with published secret keys: the two that the genesis state gives
 * 10^10 ONE (the first of them on every test network), the two fee collectors and the account that
 * receives a part of the emission. For local use only.
 *
 * @source harmony/core/genesis.go; harmony/internal/configs/sharding/localnet.go
 */
export const localnetTestAccounts: readonly TestAccount[] = [
  {
    address: '0x15a128e599b74842bccba860311efa92991bffb5',
    secretKey: '0x7472616374206b65e45ffeb29e933944f5027ef139f124f430641487e70ea9a1',
  },
  {
    address: '0xa5241513da9f4463f1d4874b548dfbac29d91f34',
    secretKey: '0x1f84c95ac16e6a50f08d44c7bde7aff8742212fda6e4321fde48bf83bef266dc',
  },
  {
    address: '0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a',
    secretKey: '0x1111111111111111111111111111111111111111111111111111111111111111',
  },
  {
    address: '0x1563915e194d8cfba1943570603f7606a3115508',
    secretKey: '0x2222222222222222222222222222222222222222222222222222222222222222',
  },
  {
    address: '0x5cbdd86a2fa8dc4bddd8a8f69dba48572eec07fb',
    secretKey: '0x3333333333333333333333333333333333333333333333333333333333333333',
  },
];
