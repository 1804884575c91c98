/**
 * A leader that dies at each point of a height, and the next one with it.
 *
 * Each story runs on committees of 4 and 7. The bound that matters: a dead leader costs one view
 * timeout and no more, at the first block as at any other, and after a restart of everybody.
 */
import { describe, expect, test } from 'vitest';
import { roundRobinLeaders, stableLeaders } from '../src/committee.js';
import type { MessageType } from '../src/messages.js';
import { createSimulation } from '../src/simulator/simulation.js';
import type { SimNode, Simulation, SimulationOptions } from '../src/simulator/world.js';
import { MAX_GOSSIP_BYTES } from '../src/wire.js';
import { fastTiming } from './support/schedules.js';

/** One view timeout, the wait for reports, and a few rounds of messages. */
const ONE_TIMEOUT = fastTiming.phaseTimeoutMs + fastTiming.newViewWaitMs + 400;
const TWO_TIMEOUTS = ONE_TIMEOUT + fastTiming.viewChangeTimeoutMs + 200;

const sim = (nodes: number, options: Partial<SimulationOptions> = {}): Simulation =>
  createSimulation({ seed: nodes, nodes, timing: fastTiming, ...options });

/** The node that leads the current view of the others. */
function leader(simulation: Simulation): SimNode {
  const alive = simulation.nodes.find((node) => node.alive)!;
  const slot = simulation.leaderOf(alive)!;
  return simulation.nodes[slot]!;
}

/** Kills the sender of the first message of a type, letting it reach only some. */
function killAt(simulation: Simulation, type: MessageType, height: bigint, reached: number): void {
  let done = false;
  simulation.filter = (node, effect) => {
    if (done || effect.type !== 'broadcast' || effect.message !== type) return true;
    if (node.state.height !== height && node.state.decision?.height !== height) return true;
    done = true;
    const others = simulation.nodes.filter((other) => other !== node && other.alive);
    for (const other of others.slice(0, reached)) simulation.send(node.id, other, effect.payload);
    simulation.crash(node.id);
    return false;
  };
}

const alive = (simulation: Simulation): number[] =>
  simulation.nodes.filter((node) => node.alive).map(({ id }) => id);

/** Waits for a height at all living nodes and returns how long it took. */
function timeTo(simulation: Simulation, height: number, limit: number): number {
  const start = simulation.now;
  const done = simulation.runUntil(() => simulation.reached(height), limit);
  expect(done, simulation.describe()).toBe(true);
  return simulation.now - start;
}

