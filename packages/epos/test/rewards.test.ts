/** What a block pays in each era: who, how much, from which committees, in which order. */
import { mainnet, reference, shardingAt } from '@polyphony/networks';
import { type Address, decFromBigInt, parseDec } from '@polyphony/primitives';
import { describe, expect, test } from 'vitest';
import { accumulateRewards, type CarriedSeals } from '../src/accumulate-rewards.js';
import { addReward, delegatorShares } from '../src/add-reward.js';
import { blockReward, issuanceCap, paysRewards } from '../src/block-reward.js';
import { crossLinkPayout, rewardRoster } from '../src/link-reward.js';
import type { ValidatorWrapper } from '../src/types.js';
import {
  address,
  committeeFrom,
  ledgerOf,
  networkWith,
  ONE,
  record,
  refusalOf,
  rewardContext,
  rewardNetwork,
  share,
} from './support.js';

const [HARMONY, A, B, C] = [address(90), address(1), address(2), address(3)] as const;
const FREE = { rate: parseDec('0'), maxRate: parseDec('1'), maxChangeRate: parseDec('1') };
const free = (number: number, change: Partial<ValidatorWrapper> = {}) =>
  record(number, { commission: { ...FREE, updateHeight: 0n }, ...change });

/** Three validators without commission whose records are the snapshots of epoch 5. */
const three = () => ledgerOf({ wrappers: [1, 2, 3].map((n) => free(n)), epoch: 5n });

const BEACON = committeeFrom(0, [[HARMONY], [A, 100n], [B, 200n], [C, 100n]]);
const SHARD_1 = committeeFrom(1, [[HARMONY], [A, 100n], [A, 100n], [B, 100n]]);

const seal = (shardId: number, bits: number, epoch = 5n) => ({
  shardId,
  epoch,
  bitmap: Uint8Array.of(bits),
});
const carried = (parent: number, ...links: number[]): CarriedSeals => ({
  parent: seal(0, parent),
  crossLinks: links.map((bits) => seal(1, bits)),
});

const rewardOf = (wrappers: ReadonlyMap<Address, ValidatorWrapper>, account: Address) =>
  wrappers.get(account)!.delegations[0]!.reward;
const countersOf = (wrappers: ReadonlyMap<Address, ValidatorWrapper>, account: Address) => {
  const { toSign, signed } = wrappers.get(account)!.counters;
  return [toSign, signed];
};

describe('before staking', () => {
  const network = networkWith({ staking: 9n, aggregatedReward: 9n });
  const committee = committeeFrom(1, [[A], [B], [A], [C]]);
  const context = rewardContext(network, [committee]);

  test('24 ONE over the slots that signed the parent, into balances', () => {
    const own = { parent: seal(1, 0b0111), crossLinks: [] };
    const { transition, accumulated, earned } = accumulateRewards(ledgerOf({}), [own], context);
    expect(transition.balances).toEqual(
      new Map([
        [A, 16n * ONE],
        [B, 8n * ONE],
      ]),
    ); // prettier-ignore
    expect(transition.wrappers.size).toBe(0);
    expect([transition.issued, accumulated]).toEqual([24n * ONE, 24n * ONE]);
    expect(earned).toBe(transition.balances);
  });

  test('nothing for the genesis block and without signers', () => {
    for (const parent of [undefined, seal(1, 0)]) {
      const paid = accumulateRewards(ledgerOf({}), [{ parent, crossLinks: [] }], context);
      expect([paid.transition.issued, paid.transition.balances.size]).toEqual([0n, 0]);
    }
  });
});

