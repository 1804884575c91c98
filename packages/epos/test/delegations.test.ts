/** Delegating, collecting, payouts and tables beyond the vectors. */
import { mainnet } from '@polyphony/networks';
import { bytesToBigInt } from '@polyphony/primitives';
import { hostileBytes, mutateBytes, propertyRuns, seededRandom } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { transition } from '../src/access.js';
import { collectRewards } from '../src/collect-rewards.js';
import { createValidator } from '../src/create-validator.js';
import { delegate, minDelegationAt, undelegate } from '../src/delegate.js';
import {
  decodeDelegationIndex,
  encodeDelegationIndex,
  indexDirectives,
} from '../src/delegation-index.js';
import { EposError } from '../src/errors.js';
import type { StakingView, ValidatorWrapper } from '../src/types.js';
import { lockPeriodAt, payoutUndelegations } from '../src/undelegation.js';
import {
  address,
  createMessage,
  key,
  ledgerOf,
  networkWith,
  ONE,
  record,
  refusalOf,
  registration,
  share,
  viewWith,
} from './support.js';

const delegator = address(200);
const redelegating = networkWith({ redelegation: 0n, minDelegation100: 0n });
const context = registration(redelegating);
const staked = (validator: number, amount: bigint) =>
  ({
    type: 'delegate',
    delegatorAddress: delegator,
    validatorAddress: address(validator),
    amount,
  }) as const;

/** Three validators, each with a share of the delegator. */
function three(shares: readonly Partial<ValidatorWrapper['delegations'][number]>[]) {
  return shares.map((rest, i) =>
    record(i + 1, {
      delegations: [share(address(i + 1), 20_000n * ONE), share(delegator, 0n, rest)],
    }),
  );
}

describe('redelegation', () => {
  const locked = (amount: bigint, epoch: bigint) => ({ amount: amount * ONE, epoch });

  test('oldest entries of the first validators go first, of earlier epochs only', () => {
    const view = ledgerOf({
      wrappers: three([
        { undelegations: [locked(100n, 2n), locked(100n, 4n), locked(100n, 5n)] },
        { undelegations: [locked(0n, 1n), locked(50n, 3n)] },
        { undelegations: [locked(500n, 4n)] },
      ]),
      balances: [[delegator, 7n]],
    });
    const { wrappers, balances, logs } = delegate(view, staked(2, 300n * ONE), context);
    const own = (validator: number) => wrappers.get(address(validator))!.delegations[1]!;
    expect(own(1).undelegations).toEqual([locked(100n, 5n)]);
    expect(own(2)).toEqual(share(delegator, 300n * ONE));
    expect(own(3).undelegations).toEqual([locked(450n, 4n)]);
    expect(balances.size).toBe(0);
    expect(logs).toHaveLength(3);
  });

  test('logs are in the order of addresses, whatever the order of the index', () => {
    const wrappers = three([
      { undelegations: [locked(60n, 2n)] },
      { undelegations: [locked(60n, 2n)] },
    ]);
    const view = viewWith(ledgerOf({ wrappers, balances: [[delegator, 0n]] }), {
      delegationsOf: () =>
        [2, 1].map((number) => ({ validator: address(number), index: 1, blockNumber: 0n })),
    });
    const { logs } = delegate(view, staked(1, 100n * ONE), context);
    expect(logs.map(({ data }) => data[0])).toEqual([1, 2]);
    expect(logs.map(({ data }) => bytesToBigInt(data.subarray(20)))).toEqual([
      40n * ONE,
      60n * ONE,
    ]);
  });

  test('a share made in this block is not seen', () => {
    const wrappers = three([{ undelegations: [locked(100n, 2n)], reward: 5n }]);
    const at = (blockNumber: bigint) =>
      viewWith(ledgerOf({ wrappers, balances: [[delegator, 0n]] }), {
        delegationsOf: () => [{ validator: address(1), index: 1, blockNumber }],
      });
    const collect = { type: 'collect-rewards', delegatorAddress: delegator } as const;
    expect(delegate(at(99n), staked(1, 100n * ONE), context).balances.size).toBe(0);
    expect(collectRewards(at(99n), collect, context).balances.get(delegator)).toBe(5n);
    expect(refusalOf(() => delegate(at(100n), staked(1, 100n * ONE), context))?.message).toBe(
      `totalRedelegatable: 0, balance: 0; trying to stake ${100n * ONE}: insufficient balance to stake`,
    );
    expect(refusalOf(() => collectRewards(at(100n), collect, context))?.code).toBe(
      'epos/no-rewards',
    );
  });

  test('an index past the end is refused even when nothing more is needed', () => {
    const wrappers = three([{ undelegations: [locked(100n, 2n)] }]);
    const view = viewWith(ledgerOf({ wrappers }), {
      delegationsOf: () =>
        [1, 2].map((index) => ({ validator: address(1), index, blockNumber: 0n })),
    });
    expect(refusalOf(() => delegate(view, staked(1, 100n * ONE), context))?.message).toBe(
      'Delegation index out of bound',
    );
  });

  test('before redelegation the balance pays', () => {
    const wrappers = three([{ undelegations: [locked(2000n, 2n)] }]);
    const view = ledgerOf({ wrappers, balances: [[delegator, 1000n * ONE]] });
    const before = registration(networkWith({}));
    const { balances, logs } = delegate(view, staked(1, 1000n * ONE), before);
    expect(balances).toEqual(new Map([[delegator, -1000n * ONE]]));
    expect(logs).toEqual([]);
  });

  test('smallest amounts on mainnet', () => {
    expect(minDelegationAt({ network: mainnet, epoch: 630n })).toBe(1000n * ONE);
    expect(minDelegationAt({ network: mainnet, epoch: 631n })).toBe(100n * ONE);
  });
});

