import { reference, shardingAt } from '@polyphony/networks';
import { referenceAccounts, referenceTestKeys } from '@polyphony/networks/genesis/reference';
import { addDec, bytesToHex, DEC_ZERO, decFromBigInt, hexToBytes } from '@polyphony/primitives';
import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AssignedState,
  assignedShardState,
  assignmentOf,
  shardStateOf,
  type Winner,
} from '../src/assigned-shard-state.js';
import { genesisShardState } from '../src/assignment.js';
import type { ShardState } from '../src/committee.js';
import { stakedQuorum } from '../src/quorum.js';
import { defaultResharding } from '../src/resharding.js';
import { decodeShardState, encodeShardState } from '../src/shard-state.js';
import { votingShares } from '../src/voting-shares.js';
import { address, key } from './samples.js';

const seedOf = (value: number): Uint8Array => new Uint8Array(32).fill(value);

describe('committees of the reference network', () => {
  const { shardCount } = shardingAt(reference, 1n);
  const parameters = defaultResharding(shardCount);
  const winners: Winner[] = referenceTestKeys().map(({ address: operator, blsPublicKey }, at) => ({
    address: operator,
    blsPublicKey: hexToBytes(blsPublicKey),
    effectiveStake: decFromBigInt(10n ** 22n + BigInt(at)),
  }));

  function run(epochs: number): AssignedState[] {
    const states: AssignedState[] = [];
    let previous: ShardState = genesisShardState(reference, referenceAccounts);
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const next = assignedShardState({
        previous,
        winners,
        epoch: BigInt(epoch),
        seed: seedOf(epoch),
        parameters,
      });
      states.push(next);
      previous = next.state;
    }
    return states;
  }

  test('twenty epochs: all members sit, four to a shard, and some move in most epochs', () => {
    const states = run(20);
    const visited = new Map<string, Set<number>>();
    states.forEach(({ state }, at) => {
      expect(state.epoch).toBe(BigInt(at + 1));
      expect(state.committees.map(({ slots }) => slots.length)).toEqual([4, 4, 4, 4]);
      for (const { shardId, slots } of state.committees) {
        for (const { blsPublicKey } of slots) {
          const name = bytesToHex(blsPublicKey);
          visited.set(name, (visited.get(name) ?? new Set()).add(shardId));
        }
      }
    });
    expect(visited.size).toBe(16);
    expect([...visited.values()].every((shards) => shards.size > 1)).toBe(true);
    expect(states.filter(({ moves }) => moves.length > 0).length).toBeGreaterThan(15);
    expect(Math.max(...states.map(({ evicted }) => evicted))).toBe(4);
  });

  test('a state goes through bytes, and its committees can vote', () => {
    const { state } = run(1)[0]!;
    expect(decodeShardState(encodeShardState(state, 'staking'))).toEqual(state);
    const policy = stakedQuorum(state.committees[0]!, DEC_ZERO);
    expect([policy.hasQuorum([0, 1, 2]), policy.hasQuorum([0, 1])]).toEqual([true, false]);
  });

  test('a member that is not elected any more is gone, a new one sits', () => {
    const [{ state }] = run(1) as [AssignedState];
    const fresh = {
      address: address(77),
      blsPublicKey: key(77),
      effectiveStake: decFromBigInt(5n),
    };
    const next = assignedShardState({
      previous: state,
      winners: [...winners.slice(1), fresh],
      epoch: 2n,
      seed: seedOf(2),
      parameters,
    });
    expect([next.joined, next.left]).toEqual([1, 1]);
    const slots = next.state.committees.flatMap((committee) => committee.slots);
    expect(slots).toContainEqual(fresh);
    expect(slots.map(({ blsPublicKey }) => bytesToHex(blsPublicKey))).not.toContain(
      bytesToHex(winners[0]!.blsPublicKey),
    );
  });

  test('too few winners are refused', () => {
    const input = { previous: undefined, epoch: 2n, seed: seedOf(2), parameters };
    expect(() => assignedShardState({ ...input, winners: winners.slice(0, 3) })).toThrow(
      'there must be at least 4 seats, one for each shard, got 3',
    );
  });
});

