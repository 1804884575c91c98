/**
 * Mainnet's committee lists: 804 accounts of Harmony (402 since two shards were closed in epoch 1673)
 * and eleven versions of the foundational list. About 170 kB of text: import it only to rebuild
 * committees.
 *
 * @source harmony/internal/genesis/harmony.go, foundational.go;
 * harmony/internal/configs/sharding/mainnet.go
 */
import type { GenesisAccount, GenesisAccounts } from '../genesis.js';
import { firstTwoOfFour, readAccounts, selectAccounts } from './account-list.js';
import { FOUNDATIONAL_ACCOUNTS, FOUNDATIONAL_LISTS, HARMONY_ACCOUNTS } from './lists/mainnet.js';

export type { GenesisAccount, GenesisAccounts } from '../genesis.js';

/** From here on there are two shards. */
const TWO_SHARDS_EPOCH = 1673n;

/**
 * The accounts of Harmony's slots in an epoch, in list order.
 *
 * @returns 804 accounts, 402 from epoch 1673.
 * @source harmony/internal/genesis/harmony.go: HarmonyAccounts, HarmonyAccountsPostHIP30
 */
export function harmonyAccountsAt(epoch: bigint): readonly GenesisAccount[] {
  const accounts = readAccounts(HARMONY_ACCOUNTS);
  return epoch >= TWO_SHARDS_EPOCH ? firstTwoOfFour(accounts) : accounts;
}

/**
 * The accounts of the other slots in an epoch before staking, in list order: the foundational list of
 * that time. From epoch 186 the slots are filled by election and the list has no effect.
 *
 * @source harmony/internal/genesis/foundational.go
 */
export function externalAccountsAt(epoch: bigint): readonly GenesisAccount[] {
  const [, lines] =
    FOUNDATIONAL_LISTS.findLast(([from]) => from <= epoch) ?? FOUNDATIONAL_LISTS[0]!;
  return selectAccounts(readAccounts(FOUNDATIONAL_ACCOUNTS), lines);
}

/** Both lists of mainnet. */
export const mainnetAccounts: GenesisAccounts = { harmonyAccountsAt, externalAccountsAt };
