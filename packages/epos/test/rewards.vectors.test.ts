/** Amounts, splits and payouts against vectors. */
import { localnet, mainnet, type Network, partner, shardingAt, testnet } from '@polyphony/networks';
import { decFromBigInt, hexToBytes, parseDec } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { addReward } from '../src/add-reward.js';
import {
  blockReward,
  preStakingShares,
  recoveryCredit,
  splitEmission,
} from '../src/block-reward.js';
import { crossLinkPayout, rewardRoster } from '../src/link-reward.js';
import { totalHoldings } from '../src/wrapper.js';
import { address, record, share } from './support.js';

const NETWORKS: Readonly<Record<string, Network>> = { localnet, mainnet, partner, testnet };

describe('the reward of a block', () => {
  const vectors = loadVectors<
    { block: number; epoch: number; network: string },
    { rewardAtto: string }
  >(import.meta.url, 'block-reward', { in: ['block', 'epoch', 'network'], out: ['rewardAtto'] });
  for (const { name, in: given, out } of vectors) {
    test(name, () => {
      const reward = blockReward(NETWORKS[given.network]!, BigInt(given.epoch));
      expect(reward).toBe(BigInt(out!.rewardAtto));
    });
  }
});

describe('before staking', () => {
  const vectors = loadVectors<{ reward: string; signers: number }, { firstShares: string[] }>(
    import.meta.url,
    'prestaking-split',
    { in: ['reward', 'signers'], out: ['firstShares'] },
  );
  for (const { name, in: given, out } of vectors) {
    test(name, () => {
      const shares = preStakingShares(BigInt(given.reward), given.signers);
      const first = shares.slice(0, out!.firstShares.length);
      expect(first.map(String)).toEqual(out!.firstShares);
      expect(shares.reduce((sum, each) => sum + each, 0n)).toBe(BigInt(given.reward));
    });
  }
});

describe('the recovery account', () => {
  const vectors = loadVectors<
    { blockReward: string; crossLinksInWindow: number; fractionToRecovery: string },
    { perBlockToRecovery: string; perBlockToValidators: string; recoveryCredit: string }
  >(import.meta.url, 'hip30-split', {
    in: ['blockReward', 'crossLinksInWindow', 'fractionToRecovery'],
    out: ['perBlockToRecovery', 'perBlockToValidators', 'recoveryCredit'],
  });
  for (const { name, in: given, out } of vectors) {
    test(name, () => {
      const split = splitEmission(BigInt(given.blockReward), parseDec(given.fractionToRecovery));
      expect(split.validators).toBe(decFromBigInt(BigInt(out!.perBlockToValidators)));
      expect(split.recovery).toBe(decFromBigInt(BigInt(out!.perBlockToRecovery)));
      const credit = recoveryCredit(split.recovery, given.crossLinksInWindow);
      expect(credit).toBe(BigInt(out!.recoveryCredit));
    });
  }
});

describe('one sealed block', () => {
  interface In {
    readonly bitmap: string;
    readonly effectiveStakes: readonly string[];
    readonly epoch: number;
    readonly harmonySlots: number;
    readonly reward: string;
  }
  interface Out {
    readonly counters: readonly { signed: string; toSign: string }[];
    readonly dust: string;
    readonly payouts: readonly { payout: string; signerIndex: number; slot: string }[];
    readonly total: string;
  }
  const vectors = loadVectors<In, Out>(import.meta.url, 'crosslink-payout', {
    in: ['bitmap', 'effectiveStakes', 'epoch', 'harmonySlots', 'reward'],
    out: ['counters', 'dust', 'payouts', 'total'],
  });
  const keyOf = (group: number, index: number): Uint8Array => {
    const key = new Uint8Array(48);
    key[0] = group;
    key[1] = index;
    return key;
  };
  for (const { name, in: given, out } of vectors) {
    test(name, () => {
      const external = given.effectiveStakes.map((stake, i) => ({
        address: address(1000 + i),
        blsPublicKey: keyOf(2, i),
        effectiveStake: parseDec(stake),
      }));
      const harmony = Array.from({ length: given.harmonySlots }, (_, i) => ({
        address: address(i),
        blsPublicKey: keyOf(1, i),
        effectiveStake: undefined,
      }));
      const slots = [...harmony, ...external];
      const { harmonyVoteShare } = shardingAt(mainnet, BigInt(given.epoch));
      const roster = rewardRoster({ shardId: 0, slots }, harmonyVoteShare);
      const bitmap = hexToBytes(`0x${given.bitmap}`);
      const paid = crossLinkPayout(roster, bitmap, decFromBigInt(BigInt(given.reward)));
      expect(
        paid.payouts.map(({ slot, amount }) => ({
          payout: String(amount),
          signerIndex: slot,
          slot: Buffer.from(slots[slot]!.blsPublicKey).toString('hex'),
        })),
      ).toEqual(out!.payouts);
      expect(paid.payouts.map((payout) => payout.address)).toEqual(
        out!.payouts.map(({ signerIndex }) => slots[signerIndex]!.address),
      );
      expect(paid.total).toBe(BigInt(out!.total));
      expect(BigInt(given.reward) - paid.total).toBe(BigInt(out!.dust));
      const counted = external.map(({ address: validator }) => paid.counters.get(validator)!);
      expect(
        counted.map(({ signed, toSign }) => ({ signed: String(signed), toSign: String(toSign) })),
      ).toEqual(out!.counters);
    });
  }
});

describe("one validator's reward", () => {
  interface In {
    readonly banned: boolean;
    readonly commissionRate: string;
    readonly delegations: readonly string[];
    readonly reward: string;
  }
  interface Out {
    readonly blockReward: string;
    readonly rewards: readonly string[];
    readonly sum: string;
  }
  const vectors = loadVectors<In, Out>(import.meta.url, 'reward-split', {
    in: ['banned', 'commissionRate', 'delegations', 'reward'],
    out: ['blockReward', 'rewards', 'sum'],
  });
  for (const { name, in: given, out } of vectors) {
    test(name, () => {
      const rate = parseDec(given.commissionRate);
      const before = record(1, {
        status: given.banned ? 'banned' : 'active',
        commission: { rate, maxRate: rate, maxChangeRate: rate, updateHeight: 0n },
        delegations: given.delegations.map((amount, i) => share(address(i + 1), BigInt(amount))),
      });
      const added = addReward(before, { snapshot: before, amount: BigInt(given.reward) });
      const { wrapper } = added;
      expect(wrapper.delegations.map(({ reward }) => String(reward))).toEqual(out!.rewards);
      expect(wrapper.blockReward).toBe(BigInt(out!.blockReward));
      expect(added.paid).toBe(BigInt(out!.sum));
      expect(totalHoldings(wrapper) - totalHoldings(before)).toBe(added.paid);
    });
  }
});
