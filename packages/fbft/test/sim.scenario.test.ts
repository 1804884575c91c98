import { expect, test } from 'vitest';
import { Simulation } from './support/simulator.js';

test('four nodes decide', () => {
  const sim = new Simulation({ seed: 1, nodes: 4 }).start();
  const ok = sim.runUntil(() => sim.reached(10), 60_000);
  expect(ok).toBe(true);
});
