/** Issuance, supply and returns against vectors. */
import { localnet, mainnet, type Network, testnet } from '@polyphony/networks';
import { formatDec, parseDec, parseOne } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { computeApr, expectedYearlyReward } from '../src/apr.js';
import { COMMON_YEAR_SECONDS, emission, JULIAN_YEAR_SECONDS } from '../src/issuance.js';
import { stakingAdjustment } from '../src/network-metrics.js';
import { preStakingRewards, releasedFraction } from '../src/supply.js';
import { refusalOf } from './support.js';

const NETWORKS: Readonly<Record<string, Network>> = { localnet, mainnet, testnet };

describe('emission', () => {
  const vectors = loadVectors<
    { blockSeconds: number; rewardPerBlock: string; shards: number },
    { attoPer365Days: string; attoPer365_25Days: string; attoPerSecond: string }
  >(import.meta.url, 'emission', {
    in: ['blockSeconds', 'rewardPerBlock', 'shards'],
    out: ['attoPer365Days', 'attoPer365_25Days', 'attoPerSecond'],
  });
  for (const { name, in: given, out } of vectors) {
    test(name, () => {
      const rate = {
        reward: parseOne(given.rewardPerBlock),
        shards: given.shards,
        blockMs: given.blockSeconds * 1000,
      };
      expect(emission(rate, 1n)).toBe(BigInt(out!.attoPerSecond));
      expect(emission(rate, COMMON_YEAR_SECONDS)).toBe(BigInt(out!.attoPer365Days));
      expect(emission(rate, JULIAN_YEAR_SECONDS)).toBe(BigInt(out!.attoPer365_25Days));
    });
  }
});

describe('supply', () => {
  interface In {
    readonly date?: string;
    readonly lastPreStakingBlocks?: readonly number[];
    readonly network: string;
    readonly unix?: number;
  }
  const vectors = loadVectors<In, { fraction?: string; rewardsAtto?: string }>(
    import.meta.url,
    'supply',
    {
      in: ['date', 'lastPreStakingBlocks', 'network', 'unix'],
      out: ['fraction', 'rewardsAtto'],
    },
  );
  for (const { name, in: given, out } of vectors) {
    test(name, () => {
      const network = NETWORKS[given.network]!;
      if (out!.rewardsAtto !== undefined) {
        expect(preStakingRewards(network)).toBe(BigInt(out!.rewardsAtto));
        const blocks = given.lastPreStakingBlocks;
        if (blocks !== undefined) expect(network.preStakingBlocks).toEqual(blocks.map(BigInt));
      } else {
        const fraction = releasedFraction(network, BigInt(given.unix!));
        expect(formatDec(fraction)).toBe(out!.fraction);
      }
    });
  }
});

describe('yearly return', () => {
  const vectors = loadVectors<
    { rewardDelta: string; secondsDelta: string; snapshotTotalDelegation: string },
    { apr?: string; error?: string; expectedRewardPerYear?: string }
  >(import.meta.url, 'apr', {
    in: ['rewardDelta', 'secondsDelta', 'snapshotTotalDelegation'],
    out: ['apr', 'error', 'expectedRewardPerYear'],
  });
  for (const { name, in: given, out } of vectors) {
    test(name, () => {
      const period = {
        reward: BigInt(given.rewardDelta),
        seconds: BigInt(given.secondsDelta),
        stake: BigInt(given.snapshotTotalDelegation),
      };
      const error = refusalOf(() => {
        expect(formatDec(computeApr(period))).toBe(out!.apr);
        expect(expectedYearlyReward(period)).toBe(BigInt(out!.expectedRewardPerYear!));
      });
      expect(error?.message).toBe(out!.error);
    });
  }
});

describe('adjustment to a staked part of 0.35', () => {
  const vectors = loadVectors<{ percentStaked: string }, { adjustment: string; deviation: string }>(
    import.meta.url,
    'utility-metrics',
    { in: ['percentStaked'], out: ['adjustment', 'deviation'] },
  );
  for (const { name, in: given, out } of vectors) {
    test(name, () => {
      const { deviation, adjustment } = stakingAdjustment(parseDec(given.percentStaked));
      expect(formatDec(deviation)).toBe(out!.deviation);
      expect(formatDec(adjustment)).toBe(out!.adjustment);
    });
  }
});
