/**
 * The committee lists of testnet, and of the partner, Pangaea and stress networks, which take their
 * slots from the same lists. About 165 kB of text.
 *
 * @source harmony/internal/genesis/tn_harmony.go; harmony/internal/configs/sharding/testnet.go,
 * partner.go, pangaea.go, stress.go
 */
import type { GenesisAccount, GenesisAccounts } from '../genesis.js';
import { firstTwoOfFour, readAccounts } from './account-list.js';
import { TESTNET_EXTERNAL_ACCOUNTS, TESTNET_HARMONY_ACCOUNTS } from './lists/testnet.js';

export type { GenesisAccount, GenesisAccounts } from '../genesis.js';

/** From here on testnet has two shards. */
const TWO_SHARDS_EPOCH = 486n;

/**
 * The accounts of testnet's Harmony slots in an epoch, in list order.
 *
 * @returns 800 accounts, 400 from epoch 486.
 * @source harmony/internal/genesis/tn_harmony.go: TNHarmonyAccounts, TNHarmonyAccountsV1
 */
export function harmonyAccountsAt(epoch: bigint): readonly GenesisAccount[] {
  const accounts = readAccounts(TESTNET_HARMONY_ACCOUNTS);
  return epoch >= TWO_SHARDS_EPOCH ? firstTwoOfFour(accounts) : accounts;
}

/**
 * The accounts of the other slots before staking: 400, in list order. Every schedule of these networks
 * gives Harmony all slots of that time, so no committee has taken any of them.
 *
 * @source harmony/internal/genesis/tn_harmony.go: TNFoundationalAccounts
 */
export function externalAccountsAt(_epoch: bigint): readonly GenesisAccount[] {
  return readAccounts(TESTNET_EXTERNAL_ACCOUNTS);
}

/** Both lists of testnet. */
export const testnetAccounts: GenesisAccounts = { harmonyAccountsAt, externalAccountsAt };

/** Both lists of the partner, Pangaea and stress networks: all 800 and 400 accounts in every epoch. */
export const otherTestAccounts: GenesisAccounts = {
  harmonyAccountsAt: () => readAccounts(TESTNET_HARMONY_ACCOUNTS),
  externalAccountsAt,
};