describe('every block', () => {
  const network = rewardNetwork({ aggregatedReward: undefined });
  const context = rewardContext(network, [BEACON, SHARD_1], { blockNumber: 110n });

  test('28 ONE for the parent and for each block of a link, among the staked who signed', () => {
    const paid = accumulateRewards(three(), [carried(0b0111, 0b1011)], context);
    const { wrappers, issued } = paid.transition;
    // The vote share of the last slot has the rounding of the others: 0.32 / 3 three times.
    const link = crossLinkPayout(
      rewardRoster(SHARD_1, shardingAt(network, 5n).harmonyVoteShare),
      Uint8Array.of(0b1011),
      decFromBigInt(28n * ONE),
    );
    const [forA, forB] = link.payouts.map(({ amount }) => amount);
    expect(link.payouts.map(({ slot }) => slot)).toEqual([1, 3]);
    expect(rewardOf(wrappers, A) - forA!).toBe(28n * 333_333_333_333_333_333n);
    expect(rewardOf(wrappers, B) - forB!).toBe(28n * 666_666_666_666_666_667n);
    expect(rewardOf(wrappers, C)).toBe(0n);
    expect(issued).toBe(rewardOf(wrappers, A) + rewardOf(wrappers, B));
    expect(paid.accumulated).toBe(issued);
    expect(wrappers.get(A)!.blockReward).toBe(rewardOf(wrappers, A));
  });

  test('counters move by slots, for the missing as well', () => {
    const { wrappers } = accumulateRewards(three(), [carried(0b0111, 0b1011)], context).transition;
    expect(countersOf(wrappers, A)).toEqual([3n, 2n]);
    expect(countersOf(wrappers, B)).toEqual([2n, 2n]);
    expect(countersOf(wrappers, C)).toEqual([1n, 0n]);
  });

  test('a slot of Harmony under a staker’s account counts and is not paid', () => {
    const mixed = committeeFrom(0, [[A], [A, 100n]]);
    const own = { parent: seal(0, 0b01), crossLinks: [] };
    const { transition } = accumulateRewards(three(), [own], rewardContext(network, [mixed]));
    expect(countersOf(transition.wrappers, A)).toEqual([2n, 1n]);
    expect(transition.issued).toBe(0n);
  });

  test('each slot is a reward of its own, with its own rounding', () => {
    const halves = [share(A, 10n), share(B, 10n)];
    const ledger = ledgerOf({ wrappers: [free(1, { delegations: halves })], epoch: 5n });
    const one = addReward(ledger.wrapperOf(A)!, { snapshot: ledger.wrapperOf(A)!, amount: 5n });
    expect(one.wrapper.delegations.map(({ reward }) => reward)).toEqual([3n, 2n]);
    const two = addReward(one.wrapper, { snapshot: ledger.wrapperOf(A)!, amount: 5n });
    expect(two.wrapper.delegations.map(({ reward }) => reward)).toEqual([6n, 4n]);
    const summed = addReward(ledger.wrapperOf(A)!, { snapshot: ledger.wrapperOf(A)!, amount: 10n });
    expect(summed.wrapper.delegations.map(({ reward }) => reward)).toEqual([5n, 5n]);
  });

  test('blocks of epochs before staking bring nothing and need no committee', () => {
    const late = rewardNetwork({ preStaking: 2n, staking: 4n, aggregatedReward: undefined });
    const link = { parent: seal(0, 15, 3n), crossLinks: [seal(1, 15, 3n)] };
    const paid = accumulateRewards(
      three(),
      [link],
      rewardContext(late, [], { blockNumber: 110n, shardStateOf: () => undefined }),
    );
    expect([paid.transition.issued, paid.transition.wrappers.size]).toEqual([0n, 0]);
  });
});

