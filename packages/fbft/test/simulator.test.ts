/** The simulator's parts: queue, random streams, crashes around writes, clocks, applications, plans. */
import { bytesToHex, keccak256, utf8ToBytes } from '@polyphony/primitives';
import { describe, expect, test } from 'vitest';
import { drawPlan } from '../src/simulator/draw.js';
import { inject } from '../src/simulator/inject.js';
import { describeFault, liarsOf, mostLiars, type Plan, STRATEGIES } from '../src/simulator/plan.js';
import { createEventQueue } from '../src/simulator/queue.js';
import { createRandom } from '../src/simulator/random.js';
import { networkOf, runPlan } from '../src/simulator/run.js';
import { shrinkPlan } from '../src/simulator/shrink.js';
import { createSimulation } from '../src/simulator/simulation.js';
import { quiet, type WritePoint } from '../src/simulator/world.js';
import { fastTiming } from './support/schedules.js';

const calm: Plan = {
  seed: 1,
  nodes: 4,
  profile: 'guarded',
  viewIds: 'count',
  leaders: 'round-robin',
  keysPerNode: 1,
  aggregateVotes: true,
  epochLength: 4,
  change: 0,
  faultyMs: 1500,
  faultyHeights: 60,
  faults: [],
};

test('the queue gives events by time, and those of one time in their order', () => {
  const random = createRandom(1);
  const queue = createEventQueue();
  const expected: [number, number][] = [];
  const seen: [number, number][] = [];
  for (let i = 0; i < 500; i++) {
    const at = random.below(40);
    expected.push([at, i]);
    queue.push(at, () => seen.push([at, i]));
    if (i % 3 === 0 && i < 300) queue.push(0, () => undefined);
  }
  expect(queue.next()).toBe(0);
  while (queue.size > 0) queue.pop().run();
  expect(seen).toEqual(expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]));
  expect(queue.next()).toBeUndefined();
});

test('streams of one seed are apart by name', () => {
  const draw = (name: string) => createRandom(9, name).uint32();
  expect(new Set([draw(''), draw('a'), draw('b'), draw('ab')]).size).toBe(4);
  expect(draw('a')).toBe(draw('a'));
});

describe('crashes around durable writes', () => {
  const points: WritePoint[] = [
    'mark-issued',
    'mark-durable',
    'mark-answered',
    'block-issued',
    'block-durable',
    'block-answered',
  ];
  for (const point of points)
    test(`the first leader dies at each of its ${point}`, () => {
      for (let nth = 1; nth <= 4; nth++) {
        const sim = createSimulation({ seed: nth, nodes: 4, timing: fastTiming });
        let left = nth;
        sim.atWrite = (node, at) => {
          if (node.id !== 1 || at !== point || --left !== 0) return;
          sim.crash(1);
          sim.at(5, () => sim.start(1));
        };
        sim.start();
        expect(
          sim.runUntil(() => sim.reached(5), 20_000),
          sim.describe(),
        ).toBe(true);
        expect(left).toBeLessThanOrEqual(0);
      }
    });

  test('a torn mark bars signing until its height is over', () => {
    const sim = createSimulation({
      seed: 2,
      nodes: 4,
      timing: fastTiming,
      faults: { ...quiet, disk: [20, 30] },
    });
    sim.start();
    const node = sim.nodes[0]!;
    sim.runUntil(() => node.writing !== undefined, 2000);
    sim.crash(0);
    node.mark = Uint8Array.of(1, 2, 3);
    sim.start(0);
    expect(node.mute).toBe(true);
    expect(node.state.mode).toBe('listening');
    const { height } = node.state;
    expect(sim.runUntil(() => BigInt(node.chain.length) >= height, 20_000)).toBe(true);
    sim.crash(0).start(0);
    expect(node.mute).toBe(false);
    expect(sim.runUntil(() => node.state.mode === 'normal' && sim.reached(6), 20_000)).toBe(true);
  });
});

describe('clocks', () => {
  test('a paused node takes up everything at once when it comes back', () => {
    const sim = createSimulation({ seed: 3, nodes: 4, timing: fastTiming }).start();
    sim.runUntil(() => sim.reached(1), 5000);
    sim.pause(0, 3000);
    const { height } = sim.nodes[0]!.state;
    sim.run(2900);
    expect(sim.nodes[0]!.state.height).toBe(height);
    expect(sim.runUntil(() => sim.reached(25), 20_000)).toBe(true);
  });

  test('drifting and jumping clocks change no agreement', () => {
    const sim = createSimulation({
      seed: 4,
      nodes: 4,
      timing: { ...fastTiming, viewIds: 'clock' },
    });
    sim.nodes[2]!.clockDrift = 0.05;
    sim.nodes[2]!.clockOffset = -30_000;
    sim.start();
    sim.at(400, () => {
      sim.nodes[2]!.clockOffset -= 20_000;
    });
    expect(sim.runUntil(() => sim.reached(10), 20_000)).toBe(true);
  });
});

