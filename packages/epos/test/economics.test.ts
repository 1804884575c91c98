/** Figures: issuance of each era, supply, returns, stats, reports, concentration. */
import { localnet, mainnet, partner, reference, testnet } from '@polyphony/networks';
import {
  bytesToPlainHex,
  type Dec,
  decFromBigInt,
  formatDec,
  parseDec,
} from '@polyphony/primitives';
import { hostileBytes, mutateBytes, seededRandom } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { type AprEntry, appendApr, computeApr, expectedReturn } from '../src/apr.js';
import { giniCoefficient, nakamotoCoefficient } from '../src/concentration.js';
import { EposError } from '../src/errors.js';
import {
  COMMON_YEAR_SECONDS,
  emissionRate,
  issuance,
  netIssuance,
  yearlyIssuance,
} from '../src/issuance.js';
import { stakedFraction, utilityMetrics, utilityMetricsReply } from '../src/network-metrics.js';
import { genesisSupply, preStakingRewards, releasedFraction, supply } from '../src/supply.js';
import { rawStakePerSlot, updateStats } from '../src/update-stats.js';
import { candidacyText, validatorReport } from '../src/validator-report.js';
import {
  decodeValidatorStats,
  EMPTY_STATS,
  encodeValidatorStats,
  type ValidatorStats,
} from '../src/validator-stats.js';
import {
  address,
  committeeFrom,
  key,
  ledgerOf,
  networkWith,
  ONE,
  record,
  refusalOf,
  rewardNetwork,
  share,
} from './support.js';

describe('issuance', () => {
  test.each([
    [186n, '441504000', '0'],
    [229n, '441504000', '0'],
    [230n, '441504000', '0'],
    [366n, '441504000', '0'],
    [1672n, '441504000', '0'],
    [1673n, '331128000', '110376000'],
  ])('mainnet from epoch %i: a year of 365 days', (epoch, toValidators, toRecovery) => {
    const year = yearlyIssuance(mainnet, epoch, COMMON_YEAR_SECONDS);
    expect(year.toValidators).toBe(BigInt(toValidators) * ONE);
    expect(year.toRecovery).toBe(BigInt(toRecovery) * ONE);
    expect(year.total).toBe(year.toValidators + year.toRecovery);
  });

  test('block times that the rewards were made for', () => {
    const times = [0n, 186n, 230n, 366n].map((epoch) => emissionRate(mainnet, epoch).blockMs);
    expect(times).toEqual([8000, 8000, 5000, 2000]);
    expect(emissionRate(localnet, 4n).blockMs).toBe(1000);
  });

  test('of a range of epochs: all blocks of all shards', () => {
    expect(issuance(mainnet, { from: 1672n, to: 1672n }).total).toBe(32768n * 4n * 7n * ONE);
    const both = issuance(mainnet, { from: 1672n, to: 1673n });
    expect(both.toRecovery).toBe((32768n * 2n * 7n * ONE) / 2n);
    for (const range of [
      { from: 2n, to: 1n },
      { from: -1n, to: 1n },
      { from: 0n, to: 100_000n },
    ]) {
      expect(refusalOf(() => issuance(mainnet, range))?.code).toBe('epos/out-of-range');
    }
  });

  test('the reference network: a year of its own is within the cap, an atto more per block is not', () => {
    const { yearlyIssuance: cap, yearSeconds } = reference.economy!;
    const { total } = yearlyIssuance(reference, 0n, yearSeconds);
    expect(total).toBeLessThanOrEqual(cap);
    expect(total + (yearSeconds * 4n) / 2n).toBeGreaterThan(cap);
  });

  test('net of what is burnt', () => {
    expect(netIssuance({ issued: 10n, burntFees: 3n, burntStake: 9n })).toBe(-2n);
  });
});

