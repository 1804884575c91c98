/** Twins under `strict`: two honest copies of one member, cut apart in all ways, fork nobody. */
import { expect, test } from 'vitest';
import { allTwins, sampleTwins } from './support/twins.js';

test('all of two views: 4,096 scenarios', { timeout: 120_000 }, () => {
  expect(allTwins('strict', 2)).toMatchObject({ scenarios: 4096, rounds: 64 + 4096 });
});

test('some of four views: 6,000 scenarios', { timeout: 120_000 }, () => {
  const { scenarios, decided } = sampleTwins('strict', 1, [10, 10, 10, 6]);
  expect(scenarios).toBe(6000);
  expect(decided).toBeGreaterThan(scenarios / 2);
});
