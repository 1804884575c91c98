/** Random histories of whole epochs: elections, signing, rewards, slashes and fines keep every atto. */
import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runEpochHistory } from './epoch-histories.js';

test('whole epochs conserve every atto and elect only who may be', () => {
  const seen = { elected: 0, inactive: 0, slashed: 0 };
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const report = runEpochHistory(seed, 8);
      seen.elected += report.elected;
      seen.inactive += report.inactive;
      seen.slashed += report.slashed;
    }),
    propertyRuns(40),
  );
  expect(Math.min(seen.elected, seen.inactive, seen.slashed)).toBeGreaterThan(10);
});