describe('supply', () => {
  test('genesis and rewards before staking', () => {
    expect(genesisSupply(mainnet)).toBe(12_600_000_000n * ONE);
    expect(genesisSupply(localnet)).toBe(4n * 10n ** 28n);
    expect(preStakingRewards(mainnet)).toBe(319_237_464n * ONE);
    expect(preStakingRewards(testnet)).toBe(7104n * ONE);
    expect(preStakingRewards(localnet)).toBe(2n * 24n * 19n * ONE);
    expect(preStakingRewards(partner)).toBe(0n);
    expect(preStakingRewards({ preStakingBlocks: [0n, 1n, 2n] })).toBe(24n * ONE);
  });

  test('total and circulating', () => {
    const state = { accumulated: 1000n * ONE, time: 1_638_230_400n, inaccessible: 5n };
    const { total, circulating } = supply(mainnet, state);
    expect(formatDec(total)).toBe('12919238464');
    const free = 12_600_000_000n * 856_135_555_555_555n * 1000n;
    expect(circulating).toBe(free + (319_237_464n + 1000n) * ONE - 5n);
    expect(supply(partner, { accumulated: 0n, time: 0n }).circulating).toBe(genesisSupply(partner));
  });

  test('before its first step the plan has its first share, after the last all is free', () => {
    expect(formatDec(releasedFraction(mainnet, 0n))).toBe('0.242864761904762');
    expect(formatDec(releasedFraction(mainnet, 1_682_812_799n))).toBe('0.948773809523808');
    expect(formatDec(releasedFraction(mainnet, 1n << 60n))).toBe('1');
  });

  test('metrics: the staked part leaves out what was issued before staking', () => {
    const state = { staked: 6_300_000_000n * ONE, accumulated: 0n, time: 1n << 60n };
    expect(formatDec(stakedFraction(mainnet, state))).toBe('0.5');
    const metrics = utilityMetrics(mainnet, { ...state, accumulated: 12_600_000_000n * ONE });
    expect(utilityMetricsReply(metrics)).toEqual({
      AccumulatorSnapshot: 12_600_000_000n * ONE,
      CurrentStakedPercentage: '0.25',
      Deviation: '0.1',
      Adjustment: '4000000000000000000',
    });
  });
});

describe('returns', () => {
  const entry = (epoch: number, apr = '0.1'): AprEntry => ({
    epoch: BigInt(epoch),
    apr: parseDec(apr),
  });

  test('an epoch is entered once; 31 remain', () => {
    let history: readonly AprEntry[] = [];
    for (let epoch = 1; epoch <= 40; epoch++) history = appendApr(history, entry(epoch));
    expect(history).toHaveLength(31);
    expect([history[0]!.epoch, history.at(-1)!.epoch]).toEqual([10n, 40n]);
    // The node drops the oldest although it enters nothing.
    expect(appendApr(history, entry(40))).toEqual(history.slice(1));
    expect(appendApr([entry(1)], entry(1, '0.5'))).toEqual([entry(1)]);
  });

  test('the mean, and what is left of it after commission', () => {
    const history = [entry(1, '0.1'), entry(2, '0.2'), entry(3, '0.2')];
    expect(formatDec(expectedReturn(history))).toBe('0.166666666666666666');
    expect(formatDec(expectedReturn(history, parseDec('0.5')))).toBe('0.083333333333333333');
    expect(expectedReturn([])).toBe(0n);
  });

  test('time must not run backwards', () => {
    const period = { reward: 1n, seconds: -1n, stake: 1n };
    expect(refusalOf(() => computeApr(period))?.message).toBe('time stamp diff cannot be negative');
  });
});

const stats: ValidatorStats = {
  aprs: [{ epoch: 7n, apr: parseDec('0.09') }],
  totalEffectiveStake: decFromBigInt(100n * ONE),
  votes: [
    {
      address: address(1),
      blsPublicKey: key('k1'),
      group: parseDec('0.5'),
      effectiveStake: decFromBigInt(100n * ONE),
      rawStake: decFromBigInt(120n * ONE),
      overall: parseDec('0.25'),
      shardId: 1,
      earned: 0n,
    },
  ],
  booted: 'lost-auction',
};

