/** 200,000 damaged inputs for each decoder, and for `step` under each profile. `RUNS` and `SEED` set how many and which. */
import { propertyRuns } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { decodeSignedMark, encodeSignedMark } from '../src/mark.js';
import { compat, guarded, strict } from '../src/profile.js';
import { decodePreparedClaim, decodeSeal } from '../src/seal.js';
import { decodeStrictMessage } from '../src/strict/wire.js';
import { decodeGossip, decodeMessage, decodeMessageLenient } from '../src/wire.js';
import { fuzzDecoder, fuzzStep, overhear } from './support/fuzz.js';

const { numRuns, seed = 1 } = propertyRuns(200_000);
const message = (payload: Uint8Array): Uint8Array => payload.subarray(6);
const old = overhear(guarded);
const own = overhear(strict);

describe('decoders', () => {
  for (const [name, decode, pool] of [
    ['gossip', decodeGossip, [...old.payloads, ...own.payloads]],
    ['messages', decodeMessage, old.payloads.map(message)],
    ['messages, lenient', decodeMessageLenient, old.payloads.map(message)],
    ['messages of version 2', decodeStrictMessage, own.payloads.map(message)],
    [
      'seals',
      (bytes: Uint8Array) => decodeSeal(bytes, 8),
      old.payloads.map((all) => all.subarray(-97)),
    ],
    [
      'claims',
      (bytes: Uint8Array) => decodePreparedClaim(bytes, 8),
      old.payloads.map((all) => all.subarray(-129)),
    ],
    [
      'marks',
      decodeSignedMark,
      [...old.states, ...own.states].map(({ mark }) => encodeSignedMark(mark)),
    ],
  ] as const)
    test(name, { timeout: 600_000 }, () => {
      const before = process.memoryUsage().heapUsed;
      const decoded = fuzzDecoder(decode, pool, numRuns, seed);
      const grown = process.memoryUsage().heapUsed - before;
      console.log(
        `${name}: ${numRuns} inputs, ${decoded} decoded, heap ${Math.round(grown / 1024)} KiB`,
      );
      expect(decoded).toBeLessThan(numRuns);
    });
});

describe('step', () => {
  for (const profile of [compat, guarded, strict])
    test(profile.name, { timeout: 600_000 }, () => {
      const mattered = fuzzStep(profile, numRuns, seed);
      console.log(`${profile.name}: ${numRuns} inputs, ${mattered} effects`);
      expect(mattered).toBeGreaterThan(0);
    });
});
