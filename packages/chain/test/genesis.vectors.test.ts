import { localnet, mainnet, type Network, reference, testnet } from '@polyphony/networks';
import { localnetAccounts } from '@polyphony/networks/genesis/localnet';
import { mainnetAccounts } from '@polyphony/networks/genesis/mainnet';
import { referenceAccounts } from '@polyphony/networks/genesis/reference';
import { testnetAccounts } from '@polyphony/networks/genesis/testnet';
import type { Address, Hash } from '@polyphony/primitives';
import { decodeShardState, genesisShardState, type ShardState } from '@polyphony/sharding';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  ChainError,
  computeAccountRoot,
  computeBlockHash,
  computeHeaderHash,
  decodeBlock,
  encodeBlock,
  genesisBlock,
  genesisHeader,
} from '../src/index.js';
import { type HeaderFields, headerOf } from './support.js';

const NETWORKS: Readonly<Record<string, readonly [Network, ShardState]>> = {
  mainnet: [mainnet, genesisShardState(mainnet, mainnetAccounts)],
  testnet: [testnet, genesisShardState(testnet, testnetAccounts)],
  localnet: [localnet, genesisShardState(localnet, localnetAccounts)],
  reference: [reference, genesisShardState(reference, referenceAccounts)],
};

describe('genesis blocks', () => {
  const cases = loadVectors<{ network: string; shardId: number }, { hash: Hash; stateRoot?: Hash }>(
    import.meta.url,
    'genesis',
    { in: ['network', 'shardId'], out: ['hash', 'stateRoot'] },
  );
  for (const { name, in: given, out } of cases) {
    test(name, () => {
      const [network, shardState] = NETWORKS[given.network]!;
      const block = genesisBlock(network, given.shardId, { shardState });
      if (out!.stateRoot !== undefined) expect(block.header.stateRoot).toBe(out!.stateRoot);
      expect(computeBlockHash(block)).toBe(out!.hash);
      expect(decodeBlock(encodeBlock(block))).toEqual(block);
    });
  }

  test('the genesis of mainnet shard 0 is the parent of block 1', () => {
    const [network, shardState] = NETWORKS.mainnet!;
    const [first] = loadVectors<{ version: number; fields: HeaderFields }, object>(
      import.meta.url,
      'headers',
    ).filter(({ name }) => name === 'header-mainnet-v0-1');
    expect(computeHeaderHash(genesisHeader(network, 0, { shardState }))).toBe(
      headerOf(0, first!.in.fields).parentHash,
    );
  });

  test('the reference network: all committees on the beacon shard, the own one elsewhere', () => {
    const [network, shardState] = NETWORKS.reference!;
    const blocks = [0, 1, 2, 3].map((shardId) => genesisBlock(network, shardId, { shardState }));
    expect(new Set(blocks.map((block) => computeBlockHash(block))).size).toBe(4);
    for (const [shardId, { header }] of blocks.entries()) {
      expect(header.version).toBe(3);
      const committees = decodeShardState(header.shardState).committees.map((one) => one.shardId);
      expect(committees).toEqual(shardId === 0 ? [0, 1, 2, 3] : [shardId]);
    }
  });

  test('a shard without a committee is refused', () => {
    const [network, shardState] = NETWORKS.mainnet!;
    expect(() => genesisHeader(network, 4, { shardState })).toThrow(ChainError);
  });

  test('another state root is taken as it is', () => {
    const [network, shardState] = NETWORKS.localnet!;
    const stateRoot: Hash = `0x${'ab'.repeat(32)}`;
    expect(genesisHeader(network, 0, { shardState, stateRoot }).stateRoot).toBe(stateRoot);
  });
});

describe('genesis blocks of 2020', () => {
  const cases = loadVectors<
    { version: number; allocations: Record<Address, string>; fields: HeaderFields },
    { hash: Hash; stateRoot: Hash }
  >(import.meta.url, 'genesis-history', {
    in: ['version', 'allocations', 'fields'],
    out: ['hash', 'stateRoot'],
  });
  for (const { name, in: given, out } of cases) {
    test(name, () => {
      const balances = Object.entries(given.allocations).map(([address, balance]) => ({
        address: address as Address,
        balance: BigInt(balance),
      }));
      const header = headerOf(given.version, given.fields);
      expect(computeAccountRoot(balances)).toBe(out!.stateRoot);
      expect(header.stateRoot).toBe(out!.stateRoot);
      expect(computeHeaderHash(header)).toBe(out!.hash);
      // The same header made from a network of that time.
      const network: Network = {
        ...localnet,
        activations: {
          ...localnet.activations,
          preStaking: given.version === 3 ? 0n : 1n,
        },
        genesis: { ...localnet.genesis, gasLimit: header.gasLimit, allocations: balances },
      };
      const shardState = decodeShardState(header.shardState);
      expect(genesisHeader(network, 0, { shardState })).toEqual(header);
    });
  }
});
