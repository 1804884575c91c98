/** The unintended rules of directives, records and tables, in both replay modes. */
import { mainnet } from '@polyphony/networks';
import { parseDec } from '@polyphony/primitives';
import { describe, expect, test } from 'vitest';
import { collectRewards } from '../src/collect-rewards.js';
import { applyElection } from '../src/commission.js';
import { delegate } from '../src/delegate.js';
import { assertConsistentTables } from '../src/delegation-index.js';
import { editValidator } from '../src/edit-validator.js';
import type { StakingLedger } from '../src/ledger.js';
import type { ReplayMode, StakingContext } from '../src/types.js';
import { payoutUndelegations } from '../src/undelegation.js';
import {
  address,
  editMessage,
  ledgerOf,
  networkWith,
  ONE,
  record,
  refusalOf,
  registration,
  share,
  viewWith,
} from './support.js';

const MODES: readonly ReplayMode[] = ['upstream', 'strict'];

describe('Q1: a record that breaks a rule at the end of a block is not stored', () => {
  const validator = address(1);
  const delegator = address(200);
  const rules = { quickUnlock: 0n, redelegation: 0n, noEarlyUnlock: 0n, minCommissionRate: 0n };

  /** A validator whose highest rate is below the lowest one, with 5,000 ONE locked since epoch 13. */
  function start(): StakingLedger {
    const low = parseDec('0.03');
    const undelegations = [{ amount: 5000n * ONE, epoch: 13n }];
    return ledgerOf({
      wrappers: [
        record(1, {
          commission: { rate: low, maxRate: low, maxChangeRate: low, updateHeight: 1n },
          delegations: [
            share(validator, 20_000n * ONE),
            share(delegator, 1000n * ONE, { undelegations }),
          ],
        }),
      ],
      firstElectionEpochs: [[validator, 1n]],
    });
  }

  function endEpoch(ledger: StakingLedger, context: StakingContext) {
    const paid = payoutUndelegations(ledger, context);
    ledger.apply(paid);
    const outcome = { epoch: context.epoch + 1n, elected: [validator] };
    ledger.apply(applyElection(ledger, outcome, context));
    return { paid, flush: ledger.endBlock(context, []) };
  }

  const contextAt = (network: StakingContext['network'], epoch: bigint, mode: ReplayMode) => ({
    network,
    epoch,
    blockNumber: epoch * 20n + 19n,
    replayMode: mode,
  });

  test('upstream pays the same tokens at the end of every epoch', () => {
    const network = networkWith(rules);
    const ledger = start();
    const supply = ledger.totalSupply();
    for (const [epoch, paid] of [
      [19n, 0n],
      [20n, 5000n],
      [21n, 10_000n],
      [22n, 15_000n],
    ] as const) {
      const { flush } = endEpoch(ledger, contextAt(network, epoch, 'upstream'));
      expect(flush.dropped).toEqual([validator]);
      expect(ledger.balanceOf(delegator)).toBe(paid * ONE);
      expect(ledger.totalSupply()).toBe(supply + paid * ONE);
      const wrapper = ledger.wrapperOf(validator)!;
      expect(wrapper.commission.rate).toBe(parseDec('0.03'));
      expect(wrapper.lastEpochInCommittee).toBe(0n);
      expect(flush.duplicated).toBe(epoch === 19n ? 0n : 5000n * ONE);
    }
  });

  test('upstream removes the tokens unpaid once the highest rate is raised', () => {
    const network = networkWith({ ...rules, hip30: 23n, maxRate: 23n });
    const ledger = start();
    for (const epoch of [20n, 21n]) endEpoch(ledger, contextAt(network, epoch, 'upstream'));
    const before = ledger.totalSupply();
    const { paid, flush } = endEpoch(ledger, contextAt(network, 22n, 'upstream'));
    expect(flush.dropped).toEqual([]);
    expect(paid.burned).toBe(5000n * ONE);
    expect(ledger.balanceOf(delegator)).toBe(10_000n * ONE);
    expect(ledger.totalSupply()).toBe(before - 5000n * ONE);
    const { commission, delegations } = ledger.wrapperOf(validator)!;
    expect([commission.rate, commission.maxRate]).toEqual([parseDec('0.07'), parseDec('0.1')]);
    expect(commission.updateHeight).toBe(1n);
    expect(delegations[1]!.undelegations).toEqual([]);
  });

  test.each([
    ['strict', {}],
    ['upstream', { strictStateValidation: 0n }],
  ] as const)('%s %o stores every record and pays once', (mode, repair) => {
    const network = networkWith({ ...rules, ...repair });
    const ledger = start();
    const supply = ledger.totalSupply();
    for (const epoch of [19n, 20n, 21n, 22n]) {
      expect(endEpoch(ledger, contextAt(network, epoch, mode)).flush.dropped).toEqual([]);
    }
    expect(ledger.balanceOf(delegator)).toBe(5000n * ONE);
    expect(ledger.totalSupply()).toBe(supply);
    expect(ledger.wrapperOf(validator)!.lastEpochInCommittee).toBe(23n);
  });

  test.each([
    [1732n, 'maxRate', '1.02'],
    [1975n, 'topMaxRate', '1'],
  ] as const)('mainnet, election of epoch %i + 1: %s', (epoch, _rule, expected) => {
    const commission = {
      rate: parseDec('0.1'),
      maxRate: parseDec('0.96'),
      maxChangeRate: parseDec('0.95'),
      updateHeight: 1n,
    };
    const ledger = ledgerOf({ wrappers: [record(1, { commission })] });
    const context = { network: mainnet, epoch, blockNumber: 50_000_000n };
    const result = applyElection(ledger, { epoch: epoch + 1n, elected: [] }, context);
    expect(result.wrappers.get(validator)!.commission.maxRate).toBe(parseDec(expected));
  });
});

