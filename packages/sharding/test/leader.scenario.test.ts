import { mainnet, type Network, reference } from '@polyphony/networks';
import { type Address, ZERO_ADDRESS } from '@polyphony/primitives';
import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Committee } from '../src/committee.js';
import { ShardingError } from '../src/errors.js';
import {
  advanceTurn,
  type LeaderRule,
  type LeaderTurn,
  nextHeightLeader,
  nextLeader,
  operatorsOf,
  slotOfKey,
  type TurnQuestion,
  turnLength,
  viewChangeLeader,
} from '../src/leader.js';
import { address, committee, key } from './samples.js';

/** A committee whose slots belong to the operators that the letters name. */
function ownedBy(letters: string): Committee {
  return {
    shardId: 0,
    slots: [...letters].map((letter, place) => ({
      address: address(letter.charCodeAt(0)),
      blsPublicKey: key(place),
      effectiveStake: undefined,
    })),
  };
}

describe('searching a leader', () => {
  test('ends inside the committee for any input', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<LeaderRule>('hmy', 'v1', 'v2'),
        fc.array(fc.nat(3), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: -1, max: 19 }),
        fc.nat(100),
        fc.integer({ min: -3, max: 30 }),
        (rule, owners, base, next, harmonySlots) => {
          const from = Math.min(base, owners.length - 1);
          const operators = owners.map((owner) => (owner === 0 ? ZERO_ADDRESS : address(owner)));
          const { index, found } = nextLeader({ rule, operators, from, next, harmonySlots });
          expect(index).toBeGreaterThanOrEqual(0);
          expect(index).toBeLessThan(owners.length);
          if (rule === 'v2' && found && from >= 0) expect(owners[index]).not.toBe(owners[from]);
          if (rule === 'v2' && from >= 0 && new Set(owners).size > 1) expect(found).toBe(true);
        },
      ),
      propertyRuns(1000),
    );
  });

  test.each([
    [{ operators: [] as Address[], from: -1, next: 0 }],
    [{ operators: [address(1)], from: 1, next: 0 }],
    [{ operators: [address(1)], from: -2, next: 0 }],
    [{ operators: [address(1)], from: 0, next: -1 }],
    [{ operators: [address(1)], from: 0, next: 0.5 }],
  ])('refuses %j', (search) => {
    for (const rule of ['hmy', 'v1', 'v2'] as const) {
      expect(() => nextLeader({ rule, ...search })).toThrow(ShardingError);
    }
  });

  test('at an epoch border keys of the old committee alone have accounts', () => {
    const old = ownedBy('ab');
    const fresh = ownedBy('xyz');
    expect(operatorsOf(fresh, old)).toEqual([
      address('a'.charCodeAt(0)),
      address('b'.charCodeAt(0)),
      ZERO_ADDRESS,
    ]);
    expect(slotOfKey(fresh, key(2))).toBe(2);
    expect(slotOfKey(fresh, key(9))).toBe(-1);
  });
});

describe('view changes', () => {
  const given = ownedBy('aaabbbccc');
  const question = {
    headViewId: 100n,
    headEpoch: 3000n,
    headEndsEpoch: false,
    headLeaderKey: key(0),
    currentLeaderKey: key(4),
    committee: given,
    headCommittee: given,
  };

  test.each([
    [101n, { index: 3, found: true }],
    [102n, { index: 3, found: true }],
    [104n, { index: 3, found: true }],
    [105n, { index: 4, found: true }],
    [109n, { index: 8, found: true }],
    [110n, { index: 3, found: true }],
    [1_000_000_001n, { index: 3, found: true }],
    [2n ** 64n - 1n, { index: 4, found: true }],
  ])('view %s', (viewId, choice) => {
    // v2 from slot 0: the distance is the view id minus that of the next block.
    const distance = Number((viewId - 101n) % 9n);
    const operators = operatorsOf(given);
    expect(nextLeader({ rule: 'v2', operators, from: 0, next: distance })).toEqual(choice);
    expect(viewChangeLeader(mainnet, { ...question, viewId })).toEqual(choice);
  });

  test('after the last block of an epoch the first slot is the base', () => {
    const change = { ...question, headEndsEpoch: true, headLeaderKey: key(8), viewId: 105n };
    expect(viewChangeLeader(mainnet, change).index).toBe(4);
  });

  test('an unknown head leader leaves the base to the current leader', () => {
    const change = { ...question, headLeaderKey: undefined, viewId: 102n };
    expect(viewChangeLeader(mainnet, change)).toEqual({ index: 6, found: true });
  });

  test('a base outside the committee and distance 0: the first slot leads', () => {
    const change = { ...question, headLeaderKey: key(99), viewId: 101n };
    expect(viewChangeLeader(mainnet, change)).toEqual({ index: 0, found: true });
    // A whole round on is not the same: that search starts one place before the first slot.
    expect(viewChangeLeader(mainnet, { ...change, viewId: 110n })).toEqual({
      index: 8,
      found: true,
    });
  });

  test('before leader rotation the next of the Harmony slots leads, in whole rounds', () => {
    const many = committee(25, { stakes: [1n, 1n, 1n] });
    const change = {
      ...question,
      headEpoch: 1000n,
      committee: many,
      headCommittee: many,
      headLeaderKey: key(24),
    };
    expect(viewChangeLeader(mainnet, { ...change, viewId: 102n }).index).toBe(0);
    expect(viewChangeLeader(mainnet, { ...change, viewId: 101n + 25n * 28n * 3n + 2n }).index).toBe(
      1,
    );
  });

  test('a view that is not after the head is refused', () => {
    for (const viewId of [100n, 0n]) {
      expect(() => viewChangeLeader(mainnet, { ...question, viewId })).toThrow(
        `view id must be after the head's 100, got ${viewId}`,
      );
    }
  });
});

