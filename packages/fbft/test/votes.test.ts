/** Counting: what a ballot may do to a tally, and the ready-made committees. */
import { loadVectors, propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  roundRobinLeaders,
  stableLeaders,
  uniformCommittee,
  weightedCommittee,
} from '../src/committee.js';
import type { HeadInfo, VotingCommittee } from '../src/ports.js';
import { addBallot, type Ballot, emptyTally, type Tally, weighBallot } from '../src/votes.js';
import { committeeOf } from './support/vectors.js';

const hash = `0x${'ab'.repeat(32)}` as const;
const ballot = (...signers: number[]): Ballot => ({
  signers,
  signature: new Uint8Array(96).fill(signers[0]! + 1),
});
const tallyOf = (committee: VotingCommittee, ...ballots: Ballot[]): Tally =>
  ballots.reduce((tally, next) => addBallot(tally, next, committee).tally, emptyTally(hash));

describe('ballots', () => {
  const committee = committeeOf(10);
  test('one key counts once', () => {
    const tally = tallyOf(committee, ballot(3), ballot(1), ballot(3));
    expect(tally.signers).toEqual([1, 3]);
    expect(tally.ballots.length).toBe(2);
    expect(weighBallot(tally, [3], committee)).toBe('repeated');
  });
  test('a ballot that overlaps in part is refused whole', () => {
    const tally = tallyOf(committee, ballot(1, 2));
    expect(weighBallot(tally, [2, 3], committee)).toBe('repeated');
    expect(weighBallot(tally, [1], committee)).toBe('repeated');
    expect(weighBallot(tally, [1, 2], committee)).toBe('repeated');
  });
  test('a larger ballot that holds the overlapped ones takes their place', () => {
    const before = tallyOf(committee, ballot(1), ballot(2, 3), ballot(5));
    const { tally, outcome } = addBallot(before, ballot(1, 2, 3, 4), committee);
    expect(outcome).toBe('replaced');
    expect(tally.signers).toEqual([1, 2, 3, 4, 5]);
    expect(tally.ballots.map(({ signers }) => signers)).toEqual([[5], [1, 2, 3, 4]]);
    expect(before.signers).toEqual([1, 2, 3, 5]);
  });
  test('keys outside the committee and empty ballots', () => {
    expect(weighBallot(emptyTally(hash), [10], committee)).toBe('not-a-member');
    expect(weighBallot(emptyTally(hash), [], committee)).toBe('not-a-member');
    expect(addBallot(emptyTally(hash), ballot(10), committee).tally).toEqual(emptyTally(hash));
  });
  test('when operators are known, a ballot has one; slots without any may join', () => {
    const operators = ['a', 'a', 'b', undefined];
    const known: VotingCommittee = { ...committee, operatorOf: (slot) => operators[slot] };
    expect(weighBallot(emptyTally(hash), [0, 1], known)).toBe('counted');
    expect(weighBallot(emptyTally(hash), [0, 2], known)).toBe('mixed-operators');
    expect(weighBallot(emptyTally(hash), [0, 1, 3], known)).toBe('counted');
  });
  test('in any order, ballots never overlap and signers are their union', () => {
    const any = fc.array(
      fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 4 }),
    );
    fc.assert(
      fc.property(any, (lists) => {
        const tally = tallyOf(
          committee,
          ...lists.map((list) => ballot(...list.sort((a, b) => a - b))),
        );
        const all = tally.ballots.flatMap(({ signers }) => signers);
        expect(new Set(all).size).toBe(all.length);
        expect(all.sort((a, b) => a - b)).toEqual(tally.signers);
        // Whoever voted alone at least once is in, or is covered by a larger ballot.
        for (const [slot] of lists.filter((list) => list.length === 1))
          expect(tally.signers).toContain(slot);
      }),
      propertyRuns(200),
    );
  });
});

describe('ballots of the Go tests', () => {
  for (const { name, in: given, out } of loadVectors<
    { operators: (string | null)[]; ballots: number[][] },
    { outcomes: string[]; signers: number[] }
  >(import.meta.url, 'ballots', { in: ['operators', 'ballots'], out: ['outcomes', 'signers'] })) {
    test(name, () => {
      const committee: VotingCommittee = {
        ...committeeOf(given.operators.length),
        operatorOf: (slot) => given.operators[slot] ?? undefined,
      };
      let tally = emptyTally(hash);
      const outcomes = given.ballots.map((signers) => {
        const added = addBallot(tally, ballot(...signers), committee);
        tally = added.tally;
        return added.outcome;
      });
      expect(outcomes).toEqual(out!.outcomes);
      expect(tally.signers).toEqual(out!.signers);
    });
  }
});

