/** The last block of an epoch, part by part and together. */
import {
  defineNetwork,
  type GenesisAccounts,
  mainnet,
  type NetworkDefinition,
} from '@polyphony/networks';
import { decFromBigInt, parseDec } from '@polyphony/primitives';
import { decodeShardState, encodeShardState, type ShardState } from '@polyphony/sharding';
import { describe, expect, test } from 'vitest';
import { markAvailability } from '../src/availability.js';
import { fineDowntime } from '../src/downtime.js';
import { electionCandidates, isEligible } from '../src/election.js';
import { endEpoch, finishBlock } from '../src/finish-block.js';
import { inSequence } from '../src/sequence.js';
import { reduceShards } from '../src/shard-reduction.js';
import type { StakingView, Transition, ValidatorStatus, ValidatorWrapper } from '../src/types.js';
import {
  address,
  key,
  ledgerOf,
  networkWith,
  ONE,
  record,
  refusalOf,
  share,
  viewWith,
} from './support.js';

const NOBODY: GenesisAccounts = { harmonyAccountsAt: () => [], externalAccountsAt: () => [] };

function networkOf(activations: NetworkDefinition['activations'], shardCounts = [2]) {
  return defineNetwork({
    ...networkWith(activations),
    sharding: shardCounts.map((shardCount, i) => ({
      fromEpoch: BigInt(i * 6),
      shardCount,
      slotsPerShard: 2,
      harmonySlotsPerShard: 0,
      harmonyVoteShare: parseDec('0'),
    })),
  });
}

/** The committee of epoch 5: one slot for each number. */
function committee(numbers: readonly number[]): ShardState {
  return {
    epoch: 5n,
    committees: [
      {
        shardId: 0,
        slots: numbers.map((number) => ({
          address: address(number),
          blsPublicKey: key(`k${2 * number - 2}`),
          effectiveStake: decFromBigInt(ONE),
        })),
      },
    ],
  };
}

/** A validator of the committee that signed some of its blocks in epoch 5. */
function signer(
  number: number,
  signed: bigint,
  toSign: bigint,
  change: Partial<ValidatorWrapper> = {},
): ValidatorWrapper {
  return record(number, {
    lastEpochInCommittee: 5n,
    counters: { toSign: 100n + toSign, signed: 90n + signed },
    ...change,
  });
}

/** The records, over snapshots of epoch 5 that begin with 90 of 100. */
function viewOf(records: readonly ValidatorWrapper[]): StakingView {
  const ledger = ledgerOf({ wrappers: records, epoch: 5n });
  return viewWith(ledger, {
    snapshotOf(who, epoch) {
      const snapshot = ledger.snapshotOf(who, epoch);
      return snapshot && { ...snapshot, counters: { toSign: 100n, signed: 90n } };
    },
  });
}

const context = (network = networkOf({})) => ({
  network,
  epoch: 5n,
  blockNumber: 119n,
  coinbase: address(99),
});

const statusesIn = ({ wrappers }: Transition) =>
  [...wrappers.values()].map(({ address: who, status }) => [who, status]);

describe('availability', () => {
  const mark = (records: readonly ValidatorWrapper[], activations = {}) =>
    statusesIn(
      markAvailability(
        viewOf(records),
        committee(records.map((_, i) => i + 1)),
        context(networkOf(activations)),
      ),
    );

  test('two thirds is too little, one block more is enough', () => {
    expect(mark([signer(1, 20n, 30n), signer(2, 21n, 30n)])).toEqual([[address(1), 'inactive']]);
  });

  test.each<[ValidatorStatus, boolean]>([
    ['active', true],
    ['nil', true],
    ['inactive', false],
    ['banned', false],
  ])('a validator that is %s changes: %s', (status, changes) => {
    expect(mark([signer(1, 0n, 30n, { status })])).toEqual(
      changes ? [[address(1), 'inactive']] : [],
    );
  });

  test('nothing to sign is too little until hip32', () => {
    expect(mark([signer(1, 0n, 0n)])).toEqual([[address(1), 'inactive']]);
    const hip32 = { minCommissionRate: 0n, hip30: 0n, hip32: 5n };
    expect(mark([signer(1, 0n, 0n)], hip32)).toEqual([]);
  });

  test('Harmony slots and validators outside the committee are not asked', () => {
    const own = committee([1]);
    const slots = own.committees[0]!.slots.map((slot) => ({ ...slot, effectiveStake: undefined }));
    const view = viewOf([signer(1, 0n, 9n), signer(2, 0n, 9n)]);
    const state = { ...own, committees: [{ shardId: 0, slots }] };
    expect(statusesIn(markAvailability(view, state, context()))).toEqual([]);
  });

  test('refused without a record or a snapshot', () => {
    const view = viewOf([signer(1, 0n, 9n)]);
    const codeOf = (changed: StakingView, number: number) =>
      refusalOf(() => markAvailability(changed, committee([number]), context()))?.code;
    expect(codeOf(view, 2)).toBe('epos/address-not-in-state');
    expect(codeOf(viewWith(view, { snapshotOf: () => undefined }), 1)).toBe('epos/no-snapshot');
  });
});

