/** Random networks under `strict`: each seed must end with everybody going on, with no operator. */
import { describe, expect, test } from 'vitest';
import { passSeeds } from './support/seeds.js';

describe('strict: random faults', () => {
  for (const [nodes, count] of [
    [4, 600],
    [7, 250],
    [10, 150],
  ] as const)
    test(`${nodes} nodes, ${count} seeds`, { timeout: 180_000 }, () => {
      expect(passSeeds('strict', nodes, count).released).toBe(0);
    });
});
