/** Random histories: conservation of every atto, no negative balance, tables that agree. */
import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runHistory } from './histories.js';

test('transitions conserve every atto over random histories', () => {
  let applied = 0;
  let refused = 0;
  let dropped = 0;
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const report = runHistory(seed, 60);
      applied += report.applied;
      refused += report.refused;
      dropped += report.dropped;
    }),
    propertyRuns(250),
  );
  // The histories must reach both ends: what is applied, and what is refused.
  expect(applied).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(0);
  expect(dropped).toBeGreaterThanOrEqual(0);
});
