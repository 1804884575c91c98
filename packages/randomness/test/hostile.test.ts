import { codeOf, hostileBytes } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { decodeBeaconField, decodeBeaconState, encodeBeaconField } from '../src/beacon/index.js';
import { decoders } from './support/decoders.js';
import { fuzz } from './support/fuzz.js';

describe('decoders refuse or give back what they were given', () => {
  test.each(decoders)('$name', (decoder) => fuzz(decoder, 1000, 20261129));
});

test.each(hostileBytes)('hostile beacon bytes: %s', (name, bytes) => {
  expect(codeOf(() => decodeBeaconState(bytes))).toBe('randomness/invalid-beacon-state');
  expect(codeOf(() => decodeBeaconField(bytes))).toBe(
    name === 'nothing' ? undefined : 'randomness/invalid-beacon-field',
  );
});

test('fields that no block can have are not encoded', () => {
  const proof = new Uint8Array(96);
  const entry = (...members: number[]): string | undefined =>
    codeOf(() =>
      encodeBeaconField({
        type: 'contributions',
        contributions: members.map((member) => ({ member, proof })),
      }),
    );
  expect(entry(1, 2)).toBeUndefined();
  for (const members of [[], [2, 1], [1, 1], Array.from({ length: 65 }, (_, i) => i)]) {
    expect(entry(...members)).toBe('randomness/invalid-beacon-field');
  }
  expect(codeOf(() => encodeBeaconField({ type: 'combined', combined: proof }))).toBe(
    'randomness/invalid-beacon-field',
  );
});
