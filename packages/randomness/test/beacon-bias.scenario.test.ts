import { describe, expect, test } from 'vitest';
import { deviation, EXPECTED, likedShare, type Strategy } from './support/bias.js';

const EPOCHS = 240;

/**
 * The histories are fixed by their number, so the verdict is too. Four deviations are ±0.13 around a
 * half and ±0.11 around three quarters: the two cannot be taken for each other.
 */
describe(`a last contributor that holds back what it dislikes, ${EPOCHS} epochs`, () => {
  const dishonest = Object.entries(EXPECTED).filter(([strategy]) => strategy !== 'honest');

  test.each(dishonest as [Strategy, number][])(
    '%s: it gets what it likes in a share of %d',
    (strategy, expected) => {
      const share = likedShare(strategy, EPOCHS, 1);
      expect(Math.abs(share - expected)).toBeLessThan(4 * deviation(expected, EPOCHS));
    },
  );
});