describe('undelegate and collect', () => {
  test('order of the checks', () => {
    const view = ledgerOf({ wrappers: [record(1)] });
    const run = (validator: number, from: number, amount: bigint) =>
      refusalOf(() =>
        undelegate(
          view,
          {
            type: 'undelegate',
            delegatorAddress: address(from),
            validatorAddress: address(validator),
            amount,
          },
          context,
        ),
      )?.message;
    expect(run(9, 9, -1n)).toBe('amount can not be negative');
    expect(run(9, 9, 0n)).toBe('staking validator does not exist');
    expect(run(1, 9, 0n)).toBe('no delegation to undelegate');
    expect(run(1, 1, 0n)).toBe('invalid amount, must be positive');
    expect(run(1, 1, 20_000n * ONE + 1n)).toBe('insufficient balance to undelegate');
    expect(run(1, 1, 20_000n * ONE)).toBeUndefined();
  });

  test('a record that breaks a rule stops the collection of all', () => {
    const wrappers = three([{ reward: 5n }, { reward: 0n }]);
    const broken = { ...wrappers[1]!, maxTotalDelegation: 15_000n * ONE };
    const view = ledgerOf({ wrappers: [wrappers[0]!, broken] });
    const message = { type: 'collect-rewards', delegatorAddress: delegator } as const;
    expect(refusalOf(() => collectRewards(view, message, context))?.code).toBe(
      'epos/total-delegation-too-large',
    );
  });

  test('delegators do not depend on each other: either order gives the same', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt(0n, 1n << 70n), { minLength: 4, maxLength: 4 }), (drawn) => {
        const [stakeA, rewardA, stakeB, rewardB] = drawn as [bigint, bigint, bigint, bigint];
        const others = [address(210), address(211)] as const;
        const wrapper = record(1, {
          maxTotalDelegation: 1n << 80n,
          delegations: [
            share(address(1), 20_000n * ONE),
            share(others[0], stakeA + 1n, { reward: rewardA + 1n }),
            share(others[1], stakeB + 1n, { reward: rewardB + 1n }),
          ],
        });
        const run = (order: readonly number[]) => {
          const ledger = ledgerOf({ wrappers: [wrapper] });
          for (const i of order) {
            const delegatorAddress = others[i]!;
            const amount = [stakeA, stakeB][i]! / 2n + 1n;
            const validatorAddress = address(1);
            const strict = { ...context, replayMode: 'strict' } as const;
            ledger.apply(
              collectRewards(ledger, { type: 'collect-rewards', delegatorAddress }, strict),
            );
            const message = {
              type: 'undelegate',
              delegatorAddress,
              validatorAddress,
              amount,
            } as const;
            ledger.apply(undelegate(ledger, message, strict));
          }
          return [ledger.wrapperOf(address(1)), ...others.map(ledger.balanceOf)];
        };
        expect(run([0, 1])).toEqual(run([1, 0]));
      }),
      propertyRuns(200),
    );
  });
});

describe('payout', () => {
  test('lock periods of mainnet', () => {
    const periods = [185n, 190n, 191n, 289n, 290n, 3000n].map((e) => lockPeriodAt(mainnet, e));
    expect(periods).toEqual([7n, 7n, 0n, 0n, 7n, 7n]);
  });

  const pay = (epoch: bigint, since: bigint, lastEpochInCommittee: bigint) => {
    const wrapper = record(1, {
      lastEpochInCommittee,
      delegations: [share(delegator, 0n, { undelegations: [{ amount: 5n, epoch: since }] })],
    });
    const inEpoch = { network: mainnet, epoch, blockNumber: 1n };
    const { balances, burned, wrappers } = payoutUndelegations(
      ledgerOf({ wrappers: [wrapper] }),
      inEpoch,
    );
    return [balances.get(delegator) ?? 0n, burned, wrappers.size];
  };

  test.each([
    // At, and one before, the seventh epoch.
    [197n, 190n, 197n, [5n, 0n, 1]],
    [190n, 184n, 190n, [0n, 0n, 0]],
    // The same epoch between quickUnlock and redelegation.
    [191n, 191n, 191n, [5n, 0n, 1]],
    [289n, 289n, 289n, [5n, 0n, 1]],
    [290n, 290n, 290n, [0n, 0n, 0]],
    // Early release through a validator that was not elected, until noEarlyUnlock.
    [529n, 528n, 522n, [5n, 0n, 1]],
    [529n, 528n, 523n, [0n, 0n, 0]],
    [530n, 529n, 500n, [0n, 0n, 0]],
    // maxRate is asked for the next epoch.
    [1731n, 1723n, 1731n, [5n, 0n, 1]],
    [1732n, 1724n, 1732n, [0n, 5n, 1]],
    [1732n, 1725n, 1732n, [5n, 0n, 1]],
  ] as const)('mainnet, end of epoch %i, locked in %i', (epoch, since, last, expected) => {
    expect(pay(epoch, since, last)).toEqual(expected);
  });

  test('a listed validator without a record stops it', () => {
    const view = viewWith(ledgerOf({}), { validators: () => [address(3)] });
    expect(refusalOf(() => payoutUndelegations(view, context))?.message).toBe(
      'address not present in state',
    );
  });
});