for (const nodes of [4, 7]) {
  for (const [rule, leaders] of [
    ['round robin', roundRobinLeaders],
    ['stable', stableLeaders],
  ] as const) {
    describe(`${nodes} nodes, ${rule} leaders`, () => {
      test('no faults: one view for each height, everybody signs', () => {
        const net = sim(nodes, { leaders }).start();
        timeTo(net, 12, 12 * 250);
        for (const node of net.nodes) {
          expect(node.events.filter(({ event }) => event.type === 'view-change-started')).toEqual(
            [],
          );
          expect(node.state.viewId).toBe(node.state.height);
        }
      });

      test('leader dead before the first block', () => {
        const net = sim(nodes, { leaders });
        net.start();
        const first = leader(net).id;
        net.crash(first);
        expect(timeTo(net, 1, 10_000)).toBeLessThan(ONE_TIMEOUT);
        timeTo(net, 4, 10_000);
      });

      test('leader dead before ANNOUNCE at a later block', () => {
        const net = sim(nodes, { leaders }).start();
        timeTo(net, 3, 5000);
        const reached = Math.min(...net.heights());
        net.crash(leader(net).id);
        expect(timeTo(net, reached + 1, 10_000)).toBeLessThan(ONE_TIMEOUT + 200);
      });

      test('leader and next leader dead', () => {
        if (nodes < 7) return; // more than a third would be dead
        const net = sim(nodes, { leaders });
        net.start();
        net.crash(1, 2); // view 1 is led by slot 1 or 0
        if (rule === 'stable') {
          net.start(2);
          net.crash(0);
        }
        expect(timeTo(net, 1, 10_000)).toBeLessThan(TWO_TIMEOUTS);
      });

      for (const type of ['announce', 'prepared', 'committed', 'new-view'] as const) {
        for (const reached of [0, 1, Math.floor(nodes / 3), Math.floor((2 * nodes) / 3)]) {
          test(`leader dead after ${type} reached ${reached}`, () => {
            const net = sim(nodes, { leaders });
            net.start();
            if (type === 'new-view') {
              // Not the first leader but the one that takes over dies.
              const absent = leader(net).id;
              net.link = (from, to) => from !== absent && to !== absent;
            }
            killAt(net, type, 1n, reached);
            net.runUntil(() => alive(net).length < nodes, 5000);
            expect(alive(net).length).toBe(nodes - 1);
            net.link = () => true;
            // A block that reached enough may be final without a view change.
            expect(timeTo(net, 1, 20_000)).toBeLessThan(TWO_TIMEOUTS);
            timeTo(net, 3, 20_000);
            // The dead one comes back, with its mark, and follows.
            net.filter = () => true;
            net.start(...net.nodes.filter((node) => !node.alive).map(({ id }) => id));
            timeTo(net, Math.max(...net.heights()) + 2, 20_000);
          });
        }
      }

      test('leader dead with the commit quorum known to it alone: its block is carried', () => {
        const net = sim(nodes, { leaders });
        net.start();
        let final: string | undefined;
        net.filter = (node, effect) => {
          if (effect.type !== 'commit' || final !== undefined) return true;
          final = effect.blockHash;
          net.crash(node.id);
          return false;
        };
        net.runUntil(() => final !== undefined, 5000);
        expect(timeTo(net, 1, 20_000)).toBeLessThan(TWO_TIMEOUTS);
        const survivors = net.nodes.filter((node) => node.alive);
        expect(survivors.map((node) => node.chain[0]!.hash)).toEqual(survivors.map(() => final));
        expect(
          survivors.some((node) =>
            node.events.some(
              ({ event }) => event.type === 'view-entered' && event.carried === final,
            ),
          ),
        ).toBe(true);
      });

      test('NEWVIEW lost: it is repeated', () => {
        const net = sim(nodes, { leaders }).start();
        timeTo(net, 2, 5000);
        net.crash(leader(net).id);
        let lost = 0;
        net.filter = (_, effect) =>
          !(effect.type === 'broadcast' && effect.message === 'new-view' && lost++ === 0);
        const next = Math.max(...net.heights()) + 1;
        timeTo(net, next, ONE_TIMEOUT + fastTiming.resendMs + 200);
        expect(lost).toBeGreaterThan(1);
      });

      test('everybody restarts in the middle of a height', () => {
        const net = sim(nodes, { leaders }).start();
        timeTo(net, 2, 5000);
        for (const type of ['announce', 'prepare', 'prepared', 'commit', 'committed'] as const) {
          let seen = false;
          net.filter = (_, effect) => {
            if (effect.type === 'broadcast' && effect.message === type) seen = true;
            return true;
          };
          net.runUntil(() => seen, 5000);
          net.filter = () => true;
          net.crash(...alive(net)).start();
          timeTo(net, Math.max(...net.heights()) + 2, 5 * ONE_TIMEOUT);
        }
      });

      test('everybody restarts and the leader stays dead', () => {
        const net = sim(nodes, { leaders }).start();
        timeTo(net, 2, 5000);
        const reached = Math.max(...net.heights());
        timeTo(net, reached, 5000);
        const dead = leader(net).id;
        net.crash(...alive(net));
        net.run(60_000);
        net.start(...net.nodes.map(({ id }) => id).filter((id) => id !== dead));
        expect(timeTo(net, reached + 1, 20_000)).toBeLessThan(ONE_TIMEOUT);
      });

      test('everybody restarts during a view change', () => {
        const net = sim(nodes, { leaders }).start();
        timeTo(net, 2, 5000);
        const dead = leader(net).id;
        net.crash(dead);
        const changing = () =>
          net.nodes
            .filter((node) => node.alive)
            .every(({ state }) => state.mode === 'view-changing');
        net.runUntil(changing, 5000);
        const others = alive(net);
        net.crash(...others).start(...others);
        timeTo(net, Math.max(...net.heights()) + 1, TWO_TIMEOUTS);
      });

      test('a node that was away catches up by sync', () => {
        const net = sim(nodes, { leaders }).start();
        const last = nodes - 1;
        net.crash(last);
        timeTo(net, 6, 20_000);
        net.start(last);
        timeTo(net, Math.max(...net.heights()) + 1, 5000);
      });

      test('a node that only missed COMMITTED gets it again, without sync', () => {
        const timing = { ...fastTiming, blockPeriodMs: 800 };
        const net = sim(nodes, { leaders, timing }).start();
        timeTo(net, 2, 20_000);
        net.filter = (_, effect) => effect.type !== 'sync';
        const send = net.send.bind(net);
        let dropped = 0;
        net.send = (from, to, payload) => {
          const isCommitted = payload[6] === 0x10 && payload[7] === 5;
          if (to.id === nodes - 1 && isCommitted && dropped++ === 0) return;
          send(from, to, payload);
        };
        timeTo(net, 5, 20_000);
        expect(dropped).toBeGreaterThan(1);
      });

      test('a node stuck at a finished height is helped by those who finished it', () => {
        const net = sim(nodes, { leaders, timing: { ...fastTiming, resendTimes: 1 } }).start();
        timeTo(net, 2, 20_000);
        net.filter = (_, effect) => effect.type !== 'sync';
        // The others finish one height and then nothing more: they may not announce.
        const last = nodes - 1;
        const stuck = BigInt(Math.max(...net.heights()) + 1);
        net.filter = (node, effect) => {
          if (effect.type === 'sync') return false;
          if (effect.type === 'broadcast' && node.state.height > stuck)
            return effect.message === 'committed' || effect.message === 'view-change';
          return true;
        };
        const send = net.send.bind(net);
        net.send = (from, to, payload) => {
          const isCommitted = payload[6] === 0x10 && payload[7] === 5;
          if (to.id === last && isCommitted && to.state.mode === 'normal') return;
          send(from, to, payload);
        };
        const helped = () => net.nodes[last]!.chain.length >= Number(stuck);
        expect(net.runUntil(helped, 20_000), net.describe()).toBe(true);
      });
    });
  }
}