describe('plans', () => {
  test('no plan lets more members lie, lose marks or have wrong clocks than a third', () => {
    for (const nodes of [4, 7, 10])
      for (let seed = 1; seed <= 200; seed++) {
        const plan = drawPlan({ seed, nodes, profile: 'guarded' });
        const bad = liarsOf(plan);
        for (const fault of plan.faults)
          if (fault.fault === 'torn' || fault.fault === 'clock' || fault.fault === 'jump')
            bad.add(fault.node);
        expect(bad.size).toBeLessThanOrEqual(mostLiars(nodes));
      }
  });

  test('every kind of fault is drawn, alone and with others', () => {
    const kinds = new Map<string, number>();
    const strategies = new Set<string>();
    for (let seed = 1; seed <= 2500; seed++)
      for (const fault of drawPlan({ seed, nodes: 7, profile: 'guarded' }).faults) {
        kinds.set(fault.fault, (kinds.get(fault.fault) ?? 0) + 1);
        if (fault.fault === 'byzantine') strategies.add(fault.strategy);
      }
    expect(kinds.size).toBe(22);
    expect(Math.min(...kinds.values())).toBeGreaterThan(20);
    expect(strategies.size).toBe(STRATEGIES.length);
  });

  test('a plan without faults decides a block every period', () => {
    const outcome = runPlan(calm);
    expect(outcome.verdict).toBe('pass');
    expect(Math.max(...outcome.heights)).toBeGreaterThanOrEqual(13);
  });

  test('faults are described in words', () => {
    const fault = { fault: 'partition', side: [0, 2], way: 'in', at: 5, for: 60 } as const;
    expect(describeFault(fault)).toBe('partition (side 0+2, way in, at 5, for 60)');
    expect(describeFault({ fault: 'regions' })).toBe('regions');
  });

  test('the end of an injection undoes all it did', () => {
    const plan = drawPlan({ seed: 12, nodes: 7, profile: 'guarded' });
    const sim = networkOf(plan);
    const injection = inject(sim, plan);
    injection.end();
    expect(sim.faults).toBe(quiet);
    expect(sim.link(0, 1)).toBe(true);
  });
});

test('a block that sync brought while its node was paused may still be decided by it', () => {
  const outcome = runPlan({
    ...calm,
    seed: 100356,
    aggregateVotes: false,
    change: 1,
    faultyMs: 1600,
    faultyHeights: 2,
    faults: [
      { fault: 'loss', rate: 0.67, of: 'commit' },
      { fault: 'loss', rate: 0.18 },
      { fault: 'flap', side: [0], every: 52, at: 276, for: 1108 },
      { fault: 'crash-at-write', node: 1, nth: 3, after: 3, for: 221 },
      { fault: 'pause', node: 0, at: 1484, for: 800 },
    ],
  });
  expect(outcome.verdict, outcome.reason).toBe('pass');
});

describe('once stuck', () => {
  /** Half or all of the committee changes with an epoch, and members of the next one lag behind. */
  const changing = (change: number, faults: Plan['faults']): Plan => ({
    ...calm,
    seed: 355,
    leaders: 'stable',
    change,
    faultyMs: 1600,
    faults,
  });

  test('members of a new committee that are two heights behind hear of it', () => {
    for (const profile of ['guarded', 'strict'] as const) {
      const cut = { fault: 'partition', side: [0, 1, 2], way: 'both', at: 863, for: 1020 } as const;
      const outcome = runPlan({ ...changing(1, [cut]), profile });
      expect([profile, outcome.verdict, outcome.reason]).toEqual([profile, 'pass', outcome.reason]);
    }
  });

  test('members of a new committee that missed the end of the old one are helped', () => {
    for (let at = 200; at < 1400; at += 150) {
      const cut = { fault: 'partition', side: [2, 3], way: 'in', at, for: 700 } as const;
      const outcome = runPlan(changing(0.5, [{ fault: 'tail', rate: 0.1 }, cut]));
      expect(outcome.verdict, outcome.reason).toBe('pass');
    }
  });
});

