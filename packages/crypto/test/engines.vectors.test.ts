import { bytesToPlainHex, hexToBytes } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { addressOfPublicKey, recoverAddress } from '../src/address.js';
import type { RecoverableSignature } from '../src/engine.js';
import { nobleEngine } from '../src/noble.js';
import { createWasmEngine } from '../src/wasm.js';
import { codeOf } from './caught.js';

const here = import.meta.url;
const keys = loadVectors<{ secretKey: string }, { publicKey: string; address: string }>(
  here,
  'keys',
  { in: ['secretKey'], out: ['publicKey', 'address'] },
);
const signatures = loadVectors<
  { secretKey: string; digest: string },
  { r: string; s: string; recovery: 0 | 1 }
>(here, 'signatures', { in: ['secretKey', 'digest'], out: ['r', 's', 'recovery'] });
const recoveries = loadVectors<
  { digest: string; r: string; s: string; recovery: number; allowHighS?: boolean },
  never
>(here, 'recover-refused', { in: ['digest', 'r', 's', 'recovery', 'allowHighS'] });
const refusedKeys = loadVectors<{ secretKey: string }, never>(here, 'secret-keys-refused', {
  in: ['secretKey'],
});
const verifications = loadVectors<
  { digest: string; r: string; s: string; publicKey: string; allowHighS?: boolean },
  { valid: boolean }
>(here, 'verify', { in: ['digest', 'r', 's', 'publicKey', 'allowHighS'], out: ['valid'] });
const hashes = loadVectors<{ data: string }, { hash: string }>(here, 'keccak', {
  in: ['data'],
  out: ['hash'],
});

const integer = (hex: string): bigint => BigInt(`0x${hex}`);

for (const engine of [nobleEngine, await createWasmEngine()]) {
  describe(engine.name, () => {
    describe('public keys', () => {
      for (const { name, in: given, out } of keys) {
        test(name, () => {
          const secretKey = hexToBytes(given.secretKey);
          expect(engine.isValidSecretKey(secretKey)).toBe(true);
          const publicKey = engine.getPublicKey(secretKey);
          expect(bytesToPlainHex(publicKey)).toBe(out!.publicKey);
          expect(addressOfPublicKey(publicKey, engine)).toBe(out!.address);
        });
      }
      for (const { name, in: given, error } of refusedKeys) {
        test(`refused: ${name}`, () => {
          const secretKey = hexToBytes(given.secretKey);
          expect(engine.isValidSecretKey(secretKey)).toBe(false);
          expect(codeOf(() => engine.getPublicKey(secretKey))).toBe(error);
          expect(codeOf(() => engine.signDigest(new Uint8Array(32), secretKey))).toBe(error);
        });
      }
    });

    describe('signatures', () => {
      for (const { name, in: given, out } of signatures) {
        test(name, () => {
          const [secretKey, digest] = [hexToBytes(given.secretKey), hexToBytes(given.digest)];
          const signature = engine.signDigest(digest, secretKey);
          expect(signature).toEqual({
            r: integer(out!.r),
            s: integer(out!.s),
            recovery: out!.recovery,
          });
          const publicKey = engine.getPublicKey(secretKey);
          expect(engine.recoverPublicKey(digest, signature)).toEqual(publicKey);
          expect(recoverAddress(digest, signature, engine)).toBe(addressOfPublicKey(publicKey));
          expect(engine.verifyDigest(digest, signature, publicKey)).toBe(true);
        });
      }
    });

    describe('recoveries that are refused', () => {
      for (const { name, in: given, error } of recoveries) {
        test(name, () => {
          const signature = {
            r: integer(given.r),
            s: integer(given.s),
            recovery: given.recovery,
          } as RecoverableSignature;
          const options = { allowHighS: given.allowHighS === true };
          const digest = hexToBytes(given.digest);
          expect(codeOf(() => engine.recoverPublicKey(digest, signature, options))).toBe(error);
          expect(codeOf(() => recoverAddress(digest, signature, engine, options))).toBe(error);
        });
      }
    });

    describe('verification', () => {
      for (const { name, in: given, out } of verifications) {
        test(name, () => {
          expect(
            engine.verifyDigest(
              hexToBytes(given.digest),
              { r: integer(given.r), s: integer(given.s) },
              hexToBytes(given.publicKey),
              { allowHighS: given.allowHighS === true },
            ),
          ).toBe(out!.valid);
        });
      }
    });

    describe('Keccak-256', () => {
      for (const { name, in: given, out } of hashes) {
        test(name, () => {
          expect(bytesToPlainHex(engine.keccak256(hexToBytes(given.data)))).toBe(out!.hash);
        });
      }
    });
  });
}
