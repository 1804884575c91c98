/** The networks by the names that vector files use. */
import { localnet } from '../src/localnet.js';
import { mainnet } from '../src/mainnet.js';
import type { Network } from '../src/network.js';
import { pangaea } from '../src/pangaea.js';
import { partner } from '../src/partner.js';
import { reference } from '../src/reference.js';
import { stressnet } from '../src/stressnet.js';
import { testnet } from '../src/testnet.js';

export const networks: Readonly<Record<string, Network>> = {
  mainnet,
  testnet,
  partner,
  pangaea,
  stressnet,
  localnet,
  reference,
};

export function networkOf(name: string): Network {
  const network = networks[name];
  if (network === undefined) throw new Error(`no network ${name}`);
  return network;
}
