/**
 * Random networks under `guarded`: each seed draws a few of the faults of `plan.ts` and must end with
 * everybody going on. The rules of this profile can leave a height stuck, until operators release it.
 */
import { describe, expect, test } from 'vitest';
import { passSeeds } from './support/seeds.js';

describe('guarded: random faults', () => {
  for (const [nodes, count] of [
    [4, 600],
    [7, 250],
    [10, 150],
  ] as const)
    test(`${nodes} nodes, ${count} seeds`, { timeout: 180_000 }, () => {
      const { runs, released } = passSeeds('guarded', nodes, count);
      expect(released).toBeLessThanOrEqual(2 + runs / 25);
    });
});