describe('once per period', () => {
  const network = rewardNetwork({ twoSeconds: 0n });
  const context = rewardContext(network, [BEACON, SHARD_1]);

  test('only in the last block of a period, of 64 blocks on mainnet', () => {
    expect([62n, 63n, 64n, 127n].map((block) => paysRewards(mainnet, 689n, block))).toEqual([
      false,
      true,
      false,
      true,
    ]);
    expect(paysRewards(mainnet, 688n, 62n)).toBe(true);
    expect(paysRewards(mainnet, 0n, 0n)).toBe(false);
    const early = { ...context, blockNumber: 110n };
    const nothing = accumulateRewards(three(), [carried(0b0110)], early);
    expect(nothing.transition.wrappers.size).toBe(0);
  });

  test('payouts are cut, added up by validator, and shared once', () => {
    const halves = [share(A, 10n), share(B, 10n)];
    const wrappers = [free(1, { delegations: halves }), free(2), free(3)];
    const ledger = ledgerOf({ wrappers, epoch: 5n });
    const period = [carried(0b0010), carried(0b0111, 0b0010), carried(0b1110, 0b1111)];
    const { transition, earned } = accumulateRewards(ledger, period, context);
    let sum = 0n;
    for (const { parent, crossLinks } of period) {
      for (const link of [parent!, ...crossLinks]) {
        const committee = link.shardId === 0 ? BEACON : SHARD_1;
        const roster = rewardRoster(committee, shardingAt(network, 5n).harmonyVoteShare);
        const { payouts } = crossLinkPayout(roster, link.bitmap, decFromBigInt(7n * ONE));
        for (const { address: to, amount } of payouts) if (to === A) sum += amount;
      }
    }
    const paid = transition.wrappers.get(A)!;
    expect(paid.blockReward).toBe(sum);
    // Two halves of an odd sum are both rounded up here, so one atto more is received.
    expect(sum % 4n).toBe(3n);
    expect(paid.delegations.map(({ reward }) => reward)).toEqual([sum / 2n + 1n, sum / 2n + 1n]);
    expect(earned.get(A)).toBe(sum + 1n);
    expect([...earned.keys()]).toEqual([A, B, C]);
  });

  test('only the period counts, and the committees are those of each link’s own epoch', () => {
    const old = committeeFrom(1, [[HARMONY], [C, 100n]]);
    const byEpoch = rewardContext(network, [], {
      shardStateOf: (epoch) => ({
        epoch,
        committees: [BEACON, epoch === 4n ? old : SHARD_1],
      }),
    });
    const before = Array.from({ length: 20 }, () => carried(0b0110));
    const last = { parent: undefined, crossLinks: [seal(1, 0b10, 4n)] };
    const quiet = Array.from({ length: 15 }, () => ({ parent: undefined, crossLinks: [] }));
    const { earned } = accumulateRewards(three(), [...before, ...quiet, last], byEpoch);
    expect(earned).toEqual(new Map([[C, 7n * ONE]]));
  });

  test('a quarter of the emission goes to the recovery account', () => {
    const recovery = { address: address(77), share: parseDec('0.25') };
    const hip30 = rewardNetwork({ twoSeconds: 0n, minCommissionRate: 0n, hip30: 0n }, { recovery });
    const paid = accumulateRewards(
      three(),
      [carried(0b0010, 0b1000), carried(0b0001)],
      rewardContext(hip30, [BEACON, SHARD_1]),
    );
    expect(blockReward(hip30, 5n)).toBe(14n * ONE);
    // 10.5 ONE per block to the signers, nothing of it for the block that only Harmony's slot signed.
    expect(paid.accumulated).toBe(21n * ONE);
    expect(paid.recovered).toBe((3n * 14n * ONE) / 4n);
    expect(paid.transition.balances).toEqual(new Map([[address(77), paid.recovered]]));
    expect(paid.transition.issued).toBe(paid.accumulated + paid.recovered);
  });

  test('links of shards that cannot be owed are passed over once headers refuse them', () => {
    const period = [{ parent: undefined, crossLinks: [seal(0, 0b0110), seal(9, 0b0110)] }];
    const repaired = rewardNetwork({ twoSeconds: 0n, rejectShard0CrossLink: 0n });
    const paid = accumulateRewards(three(), period, rewardContext(repaired, [BEACON]));
    expect(paid.transition.issued).toBe(0n);
    expect(refusalOf(() => accumulateRewards(three(), period, context))?.code).toBe(
      'epos/no-committee',
    );
  });

  test('what is missing or malformed is refused', () => {
    const noState = { ...context, shardStateOf: () => undefined };
    const short = [{ parent: { ...seal(0, 1), bitmap: new Uint8Array(2) }, crossLinks: [] }];
    const later = { ...context, epoch: 9n, blockNumber: 191n };
    const codes = [
      () => accumulateRewards(three(), [carried(0b0110)], noState),
      () => accumulateRewards(three(), short, context),
      () => accumulateRewards(three(), [carried(0b0110)], later),
      () => accumulateRewards(ledgerOf({}), [carried(0)], context),
    ].map((run) => refusalOf(run)?.code);
    expect(codes).toEqual([
      'epos/no-committee',
      'epos/invalid-encoding',
      'epos/no-snapshot',
      'epos/address-not-in-state',
    ]);
    expect(() =>
      accumulateRewards(
        three(),
        [{ ...short[0]!, parent: { ...seal(0, 1), bitmap: [] as never } }],
        context,
      ),
    ).toThrow(TypeError); // prettier-ignore
  });
});

