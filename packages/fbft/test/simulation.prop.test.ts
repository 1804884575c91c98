/**
 * Random schedules over the whole machine: loss, repeats, delays, partitions, crashes with disk,
 * restarts of everybody, slow disks, several keys, changing committees, both rules for view ids.
 *
 * The verdict of a seed is `Pass`, `Released` (the voting rules left a height stuck and operators
 * released it) or `NoProgress`; a broken invariant throws. `SEED` and `RUNS` set where and how long.
 */
import { propertyRuns } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { step } from '../src/machine.js';
import { createSimulation } from '../src/simulator/simulation.js';
import type { State } from '../src/types.js';
import { fastTiming, runSeed } from './support/schedules.js';

function runSeeds(nodes: number, count: number): void {
  const { numRuns, seed = 1 } = propertyRuns(count);
  let released = 0;
  for (let i = 0; i < numRuns; i++) {
    let result: ReturnType<typeof runSeed>;
    try {
      result = runSeed(seed + i, nodes);
    } catch (error) {
      throw new Error(`SEED=${seed + i} RUNS=1, ${nodes} nodes: ${String(error)}`, {
        cause: error,
      });
    }
    const { verdict, description } = result;
    expect(verdict, `SEED=${seed + i} RUNS=1, ${nodes} nodes: ${description}`).not.toBe(
      'NoProgress',
    );
    if (verdict === 'Released') released++;
  }
  // The rules can leave a height stuck, but that is rare even on networks as bad as these.
  expect(released).toBeLessThanOrEqual(Math.ceil(numRuns / 25));
}

describe('random schedules', () => {
  test('four nodes', () => runSeeds(4, 80));
  test('seven nodes', () => runSeeds(7, 16));
});

test('equal seeds give equal runs', () => {
  for (const seed of [3, 5, 8, 13]) expect(runSeed(seed, 4, 1500)).toEqual(runSeed(seed, 4, 1500));
});

test('a log of inputs replays to equal states and effects, and inputs are not changed', () => {
  const sim = createSimulation({ seed: 4, nodes: 4, timing: fastTiming, record: true }).start();
  sim.crash(2);
  sim.run(3000);
  for (const node of sim.nodes.filter(({ alive }) => alive)) {
    const runs = [0, 1].map(() => {
      let state: State = createSimulation({ seed: 4, nodes: 4, timing: fastTiming }).nodes[node.id]!
        .state;
      const effects: unknown[] = [];
      for (const input of node.inputs) {
        const result = step(state, input);
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
    if (Object.isFrozen(value)) return;
    Object.freeze(value);
    for (const part of Object.values(value)) freeze(part, depth + 1);
  };
  const sim = createSimulation({ seed: 2, nodes: 4, timing: fastTiming });
  const input = sim.input.bind(sim);
  sim.input = (node, given) => {
    const maps = { reports: new Map(node.state.reports), watch: new Map(node.state.watch) };
    const before = node.state;
    freeze(before);
    input(node, given);
    expect(before.reports).toEqual(maps.reports);
    expect(before.watch).toEqual(maps.watch);
  };
  sim.start();
  sim.run(800);
  sim.crash(1);
  expect(sim.runUntil(() => sim.reached(6), 20_000)).toBe(true);
});
