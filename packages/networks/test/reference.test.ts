import { packageFolder, unreadVectorFiles } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { ACTIVATIONS, isActive } from '../src/activations.js';
import * as root from '../src/index.js';
import { networkOf, networks } from './networks.js';

describe('the reference network', () => {
  const reference = networkOf('reference');

  test('every rule is in force from the first block but the ones it names', () => {
    expect(ACTIVATIONS.filter((activation) => !isActive(reference, activation, 0n))).toEqual([
      'devnetExternal',
      'testnetExternal',
      'oneSecond',
      'leaderLivenessRotation',
      'prague',
    ]);
  });

  test('at most 441,000,000 ONE a year, leap years included, and only to signers', () => {
    expect(reference.economy).toEqual({
      yearlyIssuance: 441_000_000n * 10n ** 18n,
      yearSeconds: 31_622_400n,
      absentShares: 'not-issued',
      autoCompounding: true,
    });
    for (const [name, { economy }] of Object.entries(networks)) {
      expect(economy === undefined, name).toBe(name !== 'reference');
    }
  });

  test('four shards of four elected slots, fees burnt, IETF signatures', () => {
    const committees = { shardCount: 4, slotsPerShard: 4, harmonySlotsPerShard: 0 };
    // Nobody has staked in genesis: its members share all votes.
    expect(root.shardingAt(reference, 0n)).toMatchObject({
      ...committees,
      harmonyVoteShare: 10n ** 18n,
    });
    expect(root.shardingAt(reference, 7n)).toMatchObject({
      ...committees,
      harmonyVoteShare: 0n,
      externalSlots: 16,
      feeCollectors: [],
      recovery: undefined,
    });
  });

  test('fees burnt, IETF signatures, no quirks, reporters paid', () => {
    expect(reference.withoutQuirks).toBe(true);
    expect(reference.slashBeneficiary).toBe('reporter');
    expect(reference.blsSuite).toBe('ietf');
    for (const [name, { consensusVersion }] of Object.entries(networks)) {
      expect(consensusVersion, name).toBe(name === 'reference' ? 2 : 1);
    }
    expect(root.epochOfBlock(reference, 31n)).toBe(0n);
    expect(root.epochOfBlock(reference, 32n)).toBe(1n);
  });
});

describe('the package', () => {
  test('networks have different names; only testnet and localnet share a chain id', () => {
    const all = Object.values(networks);
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    expect(new Set(all.map(({ chainId }) => chainId)).size).toBe(all.length - 1);
  });

  test('mainnet has two live shards and knows how it restarted', () => {
    const mainnet = networkOf('mainnet');
    expect(mainnet.endpoints.map(({ http }) => http)).toEqual([
      'https://api.s0.t.hmny.io',
      'https://api.s1.t.hmny.io',
    ]);
    expect(mainnet.endpoints[1]!.webSocket).toBe('wss://ws.s1.t.hmny.io');
    expect(mainnet.refusedBlocks).toHaveLength(3);
    expect(mainnet.viewIdFloors.map(({ shardId, floor }) => [shardId, floor])).toEqual([
      [0, 1_000_000_000n],
      [1, 1_000_000_000n],
    ]);
  });

  test('local networks listen on two ports per shard', () => {
    expect(networkOf('localnet').endpoints).toEqual([
      { http: 'http://127.0.0.1:9500', webSocket: 'ws://127.0.0.1:9800' },
      { http: 'http://127.0.0.1:9502', webSocket: 'ws://127.0.0.1:9802' },
    ]);
  });

  test('every vector file is read', () => {
    expect(unreadVectorFiles(packageFolder(import.meta.url))).toEqual([]);
  });
});
