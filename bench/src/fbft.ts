/** Rows of `@polyphony/fbft`: what the machine costs without signatures, and a leader's block with them. */
import { carryRounds, type VoteRoute } from './event-queue.js';
import { leaderRow } from './fbft-leader.js';
import { createWorld } from './fbft-world.js';
import { type BenchRow, type Contender, row } from './harness.js';

const MACHINES = 'polyphony machines';
const QUEUE = 'empty event queue';
const SEED = 7;

/** Before anything is timed. */
const WARM_UP_MS = 3000;

/** Rounds in one timed call, so that it lasts long enough and not much longer. */
const ROUNDS: Readonly<Record<VoteRoute, Readonly<Record<number, number>>>> = {
  everyone: { 4: 50, 100: 2, 250: 4, 1000: 1 },
  leader: { 4: 50, 100: 5, 250: 2, 1000: 1 },
};

/** Goals of the row: half of the empty queue, or rounds per CPU-second. */
const TARGETS: Readonly<
  Record<VoteRoute, Readonly<Record<number, { readonly perSecond?: number }>>>
> = {
  everyone: { 250: {}, 1000: {} },
  leader: {
    4: { perSecond: 20_000 },
    100: { perSecond: 700 },
    250: { perSecond: 250 },
    1000: { perSecond: 50 },
  },
};

/** The machines of one network that goes on from call to call. */
function machines(members: number, route: VoteRoute, rounds: number): Contender {
  const made = (): ReturnType<typeof createWorld> => createWorld({ members, route, seed: SEED });
  let world: ReturnType<typeof createWorld> | undefined;
  return {
    name: MACHINES,
    run: () => {
      world ??= made();
      world.runRounds(rounds);
    },
    output: () => {
      world = made();
      world.runRounds(rounds);
      const heads = new Set(world.heads());
      if (heads.size !== 1 || world.decided.length !== members * rounds)
        throw new Error(`${members} members decided ${heads.size} blocks`);
      const { delivered } = world;
      // Much code runs seldom here: the engine takes a while to compile all of it.
      for (const start = performance.now(); performance.now() - start < WARM_UP_MS; )
        world.runRounds(rounds);
      return delivered;
    },
  };
}

function roundsRow(members: number, route: VoteRoute): BenchRow {
  const rounds = ROUNDS[route][members]!;
  const target = TARGETS[route][members];
  const what = route === 'everyone' ? 'votes to everyone' : 'votes to the leader';
  return row({
    name: `FBFT rounds without signatures, ${members} members, ${what}`,
    unit: 'rounds',
    perRun: rounds,
    ...(members === 1000 && route === 'everyone' && { maxRounds: 3 }),
    contenders: [
      machines(members, route, rounds),
      {
        name: QUEUE,
        run: () => carryRounds(members, rounds, route, SEED),
        output: () => carryRounds(members, rounds, route, SEED),
      },
    ],
    baseline: QUEUE,
    ...(target && { targets: [{ contender: MACHINES, ratio: 0.5, to: QUEUE, ...target }] }),
  });
}

/** All rows of the consensus. */
export async function rows(): Promise<readonly BenchRow[]> {
  const sizes = [4, 100, 250, 1000];
  return [
    ...sizes.map((members) => roundsRow(members, 'leader')),
    ...sizes.map((members) => roundsRow(members, 'everyone')),
    await leaderRow(),
  ];
}
