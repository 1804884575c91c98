/** Quirks of rewards, each in both modes. */
import { splitFee } from '@polyphony/chain';
import { mainnet, shardingAt } from '@polyphony/networks';
import { type Address, decFromBigInt, parseDec } from '@polyphony/primitives';
import { describe, expect, test } from 'vitest';
import { accumulateRewards, type CarriedSeals } from '../src/accumulate-rewards.js';
import { crossLinkPayout, rewardRoster } from '../src/link-reward.js';
import type { ReplayMode, ValidatorWrapper } from '../src/types.js';
import { totalHoldings } from '../src/wrapper.js';
import {
  address,
  committeeFrom,
  ledgerOf,
  ONE,
  record,
  rewardContext,
  rewardNetwork,
  share,
} from './support.js';

const MODES: readonly ReplayMode[] = ['upstream', 'strict'];
const HARMONY = address(90);
const [A, B, C] = [address(1), address(2), address(3)] as const;
const none = parseDec('0');
const COMMISSION = { rate: none, maxRate: parseDec('1'), maxChangeRate: none, updateHeight: 0n };
const free = (number: number, change: Partial<ValidatorWrapper> = {}) =>
  record(number, { commission: COMMISSION, ...change });
/** No slots of Harmony's. */
const OPEN = { harmonySlotsPerShard: 0, harmonyVoteShare: none };
const beaconOnly = (bits: number, epoch = 5n): CarriedSeals => ({
  parent: { shardId: 0, epoch, bitmap: Uint8Array.of(bits) },
  crossLinks: [],
});

function pay(
  replayMode: ReplayMode,
  wrappers: readonly ValidatorWrapper[],
  seats: Parameters<typeof committeeFrom>[1],
  bits: number,
  network = rewardNetwork({ twoSeconds: 0n }, OPEN),
) {
  const ledger = ledgerOf({ wrappers, epoch: 5n });
  const context = rewardContext(network, [committeeFrom(0, seats)], { replayMode });
  const paid = accumulateRewards(ledger, [beaconOnly(bits)], context);
  let held = 0n;
  for (const [account, wrapper] of paid.transition.wrappers) {
    held += totalHoldings(wrapper) - totalHoldings(ledger.wrapperOf(account)!);
  }
  for (const delta of paid.transition.balances.values()) held += delta;
  expect(held).toBe(paid.transition.issued);
  const rewards = (account: Address) =>
    paid.transition.wrappers.get(account)!.delegations.map(({ reward }) => reward);
  return { ...paid, rewards };
}

describe('Q5: rounding pays more than the reward', () => {
  // Four equal shares of 7 ONE less one third: each quarter ends in a half or more.
  const quarters = [A, B, C, HARMONY].map((delegator) => share(delegator, ONE));
  const seats = [
    [A, 1n],
    [B, 2n],
  ] as const;
  const run = (mode: ReplayMode) =>
    pay(mode, [free(1, { delegations: quarters }), free(2)], seats, 0b11);

  test('upstream', () => {
    const { rewards, accumulated, transition } = run('upstream');
    const due = 7n * 333_333_333_333_333_333n;
    expect(due % 4n).toBe(3n);
    expect(rewards(A)).toEqual(Array(4).fill(due / 4n + 1n));
    expect(transition.issued - accumulated).toBe(1n);
  });

  test('strict: the last one gets what is left', () => {
    const { rewards, accumulated, transition } = run('strict');
    const due = 7n * 333_333_333_333_333_333n;
    const up = due / 4n + 1n;
    expect(rewards(A)).toEqual([up, up, up, up - 1n]);
    expect(transition.issued).toBe(accumulated);
  });

  test.each(MODES)('%s, from strictStateValidation on: capped', (mode) => {
    const network = rewardNetwork({ twoSeconds: 0n, strictStateValidation: 5n }, OPEN);
    const wrappers = [free(1, { delegations: quarters }), free(2)];
    const { transition, accumulated } = pay(mode, wrappers, seats, 0b11, network);
    expect(transition.issued).toBe(accumulated);
  });
});