describe('committees', () => {
  const keys = committeeOf(4).keys;
  test('weights: strictly more than two thirds', () => {
    const committee = weightedCommittee(keys, [1n, 1n, 1n, 3n]);
    expect(committee.hasQuorum([0, 3])).toBe(false); // 4 of 6 is two thirds
    expect(committee.hasQuorum([0, 1, 3])).toBe(true);
    expect(committee.hasQuorum([3, 3, 3])).toBe(false);
    expect(committee.hasQuorum([])).toBe(false);
    expect(committee.hasQuorum([0, 1, 3, 99])).toBe(true);
  });
  test('refused: repeats, wrong lengths, bad weights', () => {
    expect(() => uniformCommittee([...keys, keys[0]!])).toThrow(/twice/);
    expect(() => uniformCommittee([new Uint8Array(47)])).toThrow(/48 bytes/);
    expect(() => uniformCommittee([])).toThrow(/weights/);
    expect(() => weightedCommittee(keys, [1n, 1n])).toThrow(/weights/);
    expect(() => weightedCommittee(keys, [1n, 1n, -1n, 3n])).toThrow(/weights/);
    expect(() => weightedCommittee(keys, [0n, 0n, 0n, 0n])).toThrow(/weights/);
  });
  test('quorums are monotone and two of them always meet', () => {
    const arbitrary = fc.array(fc.bigInt({ min: 0n, max: 50n }), { minLength: 4, maxLength: 4 });
    const set = fc.uniqueArray(fc.integer({ min: 0, max: 3 }));
    fc.assert(
      fc.property(arbitrary, set, set, (weights, a, b) => {
        fc.pre(weights.some((weight) => weight > 0n));
        const committee = weightedCommittee(keys, weights);
        if (!committee.hasQuorum(a)) return;
        expect(committee.hasQuorum([...a, ...b])).toBe(true);
        if (committee.hasQuorum(b)) expect(a.some((slot) => b.includes(slot))).toBe(true);
        expect(committee.hasQuorum([0, 1, 2, 3].filter((slot) => !a.includes(slot)))).toBe(false);
      }),
      propertyRuns(200),
    );
  });
});

describe('schedules', () => {
  const head = (viewId: bigint, proposer?: number): HeadInfo => {
    const committee = committeeOf(4);
    return {
      height: 9n,
      hash,
      viewId,
      timestampMs: 0,
      epoch: 0n,
      committee,
      ...(proposer !== undefined && { proposer: committee.keys[proposer]! }),
    };
  };
  test('round robin', () => {
    const at = (viewId: bigint) =>
      roundRobinLeaders.leaderAt({ height: 10n, viewId, head: head(3n) });
    expect([4n, 5n, 6n, 7n, 8n, (1n << 64n) - 1n].map(at)).toEqual([0, 1, 2, 3, 0, 3]);
  });
  test('stable', () => {
    const at = (viewId: bigint, proposer?: number) =>
      stableLeaders.leaderAt({ height: 10n, viewId, head: head(3n, proposer) });
    expect([4n, 5n, 6n, 8n].map((view) => at(view, 2))).toEqual([2, 3, 0, 2]);
    expect([4n, 5n].map((view) => at(view))).toEqual([0, 1]);
    expect(at(0n, 0)).toBe(0);
    const stranger = { ...head(3n), proposer: new Uint8Array(48) };
    expect(stableLeaders.leaderAt({ height: 10n, viewId: 4n, head: stranger })).toBe(0);
  });
  test('nobody leads an empty committee', () => {
    const empty = { ...head(3n), committee: { keys: [], hasQuorum: () => false } };
    expect(roundRobinLeaders.leaderAt({ height: 10n, viewId: 4n, head: empty })).toBeUndefined();
    expect(stableLeaders.leaderAt({ height: 10n, viewId: 4n, head: empty })).toBeUndefined();
  });
});
