import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chainIdOf, ethChainIdOfShard, shardOfEthChainId } from '../src/chain-id.js';
import { defineNetwork } from '../src/define.js';
import { NetworksError } from '../src/errors.js';
import type { EpochSpanDefinition } from '../src/network.js';
import {
  blockPeriodMs,
  blocksPerEpochAt,
  epochOfBlock,
  firstBlockOfEpoch,
  isLastBlockOfEpoch,
  isSkippedEpoch,
  lastBlockOfEpoch,
} from '../src/schedule.js';
import { shardingAt } from '../src/sharding.js';
import { networkOf, networks } from './networks.js';

const spans: fc.Arbitrary<EpochSpanDefinition[]> = fc
  .array(fc.tuple(fc.bigInt(1n, 20n), fc.bigInt(1n, 40n)), { minLength: 1, maxLength: 5 })
  .map((parts) => {
    let epoch = 0n;
    return parts.map(([length, blocksPerEpoch]) => {
      const span = { fromEpoch: epoch, blocksPerEpoch };
      epoch += length;
      return span;
    });
  });

describe('epoch arithmetic', () => {
  test('counting blocks one by one gives the same epochs', () => {
    fc.assert(
      fc.property(spans, (schedule) => {
        const network = defineNetwork({ ...networkOf('localnet'), schedule });
        let epoch = 0n;
        let inEpoch = 0n;
        for (let number = 0n; number < 300n; number++) {
          const length = schedule.findLast((span) => span.fromEpoch <= epoch)!.blocksPerEpoch;
          expect(epochOfBlock(network, number)).toBe(epoch);
          expect(isLastBlockOfEpoch(network, number)).toBe(inEpoch === length - 1n);
          if (inEpoch === 0n) expect(firstBlockOfEpoch(network, epoch)).toBe(number);
          inEpoch += 1n;
          if (inEpoch === length) {
            expect(lastBlockOfEpoch(network, epoch)).toBe(number);
            epoch += 1n;
            inEpoch = 0n;
          }
        }
      }),
      propertyRuns(30),
    );
  });

  test.each(Object.values(networks))(
    '$name: first, last and epoch agree for any epoch',
    (network) => {
      fc.assert(
        fc.property(fc.bigInt(0n, 2n ** 40n), (epoch) => {
          const first = firstBlockOfEpoch(network, epoch);
          const last = lastBlockOfEpoch(network, epoch);
          expect(epochOfBlock(network, first)).toBe(epoch);
          expect(epochOfBlock(network, last)).toBe(epoch);
          expect(epochOfBlock(network, last + 1n)).toBe(epoch + 1n);
          expect(last - first + 1n).toBe(blocksPerEpochAt(network, epoch));
          expect(isLastBlockOfEpoch(network, last)).toBe(true);
        }),
        propertyRuns(50),
      );
    },
  );

  test('the largest u64 has an epoch; a negative number has none', () => {
    const mainnet = networkOf('mainnet');
    const largest = 2n ** 64n - 1n;
    const epoch = epochOfBlock(mainnet, largest);
    expect(firstBlockOfEpoch(mainnet, epoch) <= largest).toBe(true);
    expect(lastBlockOfEpoch(mainnet, epoch) >= largest).toBe(true);
    for (const ask of [epochOfBlock, lastBlockOfEpoch, firstBlockOfEpoch, shardingAt]) {
      expect(() => ask(mainnet, -1n)).toThrow(NetworksError);
    }
    expect(() => isLastBlockOfEpoch(mainnet, -1n)).toThrow(NetworksError);
    expect(() => ethChainIdOfShard(mainnet, -1)).toThrow(NetworksError);
    expect(() => ethChainIdOfShard(mainnet, 2 ** 32)).toThrow(NetworksError);
    expect(() => ethChainIdOfShard(mainnet, 0.5)).toThrow(NetworksError);
  });
});

describe('block time', () => {
  test.each([
    ['mainnet', 0n, 5000],
    ['mainnet', 365n, 5000],
    ['mainnet', 366n, 2000],
    ['mainnet', 3002n, 2000],
    ['testnet', 1n, 5000],
    ['testnet', 2n, 2000],
    ['partner', 0n, 2000],
    ['partner', 17435n, 2000],
    ['partner', 17436n, 1000],
    ['localnet', 3n, 2000],
    ['localnet', 4n, 1000],
    ['reference', 0n, 2000],
  ])('%s epoch %s: %i ms', (name, epoch, period) => {
    expect(blockPeriodMs(networkOf(name), epoch)).toBe(period);
  });
});

describe('skipped epochs at the start of staking', () => {
  test.each([
    [0, []],
    [1, [181n, 182n, 183n, 184n, 185n]],
    [2, [184n, 185n]],
    [3, [183n, 184n, 185n]],
  ])('mainnet shard %i', (shardId, skipped) => {
    const found: bigint[] = [];
    for (let epoch = 170n; epoch < 200n; epoch++) {
      if (isSkippedEpoch(networkOf('mainnet'), shardId, epoch)) found.push(epoch);
    }
    expect(found).toEqual(skipped);
  });

  test('other networks skipped none', () => {
    for (const network of Object.values(networks)) {
      if (network.name !== 'mainnet') expect(network.skippedEpochs).toEqual([]);
    }
  });
});

describe('chain ids', () => {
  test.each([
    ['mainnet', 1n, 1666600000n],
    ['testnet', 2n, 1666700000n],
    ['localnet', 2n, 1666700000n],
    ['pangaea', 3n, 1666800000n],
    ['partner', 4n, 1666900000n],
    ['stressnet', 5n, 1667000000n],
    ['reference', 6n, 1668000000n],
  ])('%s', (name, harmony, ethereum) => {
    const network = networkOf(name);
    expect(chainIdOf(network, 'harmony', 3)).toBe(harmony);
    expect(chainIdOf(network, 'ethereum', 0)).toBe(ethereum);
    expect(chainIdOf(network, 'ethereum', 3)).toBe(ethereum + 3n);
    expect(shardOfEthChainId(network, ethereum + 1n, 2)).toBe(1);
    expect(shardOfEthChainId(network, ethereum + 2n, 2)).toBeUndefined();
    expect(shardOfEthChainId(network, ethereum - 1n, 2)).toBeUndefined();
  });
});
