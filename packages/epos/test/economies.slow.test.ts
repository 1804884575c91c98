/** The same economies, ten thousand of them and longer. */
import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runEconomy } from './economies.js';

test('ten thousand economies conserve every atto and stay under the cap', () => {
  const total = { issued: 0n, burnt: 0n, refused: 0, banned: 0, histories: 0 };
  const { numRuns, seed = Date.now() | 0 } = propertyRuns(10_000);
  console.log(`economies: SEED=${seed} RUNS=${numRuns}`);
  fc.assert(
    fc.property(fc.integer(), (drawn) => {
      const report = runEconomy(drawn, 4);
      total.histories += 1;
      total.issued += report.issued;
      total.burnt += report.burnt;
      total.refused += report.refused;
      total.banned += report.banned;
    }),
    { numRuns, seed },
  );
  console.log(total);
  expect(total.histories).toBe(numRuns);
  expect(total.issued > 0n && total.burnt > 0n).toBe(true);
  expect(Math.min(total.refused, total.banned)).toBeGreaterThan(100);
});
