/**
 * Traces of the model drive the machine: schedules of votes that the model allows or forbids become
 * messages, and machine and model must sign the same and keep the same mark after each.
 */
import { propertyRuns, type SeededRandom, seededRandom } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { carriedNetwork, markKey } from '../model/carried.js';
import { carriedRows, strictRows } from '../model/rows.js';
import { type Deed, type Network, search } from '../model/search.js';
import { strictNetwork } from '../model/strict.js';
import { compat, guarded, type Profile, type SignedMark, strict } from '../src/index.js';
import { replayedMember } from './support/machine-replay.js';

/** One vote that the schedule tries to bring about, by its member. */
interface Attempt extends Deed {
  readonly member: number;
  /** The member restarts first. */
  readonly restarts?: boolean;
}

interface Replay {
  readonly signed: number;
  readonly refused: number;
  /** Blocks that two honest members commit-voted. */
  readonly final: readonly number[];
}

/** A network whatever its rules, by what is needed here. */
type AnyNetwork = Network<{ readonly mark: SignedMark }>;

function networkOf(profile: Profile, views: number): AnyNetwork {
  const network =
    profile.wire === 2
      ? strictNetwork({ voting: profile.voting }, views)
      : carriedNetwork({ voting: profile.voting }, views);
  return network as unknown as AnyNetwork;
}

/** Lives through a schedule in the model and in three machines at once. */
function replay(profile: Profile, views: number, schedule: readonly Attempt[]): Replay {
  const network = networkOf(profile, views);
  const members = [0, 1, 2].map(() => network.start);
  const machines = [0, 1, 2].map((slot) => replayedMember(slot, 2 * views, profile));
  const shared = (fact: number): boolean =>
    members.filter((member) => network.factsOf(member).includes(fact)).length >= 2;
  let [signed, refused] = [0, 0];
  for (const { member, restarts, ...deed } of schedule) {
    const machine = machines[member]!;
    if (restarts) machine.restart();
    const { kind, block, view } = deed;
    if (!machine.canTry(deed) || !network.isProven(deed, shared)) continue;
    const act = network.actsOf(members[member]!).find(({ does, needs }) => {
      const same = does?.kind === kind && does.block === block && does.view === view;
      const justified = (does?.justifiedBy ?? 0) === (deed.justifiedBy ?? 0);
      // Wire version 1 shows no certificate with a block that is announced.
      const shown = kind === 'prepare' && profile.wire === 1 && needs.length > 0;
      return same && justified && !shown && needs.every(shared);
    });
    const before = machine.votes.length;
    machine.attempt(deed);
    const what = `${kind} ${block} in view ${view} by ${member}`;
    expect(machine.votes.slice(before), what).toEqual(act ? [`${kind} ${block}`] : []);
    if (act === undefined) refused += 1;
    else {
      signed += 1;
      members[member] = act.next;
    }
    expect(markKey(machine.mark()), what).toBe(markKey(members[member]!.mark));
  }
  const final = network.finalBy.flatMap((facts, block) => (facts.some(shared) ? [block] : []));
  return { signed, refused, final };
}

/** A way that the search found, as a schedule. */
function wayOf(name: string, views: number, what: 'fork' | 'stuckAfter' = 'fork'): Attempt[] {
  const row = [...carriedRows, ...strictRows].find((one) => one.name === name)!;
  return search(row.network(views))[what]!.flatMap(({ member, does }) =>
    does === undefined ? [] : [{ member, ...does }],
  );
}

describe('forks of weaker rules', () => {
  test('compat machines fork as the model says', () => {
    const { final, refused } = replay(compat, 2, wayOf('compat', 2));
    expect(final).toHaveLength(2);
    expect(refused).toBe(0);
  });
  test.each(['compat', 'R1 + R2', 'R1 + R3', '… R3 released by reports', '… both released'])(
    'guarded machines refuse the fork of: %s',
    (name) => {
      const { final, refused } = replay(guarded, 2, wayOf(name, 2));
      expect(refused).toBeGreaterThan(0);
      expect(final.length).toBeLessThan(2);
    },
  );
  test('strict machines refuse the fork without S2', () => {
    const { final, refused } = replay(strict, 2, wayOf('S1 + S3', 2));
    expect(refused).toBeGreaterThan(0);
    expect(final.length).toBeLessThan(2);
  });
});

test('guarded machines get stuck where the model does', () => {
  const more: Attempt[] = [
    { member: 0, kind: 'commit', block: 0, view: 3 },
    { member: 1, kind: 'prepare', block: 4, view: 3 },
  ];
  const way = wayOf('R1 + R2 + R3 (guarded)', 2, 'stuckAfter');
  expect(replay(guarded, 3, [...way, ...more])).toEqual({ signed: 4, refused: 2, final: [] });
});

/** Mostly acts of the newest view; certificates of any earlier one. */
function randomSchedule(random: SeededRandom, views: number, own: boolean): Attempt[] {
  let newest = 1;
  return Array.from({ length: 40 }, () => {
    if (random.below(6) === 0 && newest < views) newest += 1;
    const view = Math.max(1, newest - random.below(2));
    const member = random.below(3);
    const restarts = random.below(10) === 0;
    const kind = random.below(2) === 0 ? 'prepare' : 'commit';
    const freshBlock = 2 * (view - 1) + random.below(2);
    const block = random.below(2) === 0 ? freshBlock : random.below(2 * view);
    const fresh = block >> 1 === view - 1;
    if (kind === 'prepare' && !own) return { member, restarts, kind, view, block: freshBlock };
    const justifiedBy = fresh ? 0 : (block >> 1) + 1 + random.below(view - 1 - (block >> 1));
    return { member, restarts, kind, view, block, ...(own && { justifiedBy }) };
  });
}

test.each([guarded, strict])('random schedules: $name machines do as the model', (profile) => {
  let [signed, refused, decided] = [0, 0, 0];
  fc.assert(
    fc.property(fc.integer({ min: 0 }), (seed) => {
      const random = seededRandom(seed);
      const views = 2 + random.below(3);
      const result = replay(profile, views, randomSchedule(random, views, profile.wire === 2));
      expect(result.final.length).toBeLessThan(2);
      signed += result.signed;
      refused += result.refused;
      decided += result.final.length;
    }),
    propertyRuns(60),
  );
  expect(signed).toBeGreaterThan(200);
  expect(refused).toBeGreaterThan(20);
  expect(decided).toBeGreaterThan(5);
});