describe('tables', () => {
  const entries = [
    { validator: address(1), index: 0, blockNumber: 5n },
    { validator: address(2), index: 300, blockNumber: 1n << 40n },
  ];

  test('bytes of an index', () => {
    const bytes = encodeDelegationIndex(entries);
    expect(decodeDelegationIndex(bytes)).toEqual(entries);
    expect(decodeDelegationIndex(encodeDelegationIndex([]))).toEqual([]);
    const random = seededRandom(Number(process.env.SEED ?? 6));
    const inputs = [
      ...hostileBytes.map(([, hostile]) => hostile),
      ...Array.from({ length: 1000 }, () => mutateBytes(bytes, random)),
    ];
    for (const input of inputs) {
      try {
        expect(encodeDelegationIndex(decodeDelegationIndex(input))).toEqual(input);
      } catch (error) {
        if (!(error instanceof EposError)) throw error;
        expect(error.code).toBe('epos/invalid-encoding');
      }
    }
  });

  test('creations and first delegations are added, each once', () => {
    const wrappers = [
      record(1, { delegations: [share(address(1), 1n), share(delegator, 1n)] }),
      record(2, {
        delegations: [share(address(2), 1n), share(address(9), 1n), share(delegator, 1n)],
      }),
      record(3),
    ];
    const view: StakingView = viewWith(ledgerOf({ wrappers }), {
      delegationsOf: (account) =>
        account === delegator ? [{ validator: address(1), index: 1, blockNumber: 2n }] : [],
    });
    const undelegation = { ...staked(3, 1n), type: 'undelegate' } as const;
    const added = indexDirectives(
      view,
      [
        staked(1, 5n),
        staked(2, 5n),
        createMessage(address(3)),
        staked(2, 6n),
        undelegation,
        // A message of a frame that was reverted leaves no share to find.
        staked(3, 5n),
        { type: 'collect-rewards', delegatorAddress: address(9) },
      ],
      40n,
    );
    expect(added.validators).toEqual([address(3)]);
    expect(added.delegations).toEqual(
      new Map([
        [delegator, [{ validator: address(2), index: 2, blockNumber: 40n }]],
        [address(3), [{ validator: address(3), index: 0, blockNumber: 40n }]],
      ]),
    );
  });

  test('snapshots: of all one block before the end of an epoch, of a new validator at once', () => {
    const ledger = ledgerOf({
      wrappers: [record(1)],
      balances: [200, 201, 202].map((n) => [address(n), 50_000n * ONE] as const),
    });
    const create = (account: number, blockNumber: bigint, slotKey: string) => {
      const inBlock = registration(redelegating, { epoch: blockNumber / 20n, blockNumber });
      const message = createMessage(address(account), {
        slotPublicKeys: [key(slotKey)],
        description: { ...createMessage(address(1)).description, identity: slotKey },
      });
      ledger.apply(createValidator(ledger, message, inBlock));
      expect(ledger.createdInBlock()).toEqual([address(account)]);
      ledger.endBlock(inBlock, [message]);
      return [0n, 1n, 2n].map((epoch) => ledger.snapshotOf(address(account), epoch) !== undefined);
    };
    expect(create(200, 17n, 'k20')).toEqual([true, false, false]);
    expect(create(201, 18n, 'k21')).toEqual([true, true, false]);
    expect(ledger.snapshotOf(address(200), 1n)).toBeDefined();
    expect(ledger.snapshotOf(address(1), 1n)).toBeDefined();
    expect(create(202, 19n, 'k22')).toEqual([true, true, false]);
    expect(ledger.validators()).toEqual([1, 200, 201, 202].map(address));
    expect(ledger.createdInBlock()).toEqual([]);
  });

  test('a transition that would make a balance negative is not applied at all', () => {
    const ledger = ledgerOf({ balances: [[delegator, 5n]] });
    const balances = new Map([
      [address(1), 3n],
      [delegator, -6n],
    ]);
    const error = refusalOf(() => ledger.apply(transition({ balances })));
    expect(error?.details).toEqual({
      code: 'epos/negative-balance',
      address: delegator,
      balance: 5n,
      delta: -6n,
    });
    expect([ledger.balanceOf(address(1)), ledger.balanceOf(delegator)]).toEqual([0n, 5n]);
    expect(ledger.accounts()).toEqual([delegator]);
  });
});
