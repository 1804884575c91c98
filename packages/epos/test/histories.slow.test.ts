/** The same histories, ten thousand of them and longer. */
import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runHistory } from './histories.js';

test('ten thousand histories conserve every atto', () => {
  const total = { applied: 0, refused: 0, dropped: 0 };
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const report = runHistory(seed, 150);
      total.applied += report.applied;
      total.refused += report.refused;
      total.dropped += report.dropped;
    }),
    propertyRuns(10_000),
  );
  // Directives, refusals and lost records (quirk Q1) all occur.
  expect(Math.min(total.applied, total.refused, total.dropped)).toBeGreaterThan(100);
});
