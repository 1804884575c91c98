import { mutateBytes, seededRandom } from '@polyphony/testkit';
import { expect } from 'vitest';
import { RandomnessError } from '../../src/errors.js';

/** A decoder under fire: valid bytes to start from, and what decodes and encodes again. */
export interface Fuzzed {
  readonly name: string;
  readonly valid: readonly Uint8Array[];
  /** Decodes and encodes again. Refusals must be {@link RandomnessError}. */
  readonly roundTrip: (bytes: Uint8Array) => Uint8Array;
}

/**
 * Feeds mutated and random bytes. Each must be refused by the package's error or come back as it
 * was: one value has one encoding.
 */
export function fuzz({ valid, roundTrip }: Fuzzed, runs: number, seed: number): void {
  const random = seededRandom(seed);
  let accepted = 0;
  let refused = 0;
  for (let run = 0; run < runs; run++) {
    let bytes = random.pick(valid);
    // One in 16 is left as it is, so that acceptance is exercised too.
    if (random.below(16) !== 0) {
      bytes = mutateBytes(bytes, random);
      if (random.below(3) === 0) bytes = mutateBytes(bytes, random);
    }
    try {
      expect(roundTrip(bytes)).toEqual(bytes);
      accepted += 1;
    } catch (error) {
      if (!(error instanceof RandomnessError)) throw error;
      refused += 1;
    }
  }
  expect(accepted).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(runs / 4);
}
