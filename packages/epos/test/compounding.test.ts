/** Rewards that are staked again by choice. */
import { reference } from '@polyphony/networks';
import { describe, expect, test } from 'vitest';
import {
  type CompoundingChoices,
  chooseCompounding,
  compoundingPlace,
  compoundRewards,
} from '../src/compounding.js';
import type { ValidatorWrapper } from '../src/types.js';
import { totalHoldings } from '../src/wrapper.js';
import { address, ledgerOf, networkWith, ONE, record, refusalOf, share } from './support.js';

const [A, B, C] = [address(1), address(2), address(3)] as const;
const network = networkWith({}, 20n, 10n, { economy: reference.economy });
const context = { network, epoch: 5n, blockNumber: 119n };
const none: CompoundingChoices = new Map();

const withRewards = (change: Partial<ValidatorWrapper> = {}) =>
  record(1, {
    delegations: [
      share(A, 20_000n * ONE, { reward: 7n }),
      share(B, 10n * ONE, { reward: 30n * ONE, undelegations: [{ amount: 4n, epoch: 3n }] }),
      share(C, 10n * ONE, { reward: 40n * ONE }),
    ],
    ...change,
  });

describe('choosing', () => {
  const ledger = ledgerOf({ wrappers: [withRewards()] });
  const choose = (delegator: typeof A, validator: typeof A, compounds = true, choices = none) =>
    chooseCompounding(ledger, choices, { delegator, validator, compounds }, context);

  test('a delegator of the validator may, and may take it back', () => {
    const chosen = choose(B, A);
    expect(chosen).toEqual(new Map([[B, new Set([A])]]));
    expect(none.size).toBe(0);
    expect(choose(B, A, true, chosen)).toEqual(chosen);
    expect(choose(B, A, false, chosen)).toEqual(none);
    expect(choose(C, A, false)).toEqual(none);
  });

  test('nobody else, and not everywhere', () => {
    expect(refusalOf(() => choose(address(9), A))?.code).toBe('epos/no-delegation');
    expect(refusalOf(() => choose(B, B))?.code).toBe('epos/no-validator');
    const live = { ...context, network: networkWith({}) };
    const choice = { delegator: B, validator: A, compounds: true };
    const run = () => chooseCompounding(ledger, none, choice, live);
    expect(refusalOf(run)?.code).toBe('epos/no-compounding');
  });

  test('each validator has a place of its own', () => {
    expect(compoundingPlace(A)).toMatch(/^0x[0-9a-f]{64}$/);
    expect(compoundingPlace(A)).not.toBe(compoundingPlace(B));
  });
});

describe('staking again', () => {
  const both: CompoundingChoices = new Map([
    [B, new Set([A])],
    [C, new Set([A, address(9)])],
  ]);
  const run = (change: Partial<ValidatorWrapper> = {}, choices = both, where = context) => {
    const ledger = ledgerOf({ wrappers: [withRewards(change)] });
    const { wrappers, balances, issued, burned } = compoundRewards(ledger, choices, where);
    expect([balances.size, issued, burned]).toEqual([0, 0n, 0n]);
    const after = wrappers.get(A);
    if (after !== undefined) expect(totalHoldings(after)).toBe(totalHoldings(withRewards()));
    return after?.delegations.map(({ amount, reward }) => [amount, reward]);
  };

  test('the reward of a chosen delegation becomes its stake', () => {
    expect(run()).toEqual([
      [20_000n * ONE, 7n],
      [40n * ONE, 0n],
      [50n * ONE, 0n],
    ]);
  });

  test('up to the largest total, in the order of the delegations', () => {
    expect(run({ maxTotalDelegation: 20_055n * ONE })).toEqual([
      [20_000n * ONE, 7n],
      [40n * ONE, 0n],
      [15n * ONE, 35n * ONE],
    ]);
    expect(run({ maxTotalDelegation: 20_020n * ONE })).toBeUndefined();
  });

  test('not with a banned validator, not without a choice, not where the network has none', () => {
    expect(run({ status: 'banned' })).toBeUndefined();
    expect(run({}, none)).toBeUndefined();
    expect(run({}, both, { ...context, network: networkWith({}) })).toBeUndefined();
  });
});