describe('the fine for downtime', () => {
  const fine = (records: readonly ValidatorWrapper[]) =>
    fineDowntime(viewOf(records), committee(records.map((_, i) => i + 1)), context());

  test('a thousandth of the own stake of those that signed a third or less', () => {
    const delegations = [share(address(1), 20_000n * ONE), share(address(7), 5_000n * ONE)];
    const result = fine([
      signer(1, 10n, 30n, { delegations }),
      signer(2, 11n, 30n),
      signer(3, 0n, 0n),
      signer(4, 0n, 30n, { status: 'banned' }),
      signer(5, 0n, 30n, { status: 'inactive' }),
    ]);
    expect([...result.wrappers.keys()]).toEqual([address(1), address(5)]);
    const fined = result.wrappers.get(address(1))!;
    expect(fined.status).toBe('inactive');
    expect(fined.delegations).toEqual([
      share(address(1), 19_980n * ONE),
      share(address(7), 5_000n * ONE),
    ]);
    expect(result.burned).toBe(40n * ONE);
    expect(result.balances.size).toBe(0);
  });

  test('a validator may end below its smallest own stake, but not break another rule', () => {
    const least = signer(1, 0n, 9n, { minSelfDelegation: 20_000n * ONE });
    const own = fine([least]).wrappers.get(address(1))!.delegations[0]!.amount;
    expect(own).toBe(19_980n * ONE);
    const broken = signer(1, 0n, 9n, {
      commission: {
        rate: parseDec('0.5'),
        maxRate: parseDec('0.4'),
        maxChangeRate: parseDec('0.1'),
        updateHeight: 0n,
      },
    });
    expect(fine([broken]).wrappers.size).toBe(0);
    expect(fine([broken]).burned).toBe(0n);
  });
});

describe('fewer shards', () => {
  // Keys end in 0x14: shard 0 of 2 and of 4.
  const moving = Uint8Array.from(key('k9'), (byte, i) => (i === 47 ? 0x16 : byte));
  const records = [
    record(1),
    record(2, { blsPublicKeys: [key('k2'), moving] }),
    record(3, { blsPublicKeys: [moving], status: 'inactive' }),
    record(4, { blsPublicKeys: [moving], status: 'banned' }),
  ];
  const reduce = (shardCounts: number[]) =>
    statusesIn(reduceShards(viewOf(records), context(networkOf({}, shardCounts))));

  test('active validators with a key that moves become inactive', () => {
    expect(reduce([4, 2])).toEqual([[address(2), 'inactive']]);
  });

  test('nothing changes with as many or more', () => {
    expect(reduce([4, 4])).toEqual([]);
    expect(reduce([2, 4])).toEqual([]);
    expect(reduce([4])).toEqual([]);
  });

  test('mainnet went from four to two at the end of epoch 1672', () => {
    const at = (epoch: bigint) =>
      statusesIn(reduceShards(viewOf(records), { network: mainnet, epoch, blockNumber: 1n }));
    expect(at(1671n)).toEqual([]);
    expect(at(1672n)).toEqual([[address(2), 'inactive']]);
    expect(at(1673n)).toEqual([]);
  });
});

describe('candidates', () => {
  test('stake, keys and what was signed in the epoch, in the order of the list', () => {
    const delegations = [
      share(address(1), 20_000n * ONE, { undelegations: [{ amount: 5n, epoch: 4n }] }),
      share(address(7), 7n, { reward: 100n }),
    ];
    const view = viewOf([signer(2, 8n, 9n), record(1, { delegations })]);
    expect(electionCandidates(view, context())).toEqual([
      {
        address: address(2),
        status: 'active',
        lastEpochInCommittee: 5n,
        blsPublicKeys: [key('k2'), key('k3')],
        stake: 20_000n * ONE,
        signing: { toSign: 9n, signed: 8n },
      },
      {
        address: address(1),
        status: 'active',
        lastEpochInCommittee: 0n,
        blsPublicKeys: [key('k0'), key('k1')],
        stake: 20_000n * ONE + 7n,
      },
    ]);
  });

  test('who sits in the committee must have signed enough; who does not need not', () => {
    const where = context();
    const view = viewOf([signer(1, 2n, 3n), signer(2, 3n, 4n), record(3)]);
    const may = electionCandidates(view, where).map((one) => isEligible(one, where));
    expect(may).toEqual([false, true, true]);
    // As plain data a member without figures signed nothing.
    const { signing: _, ...bare } = electionCandidates(view, where)[1]!;
    expect(isEligible(bare, where)).toBe(false);
    const error = refusalOf(() =>
      electionCandidates(viewWith(view, { snapshotOf: () => undefined }), where),
    );
    expect(error?.code).toBe('epos/no-snapshot');
  });
});

