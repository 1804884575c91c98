/** Reads the compact text that committee lists are stored in. */
import type { Hex } from '@polyphony/primitives';
import type { GenesisAccount } from '../genesis.js';

/** Hex digits of an address. */
const ADDRESS = 40;
/** Hex digits of a BLS public key. */
const KEY = 96;

/** The accounts of a text with one account per line: address and key without a prefix. */
export function readAccounts(text: string): readonly GenesisAccount[] {
  return text.split('\n').map((line) => ({
    address: `0x${line.slice(0, ADDRESS)}` as Hex,
    blsPublicKey: `0x${line.slice(ADDRESS, ADDRESS + KEY)}` as Hex,
  }));
}

/** The accounts on the given lines, e.g. `0-132 160 134`: a selection in its own order. */
export function selectAccounts(
  accounts: readonly GenesisAccount[],
  lines: string,
): readonly GenesisAccount[] {
  return lines.split(' ').flatMap((range) => {
    const [first, last] = range.split('-').map(Number);
    return accounts.slice(first, (last ?? first!) + 1);
  });
}

/** Every account whose place in the list is 0 or 1 modulo 4: what was left when shards 2 and 3 closed. */
export function firstTwoOfFour(accounts: readonly GenesisAccount[]): readonly GenesisAccount[] {
  return accounts.filter((_, place) => place % 4 < 2);
}
