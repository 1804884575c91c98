import { sha256 } from '@noble/hashes/sha2.js';
import { harmonyBls, ietfBls, provePossession } from '@polyphony/bls';
import { concatBytes } from '@polyphony/primitives';
import { codeOf, hostileBytes, mutateBytes, seededRandom } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  boundVrfMessage,
  boundVrfOutput,
  evaluateBoundVrf,
  evaluateVrf,
  verifyBoundVrf,
  verifyVrf,
} from '../src/index.js';

describe.each([ietfBls(), harmonyBls()])('in $suite', (bls) => {
  const secretKey = new Uint8Array(32).fill(7);
  const publicKey = bls.getPublicKey(secretKey);
  const other = new Uint8Array(32).fill(8);
  const input = new Uint8Array(32).fill(9);
  const proof = evaluateBoundVrf(bls, secretKey, input);
  const holds = (
    bytes: Uint8Array,
    key: Uint8Array = publicKey,
    over: Uint8Array = input,
  ): boolean => verifyBoundVrf(bls, key, over, bytes);

  test('only this key and input go with the proof', () => {
    expect(holds(proof)).toBe(true);
    expect(holds(proof, bls.getPublicKey(other))).toBe(false);
    for (const changed of [new Uint8Array(32), input.subarray(1), concatBytes(input, input)]) {
      expect(holds(proof, publicKey, changed)).toBe(false);
    }
    const random = seededRandom(3);
    for (let i = 0; i < 8; i++) {
      const changed = mutateBytes(proof, random);
      expect(holds(changed)).toBe(changed.length === 96 && changed.every((b, j) => b === proof[j]));
    }
  });

  test('signatures made for anything else are no proofs, and proofs are nothing else', () => {
    expect(holds(bls.sign(input, secretKey))).toBe(false);
    expect(holds(bls.sign(sha256(input), secretKey))).toBe(false);
    expect(holds(provePossession(bls, secretKey))).toBe(false);
    const header = evaluateVrf(bls, secretKey, input);
    expect(holds(header.subarray(32))).toBe(false);
    expect(verifyVrf(bls, publicKey, input, concatBytes(sha256(proof), proof))).toBe(false);
    expect(bls.verify(proof, input, publicKey)).toBe(false);
  });

  test('a sum of keys has no proof from the sum of its parts’ proofs', () => {
    // The input is bound to the key, so two proofs over one input sign different messages.
    const sum = bls.aggregatePublicKeys([publicKey, bls.getPublicKey(other)]);
    const proofs = bls.aggregateSignatures([proof, evaluateBoundVrf(bls, other, input)]);
    expect(holds(proofs, sum)).toBe(false);
  });

  test('the output is not a plain hash of the proof', () => {
    expect(boundVrfOutput(bls.suite, proof)).toHaveLength(32);
    expect(boundVrfOutput(bls.suite, proof)).not.toEqual(sha256(proof));
    const [one, two] = (['ietf', 'harmony'] as const).map((suite) => boundVrfOutput(suite, proof));
    expect(one).not.toEqual(two);
  });

  test('infinity and hostile bytes are no proof; wrong lengths are refused by code', () => {
    const infinity = new Uint8Array(96);
    const nobody = new Uint8Array(48);
    if (bls.suite === 'ietf') {
      infinity[0] = 0xc0;
      nobody[0] = 0xc0;
    }
    expect(holds(infinity, nobody)).toBe(false);
    for (const [, bytes] of hostileBytes) {
      expect(holds(bytes)).toBe(false);
      expect(holds(proof, bytes)).toBe(false);
    }
    expect(codeOf(() => boundVrfOutput(bls.suite, proof.subarray(1)))).toBe(
      'randomness/invalid-length',
    );
    expect(codeOf(() => boundVrfMessage(bls.suite, proof, input))).toBe(
      'randomness/invalid-length',
    );
  });
});
