import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToPlainHex, hexToBytes } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { vdfEntropy } from '../src/vdf/discriminant.js';
import { gmpArithmetic } from '../src/vdf/gmp.js';
import {
  bigintArithmetic,
  deriveDiscriminant,
  encodeForm,
  evaluateVdf,
  vdfChallenge,
  verifyVdf,
} from '../src/vdf/index.js';

const hash = (bytes: Uint8Array): string => bytesToPlainHex(sha256(bytes));
const memory = new Map<string, bigint>();
function discriminant(seed: string): bigint {
  const known = memory.get(seed) ?? deriveDiscriminant(hexToBytes(seed), 2048);
  memory.set(seed, known);
  return known;
}

describe('discriminants', () => {
  test.each(
    loadVectors<
      { readonly seed: string },
      {
        readonly entropySha256?: string;
        readonly magnitude?: string;
        readonly magnitudeSha256?: string;
      }
    >(import.meta.url, 'vdf-discriminant', {
      in: ['seed'],
      out: ['entropySha256', 'magnitude', 'magnitudeSha256'],
    }),
  )('$name', ({ in: { seed }, out }) => {
    if (out!.entropySha256 !== undefined) {
      expect(hash(vdfEntropy(hexToBytes(seed), 2048))).toBe(out!.entropySha256);
    }
    const magnitude = discriminant(seed).toString(16);
    if (out!.magnitude !== undefined) expect(magnitude).toBe(out!.magnitude);
    if (out!.magnitudeSha256 !== undefined) {
      expect(hash(hexToBytes(magnitude))).toBe(out!.magnitudeSha256);
    }
  });
});

const gmp = await gmpArithmetic();

describe.each([bigintArithmetic, gmp])('output and proof over $name', (arithmetic) => {
  test.each(
    loadVectors<
      { readonly seed: string; readonly iterations: number },
      { readonly result?: string; readonly sha256?: string; readonly challenge?: string }
    >(import.meta.url, 'vdf', {
      in: ['seed', 'iterations'],
      out: ['result', 'sha256', 'challenge'],
    }),
  )('$name', ({ in: { seed, iterations }, out }) => {
    const input = { seed: hexToBytes(seed), iterations };
    const options = { arithmetic, discriminant: discriminant(seed) };
    const result = evaluateVdf(input, options);
    if (out!.result !== undefined) expect(bytesToPlainHex(result)).toBe(out!.result);
    if (out!.sha256 !== undefined) expect(hash(result)).toBe(out!.sha256);
    if (out!.challenge !== undefined) {
      const start = encodeForm({ a: 2n, b: 1n }, options.discriminant);
      expect(vdfChallenge(start, result.subarray(0, 258)).toString(16)).toBe(out!.challenge);
    }
    expect(verifyVdf(input, result, options)).toBe(true);
  });
});