describe('sharing', () => {
  test('a delegation made after the snapshot earns nothing', () => {
    const snapshot = free(1, { delegations: [share(A, 30n), share(B, 10n)] });
    const wrapper = { ...snapshot, delegations: [...snapshot.delegations, share(C, 1000n)] };
    const { delegations } = addReward(wrapper, { snapshot, amount: 40n }).wrapper;
    expect(delegations.map(({ reward }) => reward)).toEqual([30n, 10n, 0n]);
  });

  test('rate and stakes are those of the snapshot', () => {
    const snapshot = record(1, { delegations: [share(A, 10n), share(B, 10n)] });
    const wrapper = free(1, { delegations: [share(A, 90n), share(B, 0n)] });
    const { delegations } = addReward(wrapper, { snapshot, amount: 100n }).wrapper;
    expect(delegations.map(({ reward }) => reward)).toEqual([70n, 30n]);
  });

  test('a delegator listed twice has the part of the last entry in both', () => {
    const snapshot = free(1, { delegations: [share(A, 20n), share(B, 10n), share(B, 70n)] });
    expect(delegatorShares(snapshot).map(Number)).toEqual([2e17, 7e17, 7e17]);
  });

  test('a record that lost delegations is refused', () => {
    const snapshot = free(1, { delegations: [share(A, 10n), share(B, 10n)] });
    for (const delegations of [[], [share(A, 10n)]]) {
      const run = () => addReward(free(1, { delegations }), { snapshot, amount: 1n });
      expect(refusalOf(run)?.code).toBe('epos/inconsistent-tables');
    }
    const gone = free(1, { delegations: [] });
    expect(addReward(gone, { snapshot, amount: 0n }).wrapper).toBe(gone);
  });

  test.each([3, 6, 7, 9, 11])('%i equal delegators never receive more than a capped pool', (n) => {
    const delegations = Array.from({ length: n }, (_, i) => share(address(i + 1), ONE));
    const snapshot = free(1, { delegations });
    let over = 0;
    for (let amount = 7n; amount <= 1000n; amount++) {
      const capped = addReward(snapshot, { snapshot, amount, capped: true });
      expect(capped.paid).toBe(amount);
      expect(capped.wrapper.delegations.every(({ reward }) => reward >= 0n)).toBe(true);
      if (addReward(snapshot, { snapshot, amount }).paid > amount) over += 1;
    }
    expect(over).toBeGreaterThan(0);
  });
});

describe('a network that caps issuance', () => {
  const two = committeeFrom(1, [
    [A, 100n],
    [B, 300n],
  ]); // prettier-ignore
  const beacon = committeeFrom(0, [
    [A, 100n],
    [C, 100n],
  ]);
  const own = {
    ...shardingAt(reference, 0n),
    harmonySlotsPerShard: 0,
    harmonyVoteShare: parseDec('0'),
  };
  const network = networkWith(reference.activations, 20n, 10n, {
    economy: reference.economy,
    sharding: [{ ...own, fromEpoch: 0n }],
  });
  const context = (elapsedSeconds?: bigint) =>
    rewardContext(network, [beacon, two], elapsedSeconds === undefined ? {} : { elapsedSeconds });
  const period = [carried(0b11, 0b10), carried(0b11, 0b11)];

  test('a block is worth the cap of a year, divided by the blocks of all shards in it', () => {
    const reward = blockReward(reference, 0n);
    const blocks = (366n * 86_400n * 4n) / 2n;
    expect(reward).toBe((441_000_000n * ONE) / blocks);
    expect(reward * blocks).toBeLessThanOrEqual(441_000_000n * ONE);
    expect((reward + 1n) * blocks).toBeGreaterThan(441_000_000n * ONE);
  });

  test('the part of a slot that did not sign is not issued', () => {
    const reward = blockReward(network, 5n);
    const { earned } = accumulateRewards(three(), period, context(1000n));
    expect(earned.get(B)).toBe(((reward * 3n) / 4n) * 2n);
    expect(earned.get(C)).toBe((reward / 2n) * 2n);
    expect(earned.get(A)).toBe((reward / 2n) * 2n + reward / 4n);
  });

  test('blocks that come too fast share what the time allows', () => {
    const { transition } = accumulateRewards(three(), period, context(1n));
    const cap = issuanceCap(network, 1n)!;
    expect(transition.issued).toBeLessThanOrEqual(cap);
    expect(transition.issued).toBeGreaterThan((cap * 9n) / 10n - 10n);
    expect(accumulateRewards(three(), period, context(0n)).transition.issued).toBe(0n);
    expect(accumulateRewards(three(), period, context(-5n)).transition.issued).toBe(0n);
  });

  test('parts that are rounded up take nothing above the reward', () => {
    // Seven equal parts, the last with what rounding left of 1: cut payouts are 7 atto too much.
    const equal = Array.from({ length: 7 }, (_, i) => [address(i + 1), 1n] as const);
    const seven = committeeFrom(1, [[HARMONY], ...equal]);
    const roster = rewardRoster(seven, parseDec('0.49'));
    const total = (rounding: 'cut' | 'exact') =>
      crossLinkPayout(roster, Uint8Array.of(254), decFromBigInt(7n * ONE), { rounding }).total;
    expect(total('cut')).toBe(7n * ONE + 7n);
    expect(total('exact')).toBeLessThanOrEqual(7n * ONE);
    expect(total('exact')).toBeGreaterThan(7n * ONE - 8n);
  });

  test('the time must be given; elsewhere it is not read', () => {
    expect(() => accumulateRewards(three(), period, context())).toThrow(TypeError);
    expect(issuanceCap(mainnet, 1000n)).toBeUndefined();
  });
});