describe('found in long runs', () => {
  const passes = (plan: Plan): void => {
    const outcome = runPlan(plan);
    expect(outcome.verdict, outcome.reason).toBe('pass');
  };

  test('members of an old committee alone at its last height are helped by those who left with it', () => {
    const faults: Plan['faults'] = [{ fault: 'wrong-moment', rate: 0.09 }];
    const plan = { ...calm, seed: 400170, epochLength: 3, change: 1, faultyMs: 900 };
    passes({ ...plan, faultyHeights: 5, faults });
    passes({
      ...plan,
      seed: 404802,
      leaders: 'stable',
      keysPerNode: 2,
      faultyHeights: 5,
      faults: [
        { fault: 'wrong-moment', rate: 0.24 },
        { fault: 'loss', rate: 0.31, of: 'prepared' },
        { fault: 'loss', rate: 0.19, of: 'committed' },
      ],
    });
  });

  test('two groups whose views are further apart than their longest wait come together', () => {
    passes({
      ...calm,
      seed: 400671,
      nodes: 7,
      leaders: 'stable',
      aggregateVotes: false,
      epochLength: 6,
      faultyMs: 1600,
      faultyHeights: 2,
      faults: [
        { fault: 'loss', rate: 0.87, of: 'prepared' },
        { fault: 'loss', rate: 0.61, of: 'committed' },
        { fault: 'loss', rate: 0.58, of: 'view-change' },
        { fault: 'byzantine', node: 5, strategy: 'equivocate' },
        { fault: 'byzantine', node: 0, strategy: 'forge-reports' },
        { fault: 'crash-at-write', node: 2, nth: 18, after: 0, for: 56 },
        { fault: 'flap', side: [5, 6], every: 142, at: 1186, for: 1382 },
        { fault: 'torn', node: 5, at: 91, for: 350 },
      ],
    });
  });

  test('operators release a height whose votes are stuck beside a member with a wrong clock', () => {
    passes({
      ...calm,
      seed: 602939,
      viewIds: 'clock',
      epochLength: 3,
      faultyMs: 900,
      faultyHeights: 1,
      faults: [
        { fault: 'delay', span: [7, 241] },
        { fault: 'regions' },
        { fault: 'restart-all', at: 253, for: 123 },
        { fault: 'clock', node: 3, offset: 4740, drift: 0.029 },
        { fault: 'byzantine', node: 3, strategy: 'flood' },
      ],
    });
  });

  test('a block that came by sync takes better seals of the view in which its node decided', () => {
    passes({
      ...calm,
      seed: 814951,
      nodes: 7,
      profile: 'strict',
      leaders: 'stable',
      keysPerNode: 2,
      aggregateVotes: false,
      epochLength: 5,
      faultyMs: 1600,
      faultyHeights: 2,
      faults: [
        { fault: 'wrong-moment', rate: 0.22 },
        { fault: 'loss', rate: 0.44, of: 'prepared' },
        { fault: 'loss', rate: 0.85, of: 'committed' },
        { fault: 'loss', rate: 0.08, of: 'view-change' },
        { fault: 'slow-disk', span: [1, 88] },
      ],
    });
  });

  test('a height that only members know who restarted and left is asked for', () => {
    passes({
      ...calm,
      seed: 403650,
      nodes: 7,
      profile: 'strict',
      leaders: 'stable',
      change: 1,
      faultyMs: 600,
      faultyHeights: 5,
      faults: [
        { fault: 'repeat', rate: 0.3 },
        { fault: 'partition', side: [4, 5], way: 'both', at: 310, for: 1253 },
        { fault: 'restart-all', at: 532, for: 172 },
      ],
    });
  });
});

describe('shrinking', () => {
  // A network that cannot go on: its application never has a block at height 3.
  const stuck = {
    recoveryMs: 3000,
    application: () => ({
      propose: () => undefined,
      validate: () => ({ valid: false, reason: 'nothing is' }) as const,
      commit: () => undefined,
    }),
  };

  test('drops every fault, spare member and height that is not needed', () => {
    const plan = drawPlan({ seed: 40, nodes: 10, profile: 'guarded' });
    expect(plan.faults.length).toBeGreaterThan(2);
    const { outcome, runs } = shrinkPlan(plan, stuck);
    expect(outcome.verdict).toBe('no-progress');
    expect(outcome.plan).toMatchObject({ nodes: 4, faults: [], change: 0, keysPerNode: 1 });
    expect(runs).toBeLessThan(60);
    expect(runPlan(outcome.plan, stuck).trace).toBe(outcome.trace);
  });

  test('leaves alone what passes', () => {
    expect(shrinkPlan(calm)).toMatchObject({ runs: 1, outcome: { verdict: 'pass', plan: calm } });
  });
});

test('an application of the embedder runs in the simulator and stays equal everywhere', () => {
  const ledgers: number[][] = [];
  const sim = createSimulation({
    seed: 6,
    nodes: 4,
    timing: fastTiming,
    application: (node) => {
      const ledger: number[] = [];
      ledgers[node] = ledger;
      const decode = (block: Uint8Array) => JSON.parse(new TextDecoder().decode(block));
      return {
        propose: ({ height, viewId, head }) => {
          const sum = ledger.reduce((total, value) => total + value, 0);
          const text = JSON.stringify([`${height}`, `${viewId}`, head.hash, sum + Number(height)]);
          const block = utf8ToBytes(text);
          return { block, blockHash: bytesToHex(keccak256(block)) };
        },
        validate: (block, head) => {
          const [height, viewId, parentHash, value] = decode(block);
          if (parentHash !== head.hash) return { valid: false, reason: 'another parent' };
          const sum = ledger.reduce((total, entry) => total + entry, 0);
          if (value !== sum + Number(height)) return { valid: false, reason: 'a wrong sum' };
          const blockHash = bytesToHex(keccak256(block));
          return {
            valid: true,
            blockHash,
            height: BigInt(height),
            viewId: BigInt(viewId),
            parentHash,
          };
        },
        commit: (block) => ledger.push(decode(block)[3]),
      };
    },
  });
  sim.start();
  expect(sim.runUntil(() => sim.reached(6), 10_000)).toBe(true);
  for (const ledger of ledgers) expect(ledger.slice(0, 6)).toEqual(ledgers[0]!.slice(0, 6));
});
