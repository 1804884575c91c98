import { bytesToHex } from '@polyphony/primitives';
import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShardingError } from '../src/errors.js';
import {
  type Assignment,
  defaultResharding,
  type ElectedKey,
  type ReshardingInput,
  reshard,
} from '../src/resharding.js';

/** A key that differs from others in its first and last bytes. */
function keyOf(index: number): Uint8Array {
  const key = new Uint8Array(48).fill(index & 255);
  key[0] = index >> 8;
  return key;
}

const seedOf = (value: number): Uint8Array => new Uint8Array(32).fill(value);

function elect(count: number, from = 0): ElectedKey[] {
  return Array.from({ length: count }, (_, index) => ({ blsPublicKey: keyOf(from + index) }));
}

function placesOf(assignment: Assignment): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const { shardId, keys } of assignment) {
    for (const key of keys) {
      const text = bytesToHex(key);
      places.set(text, [...(places.get(text) ?? []), shardId]);
    }
  }
  return places;
}

const seats = fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.integer({ min: 0, max: 6 }));

const input: fc.Arbitrary<ReshardingInput> = fc
  .record({
    before: fc.array(fc.tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 4 })), {
      maxLength: 80,
    }),
    elected: fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 99 }), seats), {
      maxLength: 80,
      selector: ([index]) => index,
    }),
    shardCount: fc.integer({ min: 1, max: 6 }),
    rate: fc.integer({ min: 0, max: 20 }),
    evictionsPerJoin: fc.integer({ min: 0, max: 12 }),
    epoch: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    seed: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  })
  .map(({ before, elected, shardCount, rate, evictionsPerJoin, epoch, seed }) => ({
    previous: [0, 1, 2, 3, 4].map((shardId) => ({
      shardId,
      keys: before.filter(([, shard]) => shard === shardId).map(([index]) => keyOf(index)),
    })),
    elected: elected.map(([index, count]) => ({ blsPublicKey: keyOf(index), seats: count })),
    epoch,
    seed,
    parameters: {
      shardCount,
      evictionRate: { numerator: BigInt(rate), denominator: 20n },
      evictionsPerJoin,
    },
  }))
  .filter(
    ({ elected, parameters }) =>
      elected.reduce((sum, key) => sum + key.seats, 0) >= parameters.shardCount,
  );