describe('Q10: before aggregation the beacon rounds its payouts and cuts those of links', () => {
  const network = rewardNetwork({ aggregatedReward: undefined, fiveSeconds: 0n }, OPEN);
  const committees = [0, 1].map((shardId) =>
    committeeFrom(shardId, [
      [A, 1n],
      [B, 2n],
    ]),
  );
  const run = (replayMode: ReplayMode, seals: CarriedSeals) => {
    const context = rewardContext(network, committees, { replayMode });
    const ledger = ledgerOf({ wrappers: [free(1), free(2)], epoch: 5n });
    const { wrappers } = accumulateRewards(ledger, [seals], context).transition;
    return [A, B].map((account) => wrappers.get(account)!.blockReward);
  };
  const bitmap = Uint8Array.of(0b11);
  const link = { parent: undefined, crossLinks: [{ shardId: 1, epoch: 5n, bitmap }] };
  // 17.5 ONE times 0.333… and 0.666…7: both end in half an atto.
  const third = (35n * 333_333_333_333_333_333n) / 2n;
  const thirds = (35n * 666_666_666_666_666_667n) / 2n;

  test('upstream', () => {
    expect(run('upstream', link)).toEqual([third, thirds]);
    expect(run('upstream', beaconOnly(0b11))).toEqual([
      third + (third & 1n),
      thirds + (thirds & 1n),
    ]);
    expect([third & 1n, thirds & 1n]).toContain(1n);
  });

  test('strict: both are cut', () => {
    expect(run('strict', link)).toEqual([third, thirds]);
    expect(run('strict', beaconOnly(0b11))).toEqual([third, thirds]);
  });
});

describe('Q11: the recovery account is paid for blocks of epochs before staking', () => {
  const recovery = { address: address(77), share: parseDec('0.25') };
  const network = rewardNetwork(
    { preStaking: 3n, staking: 5n, aggregatedReward: 5n, hip30: 6n, minCommissionRate: 0n },
    { recovery },
  );
  const run = (replayMode: ReplayMode) => {
    const context = rewardContext(network, [committeeFrom(0, [[A, 1n]])], {
      replayMode,
      epoch: 6n,
      blockNumber: 127n,
    });
    const ledger = ledgerOf({ wrappers: [free(1)], epoch: 6n });
    return accumulateRewards(ledger, [beaconOnly(1, 4n), beaconOnly(1, 5n)], context).recovered;
  };

  test('upstream', () => expect(run('upstream')).toBe(7n * ONE));
  test('strict', () => expect(run('strict')).toBe((7n * ONE) / 2n));
});

describe('Q12: signatures of the last period of an epoch count for the next epoch', () => {
  // The snapshot for the next epoch is one block older than the payment in the epoch's last block.
  test.each(MODES)('%s: the window of epoch 6 begins with them', (replayMode) => {
    const network = rewardNetwork({ twoSeconds: 0n });
    const ledger = ledgerOf({ wrappers: [free(1)], epoch: 5n });
    const committees = [committeeFrom(0, [[A, 1n]])];
    const at = (blockNumber: bigint) =>
      rewardContext(network, committees, { replayMode, blockNumber, epoch: blockNumber / 16n });
    const sixteen = {
      ...network,
      schedule: [{ fromEpoch: 0n, blocksPerEpoch: 16n, fromBlock: 0n }],
    };
    for (let block = 80n; block <= 95n; block++) {
      const context = { ...at(block), network: sixteen };
      ledger.apply(accumulateRewards(ledger, [beaconOnly(1)], context).transition);
      ledger.endBlock(context, []);
    }
    expect(ledger.wrapperOf(A)!.counters).toEqual({ toSign: 1n, signed: 1n });
    expect(ledger.snapshotOf(A, 6n)!.counters).toEqual({ toSign: 0n, signed: 0n });
  });
});