describe('stats', () => {
  test('nested as the node nests its structures', () => {
    expect(bytesToPlainHex(encodeValidatorStats(EMPTY_STATS))).toBe('c5c0c180c080');
    const bytes = encodeValidatorStats(stats);
    expect(decodeValidatorStats(bytes)).toEqual(stats);
    expect(bytesToPlainHex(bytes)).toContain(
      `c988${(25n * 10n ** 16n).toString(16).padStart(16, '0')}`,
    );
    expect(bytes.at(-1)).toBe(2);
  });

  test.each(hostileBytes)('refuses %s', (_name, hostile) => {
    expect(refusalOf(() => decodeValidatorStats(hostile))?.code).toBe('epos/invalid-encoding');
  });

  test('changed bytes are refused, or are the bytes of what they decode to', () => {
    const random = seededRandom(Number(process.env.SEED ?? 31));
    const bytes = encodeValidatorStats(stats);
    for (let i = 0; i < 1000; i++) {
      const hostile = mutateBytes(bytes, random);
      try {
        expect(encodeValidatorStats(decodeValidatorStats(hostile))).toEqual(hostile);
      } catch (error) {
        if (!(error instanceof EposError)) throw error;
        expect(error.code).toBe('epos/invalid-encoding');
      }
    }
    const harmony = bytesToPlainHex(bytes).replace('80c988', '01c988');
    const asHarmony = Uint8Array.from(Buffer.from(harmony, 'hex'));
    expect(refusalOf(() => decodeValidatorStats(asHarmony))?.code).toBe('epos/invalid-encoding');
    const wrong = { ...stats, votes: [{ ...stats.votes[0]!, shardId: -1 }] };
    expect(refusalOf(() => encodeValidatorStats(wrong))?.code).toBe('epos/invalid-encoding');
  });

  test('raw stake per slot is over the keys that HIP-16 leaves', () => {
    const five = record(1, { blsPublicKeys: ['k1', 'k2', 'k3', 'k4', 'k5'].map(key) });
    const each = (slotLimit: number) => rawStakePerSlot(five, { shardCount: 2, slotLimit });
    expect(each(0)).toBe(decFromBigInt(4000n * ONE));
    expect(each(2)).toBe(decFromBigInt(10_000n * ONE));
    expect(rawStakePerSlot(record(1, { blsPublicKeys: [] }), { shardCount: 2, slotLimit: 0 })).toBe(
      0n,
    );
  });

  test('at the end of an epoch: leavers, members, newcomers', () => {
    const network = rewardNetwork({ twoSeconds: 0n });
    const [a, b, c, d] = [1, 2, 3, 4].map(address);
    const epochs = (rewards: readonly bigint[]) =>
      rewards.map((blockReward, i) =>
        record(i + 1, {
          blockReward,
          status: i === 1 ? 'inactive' : i === 3 ? 'banned' : 'active',
        }),
      );
    const snapshots = [
      [5n, epochs([0n, 0n, 0n, 0n])],
      [6n, epochs([50n, 0n, 0n, 0n])],
    ] as const;
    const wrappers = epochs([100n * ONE, 10n * ONE, 1n * ONE, 0n]);
    const ledger = ledgerOf({ wrappers, snapshots });
    const committee = (...seats: (readonly [typeof a, bigint])[]) => ({
      epoch: 5n,
      committees: [committeeFrom(0, seats as never)],
    });
    const update = {
      current: committee([a!, 10n], [b!, 10n], [d!, 10n]),
      next: committee([a!, 10n], [a!, 30n], [c!, 40n]),
      seconds: 100n,
      statsOf: (account: typeof a) => (account === b ? stats : undefined),
    };
    const context = { network, epoch: 5n, blockNumber: 119n };
    const after = updateStats(ledger, update as never, context);
    expect([...after.keys()]).toEqual([b, d, a, c]);
    expect(after.get(b!)!.booted).toBe('inactive-or-insufficient-uptime');
    expect(after.get(d!)!.booted).toBe('banned');
    expect(after.get(b!)!.aprs.map(({ epoch }) => epoch)).toEqual([7n, 5n]);
    const own = after.get(a!)!;
    expect(own.totalEffectiveStake).toBe(decFromBigInt(40n * ONE));
    expect(own.votes.map(({ group }) => formatDec(group))).toEqual(['0.125', '0.375']);
    expect(own.votes[0]!.rawStake).toBe(decFromBigInt(10_000n * ONE));
    const apr = computeApr({ reward: 100n * ONE, seconds: 100n, stake: 20_000n * ONE });
    expect(own.aprs).toEqual([{ epoch: 5n, apr }]);
    expect(after.get(c!)!.aprs).toEqual([]);
    expect(decodeValidatorStats(encodeValidatorStats(own))).toEqual(own);
  });
});

