/** Whole epochs: what a validator's fate is, and how epochs hang together. */
import { reference } from '@polyphony/networks';
import { referenceAccounts } from '@polyphony/networks/genesis/reference';
import { parseDec } from '@polyphony/primitives';
import { seededRandom } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { accumulateRewards, type CarriedSeals } from '../src/accumulate-rewards.js';
import { blockReward } from '../src/block-reward.js';
import { startEconomy } from '../src/economy-state.js';
import { createStakingLedger } from '../src/ledger.js';
import { type EpochPlan, simulateEpoch } from '../src/simulate-epoch.js';
import { supplyOf } from './economies.js';
import {
  address,
  committeeFrom,
  createMessage,
  key,
  ledgerOf,
  networkWith,
  ONE,
  record,
  refusalOf,
  rewardContext,
  rewardNetwork,
  share,
} from './support.js';

const network = networkWith(reference.activations, 8n, 1n, {
  ...reference,
  name: 'own',
  rewardPeriodBlocks: 4n,
  schedule: [{ fromEpoch: 0n, blocksPerEpoch: 8n }],
});
const base: EpochPlan = { network, accounts: referenceAccounts };
const rate = parseDec('0.07');
const commission = { rate, maxRate: parseDec('1'), maxChangeRate: rate, updateHeight: 0n };
const DELEGATOR = address(99);

/** Four validators, one per shard, and a delegator with the first. */
function four() {
  return [1, 2, 3, 4].map((n) => {
    const blsPublicKey = key(`k${n}`);
    blsPublicKey[47] = n - 1;
    const own = share(address(n), BigInt(20_000 + n) * ONE);
    const delegations = n === 1 ? [own, share(DELEGATOR, 20_000n * ONE)] : [own];
    return record(n, { blsPublicKeys: [blsPublicKey], commission, delegations });
  });
}

const start = (change = {}) =>
  startEconomy({
    ...base,
    epoch: 1n,
    wrappers: four(),
    balances: [[DELEGATOR, 50_000n * ONE]],
    ...change,
  });

const wrapperOf = (state: ReturnType<typeof start>, n: number) =>
  state.ledger.wrappers.find((wrapper) => wrapper.address === address(n))!;

describe('a validator', () => {
  test('that signs earns the same in every full period; seals of an epoch’s last blocks are paid in the next', () => {
    const first = simulateEpoch(start(), base);
    const second = simulateEpoch(first.state, base);
    const reward = blockReward(network, 1n);
    // Block 15 of epoch 1 carries seals of block 14; those of block 15 come with block 16.
    expect(first.flows.issued).toBe(reward * 4n * 7n);
    expect(second.flows.issued).toBe(reward * 4n * 8n);
    expect(wrapperOf(second.state, 2).blockReward).toBe(reward * 15n);
    expect(second.election.elected).toHaveLength(4);
  });

  test('that stops signing earns nothing, becomes inactive and is not elected again', () => {
    const signs: EpochPlan['signs'] = (seat) => seat.address !== address(3);
    const first = simulateEpoch(start(), { ...base, signs });
    expect(first.earned.get(address(3))).toBeUndefined();
    expect(first.earned.size).toBe(3);
    const second = simulateEpoch(first.state, { ...base, signs });
    expect(wrapperOf(second.state, 3).status).toBe('inactive');
    expect(second.election.elected).not.toContain(address(3));
    const third = simulateEpoch(second.state, base);
    expect(third.election.elected).toHaveLength(3);
  });

  test('that signed both of two blocks is banned, halved, and the reporter is paid', () => {
    const state = start();
    const vote = (digit: string) => ({
      signerPublicKeys: [wrapperOf(state, 1).blsPublicKeys[0]!],
      blockHash: `0x${digit.repeat(64)}` as const,
      signature: new Uint8Array(96),
    });
    const evidence = {
      ...{ epoch: 1n, shardId: 0, height: 8n, viewId: 8n, offender: address(1) },
      ...{ firstVote: vote('1'), secondVote: vote('2') },
    };
    const slashes = [{ evidence, reporter: address(2) }];
    const block = (number: bigint) => (number === 10n ? { slashes } : undefined);
    const { state: after, flows } = simulateEpoch(state, { ...base, block });
    const banned = wrapperOf(after, 1);
    expect(banned.status).toBe('banned');
    const taken = (20_001n * ONE) / 2n;
    expect(banned.delegations[0]!.amount).toBe(20_001n * ONE - taken);
    const others = (taken * 8n) / 10n;
    expect(new Map(after.ledger.balances).get(address(2))).toBe((taken + others) / 2n);
    expect(flows.burntStake).toBe(taken + others - (taken + others) / 2n);
  });
});

