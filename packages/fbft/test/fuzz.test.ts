/** A small share of `fuzz.slow.test.ts`, on every change. */
import { propertyRuns } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { compat, guarded, strict } from '../src/profile.js';
import { fuzzStep } from './support/fuzz.js';

describe('damaged messages neither throw nor fill the memory', () => {
  for (const profile of [compat, guarded, strict])
    test(profile.name, () => {
      const { numRuns, seed = 1 } = propertyRuns(1500);
      expect(fuzzStep(profile, numRuns, seed)).toBeGreaterThan(0);
    });
});
