/**
 * The network's ciphersuite against bls-eth-wasm set to the network's mode: another build of the
 * library, driven through its own sign and verify functions.
 */
import { generateSecretKey, harmonyBls } from '@polyphony/bls';
import { createWasmBls } from '@polyphony/bls/wasm';
import { propertyRuns } from '@polyphony/testkit';
import { loadBlsReference } from '@polyphony/testkit/bls-eth-wasm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { text } from './engines.js';

const oracle = await loadBlsReference();
const wasm = await createWasmBls();
const noble = harmonyBls();

test('signatures of messages of any length are equal', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), (message) => {
      const secretKey = generateSecretKey('harmony');
      const key = wasm.getPublicKey(secretKey);
      expect(text(oracle.getPublicKey(secretKey))).toBe(text(key));
      const expected = oracle.sign(message, secretKey);
      if (expected === undefined) {
        expect(() => wasm.sign(message, secretKey)).toThrow();
        return;
      }
      const signature = wasm.sign(message, secretKey);
      expect(text(signature)).toBe(text(expected));
      expect(oracle.verify(signature, message, key)).toBe(true);
      expect(wasm.verify(expected, message, key)).toBe(true);
    }),
    propertyRuns(20),
  );
});

test('noble signs alike', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (message) => {
      fc.pre(message.slice(0, 48).some((byte) => byte !== 0));
      const secretKey = generateSecretKey('harmony');
      expect(text(noble.sign(message, secretKey))).toBe(text(oracle.sign(message, secretKey)!));
    }),
    propertyRuns(8),
  );
});
