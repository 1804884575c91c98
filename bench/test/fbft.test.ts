import { describe, expect, test } from 'vitest';
import { carryRounds, createParcelQueue, quorumOf, type VoteRoute } from '../src/event-queue.js';
import { createWorld } from '../src/fbft-world.js';
import { measureFinality } from '../src/finality.js';
import { REGIONS, roundTrip, twoRoundTrips } from '../src/regions.js';

describe('the empty queue', () => {
  test('gives parcels by time, and in order within a time', () => {
    const queue = createParcelQueue<number>();
    const times = [5, 3, 9, 3, 1, 5, 3];
    times.forEach((at, what) => {
      queue.push(at, 0, 1, what);
    });
    const got = times.map(() => queue.pop()!);
    expect(got.map(({ at, what }) => [at, what])).toEqual([
      [1, 4],
      [3, 1],
      [3, 3],
      [3, 6],
      [5, 0],
      [5, 5],
      [9, 2],
    ]);
    expect(queue.pop()).toBeUndefined();
  });

  test.each([
    [4, 'leader', 6 * 3],
    [4, 'everyone', 4 * 3 + 2 * 3 * 3],
    [31, 'leader', 6 * 30],
    [31, 'everyone', 4 * 30 + 2 * 30 * 30],
  ] as const)(
    'carries the messages of a round of %i members, votes to %s',
    (members, route, count) => {
      expect(carryRounds(members, 3, route, 1)).toBe(3 * count);
    },
  );
});

describe('machines on the queue', () => {
  test.each<VoteRoute>(['leader', 'everyone'])('send as many messages, votes to %s', (route) => {
    for (const members of [4, 7, 20]) {
      const world = createWorld({ members, route, seed: 3 });
      world.runRounds(4);
      expect(world.delivered).toBe(carryRounds(members, 4, route, 3));
      expect(new Set(world.heads()).size).toBe(1);
      expect(world.decided).toHaveLength(4 * members);
    }
  });

  test('wait for a processor that has work to do', () => {
    const costs = { sign: 3, verify: () => 2 };
    const options = { members: 4, route: 'everyone', seed: 3, latency: () => 10 } as const;
    const timesOf = (world: ReturnType<typeof createWorld>): number[] => {
      world.runRounds(1);
      const { at: from } = world.announcedAt.get(1n)!;
      return world.decided.map(({ at }) => at - from).sort((a, b) => a - b);
    };
    expect(timesOf(createWorld(options))[0]).toBe(40);
    // Check and sign at a member, two votes at the leader, its two signatures; check, sign, two votes.
    expect(timesOf(createWorld({ ...options, costs }))[0]).toBe(40 + (2 + 3 + 4) + 6 + (2 + 3 + 4));
  });
});

describe('ten regions', () => {
  test('the least time to a leader commit is that of the distances', () => {
    expect(REGIONS).toHaveLength(10);
    for (let a = 0; a < 10; a++)
      for (let b = 0; b < 10; b++) expect(roundTrip(a, b)).toBe(roundTrip(b + 10, a + 20));
    // Oregon: 2 of 3 others make a quorum of 4; N. California, Virginia 87.
    expect(twoRoundTrips(2, 4, quorumOf(4))).toBe(2 * 87);
    const spans = Array.from({ length: 10 }, (_, id) => twoRoundTrips(id, 250, quorumOf(250)));
    expect([Math.min(...spans), Math.max(...spans)]).toEqual([290, 514]);
  });

  test('members that take no time reach it', () => {
    for (const { commit, floor } of measureFinality(40)) expect(commit).toBe(floor);
  });
});