describe('Q4: an edit compares with the snapshot of the epoch of the parent block', () => {
  const network = networkWith({});
  const validator = address(1);
  const rateOf = (epoch: bigint) => parseDec(epoch === 4n ? '0.4' : '0.6');

  function edit(mode: ReplayMode, blockNumber: bigint, rate: string) {
    const now = record(1);
    const withRate = (epoch: bigint) => ({
      ...now,
      commission: { ...now.commission, rate: rateOf(epoch) },
    });
    const ledger = ledgerOf({ wrappers: [withRate(5n)] });
    const view = viewWith(ledger, { snapshotOf: (_address, epoch) => withRate(epoch) });
    const context = registration(network, { replayMode: mode, blockNumber });
    const message = editMessage(validator, { commissionRate: parseDec(rate) });
    return editValidator(view, message, context).wrappers.get(validator)!.commission;
  }

  test('upstream, first block of epoch 5: the rate of epoch 4 counts', () => {
    expect(refusalOf(() => edit('upstream', 100n, '0.9'))?.message).toBe(
      'change on commission rate can not be more than max change rate within the same epoch',
    );
    expect(edit('upstream', 100n, '0.1').updateHeight).toBe(100n);
    expect(edit('upstream', 100n, '0.4').updateHeight).toBe(90n);
    expect(edit('upstream', 100n, '0.6').updateHeight).toBe(100n);
  });

  test('strict, first block of epoch 5: the rate of epoch 5 counts', () => {
    expect(edit('strict', 100n, '0.9').updateHeight).toBe(100n);
    expect(edit('strict', 100n, '0.6').updateHeight).toBe(90n);
    expect(refusalOf(() => edit('strict', 100n, '0.1'))?.code).toBe(
      'epos/commission-change-too-large',
    );
  });

  test.each(MODES)('%s, second block: the rate of epoch 5 counts', (mode) => {
    expect(edit(mode, 101n, '0.9').updateHeight).toBe(101n);
    expect(edit(mode, 101n, '0.6').updateHeight).toBe(90n);
    expect(refusalOf(() => edit(mode, 101n, '0.1'))?.code).toBe('epos/commission-change-too-large');
  });
});

describe('Q9: a sum that is a multiple of 2^64 is taken for none', () => {
  const delegator = address(200);
  const collect = (rewards: readonly bigint[], context: StakingContext) => {
    const wrappers = rewards.map((reward, i) =>
      record(i + 1, {
        delegations: [share(address(i + 1), 20_000n * ONE), share(delegator, 1n, { reward })],
      }),
    );
    const message = { type: 'collect-rewards', delegatorAddress: delegator } as const;
    return collectRewards(ledgerOf({ wrappers }), message, context).balances.get(delegator);
  };
  const context = (mode: ReplayMode, repaired: boolean): StakingContext => ({
    network: networkWith(repaired ? { strictStateValidation: 5n } : {}),
    epoch: 5n,
    blockNumber: 100n,
    replayMode: mode,
  });

  test('upstream', () => {
    const upstream = context('upstream', false);
    for (const rewards of [[1n << 64n], [3n << 64n], [(1n << 64n) - 1n, 1n], [0n]]) {
      expect(refusalOf(() => collect(rewards, upstream))?.message).toBe('no rewards to collect');
    }
    expect(collect([(1n << 64n) + 1n], upstream)).toBe((1n << 64n) + 1n);
    expect(collect([1n << 63n], upstream)).toBe(1n << 63n);
  });

  test.each([
    ['strict', false],
    ['upstream', true],
  ] as const)('%s, repaired by the network: %o', (mode, repaired) => {
    expect(collect([1n << 64n], context(mode, repaired))).toBe(1n << 64n);
    expect(collect([(1n << 64n) - 1n, 1n], context(mode, repaired))).toBe(1n << 64n);
    expect(refusalOf(() => collect([0n], context(mode, repaired)))?.code).toBe('epos/no-rewards');
  });
});

