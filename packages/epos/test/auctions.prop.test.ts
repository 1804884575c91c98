/** Random auctions equal plain ones, in whatever order the bids come. */
import { parseDec } from '@polyphony/primitives';
import { propertyRuns, seededRandom } from '@polyphony/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runAuction } from '../src/auction.js';
import { runRandomAuction } from './auctions.js';
import { address, key } from './support.js';

test('equal to the plain auction, in any order; more stake never counts or wins less', () => {
  let won = 0;
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom('0.15', '0.35'), (seed, bound) => {
      won += runRandomAuction(seededRandom(seed), parseDec(bound));
    }),
    propertyRuns(400),
  );
  expect(won).toBeGreaterThan(1000);
});

test('stakes that doubles can not tell apart are told apart', () => {
  const base = 10n ** 26n;
  const orders = Array.from({ length: 9 }, (_, i) => ({
    address: address(9 - i),
    stake: base + BigInt(i),
    blsPublicKeys: [key(`k${i}`)],
  }));
  const { winners } = runAuction(orders, 4, parseDec('0.35'));
  expect(winners.map(({ address: winner }) => winner)).toEqual([1, 2, 3, 4].map(address));
});
