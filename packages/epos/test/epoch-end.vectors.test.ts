/** Locked tokens and commissions at the end of an epoch, against vectors. */
import { formatDec, parseDec } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { raiseMaxRate, raiseToMinCommission } from '../src/commission.js';
import { lockTokens, unlockTokens } from '../src/undelegation.js';
import { address, refusalOf, share } from './support.js';

interface EntryJson {
  readonly amount: string;
  readonly epoch: string | number;
}

describe('unlocking', () => {
  interface UnlockIn {
    readonly currentEpoch: number;
    readonly lastEpochInCommittee: number;
    readonly lockPeriod: number;
    readonly maxRate: boolean;
    readonly noEarlyUnlock: boolean;
    readonly startAmount: string;
    readonly undelegate: readonly EntryJson[];
  }
  interface UnlockOut {
    readonly amountLeft: string;
    readonly left: readonly EntryJson[];
    readonly stored: readonly EntryJson[];
    readonly withdraw: string;
  }
  const entries = (list: readonly EntryJson[]) =>
    list.map(({ amount, epoch }) => ({ amount: BigInt(amount), epoch: BigInt(epoch) }));
  const vectors = loadVectors<UnlockIn, UnlockOut>(import.meta.url, 'undelegation-unlock', {
    out: ['amountLeft', 'left', 'stored', 'withdraw'],
  });
  for (const { name, in: given, out } of vectors) {
    test(name, () => {
      let delegation = share(address(1), BigInt(given.startAmount));
      for (const { amount, epoch } of entries(given.undelegate)) {
        delegation = lockTokens(delegation, epoch, amount);
      }
      expect(delegation.amount).toBe(BigInt(out!.amountLeft));
      expect(delegation.undelegations).toEqual(entries(out!.stored));
      const rule = {
        epoch: BigInt(given.currentEpoch),
        lastEpochInCommittee: BigInt(given.lastEpochInCommittee),
        lockPeriod: BigInt(given.lockPeriod),
        noEarlyUnlock: given.noEarlyUnlock,
        forfeitsOlder: given.maxRate,
      };
      const unlocked = unlockTokens(delegation, rule);
      expect(unlocked.paid).toBe(BigInt(out!.withdraw));
      expect(unlocked.delegation.undelegations).toEqual(entries(out!.left));
      const sum = (list: readonly { amount: bigint }[]) =>
        list.reduce((total, { amount }) => total + amount, 0n);
      const gone = sum(delegation.undelegations) - sum(unlocked.delegation.undelegations);
      expect(unlocked.paid + unlocked.forfeited).toBe(gone);
    });
  }
});

describe('amounts', () => {
  const vectors = loadVectors<
    { have: number; undelegate: number },
    { amountLeft: string; error?: string }
  >(import.meta.url, 'undelegate-amount', {
    in: ['have', 'undelegate'],
    out: ['amountLeft', 'error'],
  });
  for (const { name, in: given, out } of vectors) {
    test(name, () => {
      const delegation = share(address(1), BigInt(given.have));
      let left = delegation;
      const error = refusalOf(() => {
        left = lockTokens(delegation, 3n, BigInt(given.undelegate));
      });
      expect(error?.message).toBe(out!.error);
      expect(left.amount).toBe(BigInt(out!.amountLeft));
    });
  }
});

describe('commission', () => {
  interface MinIn {
    readonly electionEpoch: number;
    readonly firstElectionEpoch: number;
    readonly minRate: string;
    readonly promoPeriod: number;
    readonly rate: string;
  }
  const lowest = loadVectors<MinIn, { changed: boolean; rate: string }>(
    import.meta.url,
    'commission-min',
    { out: ['changed', 'rate'] },
  );
  for (const { name, in: given, out } of lowest) {
    test(`lowest: ${name}`, () => {
      const before = parseDec(given.rate);
      const after = raiseToMinCommission(before, parseDec(given.minRate), {
        firstElectionEpoch: BigInt(given.firstElectionEpoch),
        epoch: BigInt(given.electionEpoch),
        promoPeriod: BigInt(given.promoPeriod),
      });
      expect(formatDec(after)).toBe(out!.rate);
      expect(after !== before).toBe(out!.changed);
    });
  }

  interface MaxIn {
    readonly maxChangeRate: string;
    readonly maxRate: string;
    readonly minRate: string;
    readonly topMaxRate: boolean;
  }
  const highest = loadVectors<MaxIn, { maxRate: string }>(import.meta.url, 'commission-max', {
    out: ['maxRate'],
  });
  for (const { name, in: given, out } of highest) {
    test(`highest: ${name}`, () => {
      const { maxRate, maxChangeRate, minRate, topMaxRate } = given;
      const raised = raiseMaxRate(
        parseDec(maxRate),
        parseDec(maxChangeRate),
        parseDec(minRate),
        topMaxRate,
      );
      expect(formatDec(raised)).toBe(out!.maxRate);
    });
  }
});