describe('voting shares', () => {
  const bids = fc.array(fc.bigInt({ min: 0n, max: 10n ** 30n }), { minLength: 1, maxLength: 30 });

  test('are exact and never more than the seats', () => {
    fc.assert(
      fc.property(
        bids,
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 700 }),
        (stakes, shardCount, sharesPerShard) => {
          const total = stakes.reduce((sum, stake) => sum + stake, 0n);
          const seats = BigInt(shardCount * sharesPerShard);
          fc.pre(total >= seats);
          const { shares, price, sold } = votingShares(stakes, { shardCount, sharesPerShard });
          expect(price).toBe(total / seats);
          expect(BigInt(sold)).toBeLessThanOrEqual(seats);
          expect(BigInt(sold)).toBeGreaterThan(seats - BigInt(stakes.length));
          shares.forEach((count, at) => {
            expect(BigInt(count) * total <= stakes[at]! * seats).toBe(true);
            expect(BigInt(count + 1) * total > stakes[at]! * seats).toBe(true);
            expect(BigInt(count) * price).toBeLessThanOrEqual(stakes[at]!);
          });
        },
      ),
      propertyRuns(200),
    );
  });

  test('an example by hand', () => {
    expect(votingShares([300n, 500n, 205n], { shardCount: 2, sharesPerShard: 5 })).toEqual({
      shares: [2, 4, 2],
      price: 100n,
      sold: 8,
    });
  });

  test.each([
    [
      [-1n, 5n],
      { shardCount: 1, sharesPerShard: 1 },
      'stake of a bid must not be negative, got -1',
    ],
    [[5n], { shardCount: 0, sharesPerShard: 1 }, 'number of shares'],
    [[5n], { shardCount: 0.5, sharesPerShard: 2 }, 'number of shares'],
    [[5n], { shardCount: -1, sharesPerShard: -1 }, 'number of shares'],
    [[5n], { shardCount: 2, sharesPerShard: 3 }, 'a stake of 5 atto cannot be cut into 6 shares'],
    [[], { shardCount: 2, sharesPerShard: 3 }, 'a stake of 0 atto cannot be cut into 6 shares'],
  ])('refuses %s, %o', (stakes, options, message) => {
    expect(() => votingShares(stakes, options)).toThrow(message);
  });

  test('go to shards, and come back from the shard state by their price', () => {
    const counts = [9, 4, 1, 12, 0];
    const price = 10n ** 21n;
    const shared = counts.map((seats, at) => ({
      address: address(at),
      blsPublicKey: key(at),
      effectiveStake: decFromBigInt(price * BigInt(seats)),
      seats,
    }));
    const parameters = defaultResharding(2);
    const first = assignedShardState({
      previous: undefined,
      winners: shared,
      epoch: 1n,
      seed: seedOf(1),
      parameters,
    });
    const seats = assignmentOf(first.state, price);
    expect(seats.map(({ keys }) => keys.length)).toEqual([13, 13]);
    const next = assignedShardState({
      previous: first.state,
      previousSeatPrice: price,
      winners: shared,
      epoch: 2n,
      seed: seedOf(2),
      parameters,
    });
    expect([next.joined, next.left, next.evicted]).toEqual([0, 0, 4]);
  });

  test('a stake is divided by seats and nothing is lost', () => {
    const winner = {
      address: address(1),
      blsPublicKey: key(1),
      effectiveStake: decFromBigInt(100n),
      seats: 3,
    };
    const assignment = [
      { shardId: 0, keys: [key(1)] },
      { shardId: 1, keys: [key(1), key(1)] },
    ];
    const { committees } = shardStateOf(assignment, [winner], 1n);
    const stakes = committees.map(({ slots }) => slots[0]!.effectiveStake!);
    expect(stakes).toEqual([33_333333333333333333n, 66_666666666666666667n]);
    expect(stakes.reduce(addDec)).toBe(winner.effectiveStake);
  });

  test('an assignment and winners that do not agree are refused', () => {
    const winner = { address: address(1), blsPublicKey: key(1), effectiveStake: decFromBigInt(7n) };
    const at = (count: number) => [
      { shardId: 0, keys: Array.from({ length: count }, () => key(1)) },
    ];
    expect(() => shardStateOf(at(2), [winner], 1n)).toThrow('is assigned more seats than it won');
    expect(() => shardStateOf(at(0), [winner], 1n)).toThrow('is assigned fewer seats than it won');
    expect(() => shardStateOf(at(1), [], 1n)).toThrow('is assigned but has not won');
  });

  test('a shard state that is not made of shares at the price is refused', () => {
    const state = (stake: bigint | undefined): ShardState => ({
      epoch: 1n,
      committees: [
        {
          shardId: 0,
          slots: [
            {
              address: address(1),
              blsPublicKey: key(1),
              effectiveStake: stake === undefined ? undefined : decFromBigInt(stake),
            },
          ],
        },
      ],
    });
    expect(assignmentOf(state(12n), 4n)[0]!.keys).toHaveLength(3);
    expect(assignmentOf(state(undefined))[0]!.keys).toHaveLength(1);
    expect(() => assignmentOf(state(13n), 4n)).toThrow('multiple of the price of a share, 4 atto');
    expect(() => assignmentOf(state(0n), 4n)).toThrow('multiple of the price of a share');
    expect(() => assignmentOf(state(undefined), 4n)).toThrow('a slot without stake has no shares');
    expect(() => assignmentOf(state(12n), 0n)).toThrow('price of a share must be positive, got 0');
  });
});