describe('turns on mainnet after epoch 2964', () => {
  const given = ownedBy('aabbcc');
  const epoch = 3000n;
  const length = turnLength(32768n, 6);
  const turn: LeaderTurn = { leaderKey: key(0), epoch, blocks: length };
  const ask = (change: Partial<TurnQuestion>, network: Network = mainnet) =>
    nextHeightLeader(network, {
      epoch,
      headEpoch: epoch,
      leader: 0,
      turn,
      committee: given,
      recentSigners: [],
      ...change,
    });
  const all = new Set([0, 1, 2, 3, 4, 5]);
  const without = (...places: number[]) => new Set([...all].filter((p) => !places.includes(p)));

  test('the next operator takes over when the turn is over, not before', () => {
    expect(ask({})).toBe(2);
    expect(ask({ turn: { ...turn, blocks: length - 1n } })).toBe(0);
  });

  test('nothing changes without rotation, across epochs or for another leader', () => {
    expect(ask({ epoch: 2000n, headEpoch: 2000n, turn: { ...turn, epoch: 2000n } })).toBe(0);
    expect(ask({ headEpoch: epoch - 1n })).toBe(0);
    expect(ask({ turn: { ...turn, leaderKey: key(1) } })).toBe(0);
  });

  test('who signed none of the last four blocks is passed over', () => {
    expect(ask({ recentSigners: [all, all, all, all] })).toBe(2);
    const missing = without(2, 3);
    expect(ask({ recentSigners: [missing, missing, missing, missing] })).toBe(4);
    expect(ask({ recentSigners: [missing, missing, missing, all] })).toBe(2);
  });

  test('with fewer than four blocks nobody is passed over, a fifth block is not looked at', () => {
    const nobody = new Set<number>();
    expect(ask({ recentSigners: [nobody, nobody, nobody] })).toBe(2);
    const onlyFour = without(2, 3);
    expect(ask({ recentSigners: [onlyFour, onlyFour, onlyFour, onlyFour, all] })).toBe(4);
  });

  test('with everybody away the leader stays', () => {
    const nobody = new Set<number>();
    expect(ask({ recentSigners: [nobody, nobody, nobody, nobody] })).toBe(0);
  });

  test('with one operator the leader stays', () => {
    expect(ask({ committee: ownedBy('aaaaaa') })).toBe(0);
  });

  test('on the reference network four leaders share an epoch', () => {
    const four = ownedBy('abcd');
    let leader = 0;
    let state: LeaderTurn | undefined;
    const led = [0, 0, 0, 0];
    for (let block = 0; block < 128; block++) {
      led[leader]! += 1;
      state = advanceTurn(state, { leaderKey: key(leader), epoch: 1n });
      leader = nextHeightLeader(reference, {
        epoch: 1n,
        headEpoch: 1n,
        leader,
        turn: state,
        committee: four,
        recentSigners: [new Set([0, 1, 2, 3])],
      });
    }
    expect(led).toEqual([32, 32, 32, 32]);
  });
});
