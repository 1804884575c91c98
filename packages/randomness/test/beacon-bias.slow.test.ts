import { expect, test } from 'vitest';
import { deviation, EXPECTED, likedShare, type Strategy } from './support/bias.js';

const epochs = Number(process.env.RUNS ?? 10_000);
const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

test.each(Object.entries(EXPECTED) as [Strategy, number][])(
  `%s over ${epochs} epochs, SEED=${seed}`,
  (strategy, expected) => {
    const share = likedShare(strategy, epochs, seed);
    console.log(`${strategy}: ${share} (expected ${expected})`);
    expect(Math.abs(share - expected)).toBeLessThan(5 * deviation(expected, epochs));
  },
);