describe('Q13: votes that belong to nobody earn for the last staked slot', () => {
  const seats = [
    [A, 1n],
    [B, 1n],
  ] as const;
  const run = (mode: ReplayMode) =>
    pay(
      mode,
      [free(1), free(2)],
      seats,
      0b11,
      rewardNetwork(
        { twoSeconds: 0n },
        { harmonySlotsPerShard: 0, harmonyVoteShare: parseDec('0.9') },
      ),
    );

  test('upstream: 0.05 to 0.95 between equal stakes', () => {
    const { rewards } = run('upstream');
    expect([rewards(A), rewards(B)]).toEqual([[(7n * ONE) / 20n], [(133n * ONE) / 20n]]);
  });

  test('strict: by stake', () => {
    const { rewards } = run('strict');
    expect([rewards(A), rewards(B)]).toEqual([[(7n * ONE) / 2n], [(7n * ONE) / 2n]]);
  });
});

describe('Q14: what a banned validator would have received is accumulated', () => {
  const seats = [
    [A, 1n],
    [B, 1n],
  ] as const;
  const run = (mode: ReplayMode) =>
    pay(mode, [free(1, { status: 'banned' }), free(2)], seats, 0b11);

  test('upstream', () => {
    const { transition, accumulated, rewards } = run('upstream');
    expect([transition.issued, accumulated]).toEqual([(7n * ONE) / 2n, 7n * ONE]);
    expect(rewards(A)).toEqual([0n]);
  });

  test('strict', () => {
    const { transition, accumulated } = run('strict');
    expect([transition.issued, accumulated]).toEqual([(7n * ONE) / 2n, (7n * ONE) / 2n]);
  });

  test.each(MODES)('%s: its signatures count', (mode) => {
    const { wrappers } = run(mode).transition;
    expect(wrappers.get(A)!.counters).toEqual({ toSign: 1n, signed: 1n });
  });
});

describe('Q15: without a stake in the snapshot the rest after commission is lost', () => {
  const empty = (commission = COMMISSION) =>
    free(1, { commission, delegations: [share(A, 0n), share(B, 0n)] });
  const tenth = { ...COMMISSION, rate: parseDec('0.1') };
  const seats = [[A, 1n]] as const;

  test('upstream', () => {
    const { rewards, accumulated, transition } = pay('upstream', [empty(tenth)], seats, 1);
    expect(rewards(A)).toEqual([(7n * ONE) / 10n, 0n]);
    expect([transition.issued, accumulated]).toEqual([(7n * ONE) / 10n, 7n * ONE]);
    expect(pay('upstream', [empty()], seats, 1).rewards(A)).toEqual([0n, 0n]);
  });

  test('strict: it is the validator’s', () => {
    const { rewards, accumulated, transition } = pay('strict', [empty(tenth)], seats, 1);
    expect(rewards(A)).toEqual([7n * ONE, 0n]);
    expect([transition.issued, accumulated]).toEqual([7n * ONE, 7n * ONE]);
  });
});

describe('Q18: the node pays fee collectors in any order', () => {
  // Payments are additions to different accounts: every order gives the same balances in both modes.
  test.each(MODES)('%s: the order changes nothing', () => {
    const { feeCollectors } = shardingAt(mainnet, 1535n);
    const fee = 21_001n;
    const sums = [feeCollectors, [...feeCollectors].reverse()].map((collectors) => {
      const { payments, burnt } = splitFee(fee, collectors);
      return [new Map(payments.map(({ address: to, amount }) => [to, amount])), burnt] as const;
    });
    expect(sums[0]).toEqual(sums[1]);
    expect(sums[0]![1]).toBe(1n);
  });
});

test('a reward for nobody is not paid: no staked slot signed', () => {
  const committee = committeeFrom(0, [[HARMONY], [A, 1n]]);
  const roster = rewardRoster(committee, parseDec('0.68'));
  const { payouts, counters } = crossLinkPayout(roster, Uint8Array.of(1), decFromBigInt(7n));
  expect(payouts).toEqual([]);
  expect(counters).toEqual(new Map([[A, { toSign: 1, signed: 0 }]]));
});
