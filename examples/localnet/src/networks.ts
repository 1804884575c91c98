/**
 * The networks that can run here, with the public test keys of their genesis committees.
 */
import {
  defineNetwork,
  type GenesisAccounts,
  localnet,
  type Network,
  reference,
} from '@polyphony/networks';
import {
  localnetAccounts,
  localnetTestAccounts,
  localnetTestKeys,
} from '@polyphony/networks/genesis/localnet';
import {
  referenceAccounts,
  referenceTestFaucet,
  referenceTestKeys,
} from '@polyphony/networks/genesis/reference';
import type { Hex } from '@polyphony/primitives';

/** A network with everything that running it alone takes. */
export interface RunnableNetwork {
  readonly network: Network;
  readonly accounts: GenesisAccounts;
  /** BLS secret keys by public key, both in hex; the public key without `0x`. */
  readonly secretKeys: ReadonlyMap<string, string>;
  /** Secret key of an account that genesis gave plenty. */
  readonly fundedKey: Hex;
  /** What differs from the network of that name elsewhere; nothing when left out. */
  readonly note?: string;
}

const keyMap = (
  keys: readonly { readonly blsPublicKey: string; readonly blsSecretKey: string }[],
): ReadonlyMap<string, string> =>
  new Map(keys.map((key) => [key.blsPublicKey.slice(2), key.blsSecretKey]));

/**
 * Harmony's localnet without HIP-30: its switch starts a migration of balances from shard 1 in
 * epoch 4, which this node does not execute. EIP-2537 must not come before it; with the Bloom
 * rules it is active in epoch 5 all the same.
 */
function localnetWithoutMigration(): Network {
  const activations = { ...localnet.activations, hip30: undefined, eip2537Precompile: undefined };
  return defineNetwork({ ...localnet, activations });
}

/** The networks by name. */
export const RUNNABLE = {
  reference: (): RunnableNetwork => ({
    network: reference,
    accounts: referenceAccounts,
    secretKeys: keyMap(referenceTestKeys()),
    fundedKey: referenceTestFaucet.secretKey,
  }),
  localnet: (): RunnableNetwork => ({
    network: localnetWithoutMigration(),
    accounts: localnetAccounts,
    secretKeys: keyMap(localnetTestKeys()),
    fundedKey: localnetTestAccounts[1]!.secretKey,
    note:
      'HIP-30 stays off here: this node does not execute its migration of balances. ' +
      'From epoch 2 nobody has staked, so all nine members must sign: keep them running.',
  }),
} as const;

/** Name of a network that can run here. */
export type RunnableName = keyof typeof RUNNABLE;

/** All names, the default first. */
export const RUNNABLE_NAMES: readonly RunnableName[] = ['reference', 'localnet'];
