import { createHash } from 'node:crypto';
import { hexToBytes } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  localnetAccounts,
  localnetTestAccounts,
  localnetTestKeys,
} from '../src/genesis/localnet.js';
import { mainnetAccounts } from '../src/genesis/mainnet.js';
import {
  referenceAccounts,
  referenceTestFaucet,
  referenceTestKeys,
} from '../src/genesis/reference.js';
import { otherTestAccounts, testnetAccounts } from '../src/genesis/testnet.js';
import { type GenesisAccounts, genesisBalances } from '../src/genesis.js';
import { networkOf } from './networks.js';

const listsOf: Readonly<Record<string, GenesisAccounts>> = {
  mainnet: mainnetAccounts,
  testnet: testnetAccounts,
  partner: otherTestAccounts,
  localnet: localnetAccounts,
  reference: referenceAccounts,
};

const lists = loadVectors<
  { readonly network: string; readonly list: 'harmony' | 'external'; readonly epoch: string },
  { readonly accounts: number; readonly sha256: string }
>(import.meta.url, 'genesis-lists', {
  in: ['network', 'list', 'epoch'],
  out: ['accounts', 'sha256'],
});

describe('committee lists', () => {
  test.each(lists)('$name', ({ in: { network, list, epoch }, out }) => {
    const source = listsOf[network]!;
    const accounts =
      list === 'harmony'
        ? source.harmonyAccountsAt(BigInt(epoch))
        : source.externalAccountsAt(BigInt(epoch));
    const hash = createHash('sha256');
    for (const { address, blsPublicKey } of accounts) {
      hash.update(hexToBytes(address, 20)).update(hexToBytes(blsPublicKey, 48));
    }
    expect({ accounts: accounts.length, sha256: hash.digest('hex') }).toEqual(out);
  });

  test.each(Object.entries(listsOf))('%s: keys are 48 bytes, lower case', (_, source) => {
    for (const epoch of [0n, 1n, 54n, 1673n, 5000n]) {
      const accounts = [...source.harmonyAccountsAt(epoch), ...source.externalAccountsAt(epoch)];
      expect(accounts.every(({ address }) => /^0x[0-9a-f]{40}$/.test(address))).toBe(true);
      expect(accounts.every(({ blsPublicKey }) => /^0x[0-9a-f]{96}$/.test(blsPublicKey))).toBe(
        true,
      );
    }
  });
});

const constants = loadVectors<
  { readonly network: string; readonly shardId: number },
  {
    readonly timestamp: string;
    readonly gasLimit: string;
    readonly extraData: string;
    readonly balances: Readonly<Record<string, string>>;
  }
>(import.meta.url, 'genesis', {
  in: ['network', 'shardId'],
  out: ['timestamp', 'gasLimit', 'extraData', 'balances'],
});

describe('genesis constants', () => {
  test.each(constants)('$name', ({ in: given, out }) => {
    const network = networkOf(given.network);
    expect({
      timestamp: String(network.genesis.timestamp),
      gasLimit: String(network.genesis.gasLimit),
      extraData: network.genesis.extraData,
      balances: Object.fromEntries(
        genesisBalances(network, given.shardId).map(({ address, balance }) => [
          address,
          String(balance),
        ]),
      ),
    }).toEqual(out);
  });
});

describe('public test keys', () => {
  test('every localnet committee key has its secret key', () => {
    const known = new Set(localnetTestKeys().map(({ blsPublicKey }) => blsPublicKey));
    expect(known.size).toBe(34);
    for (const { blsSecretKey } of localnetTestKeys()) hexToBytes(blsSecretKey, 32);
    const accounts = [
      ...localnetAccounts.harmonyAccountsAt(0n),
      ...localnetAccounts.externalAccountsAt(0n),
    ];
    expect(accounts).toHaveLength(22);
    for (const { blsPublicKey } of accounts) expect(known).toContain(blsPublicKey);
  });

  test('localnet test accounts are the ones the network pays', () => {
    const localnet = networkOf('localnet');
    const paid = new Set([
      ...genesisBalances(localnet, 0).map(({ address }) => address),
      ...localnet.sharding.flatMap(({ feeCollectors }) => feeCollectors.map((c) => c.address)),
      ...localnet.sharding.flatMap(({ recovery }) => (recovery ? [recovery.address] : [])),
    ]);
    expect(new Set(localnetTestAccounts.map(({ address }) => address))).toEqual(paid);
  });

  test('reference members sit where the list deals them', () => {
    const members = referenceTestKeys();
    expect(members).toHaveLength(16);
    members.forEach(({ shardId, slot }, index) => {
      expect(index).toBe(slot * 4 + shardId);
    });
    for (const field of ['address', 'blsPublicKey', 'blsSecretKey', 'secretKey'] as const) {
      expect(new Set(members.map((member) => member[field])).size).toBe(16);
    }
    for (const { blsSecretKey, secretKey } of members) {
      hexToBytes(blsSecretKey, 32);
      hexToBytes(secretKey, 32);
    }
  });

  test('the reference faucet owns the genesis balance on each shard', () => {
    for (const shardId of [0, 1, 2, 3]) {
      expect(genesisBalances(networkOf('reference'), shardId)).toEqual([
        { address: referenceTestFaucet.address, balance: 10n ** 28n },
      ]);
    }
  });
});
