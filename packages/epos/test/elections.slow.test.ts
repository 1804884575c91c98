/** Ten thousand auctions and ten thousand histories of whole epochs; each prints its seed. */
import { parseDec } from '@polyphony/primitives';
import { propertyRuns, seededRandom } from '@polyphony/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runRandomAuction } from './auctions.js';
import { runEpochHistory } from './epoch-histories.js';

function seeded(runs: number) {
  const parameters = propertyRuns(runs);
  const seed = parameters.seed ?? fc.sample(fc.integer(), 1)[0]!;
  console.log(`SEED=${seed} RUNS=${parameters.numRuns}`);
  return { ...parameters, seed };
}

test('ten thousand auctions equal plain ones, in any order', () => {
  let won = 0;
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom('0.15', '0.35'), (seed, bound) => {
      won += runRandomAuction(seededRandom(seed), parseDec(bound));
    }),
    seeded(10_000),
  );
  expect(won).toBeGreaterThan(100_000);
});

test('ten thousand histories of epochs conserve every atto', () => {
  const seen = { elected: 0, inactive: 0, slashed: 0, refused: 0 };
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const report = runEpochHistory(seed, 8);
      seen.elected += report.elected;
      seen.inactive += report.inactive;
      seen.slashed += report.slashed;
      seen.refused += report.refused;
    }),
    seeded(10_000),
  );
  console.log(seen);
  expect(Math.min(seen.elected, seen.inactive, seen.slashed, seen.refused)).toBeGreaterThan(100);
});
