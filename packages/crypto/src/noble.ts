/**
 * The default engine: `@noble/curves` and `@noble/hashes`, plain JavaScript on every platform.
 *
 * Recovery and verification are the library's. Signing and deriving public keys multiply the base
 * point through a table of our own (`base-point.ts`), since that is where nearly all their time goes.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { bigIntToBytes, bytesToBigInt, keccak256 } from '@polyphony/primitives';
import { createBaseMultiplier } from './base-point.js';
import {
  assertDigest,
  assertRecoverableSignature,
  assertSecretKey,
  isSecretKeyInRange,
  isVerifiable,
  noPublicKey,
} from './checks.js';
import type { Engine, RecoverableSignature, Signature, SignatureOptions } from './engine.js';
import { toCompact } from './layout.js';
import { signDeterministic } from './rfc6979.js';

const multiplyBase = createBaseMultiplier();

/**
 * The engine in plain JavaScript. It needs no preparation and is the reference for the others.
 *
 * @example
 * const signature = nobleEngine.signDigest(nobleEngine.keccak256(message), secretKey)
 */
export const nobleEngine: Engine = {
  name: 'noble',
  keccak256,
  isValidSecretKey: isSecretKeyInRange,

  getPublicKey(secretKey: Uint8Array): Uint8Array {
    assertSecretKey(secretKey);
    const { x, y } = multiplyBase(bytesToBigInt(secretKey));
    const publicKey = new Uint8Array(65);
    publicKey[0] = 4;
    publicKey.set(bigIntToBytes(x, 32), 1);
    publicKey.set(bigIntToBytes(y, 32), 33);
    return publicKey;
  },

  signDigest(digest: Uint8Array, secretKey: Uint8Array): RecoverableSignature {
    assertDigest(digest);
    assertSecretKey(secretKey);
    return signDeterministic(digest, secretKey, multiplyBase);
  },

  recoverPublicKey(
    digest: Uint8Array,
    signature: RecoverableSignature,
    options?: SignatureOptions,
  ): Uint8Array {
    assertDigest(digest);
    assertRecoverableSignature(signature, options);
    let point: InstanceType<typeof secp256k1.Point>;
    try {
      point = new secp256k1.Signature(
        signature.r,
        signature.s,
        signature.recovery,
      ).recoverPublicKey(digest);
    } catch (cause) {
      throw noPublicKey(cause);
    }
    return point.toBytes(false);
  },

  verifyDigest(
    digest: Uint8Array,
    signature: Signature,
    publicKey: Uint8Array,
    options?: SignatureOptions,
  ): boolean {
    return (
      isVerifiable(digest, signature, publicKey, options) &&
      secp256k1.verify(toCompact(signature), digest, publicKey, { prehash: false, lowS: false })
    );
  },
};