describe('resharding', () => {
  test('every seat has one place, and sizes differ by at most one', () => {
    fc.assert(
      fc.property(input, (given) => {
        const { assignment } = reshard(given);
        const places = placesOf(assignment);
        for (const { blsPublicKey, seats: due = 1 } of given.elected) {
          expect(places.get(bytesToHex(blsPublicKey))?.length ?? 0).toBe(due);
        }
        const sizes = assignment.map(({ keys }) => keys.length);
        const total = given.elected.reduce((sum, key) => sum + (key.seats ?? 1), 0);
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(total);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
      propertyRuns(300),
    );
  });

  test('moves are bounded and account for every change', () => {
    fc.assert(
      fc.property(input, (given) => {
        const { assignment, moves, joined, left, evicted } = reshard(given);
        const { shardCount, evictionRate, evictionsPerJoin } = given.parameters;
        const total = assignment.reduce((sum, { keys }) => sum + keys.length, 0);
        const had = given.previous.reduce((sum, { keys }) => sum + keys.length, 0);
        expect(had - left + joined).toBe(total);

        const staying = total - joined;
        const wanted = Math.min(
          staying,
          Math.max(
            Math.ceil((staying * Number(evictionRate.numerator)) / 20),
            evictionsPerJoin * joined,
          ),
        );
        // Who stays, in the worst case that the leavers left it: what equal sizes need.
        const homeless = given.previous
          .filter(({ shardId }) => shardId >= shardCount)
          .reduce((sum, { keys }) => sum + keys.length, 0);
        const needed = given.previous
          .filter(({ shardId }) => shardId < shardCount)
          .reduce(
            (sum, { keys }) => sum + Math.max(keys.length - Math.floor(total / shardCount), 0),
            homeless,
          );
        expect(evicted).toBeGreaterThanOrEqual(wanted);
        expect(evicted).toBeLessThanOrEqual(Math.max(wanted, needed) + shardCount - 1);
        expect(moves.length).toBeLessThanOrEqual(evicted);

        // Undoing the moves, every key has at most one seat of difference for each join and leave.
        const places = placesOf(assignment);
        for (const { blsPublicKey, from, to } of moves) {
          const mine = places.get(bytesToHex(blsPublicKey))!;
          mine.splice(mine.indexOf(to), 1, from);
        }
        const before = placesOf(given.previous);
        let kept = 0;
        for (const [key, now] of places) {
          const then = [...(before.get(key) ?? [])];
          for (const shard of now) {
            const at = then.indexOf(shard);
            if (at >= 0) kept += then.splice(at, 1).length;
          }
        }
        expect(kept).toBeGreaterThanOrEqual(staying);
      }),
      propertyRuns(300),
    );
  });

  test('the order of the input does not matter', () => {
    fc.assert(
      fc.property(input, fc.integer(), (given, turn) => {
        const rotate = <T>(list: readonly T[]): T[] => {
          const by = list.length === 0 ? 0 : Math.abs(turn) % list.length;
          return [...list.slice(by), ...list.slice(0, by)].reverse();
        };
        const turned: ReshardingInput = {
          ...given,
          elected: rotate(given.elected),
          previous: rotate(given.previous).map(({ shardId, keys }) => ({
            shardId,
            keys: rotate(keys),
          })),
        };
        expect(reshard(turned)).toEqual(reshard(given));
      }),
      propertyRuns(100),
    );
  });

  test('without joins, leaves and evictions nobody moves', () => {
    const parameters = {
      ...defaultResharding(4),
      evictionRate: { numerator: 0n, denominator: 1n },
    };
    const first = reshard({
      previous: [],
      elected: elect(40),
      epoch: 1n,
      seed: seedOf(1),
      parameters,
    });
    const next = reshard({
      previous: first.assignment,
      elected: elect(40),
      epoch: 2n,
      seed: seedOf(2),
      parameters,
    });
    expect([next.moves, next.evicted, next.joined, next.left]).toEqual([[], 0, 0, 0]);
  });

  test('seed and epoch each change the outcome', () => {
    const base = { previous: [], elected: elect(40), parameters: defaultResharding(4) };
    const outcomes = [
      reshard({ ...base, epoch: 1n, seed: seedOf(1) }),
      reshard({ ...base, epoch: 2n, seed: seedOf(1) }),
      reshard({ ...base, epoch: 1n, seed: seedOf(2) }),
    ].map(({ assignment }) => JSON.stringify(assignment.map(({ keys }) => keys.map(bytesToHex))));
    expect(new Set(outcomes).size).toBe(3);
  });
});

/** Pearson's statistic of counts against equal frequencies. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** Runs of one epoch with seeds 0, 1, …; counts in which shard something is. */
function countShards(
  runs: number,
  base: Omit<ReshardingInput, 'seed' | 'epoch'>,
  where: (assignment: Assignment) => number,
): number[] {
  const counts = Array.from({ length: base.parameters.shardCount }, () => 0);
  for (let run = 0; run < runs; run++) {
    const { assignment } = reshard({ ...base, epoch: BigInt(run), seed: seedOf(run & 255) });
    counts[where(assignment)]! += 1;
  }
  return counts;
}

/** 0.1 % of fair draws have more, with three degrees of freedom. */
const CRITICAL_3 = 16.27;

describe('uniformity, with fixed seeds', () => {
  const parameters = defaultResharding(4);
  const shardOf =
    (key: Uint8Array) =>
    (assignment: Assignment): number =>
      assignment.find(({ keys }) => keys.some((other) => bytesToHex(other) === bytesToHex(key)))!
        .shardId;

  test.each([0, 7, 15, 255, 256])(
    'a first assignment puts key %i in each shard equally',
    (mine) => {
      const elected = [...elect(16, 100), { blsPublicKey: keyOf(mine) }];
      const counts = countShards(1000, { previous: [], elected, parameters }, shardOf(keyOf(mine)));
      expect(chiSquare(counts)).toBeLessThan(CRITICAL_3);
    },
  );

  const settled = reshard({
    previous: [],
    elected: elect(40),
    epoch: 0n,
    seed: seedOf(9),
    parameters,
  }).assignment;

  test.each([0, 1, 2, 3])('a newcomer after a leave in shard %i goes to each equally', (shard) => {
    const gone = bytesToHex(settled[shard]!.keys[0]!);
    const elected = [
      ...elect(40).filter(({ blsPublicKey }) => bytesToHex(blsPublicKey) !== gone),
      { blsPublicKey: keyOf(1000) },
    ];
    const counts = countShards(
      1000,
      { previous: settled, elected, parameters },
      shardOf(keyOf(1000)),
    );
    expect(chiSquare(counts)).toBeLessThan(CRITICAL_3);
  });

  test('each place of a committee is equally likely', () => {
    const counts = Array.from({ length: 10 }, () => 0);
    const mine = bytesToHex(keyOf(5));
    for (let run = 0; run < 1000; run++) {
      const { assignment } = reshard({
        previous: settled,
        elected: elect(40),
        epoch: BigInt(run),
        seed: seedOf(3),
        parameters,
      });
      for (const { keys } of assignment) {
        const place = keys.findIndex((key) => bytesToHex(key) === mine);
        if (place >= 0) counts[place]! += 1;
      }
    }
    // 0.1 % with nine degrees of freedom.
    expect(chiSquare(counts)).toBeLessThan(27.88);
  });
});

describe('refused input', () => {
  const base: ReshardingInput = {
    previous: [],
    elected: elect(8),
    epoch: 1n,
    seed: seedOf(1),
    parameters: defaultResharding(4),
  };
  const codeOf = (change: Partial<ReshardingInput>): string | undefined => {
    try {
      reshard({ ...base, ...change });
      return undefined;
    } catch (error) {
      return error instanceof ShardingError ? error.code : 'not a ShardingError';
    }
  };
  const part = (numerator: bigint, denominator: bigint) => ({
    parameters: { ...base.parameters, evictionRate: { numerator, denominator } },
  });

  test.each<[string, Partial<ReshardingInput>, string | undefined]>([
    ['nothing', {}, undefined],
    ['fewer seats than shards', { elected: elect(3) }, 'sharding/too-few-seats'],
    ['a key twice', { elected: [...elect(8), ...elect(1)] }, 'sharding/invalid-committee'],
    [
      'a short key',
      { elected: [{ blsPublicKey: new Uint8Array(47) }] },
      'sharding/invalid-committee',
    ],
    [
      'a long key before',
      { previous: [{ shardId: 0, keys: [new Uint8Array(49)] }] },
      'sharding/invalid-committee',
    ],
    [
      'a shard twice',
      { previous: [0, 0].map((shardId) => ({ shardId, keys: [] })) },
      'sharding/invalid-committee',
    ],
    ['a short seed', { seed: new Uint8Array(31) }, 'sharding/out-of-range'],
    ['a negative epoch', { epoch: -1n }, 'sharding/out-of-range'],
    ['an epoch of 65 bits', { epoch: 2n ** 64n }, 'sharding/out-of-range'],
    ['a rate above one', part(3n, 2n), 'sharding/out-of-range'],
    ['a negative rate', part(-1n, 2n), 'sharding/out-of-range'],
    ['a rate over zero', part(0n, 0n), 'sharding/out-of-range'],
    ['no shard', { parameters: defaultResharding(0) }, 'sharding/out-of-range'],
    ['half a shard', { parameters: defaultResharding(1.5) }, 'sharding/out-of-range'],
    [
      'too many evictions',
      { parameters: { ...base.parameters, evictionsPerJoin: 2 ** 20 + 1 } },
      'sharding/out-of-range',
    ],
    [
      'too many seats',
      { elected: [{ blsPublicKey: keyOf(1), seats: 2 ** 24 + 1 }] },
      'sharding/out-of-range',
    ],
    [
      'too many seats together',
      { elected: elect(2).map((key) => ({ ...key, seats: 2 ** 23 + 1 })) },
      'sharding/out-of-range',
    ],
    [
      'half a seat',
      { elected: elect(8).map((key) => ({ ...key, seats: 0.5 })) },
      'sharding/out-of-range',
    ],
  ])('%s', (_, change, code) => {
    expect(codeOf(change)).toBe(code);
  });
});
