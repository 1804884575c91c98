/** Bounds on the time to decide: dead leaders in a row, skewed clocks, slow networks, faulty thirds. */
import { describe, expect, test } from 'vitest';
import { livenessBound, measureHeight } from '../src/liveness.js';
import { loadSimulator } from '../src/load.js';

const simulator = await loadSimulator();

describe.each(['guarded', 'strict'] as const)('%s', (profile) => {
  for (const [nodes, most] of [
    [4, 1],
    [7, 2],
    [31, 10],
  ] as const)
    test(`${nodes} nodes: up to ${most} dead leaders in a row end within the bound`, () => {
      for (let dead = 0; dead <= most; dead++) {
        const wanted = { nodes, profile, dead };
        expect(measureHeight(simulator, wanted)).toBeLessThanOrEqual(livenessBound(wanted));
      }
    });

  test('250 nodes: a dead leader costs one view timeout', { timeout: 120_000 }, () => {
    const wanted = { nodes: 250, profile, dead: 1 };
    expect(measureHeight(simulator, wanted)).toBeLessThanOrEqual(livenessBound(wanted));
  });

  test('clocks that are wrong by half a minute change nothing when views are counted', () => {
    const wanted = { nodes: 7, profile, dead: 1, skewMs: 30_000 };
    expect(measureHeight(simulator, wanted)).toBeLessThanOrEqual(livenessBound(wanted));
  });

  test('a network slower than its timeouts decides in the end', () => {
    const delay = [3000, 4000] as const;
    expect(measureHeight(simulator, { nodes: 4, profile, dead: 0, delay })).toBeLessThan(120_000);
  });

  for (const nodes of [4, 7, 10])
    test(`${nodes} nodes, exactly as many faulty as may be: it goes on`, () => {
      const { runPlan, drawPlan, mostLiars } = simulator;
      const plan = drawPlan({ seed: 1, nodes, profile });
      for (const strategy of ['silent', 'selective', 'equivocate', 'vote-twice'] as const) {
        const faults = Array.from({ length: mostLiars(nodes) }, (_, node) => ({
          fault: 'byzantine' as const,
          node,
          strategy,
        }));
        const calm = { ...plan, viewIds: 'count', keysPerNode: 1, change: 0 } as const;
        const outcome = runPlan({ ...calm, faults, faultyMs: 12_000, faultyHeights: 4 });
        expect([strategy, outcome.verdict]).toEqual([strategy, 'pass']);
        // Four blocks while the faults lasted.
        expect([strategy, Math.max(...outcome.heights) >= 7]).toEqual([strategy, true]);
      }
    });

  test('with more than a third away it stops, and goes on by itself when they are back', () => {
    const { createSimulation, profileOf, swiftTiming } = simulator;
    for (const nodes of [4, 7, 10]) {
      const away = Array.from({ length: Math.floor((nodes - 1) / 3) + 1 }, (_, i) => i);
      const sim = createSimulation({
        seed: 3,
        nodes,
        timing: swiftTiming,
        profile: profileOf(profile),
      });
      sim.start();
      expect(sim.runUntil(() => sim.reached(3), 10_000)).toBe(true);
      sim.crash(...away);
      sim.run(500);
      const before = Math.max(...sim.heights());
      sim.run(20_000);
      expect(Math.max(...sim.heights())).toBe(before);
      sim.start(...away);
      expect(
        sim.runUntil(() => sim.reached(before + 3), 30_000),
        sim.describe(),
      ).toBe(true);
    }
  });
});