describe('the report of a validator', () => {
  const network = networkWith({ hip32: 0n });
  const wrapper = record(1, {
    lastEpochInCommittee: 5n,
    counters: { toSign: 30n, signed: 21n },
    delegations: [share(address(1), 20_000n * ONE), share(address(2), 5n * ONE)],
  });
  const snapshot = { ...wrapper, counters: { toSign: 20n, signed: 20n } };
  const at = (epoch: bigint) => ({ network, epoch });

  test('a member', () => {
    const report = validatorReport({ wrapper, snapshot, stats }, at(5n));
    expect(report).toMatchObject({
      totalDelegation: 20_005n * ONE,
      isInCommittee: true,
      eposStatus: 'currently elected',
      activeStatus: 'active',
      bootedStatus: null,
      winningStake: decFromBigInt(100n * ONE),
      signing: { toSign: 10n, signed: 1n, percentage: parseDec('0.1'), isBelowThreshold: true },
    });
    expect(report.votes).toBe(stats.votes);
    expect(formatDec(report.lifetime.apr)).toBe('0.09');
    expect(formatDec(report.lifetime.delegatorReturn)).toBe('0.054');
  });

  test('outside the committees', () => {
    const report = validatorReport({ wrapper, snapshot, stats }, at(6n));
    expect(report).toMatchObject({
      isInCommittee: false,
      eposStatus: 'eligible to be elected next epoch',
      bootedStatus: 'lost epos auction',
      winningStake: null,
      signing: null,
      votes: null,
    });
  });

  test('without stats or snapshot', () => {
    expect(validatorReport({ wrapper, snapshot }, at(5n))).toMatchObject({
      bootedStatus: 'not booted',
      signing: { signed: 1n },
      winningStake: null,
    });
    const bare = validatorReport({ wrapper, stats }, at(5n));
    expect([bare.bootedStatus, bare.signing, bare.lifetime.apr]).toEqual([null, null, 0n]);
  });

  test('the words of candidacy', () => {
    expect(candidacyText(true, 'banned')).toMatch(/^banned forever/);
    expect(candidacyText(false, 'inactive')).toBe('not eligible to be elected next epoch');
    expect(candidacyText(true, 'inactive')).toBe('currently elected');
  });
});

describe('concentration', () => {
  const gini = (amounts: readonly bigint[]): string => formatDec(giniCoefficient(amounts) as Dec);

  test('Nakamoto: the fewest who hold more than a part', () => {
    expect(nakamotoCoefficient([34n, 33n, 33n])).toBe(1);
    // A third is not more than a third.
    expect(nakamotoCoefficient([1n, 1n, 1n])).toBe(2);
    expect(nakamotoCoefficient(Array(100).fill(1n))).toBe(34);
    const two = { numerator: 2n, denominator: 3n };
    expect(nakamotoCoefficient(Array(100).fill(1n), two)).toBe(67);
    expect(nakamotoCoefficient([])).toBe(0);
    expect(nakamotoCoefficient([0n, 0n])).toBe(0);
  });

  test('Gini: from 0 to nearly 1', () => {
    expect(gini([5n, 5n, 5n])).toBe('0');
    expect(gini([3n, 1n])).toBe('0.25');
    expect(gini([0n, 0n, 0n, 1n])).toBe('0.75');
    expect(gini([1n, 2n, 3n])).toBe('0.222222222222222222');
    expect(gini([])).toBe('0');
    expect(gini([0n])).toBe('0');
  });

  test('negative holdings are refused', () => {
    for (const measure of [nakamotoCoefficient, giniCoefficient]) {
      expect(refusalOf(() => measure([1n, -1n]))?.code).toBe('epos/out-of-range');
    }
  });
});
