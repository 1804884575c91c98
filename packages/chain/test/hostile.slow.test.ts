/** The deep run of hostile.test.ts: `RUNS=` mutations of each sample (default 2,000). */
import { encodeRlp } from '@polyphony/primitives';
import { expect, test } from 'vitest';
import { proveListItem } from '../src/index.js';
import { fuzzDecoders, fuzzOthers, fuzzProofs } from './fuzz.js';

const rounds = Number(process.env.RUNS ?? 2000);
const seed = Number(process.env.SEED ?? Date.now() % 2 ** 32);

test(`decoders, seed ${seed}`, { timeout: 3_600_000 }, () => {
  const counts = fuzzDecoders(rounds, seed);
  let total = 0;
  for (const { accepted, refused } of counts.values()) total += accepted + refused;
  expect(total).toBeGreaterThan(rounds);
});

test(`proofs, seed ${seed}`, { timeout: 3_600_000 }, () => {
  const items = Array.from({ length: 300 }, (_, i) => encodeRlp([i, i * 7]));
  const nodes = items.flatMap((_, index) => proveListItem(items, index));
  fuzzProofs(rounds * 10, seed, nodes);
});

test(`precompile input and text, seed ${seed}`, { timeout: 3_600_000 }, () => {
  fuzzOthers(rounds * 10, seed);
});
