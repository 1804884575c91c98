/** A share of `pnpm model`: every row with two views, and the rules we vote by with more. */
import { describe, expect, test } from 'vitest';
import { blockOf, type CarriedMember, carriedNetwork } from '../model/carried.js';
import { carriedRows, type Row, strictRows } from '../model/rows.js';
import { type Step, search } from '../model/search.js';
import { guarded } from '../src/index.js';

const rows = [...carriedRows, ...strictRows];
const rowOf = (name: string): Row => rows.find((row) => row.name === name)!;
const labels = (way: readonly Step<unknown>[] | undefined): string[] =>
  (way ?? []).map(({ member, label }) => `${member}: ${label}`);

describe('two views', () => {
  // The rows left out take seconds.
  const slow = ['S2 + S3', 'strict, a restart forgets the mark'];
  test.each(rows.filter(({ name }) => !slow.includes(name)))('$name', (row) => {
    const { fork, stuck, states } = search(row.network(2));
    expect(fork !== undefined).toBe(row.forks[2]);
    if (fork === undefined) expect(stuck > 0).toBe(row.sticks);
    expect(states).toBeGreaterThan(300);
  });
});

test('R1 to R3 hold with three and four views', () => {
  const row = rowOf('R1 + R2 + R3 (guarded)');
  expect(search(row.network(3))).toMatchObject({ fork: undefined, states: 6512, decided: 2997 });
  expect(search(row.network(4))).toMatchObject({ fork: undefined, states: 101_988 });
});

test('S1 to S3 hold with three views, and no height gets stuck', () => {
  const { fork, stuck, states } = search(rowOf('S1 + S2 + S3 (strict), any opening').network(3));
  expect({ fork, stuck, states }).toEqual({ fork: undefined, stuck: 0, states: 93_730 });
});

test('a release that names no view lets an old block through; one that does, does not', () => {
  expect(search(rowOf('… all release when stuck').network(3)).fork).toBeDefined();
  expect(search(rowOf('… all release up to one view').network(3)).fork).toBeUndefined();
});

test('the shortest deadlock is the known one', () => {
  const { stuckAfter } = search(rowOf('R1 + R2 + R3 (guarded)').network(2));
  expect(labels(stuckAfter)).toEqual([
    '0: prepare 0 in view 1',
    '0: prepare 2 in view 2',
    '1: prepare 0 in view 1',
    '1: commit 0 in view 1',
  ]);
});

test('a fork is shown as acts that members take one after another', () => {
  const { fork } = search(rowOf('R1 + R2').network(2));
  const members = fork!.at(-1)!.members as readonly CarriedMember[];
  const final = [0, 1, 2, 3].filter(
    (block) => members.filter(({ committed }) => (committed >> block) & 1).length >= 2,
  );
  expect(final).toHaveLength(2);
  expect(fork).toHaveLength(8);
});

test('the search fails rather than end early', () => {
  expect(() => search(rowOf('R1 + R2 + R3 (guarded)').network(3), { maxStates: 6000 })).toThrow(
    /more than 6000 states/,
  );
});

test('renaming blocks and members joins states, and loses none', () => {
  const network = carriedNetwork({ voting: guarded.voting }, 2);
  const alone = { ...network, renamings: [network.renamings[0]!] };
  const [joined, all] = [search(network), search(alone)];
  expect(all.fork).toBeUndefined();
  expect(all.depth).toBe(joined.depth);
  expect(all.states).toBeGreaterThan(2 * joined.states);
  expect(all.states).toBeLessThanOrEqual(4 * joined.states);
  expect(blockOf(`0x${'03'.repeat(32)}`)).toBe(2);
});