describe('Q16: the text about the lowest rate prints the raw decimal', () => {
  const edit = (mode: ReplayMode, rules: Parameters<typeof networkWith>[0]) => {
    const ledger = ledgerOf({ wrappers: [record(1)], firstElectionEpochs: [[address(1), 1n]] });
    const context = registration(networkWith(rules), { replayMode: mode, epoch: 30n });
    const message = editMessage(address(1), { commissionRate: parseDec('0.04') });
    return refusalOf(() => editValidator(ledger, message, context))?.message;
  };

  test('upstream', () => {
    const text = 'commission rate can not be lower than min rate of ';
    expect(edit('upstream', { minCommissionRate: 0n })).toBe(`${text} 5000000000000000000%`);
    expect(edit('upstream', { minCommissionRate: 0n, hip30: 0n })).toBe(
      `${text} 7000000000000000000%`,
    );
  });

  test('strict', () => {
    const text = 'commission rate can not be lower than min rate of ';
    expect(edit('strict', { minCommissionRate: 0n })).toBe(`${text}5%`);
    expect(edit('strict', { minCommissionRate: 0n, hip30: 0n })).toBe(`${text}7%`);
  });
});

describe('Q17: consensus reads tables that no root covers', () => {
  const victim = address(200);
  const thief = address(201);
  const undelegations = [{ amount: 3000n * ONE, epoch: 2n }];
  const wrappers = [
    record(1, {
      delegations: [
        share(address(1), 20_000n * ONE),
        share(victim, 1000n * ONE, { reward: 7n * ONE, undelegations }),
      ],
    }),
  ];
  const wrong = viewWith(ledgerOf({ wrappers }), {
    delegationsOf: () => [{ validator: address(1), index: 1, blockNumber: 3n }],
  });
  const collect = { type: 'collect-rewards', delegatorAddress: thief } as const;
  const stake = {
    type: 'delegate',
    delegatorAddress: thief,
    validatorAddress: address(1),
    amount: 2000n * ONE,
  } as const;

  test('upstream trusts a wrong entry', () => {
    const context = registration(networkWith({ redelegation: 0n }));
    expect(collectRewards(wrong, collect, context).balances).toEqual(new Map([[thief, 7n * ONE]]));
    const { wrappers: after, balances } = delegate(wrong, stake, context);
    expect(balances.size).toBe(0);
    const [, robbed, robber] = after.get(address(1))!.delegations;
    expect(robbed!.undelegations).toEqual([{ amount: 1000n * ONE, epoch: 2n }]);
    expect(robber).toEqual(share(thief, 2000n * ONE));
  });

  test.each([
    ['strict', {}],
    ['upstream', { strictStateValidation: 0n }],
  ] as const)('%s %o refuses it', (replayMode, repair) => {
    const network = networkWith({ redelegation: 0n, ...repair });
    const context = registration(network, { replayMode });
    for (const run of [
      () => collectRewards(wrong, collect, context),
      () => delegate(wrong, stake, context),
    ]) {
      expect(refusalOf(run)?.code).toBe('epos/foreign-delegation');
    }
  });

  test('tables can be checked against the records', () => {
    const ledger = ledgerOf({ wrappers });
    expect(refusalOf(() => assertConsistentTables(ledger))).toBeUndefined();
    const entry = { validator: address(1), index: 1, blockNumber: 3n };
    const broken = [
      viewWith(ledger, { validators: () => [address(1), address(1)] }),
      viewWith(ledger, { validators: () => [address(1), address(2)] }),
      viewWith(ledger, { wrapperOf: () => record(2) }),
      viewWith(ledger, { delegationsOf: () => [] }),
      viewWith(ledger, { delegationsOf: () => [{ ...entry, validator: address(2) }] }),
      viewWith(ledger, { delegationsOf: () => [entry, entry] }),
      wrong,
    ];
    for (const view of broken) {
      expect(refusalOf(() => assertConsistentTables(view))?.code).toBe('epos/inconsistent-tables');
    }
  });
});
