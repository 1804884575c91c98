/** What slashing takes, against vectors. */
import { type Address, formatDec, parseDec } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  legacySlashRate,
  type SlashOutcome,
  slashDelegations,
  slashDelegationsLegacy,
  slashShare,
} from '../src/slash.js';
import type { Delegation } from '../src/types.js';
import { refusalOf } from './support.js';

interface DelegationJson {
  readonly amount: string;
  readonly delegator: Address;
  readonly reward: string;
  readonly undelegations: readonly { readonly amount: string; readonly epoch: string }[];
}

const delegationsOf = (list: readonly DelegationJson[]): readonly Delegation[] =>
  list.map(({ amount, delegator, reward, undelegations }) => ({
    delegator,
    amount: BigInt(amount),
    reward: BigInt(reward),
    undelegations: undelegations.map((entry) => ({
      amount: BigInt(entry.amount),
      epoch: BigInt(entry.epoch),
    })),
  }));

interface SlashOut {
  readonly current?: readonly DelegationJson[];
  readonly totalSlashed?: string;
  readonly beneficiaryReward?: string;
  readonly beneficiaryBalance?: string;
  readonly status?: string;
  readonly panic?: string;
}

function expectOutcome(outcome: SlashOutcome | undefined, out: SlashOut): void {
  expect(outcome!.delegations).toEqual(delegationsOf(out.current!));
  expect(outcome!.slashed).toBe(BigInt(out.totalSlashed!));
  expect(outcome!.reward).toBe(BigInt(out.beneficiaryReward!));
}

describe('the rule in force', () => {
  interface SlashIn {
    readonly current: readonly DelegationJson[];
    readonly snapshot: readonly DelegationJson[];
    readonly doubleSignEpoch: number;
    readonly validatorDebt?: string;
  }
  const vectors = loadVectors<SlashIn, SlashOut>(import.meta.url, 'slash', {
    in: ['current', 'snapshot', 'doubleSignEpoch', 'validatorDebt'],
  });
  for (const { name, in: given, out } of vectors) {
    test(name, () => {
      let outcome: SlashOutcome | undefined;
      const refused = refusalOf(() => {
        outcome = slashDelegations(delegationsOf(given.snapshot), delegationsOf(given.current), {
          epoch: BigInt(given.doubleSignEpoch),
          ...(given.validatorDebt === undefined ? {} : { ownDebt: BigInt(given.validatorDebt) }),
          ownStake: 'current',
          skipsWithoutExternalStake: false,
        });
      });
      expect(refused?.message).toBe(out!.panic);
      if (out!.panic === undefined) expectOutcome(outcome, out!);
    });
  }
});

describe('the rule until December 2022', () => {
  interface LegacyIn {
    readonly current: readonly DelegationJson[];
    readonly snapshot: readonly DelegationJson[];
    readonly doubleSignEpoch: number;
    readonly rate: string;
  }
  const vectors = loadVectors<LegacyIn, SlashOut>(import.meta.url, 'slash-legacy', {
    in: ['current', 'snapshot', 'doubleSignEpoch', 'rate'],
    out: ['current', 'totalSlashed', 'beneficiaryReward'],
  });
  for (const { name, in: given, out } of vectors) {
    test(name, () => {
      const rule = { epoch: BigInt(given.doubleSignEpoch), rate: parseDec(given.rate) };
      const snapshot = delegationsOf(given.snapshot);
      expectOutcome(slashDelegationsLegacy(snapshot, delegationsOf(given.current), rule), out!);
    });
  }

  interface RateIn {
    readonly doubleSigningKeys: readonly number[];
    readonly groupPercentByKey: Readonly<Record<string, string>>;
  }
  const rates = loadVectors<RateIn, { rate: string }>(import.meta.url, 'slash-legacy-rate', {
    out: ['rate'],
  });
  for (const { name, in: given, out } of rates) {
    test(`rate: ${name}`, () => {
      const known = given.doubleSigningKeys.flatMap((key) => given.groupPercentByKey[key] ?? []);
      expect(formatDec(legacySlashRate(known.map(parseDec)))).toBe(out!.rate);
    });
  }
});

describe('a part of an amount', () => {
  const vectors = loadVectors<{ amount: string; rate: string }, { slash: string }>(
    import.meta.url,
    'slash-rate-apply',
    { in: ['amount', 'rate'], out: ['slash'] },
  );
  for (const { name, in: given, out } of vectors) {
    test(name, () => {
      expect(slashShare(BigInt(given.amount), parseDec(given.rate))).toBe(BigInt(out!.slash));
    });
  }
});