describe('one after the other', () => {
  const part = (change: Partial<Transition>): Transition => ({
    wrappers: new Map(),
    balances: new Map(),
    logs: [],
    created: [],
    firstElectionEpochs: new Map(),
    issued: 0n,
    burned: 0n,
    ...change,
  });

  test('each sees what came before; the sum is one transition', () => {
    const base = ledgerOf({ wrappers: [record(1)], balances: [[address(1), 5n]] });
    const seen: unknown[] = [];
    const result = inSequence(base, [
      () =>
        part({
          wrappers: new Map([[address(1), record(1, { blockReward: 1n })]]),
          balances: new Map([
            [address(1), 7n],
            [address(2), 1n],
          ]),
          created: [address(3)],
          firstElectionEpochs: new Map([[address(1), 4n]]),
          issued: 9n,
        }),
      (view) => {
        seen.push(
          view.wrapperOf(address(1))!.blockReward,
          view.balanceOf(address(1)),
          view.isValidator(address(3)),
          view.isValidator(address(4)),
          view.createdInBlock(),
          view.firstElectionEpochOf(address(1)),
          view.validators(),
          view.delegationsOf(address(1)).length,
          view.snapshotOf(address(1), 0n)!.blockReward,
        );
        return part({
          balances: new Map([
            [address(2), -1n],
            [address(1), 1n],
          ]),
          firstElectionEpochs: new Map([[address(1), 6n]]),
          burned: 2n,
        });
      },
    ]);
    expect(seen).toEqual([1n, 12n, true, false, [address(3)], 4n, [address(1)], 1, 0n]);
    expect([...result.balances]).toEqual([[address(1), 8n]]);
    expect([...result.firstElectionEpochs]).toEqual([[address(1), 4n]]);
    expect([result.issued, result.burned, result.created]).toEqual([9n, 2n, [address(3)]]);
    expect(base.balanceOf(address(1))).toBe(5n);
  });
});

describe('together', () => {
  const activations = { minCommissionRate: 0n, quickUnlock: 0n, downtimeSlash: 0n };
  const where = { ...context(networkOf(activations)), accounts: NOBODY };

  test('payout, election, availability, fine, rewards and slashes in this order', () => {
    const free = { undelegations: [{ amount: 300n, epoch: 0n }], reward: 0n };
    const records = [
      // Signed well; elected again.
      signer(1, 9n, 9n, { delegations: [share(address(1), 20_000n * ONE, free)] }),
      // Hardly signed: not elected, inactive, fined.
      signer(2, 1n, 9n, { delegations: [share(address(2), 30_000n * ONE)] }),
      // New, and slashed in the same block.
      record(3, { delegations: [share(address(3), 40_000n * ONE)] }),
    ];
    const view = viewOf(records);
    const seen: unknown[] = [];
    const { election, shardState, transition } = endEpoch(
      view,
      view,
      {
        current: committee([1, 2]),
        rewards(changed) {
          const second = changed.wrapperOf(address(2))!;
          seen.push(changed.wrapperOf(address(1))!.lastEpochInCommittee, second.status);
          seen.push(second.delegations[0]!.amount, changed.balanceOf(address(1)));
          seen.push(changed.wrapperOf(address(3))!.status);
          return inSequence(changed, []);
        },
        slashes: [
          {
            evidence: {
              epoch: 5n,
              shardId: 0,
              height: 105n,
              viewId: 105n,
              firstVote: {
                signerPublicKeys: [key('k4')],
                blockHash: `0x${'aa'.repeat(32)}`,
                signature: new Uint8Array(96),
              },
              secondVote: {
                signerPublicKeys: [key('k4')],
                blockHash: `0x${'bb'.repeat(32)}`,
                signature: new Uint8Array(96),
              },
              offender: address(3),
            },
            reporter: address(8),
          },
        ],
      },
      where,
    );
    expect(seen).toEqual([6n, 'inactive', 29_970n * ONE, 300n, 'active']);
    // All keys end in 0x14, so all four slots are won in shard 0; ties go to the lower address.
    expect(election.elected).toEqual([address(3), address(1)]);
    expect(election.winners.map(({ address: who }) => who)).toEqual([3, 3, 1, 1].map(address));
    expect(decodeShardState(shardState)).toEqual(election.shardState);
    expect(transition.wrappers.get(address(3))).toMatchObject({
      status: 'banned',
      lastEpochInCommittee: 6n,
    });
    expect([...transition.firstElectionEpochs]).toEqual([
      [address(3), 6n],
      [address(1), 6n],
    ]);
    expect(transition.burned).toBe(30n * ONE + 10_000n * ONE);
    expect([...transition.balances]).toEqual([
      [address(1), 300n],
      [address(99), 10_000n * ONE],
    ]);
  });

  test('inside an epoch only rewards and slashes', () => {
    const view = viewOf([signer(1, 0n, 9n)]);
    const end = { current: committee([1]) };
    const transition = finishBlock(view, end, { ...where, blockNumber: 110n });
    expect(transition.wrappers.size + transition.balances.size).toBe(0);
  });

  test('before staking the header carries the legacy form', () => {
    const early = { ...where, network: networkOf({ staking: 9n, aggregatedReward: 9n }) };
    const view = viewOf([record(1)]);
    const { shardState, election } = endEpoch(view, view, { current: committee([]) }, early);
    expect(shardState).toEqual(encodeShardState(election.shardState, 'legacy'));
  });
});