describe('view ids by the clock', () => {
  const clock = { ...fastTiming, viewIds: 'clock' as const };

  test('nodes that were away a long time agree on a view at once', () => {
    const net = sim(4, { timing: clock }).start();
    timeTo(net, 2, 5000);
    const reached = Math.max(...net.heights());
    timeTo(net, reached, 5000);
    net.crash(0, 1, 2, 3);
    net.run(100_000);
    const dead = leader(net.start()).id;
    net.crash(dead);
    expect(timeTo(net, reached + 1, 20_000)).toBeLessThan(ONE_TIMEOUT + clock.viewSlotMs);
    expect(net.nodes.find((node) => node.alive)!.state.viewId).toBeGreaterThan(100n);
  });

  test('clocks that differ by a third of a slot', () => {
    const skew = (node: number): number => (node === 1 ? clock.viewSlotMs / 3 : 0);
    const net = sim(4, { timing: clock, skew, leaders: stableLeaders });
    net.start();
    net.crash(leader(net).id);
    timeTo(net, 3, 20_000);
  });

  test('a clock behind the head falls back to counting', () => {
    const skew = (): number => -3_600_000;
    const net = sim(4, { timing: clock, skew, leaders: stableLeaders });
    net.start();
    net.crash(leader(net).id);
    timeTo(net, 3, 20_000);
    expect(net.nodes.find((node) => node.alive)!.state.viewId).toBeLessThan(8n);
  });
});

describe('joining a view change', () => {
  test('more than a third in a later view take the others along', () => {
    const net = sim(4).start();
    timeTo(net, 1, 5000);
    // Two whose clocks run fast lose patience with a dead leader; the third follows them.
    const joined = () =>
      net.nodes.some(({ events }) =>
        events.some(
          ({ event }) => event.type === 'view-change-started' && event.cause === 'joined',
        ),
      );
    const dead = leader(net);
    net.crash(dead.id);
    for (const node of net.nodes.filter(({ id }) => id !== dead.id).slice(0, 2))
      node.clockDrift = 0.5;
    net.runUntil(joined, 5000);
    expect(joined()).toBe(true);
    timeTo(net, Math.max(...net.heights()) + 2, 10_000);
  });

  test('a third or less do not', () => {
    const net = sim(4).start();
    // Node 3 hears nobody: it changes views alone.
    net.link = (_, to) => to !== 3;
    timeToIds(net, 8, [0, 1, 2], 10_000);
    expect(net.nodes[3]!.state.viewChangingId).toBeGreaterThan(1n);
    for (const id of [0, 1, 2]) {
      const started = net.nodes[id]!.events.filter(
        ({ event }) => event.type === 'view-change-started',
      );
      // Only the views that node 3 led, and could not, were given up.
      expect(started.every(({ event }) => 'cause' in event && event.cause !== 'joined')).toBe(true);
    }
  });
});

function timeToIds(net: Simulation, height: number, ids: readonly number[], limit: number): void {
  expect(
    net.runUntil(() => net.reached(height, ids), limit),
    net.describe(),
  ).toBe(true);
}

test('messages stay far below the gossip limit', () => {
  const net = sim(7);
  let longest = 0;
  net.filter = (_, effect) => {
    if (effect.type === 'broadcast') longest = Math.max(longest, effect.payload.length);
    return true;
  };
  net.start();
  net.crash(leader(net).id);
  timeTo(net, 3, 20_000);
  expect(longest).toBeLessThan(MAX_GOSSIP_BYTES / 1000);
});
