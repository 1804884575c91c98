/**
 * Committees that change, and members with many keys: epoch boundaries, keys that leave and come,
 * a view change on the first block of an epoch, one operator that owns everything.
 */
import { describe, expect, test } from 'vitest';
import { roundRobinLeaders, stableLeaders, uniformCommittee } from '../src/committee.js';
import type { LeaderSchedule } from '../src/ports.js';
import { createSimulation } from '../src/simulator/simulation.js';
import type { Simulation, SimulationOptions } from '../src/simulator/world.js';
import { fastTiming } from './support/schedules.js';
import { testKey } from './support/test-only-bls.js';

const committeeOf = (...identities: number[]) => uniformCommittee(identities.map(testKey));
/** Epochs of four heights; the committee of odd epochs has 4 in place of 0, in another order. */
const changing = {
  epochAt: (height: bigint) => (height - 1n) / 4n,
  committeeAt: (height: bigint) =>
    ((height - 1n) / 4n) % 2n === 0n ? committeeOf(0, 1, 2, 3) : committeeOf(4, 3, 2, 1),
};
const sim = (options: Partial<SimulationOptions>): Simulation =>
  createSimulation({ seed: 9, nodes: 5, timing: fastTiming, ...options });
const reach = (net: Simulation, height: number, ids?: readonly number[]): void =>
  expect(
    net.runUntil(() => net.reached(height, ids), 60_000),
    net.describe(),
  ).toBe(true);

for (const [rule, leaders] of [
  ['round robin', roundRobinLeaders],
  ['stable', stableLeaders],
] as const) {
  describe(`${rule} leaders`, () => {
    test('a key leaves and another comes; who is out listens and follows', () => {
      const net = sim({ ...changing, leaders }).start();
      reach(net, 14);
      for (const node of net.nodes) {
        const starts = node.events.flatMap(({ event }) =>
          event.type === 'height-started' ? [event] : [],
        );
        const at = (height: bigint) => starts.find((event) => event.height === height)?.mode;
        const [even, odd] = node.id === 0 ? ['normal', 'listening'] : ['listening', 'normal'];
        if (node.id === 0 || node.id === 4) expect([at(2n), at(6n)]).toEqual([even, odd]);
        else expect([at(2n), at(6n)]).toEqual(['normal', 'normal']);
        expect(node.chain.length).toBeGreaterThanOrEqual(14);
      }
    });

    test('a view change on the first block of an epoch', () => {
      const net = sim({ ...changing, leaders }).start();
      reach(net, 3);
      // The leader of height 5, whoever that is, is not there.
      const head = { ...net.headOf(net.nodes[1]!), height: 4n, viewId: 4n };
      const committee = changing.committeeAt(5n);
      const slot = leaders.leaderAt({ height: 5n, viewId: 5n, head: { ...head, committee } })!;
      const dead = [4, 3, 2, 1][slot]!;
      net.crash(dead);
      const others = net.nodes.map(({ id }) => id).filter((id) => id !== dead);
      reach(net, 6, others);
      net.start(dead);
      reach(net, 10);
    });

    test('everybody restarts at the boundary', () => {
      const net = sim({ ...changing, leaders }).start();
      reach(net, 4);
      net.crash(0, 1, 2, 3, 4).start();
      reach(net, 9);
    });
  });
}

describe('several keys', () => {
  test('an operator with a quorum of its own decides alone, and the others follow', () => {
    const net = createSimulation({
      seed: 3,
      nodes: 2,
      timing: fastTiming,
      keysOf: (node) => (node === 0 ? [0, 1, 2] : [3]),
      leaders: stableLeaders,
    }).start();
    reach(net, 5);
    net.crash(1);
    reach(net, 8, [0]);
  });

  test('a single member with a single key', () => {
    const net = createSimulation({ seed: 3, nodes: 1, timing: fastTiming }).start();
    reach(net, 5);
    net.crash(0).start();
    reach(net, 10);
  });

  test('a leader of several keys leads with whichever is due, and reports a view with each', () => {
    const net = createSimulation({
      seed: 3,
      nodes: 4,
      timing: fastTiming,
      keysOf: (node) => [node, node + 10],
    }).start();
    reach(net, 9);
    const reports = new Map<number, number>();
    net.filter = (node, effect) => {
      if (effect.type === 'broadcast' && effect.message === 'view-change')
        reports.set(node.id, (reports.get(node.id) ?? 0) + 1);
      return true;
    };
    net.crash(net.leaderOf(net.nodes[0]!)! >> 1);
    const alive = net.nodes.filter((node) => node.alive).map(({ id }) => id);
    reach(net, Math.max(...net.heights()) + 2, alive);
    for (const id of alive) expect(reports.get(id)).toBeGreaterThanOrEqual(2);
  });

  test('votes of several operators in one message are refused when operators are known', () => {
    const keys = [0, 1, 2, 3, 4, 5].map(testKey);
    const operators = ['a', 'a', 'b', 'b', 'c', 'c'];
    const committee = { ...uniformCommittee(keys), operatorOf: (slot: number) => operators[slot] };
    const net = createSimulation({
      seed: 3,
      nodes: 3,
      timing: fastTiming,
      // Node 2 holds a key of b besides its own: its joint votes count for nobody.
      keysOf: (node) => (node === 0 ? [0, 1] : node === 1 ? [2] : [3, 4, 5]),
      committeeAt: () => committee,
      leaders: stableLeaders,
    });
    const refused: string[] = [];
    const input = net.input.bind(net);
    net.filter = (node, effect) => {
      if (effect.type === 'ignore' && node.id === 0) refused.push(effect.reason);
      return true;
    };
    net.input = input;
    net.start();
    net.run(300);
    expect(refused).toContain('mixed-operators');
    expect(net.heights()).toEqual([0, 0, 0]);
  });
});

describe('schedules', () => {
  test('a schedule that comes with the head takes the place of the configured one', () => {
    const second: LeaderSchedule = { leaderAt: () => 2 };
    const net = createSimulation({
      seed: 3,
      nodes: 4,
      timing: fastTiming,
      leaders: { leaderAt: () => 1 },
    });
    const head = net.headOf.bind(net);
    net.headOf = (node) => ({ ...head(node), leaders: second });
    const announced = new Set<number>();
    net.filter = (node, effect) => {
      if (effect.type === 'broadcast' && effect.message === 'announce') announced.add(node.id);
      return true;
    };
    net.start();
    reach(net, 3);
    expect([...announced]).toEqual([2]);
  });

  test('views that nobody leads pass by', () => {
    const net = createSimulation({
      seed: 3,
      nodes: 4,
      timing: fastTiming,
      leaders: {
        leaderAt: ({ viewId }) =>
          viewId < 3n ? undefined : viewId === 3n ? 77 : Number(viewId % 4n),
      },
    }).start();
    reach(net, 2);
    expect(net.nodes[0]!.chain[0]!.viewId).toBeGreaterThanOrEqual(4n);
  });

  test('blocks of another period, and of networks whose commit votes leave the view out', () => {
    const net = createSimulation({ seed: 3, nodes: 4, timing: fastTiming });
    const head = net.headOf.bind(net);
    net.headOf = (node) => ({ ...head(node), blockPeriodMs: 300 });
    net.start();
    const start = net.now;
    reach(net, 5);
    expect(net.now - start).toBeGreaterThan(4 * 300 - 50);
  });
});
