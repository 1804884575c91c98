import { describe, test } from 'vitest';
import { decoders } from './support/decoders.js';
import { fuzz } from './support/fuzz.js';

const runs = Number(process.env.RUNS ?? 200_000);
const seed = Number(process.env.SEED ?? Date.now() % 2 ** 32);

describe(`decoders over ${runs} inputs each, SEED=${seed}`, () => {
  test.each(decoders)('$name', (decoder) => fuzz(decoder, runs, seed));
});