describe('rewards', () => {
  test('staked again for those who chose it, in the last block', () => {
    const compounding = [[DELEGATOR, [address(1)]]] as const;
    const { state } = simulateEpoch(start({ compounding }), base);
    const [own, other] = wrapperOf(state, 1).delegations;
    expect(own!.reward).toBeGreaterThan(0n);
    expect(other!.reward).toBe(0n);
    expect(other!.amount).toBeGreaterThan(20_000n * ONE);
    // The snapshot of the next epoch is one block older: what was compounded counts one epoch later.
    const next = state.ledger.snapshots.find(([epoch]) => epoch === 2n)!;
    const snapshot = next[1].find((wrapper) => wrapper.address === address(1))!;
    expect(snapshot.delegations[1]!.amount).toBe(20_000n * ONE);
  });

  test('slow blocks bring no more than fast ones, fast ones no more than the cap', () => {
    const at = (seconds: bigint) => ({
      ...base,
      block: (number: bigint) => ({ time: network.genesis.timestamp + seconds * (number - 7n) }),
    });
    const meant = simulateEpoch(start(), base).flows.issued;
    expect(simulateEpoch(start(), at(2n)).flows.issued).toBe(meant);
    expect(simulateEpoch(start(), at(60n)).flows.issued).toBe(meant);
    const fast = simulateEpoch(start(), at(1n)).flows.issued;
    const { yearlyIssuance, yearSeconds } = network.economy!;
    expect(fast).toBeLessThanOrEqual((yearlyIssuance * 8n) / yearSeconds);
    expect(fast).toBeGreaterThan((yearlyIssuance * 8n * 99n) / (yearSeconds * 100n));
  });
});

describe('an epoch', () => {
  test('takes directives, transfers and fees; reports what it refused', () => {
    const newcomer = createMessage(DELEGATOR, { slotPublicKeys: [key('k20')] });
    const rest = { type: 'delegate', delegatorAddress: DELEGATOR, amount: 100n * ONE } as const;
    const plan: EpochPlan = {
      ...base,
      block: (number) => {
        if (number === 9n) {
          const good = { ...rest, validatorAddress: address(2) };
          const bad = { ...rest, validatorAddress: address(50) };
          return { directives: [newcomer, bad, good], fees: [{ from: DELEGATOR, amount: 21n }] };
        }
        if (number === 10n) return { transfers: [{ from: DELEGATOR, to: address(7), amount: 5n }] };
        return undefined;
      },
    };
    const before = start();
    const { state, refused, flows } = simulateEpoch(before, plan);
    expect(refused.map(({ blockNumber, error }) => [blockNumber, error.code])).toEqual([
      [9n, 'epos/no-validator'],
    ]);
    expect(flows.burntFees).toBe(21n);
    const balances = new Map(state.ledger.balances);
    expect(balances.get(DELEGATOR)).toBe(29_900n * ONE - 26n);
    expect(balances.get(address(7))).toBe(5n);
    expect(state.ledger.wrappers).toHaveLength(5);
    expect(supplyOf(state.ledger) - supplyOf(before.ledger)).toBe(flows.issued - 21n);
    const poor = { ...base, block: () => ({ fees: [{ from: address(8), amount: 1n }] }) };
    expect(refusalOf(() => simulateEpoch(before, poor))?.code).toBe('epos/negative-balance');
  });

  test('may be told who sits where, and needs its own committees', () => {
    const assign: EpochPlan['assign'] = ({ shardState }) => ({
      ...shardState,
      committees: shardState.committees.map((committee, i, all) => ({
        ...committee,
        slots: all[(i + 1) % all.length]!.slots,
      })),
    });
    const { state, election } = simulateEpoch(start(), { ...base, assign });
    const seats = election.shardState.committees.map(({ slots }) => slots[0]!.address);
    expect(seats).toEqual([2, 3, 4, 1].map(address));
    const next = simulateEpoch(state, base);
    expect(next.earned.size).toBe(4);
    const lost = { ...state, shardStates: [] };
    expect(refusalOf(() => simulateEpoch(lost, base))?.code).toBe('epos/no-committee');
    expect(refusalOf(() => start({ epoch: 0n }))?.code).toBe('epos/out-of-range');
  });

  test('goes on from its plain data', () => {
    const { state } = simulateEpoch(start(), base);
    expect(simulateEpoch(structuredClone(state), base)).toEqual(simulateEpoch(state, base));
    const again = createStakingLedger(state.ledger).toStart(0n);
    expect(again).toEqual(state.ledger);
  });
});

test('the order of links within a period changes nothing', () => {
  const random = seededRandom(Number(process.env.SEED ?? 8));
  const era = rewardNetwork({ twoSeconds: 0n });
  const committees = [0, 1].map((shardId) =>
    committeeFrom(
      shardId,
      Array.from({ length: 9 }, (_, i) => {
        const member = address(1 + random.below(5));
        return i === 0 ? ([member] as const) : ([member, BigInt(1 + random.below(1000))] as const);
      }),
    ),
  );
  const wrappers = [1, 2, 3, 4, 5].map((n) =>
    record(n, {
      delegations: Array.from({ length: 1 + random.below(6) }, (_, i) =>
        share(address(n + 10 * i), random.bigint(75)),
      ),
    }),
  );
  const ledger = ledgerOf({ wrappers, epoch: 5n });
  for (let i = 0; i < 100; i++) {
    const links = Array.from({ length: 20 }, () => ({
      shardId: random.below(2),
      epoch: 5n,
      bitmap: random.bytes(2),
    }));
    const shuffled = links
      .map((link) => [random.uint32(), link] as const)
      .sort(([a], [b]) => a - b)
      .map(([, link]) => link);
    const pay = (crossLinks: CarriedSeals['crossLinks']) =>
      accumulateRewards(
        ledger,
        [{ parent: undefined, crossLinks }],
        rewardContext(era, committees),
      );
    const [one, other] = [pay(links), pay(shuffled)];
    expect(new Map([...one.transition.wrappers].sort())).toEqual(
      new Map([...other.transition.wrappers].sort()),
    );
    expect([other.accumulated, other.recovered]).toEqual([one.accumulated, one.recovered]);
  }
});
