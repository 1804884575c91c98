/**
 * The genesis committees of the reference network: 16 members, 4 shards of 4 slots, and their keys.
 *
 * All secret keys are derived from labels anybody can read, so that everybody gets the same network.
 * They are for local networks only: never give value to anything they control.
 *
 * Member k is slot `floor(k / 4)` of shard `k mod 4`. With `keccak256` of the UTF-8 label
 * `polyphony reference network, shard S, slot J, BLS key` as a big-endian integer h, the BLS secret
 * key is `h mod (r - 1) + 1`, r being the order of the BLS12-381 groups. The account's secret key is
 * the hash of `polyphony reference network, shard S, slot J, account`, the faucet's that of
 * `polyphony reference network, faucet`.
 */
import type { Address, Hex } from '@polyphony/primitives';
import type { GenesisAccount, GenesisAccounts } from '../genesis.js';
import { REFERENCE_MEMBERS } from './lists/reference.js';

export type { GenesisAccount, GenesisAccounts } from '../genesis.js';

/** A member of a genesis committee with its public test keys. */
export interface ReferenceTestMember extends GenesisAccount {
  readonly shardId: number;
  /** Place in the committee. */
  readonly slot: number;
  /** 32 bytes, big-endian, for the IETF ciphersuite. */
  readonly blsSecretKey: Hex;
  /** 32 bytes: the secret key of `address`. */
  readonly secretKey: Hex;
}

/** An account of the reference network with a public secret key. */
export interface ReferenceTestAccount {
  readonly address: Address;
  /** 32 bytes, big-endian. */
  readonly secretKey: Hex;
}

const SHARDS = 4;

/** The 16 members with their public test keys, in list order. For local networks only. */
export function referenceTestKeys(): readonly ReferenceTestMember[] {
  return REFERENCE_MEMBERS.split('\n').map((line, index) => ({
    shardId: index % SHARDS,
    slot: Math.floor(index / SHARDS),
    address: `0x${line.slice(0, 40)}` as Hex,
    blsPublicKey: `0x${line.slice(40, 136)}` as Hex,
    blsSecretKey: `0x${line.slice(136, 200)}` as Hex,
    secretKey: `0x${line.slice(200)}` as Hex,
  }));
}

/** The account that the genesis state gives 10^10 ONE on each shard. For local networks only. */
export const referenceTestFaucet: ReferenceTestAccount = {
  address: '0x73a60a0403f227bb67293fc2640f00e5469a7405',
  secretKey: '0xe13eaf5e6348a07dad86d617edbe3b819da91cf7767573f9d0af64aaf5a2c738',
};

/** The accounts of the network's own slots: it has none, so any member may register its key. */
export function harmonyAccountsAt(_epoch: bigint): readonly GenesisAccount[] {
  return [];
}

/** The accounts of the genesis committees: the same 16 in every epoch, in list order. */
export function externalAccountsAt(_epoch: bigint): readonly GenesisAccount[] {
  return referenceTestKeys().map(({ address, blsPublicKey }) => ({ address, blsPublicKey }));
}

/** Both lists of the reference network. */
export const referenceAccounts: GenesisAccounts = { harmonyAccountsAt, externalAccountsAt };
