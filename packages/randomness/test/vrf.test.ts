import { ietfBls } from '@polyphony/bls';
import { hostileBytes } from '@polyphony/testkit';
import { expect, test } from 'vitest';
import {
  evaluateVrf,
  type RandomnessError,
  VRF_FIELD_LENGTH,
  verifyVrf,
  vrfField,
  vrfMessage,
  vrfOutput,
} from '../src/index.js';

const bls = ietfBls();
const secretKey = new Uint8Array(32).fill(7);
const publicKey = bls.getPublicKey(secretKey);
const parentHash = new Uint8Array(32).fill(9);
const field = evaluateVrf(bls, secretKey, parentHash);

test('the field of one key and parent verifies, in the IETF suite too', () => {
  expect(field).toHaveLength(VRF_FIELD_LENGTH);
  expect(verifyVrf(bls, publicKey, parentHash, field)).toBe(true);
  expect(vrfField(bls.sign(vrfMessage(parentHash), secretKey))).toEqual(field);
});

test('another parent, another key, a changed output and a changed proof do not verify', () => {
  expect(verifyVrf(bls, publicKey, new Uint8Array(32), field)).toBe(false);
  const other = bls.getPublicKey(new Uint8Array(32).fill(8));
  expect(verifyVrf(bls, other, parentHash, field)).toBe(false);
  for (const at of [0, 31, 32, 127]) {
    const changed = Uint8Array.from(field);
    changed[at]! ^= 1;
    expect(verifyVrf(bls, publicKey, parentHash, changed)).toBe(false);
  }
});

test.each(hostileBytes)('hostile field: %s', (_name, bytes) => {
  expect(verifyVrf(bls, publicKey, parentHash, bytes)).toBe(false);
});

test('wrong lengths are refused by code', () => {
  const code = (run: () => unknown): string | undefined => {
    try {
      run();
    } catch (error) {
      return (error as RandomnessError).code;
    }
    return undefined;
  };
  expect(code(() => evaluateVrf(bls, secretKey, new Uint8Array(31)))).toBe(
    'randomness/invalid-length',
  );
  expect(code(() => vrfOutput(field.subarray(1)))).toBe('randomness/invalid-length');
  expect(code(() => vrfField(field))).toBe('randomness/invalid-length');
  expect(() => vrfField(field)).toThrow('VRF proof must be 96 bytes, got 128');
});
