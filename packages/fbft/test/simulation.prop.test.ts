/**
 * What the simulator promises of itself, and the machine under it: equal seeds give equal runs, logs
 * of inputs replay, steps do not change what they are given.
 */
import { describe, expect, test } from 'vitest';
import { step } from '../src/machine.js';
import { runSeed } from '../src/simulator/run.js';
import { createSimulation } from '../src/simulator/simulation.js';
import type { Input, State } from '../src/types.js';
import { fastTiming } from './support/schedules.js';

describe('equal seeds give equal runs', () => {
  test.each([3, 5, 8, 13, 21, 34])('seed %i', (seed) => {
    const [first, second] = [0, 1].map(() => runSeed({ seed, nodes: 4, profile: 'guarded' }));
    expect(second).toEqual(first);
    expect(first!.trace).toMatch(/^[0-9a-f]{16}$/);
  });

  test('other seeds give other runs', () => {
    const traces = [1, 2, 3, 4].map(
      (seed) => runSeed({ seed, nodes: 4, profile: 'guarded' }).trace,
    );
    expect(new Set(traces).size).toBe(4);
  });
});

test('a log of inputs replays to equal states and effects, and inputs are not changed', () => {
  const sim = createSimulation({ seed: 4, nodes: 4, timing: fastTiming, record: true }).start();
  sim.crash(2);
  sim.run(3000);
  for (const node of sim.nodes.filter(({ alive }) => alive)) {
    const runs = [true, false].map((withDecoded) => {
      let state: State = createSimulation({ seed: 4, nodes: 4, timing: fastTiming }).nodes[node.id]!
        .state;
      const effects: unknown[] = [];
      for (const input of node.inputs) {
        // A log of inputs has payloads only.
        const { decoded: _, ...logged } = input as typeof input & { decoded?: unknown };
        const result = step(state, withDecoded ? input : (logged as Input));
        state = result.state;
        effects.push(...result.effects);
      }
      return { state, effects };
    });
    expect(runs[0]!.effects.length).toBeGreaterThan(50);
    expect(runs[1]!.effects).toEqual(runs[0]!.effects);
    expect({ ...runs[0]!.state, config: 0, head: 0 }).toEqual({
      ...node.state,
      config: 0,
      head: 0,
    });
  }
});

test('without more than two thirds nothing is decided, and nothing breaks', () => {
  const sim = createSimulation({ seed: 6, nodes: 4, timing: fastTiming }).start(0, 1);
  expect(sim.runUntil(() => sim.reached(1), 60_000)).toBe(false);
  sim.start(2);
  expect(sim.runUntil(() => sim.reached(2), 60_000)).toBe(true);
});

test('steps do not change the state they are given', () => {
  const freeze = (value: unknown, depth = 0): void => {
    if (typeof value !== 'object' || value === null || depth > 6) return;
    if (ArrayBuffer.isView(value) || value instanceof Map || value instanceof Set) return;
    // A decoded message remembers what was computed from it.
    if ('notes' in value) return;
    if (Object.isFrozen(value)) return;
    Object.freeze(value);
    for (const part of Object.values(value)) freeze(part, depth + 1);
  };
  const sim = createSimulation({ seed: 2, nodes: 4, timing: fastTiming });
  const input = sim.input.bind(sim);
  sim.input = (node, given) => {
    const maps = { reports: new Map(node.state.reports), watch: node.state.watch.entries() };
    const before = node.state;
    freeze(before);
    input(node, given);
    expect(before.reports).toEqual(maps.reports);
    expect(before.watch.entries()).toEqual(maps.watch);
  };
  sim.start();
  sim.run(800);
  sim.crash(1);
  expect(sim.runUntil(() => sim.reached(6), 20_000)).toBe(true);
});
