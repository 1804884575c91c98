/** The profile `strict` in stories: rounds, dead leaders, carried blocks, restarts, deadlocks of others. */
import { describe, expect, test } from 'vitest';
import { strict } from '../src/profile.js';
import { createSimulation } from '../src/simulator/simulation.js';
import type { Simulation, SimulationOptions } from '../src/simulator/world.js';
import { fastTiming } from './support/schedules.js';

const sim = (options: Partial<SimulationOptions> = {}): Simulation =>
  createSimulation({ seed: 5, nodes: 4, timing: fastTiming, profile: strict, ...options });

describe('rounds', () => {
  test('a network decides', () => {
    const net = sim().start();
    expect(
      net.runUntil(() => net.reached(20), 10_000),
      net.describe(),
    ).toBe(true);
  });
  test('a dead leader costs one timeout', () => {
    const net = sim().start();
    net.crash(2);
    expect(
      net.runUntil(() => net.reached(12, [0, 1, 3]), 20_000),
      net.describe(),
    ).toBe(true);
  });
});
