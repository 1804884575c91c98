/** The profile `strict` in stories: rounds, dead leaders, carried blocks, restarts, what locks others. */
import { describe, expect, test } from 'vitest';
import { createState, step } from '../src/machine.js';
import { emptyMark } from '../src/mark.js';
import type { LeaderSchedule } from '../src/ports.js';
import { guarded, strict } from '../src/profile.js';
import { createSimulation } from '../src/simulator/simulation.js';
import type { Simulation, SimulationOptions } from '../src/simulator/world.js';
import { fastTiming } from './support/schedules.js';
import { testKey } from './support/test-only-bls.js';

const sim = (options: Partial<SimulationOptions> = {}): Simulation =>
  createSimulation({ seed: 5, nodes: 4, timing: fastTiming, profile: strict, ...options });

describe('rounds', () => {
  test('a network decides, and each decision comes with both kinds of votes', () => {
    const net = sim();
    let proofs = 0;
    net.filter = (_, effect) => {
      if (effect.type === 'commit' && effect.prepared) proofs++;
      return true;
    };
    net.start();
    expect(
      net.runUntil(() => net.reached(20), 10_000),
      net.describe(),
    ).toBe(true);
    expect(proofs).toBe(net.heights().reduce((sum, height) => sum + height, 0));
  });

  test('k dead leaders in a row end within the bound of the README', () => {
    const { phaseTimeoutMs: phase, viewChangeTimeoutMs: change, newViewWaitMs: wait } = fastTiming;
    for (const dead of [1, 2, 3]) {
      const net = sim({ nodes: 10 });
      // Round robin: slots 1, 2 and 3 lead the first views of height 1.
      net.start(...Array.from({ length: 10 }, (_, id) => id).filter((id) => id === 0 || id > dead));
      const began = net.now;
      expect(
        net.runUntil(() => net.reached(1), 60_000),
        net.describe(),
      ).toBe(true);
      const bound = phase + (change * dead * (dead - 1)) / 2 + wait * dead + 8 * 40 + 100;
      expect(net.now - began).toBeLessThanOrEqual(bound);
      expect(net.now - began).toBeGreaterThan(phase);
    }
  });

  test('with more than a third offline nothing is decided; it goes on by itself when they return', () => {
    const net = sim().start(0, 1);
    expect(net.runUntil(() => net.reached(1), 30_000)).toBe(false);
    net.start(2);
    expect(
      net.runUntil(() => net.reached(3), 60_000),
      net.describe(),
    ).toBe(true);
  });
});

describe('carried blocks', () => {
  // Slot 1 leads views 1 and 3, slot 2 view 2, slot 0 the others.
  const leaders: LeaderSchedule = {
    leaderAt: ({ viewId }) => (viewId === 2n ? 2 : viewId === 1n || viewId === 3n ? 1 : 0),
  };

  test('a block that is final at one member is prepared again and decided by the others', () => {
    const net = sim({ leaders });
    net.filter = (_, effect) => effect.type !== 'broadcast' || effect.message !== 'committed';
    net.start();
    net.runUntil(() => net.nodes[1]!.chain.length > 0, 2000);
    net.run(60);
    const final = net.nodes[1]!.chain[0]!;
    net.crash(1);
    net.filter = () => true;
    expect(
      net.runUntil(() => net.reached(1, [0, 2, 3]), 20_000),
      net.describe(),
    ).toBe(true);
    const carried = net.nodes[0]!.chain[0]!;
    expect(carried.hash).toBe(final.hash);
    expect([carried.viewId, final.viewId, final.decidedInView]).toEqual([1n, 1n, 1n]);
    expect(carried.decidedInView).toBeGreaterThan(1n);
  });

  test('after everybody restarted it is still carried', () => {
    const net = sim({ leaders });
    net.filter = (_, effect) => effect.type !== 'broadcast' || effect.message !== 'committed';
    net.start();
    net.runUntil(() => net.nodes[1]!.chain.length > 0, 2000);
    net.run(100);
    const final = net.nodes[1]!.chain[0]!.hash;
    net.filter = () => true;
    net.crash(0, 1, 2, 3).start(0, 2, 3);
    expect(
      net.runUntil(() => net.reached(1, [0, 2, 3]), 20_000),
      net.describe(),
    ).toBe(true);
    for (const id of [0, 2, 3]) expect(net.nodes[id]!.chain[0]!.hash).toBe(final);
  });

  /**
   * Slot 1 locks B1 in view 1 and is heard no more; 0 and 3 prepare B2 in view 2 without a
   * certificate coming about, and slot 2 goes silent. Then slots 0, 1 and 3 are together again.
   */
  function torn(profile: typeof strict): Simulation {
    const net = sim({ leaders, profile });
    net.filter = (node, effect) =>
      effect.type !== 'broadcast' ||
      !(
        effect.message === 'committed' ||
        (effect.message === 'prepared' && (node.id === 1 || node.id === 2))
      );
    net.start();
    net.runUntil(() => net.nodes[1]!.state.mark.lock !== undefined, 2000);
    net.link = (from, to) => from !== 1 && to !== 1;
    const prepared = () => [0, 3].every((id) => net.nodes[id]!.state.mark.prepared?.viewId === 2n);
    expect(net.runUntil(prepared, 5000)).toBe(true);
    net.run(20);
    net.crash(2);
    net.link = () => true;
    net.filter = () => true;
    return net;
  }

  test('what leaves guarded stuck until operators release the height does not stop strict', () => {
    const stuck = torn(guarded);
    const ids = [0, 1, 3];
    expect(stuck.runUntil(() => stuck.reached(1, ids), 60_000)).toBe(false);
    stuck.release(1n);
    expect(
      stuck.runUntil(() => stuck.reached(2, ids), 30_000),
      stuck.describe(),
    ).toBe(true);
    const free = torn(strict);
    expect(
      free.runUntil(() => free.reached(2, ids), 30_000),
      free.describe(),
    ).toBe(true);
  });
});

test('a mark of another wire version and a configuration that does not fit are refused', () => {
  const config = {
    shardId: 0,
    publicKeys: [testKey(0)],
    leaders: { leaderAt: () => 0 },
    timing: fastTiming,
    decoding: 'strict',
    aggregateVotes: true,
    profile: strict,
  } as const;
  expect(() => createState(config)).toThrow(
    expect.objectContaining({ code: 'fbft/invalid-config' }),
  );
  const clock = { ...fastTiming, viewIds: 'clock' } as const;
  expect(() => createState({ ...config, chainId: 1n, timing: clock })).toThrow(
    expect.objectContaining({ code: 'fbft/invalid-config' }),
  );
  const net = sim();
  const head = net.headOf(net.nodes[0]!);
  const state = createState({ ...config, chainId: 1n });
  const start = { type: 'start', now: 0, head } as const;
  expect(() => step(state, { ...start, mark: emptyMark(0, 1n) })).toThrow(TypeError);
  expect(step(state, { ...start, mark: emptyMark(0, 1n, 2) }).state.height).toBe(1n);
});
