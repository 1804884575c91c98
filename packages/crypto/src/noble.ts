/**
 * The default engine: `@noble/curves` and `@noble/hashes`, plain JavaScript on every platform.
 *
 * Everything that touches a secret is the library's, as it was audited: a faster multiplication of
 * our own is not worth a wallet's keys. Where speed counts there is the WebAssembly engine.
 */
import { keccak256 } from '@polyphony/primitives';
import {
  assertDigest,
  assertRecoverableSignature,
  assertSecretKey,
  isSecretKeyInRange,
  isVerifiable,
  noPublicKey,
} from './checks.js';
import { secp256k1 } from './curve.js';
import type { Engine, RecoverableSignature, Signature, SignatureOptions } from './engine.js';
import { fromRecovered, toCompact } from './layout.js';

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
    return secp256k1().getPublicKey(secretKey, false);
  },

  signDigest(digest: Uint8Array, secretKey: Uint8Array): RecoverableSignature {
    assertDigest(digest);
    assertSecretKey(secretKey);
    return fromRecovered(
      secp256k1().sign(digest, secretKey, { prehash: false, lowS: true, format: 'recovered' }),
    );
  },

  recoverPublicKey(
    digest: Uint8Array,
    signature: RecoverableSignature,
    options?: SignatureOptions,
  ): Uint8Array {
    assertDigest(digest);
    assertRecoverableSignature(signature, options);
    const { Signature: CurveSignature } = secp256k1();
    const { r, s, recovery } = signature;
    try {
      return new CurveSignature(r, s, recovery).recoverPublicKey(digest).toBytes(false);
    } catch (cause) {
      throw noPublicKey(cause);
    }
  },

  verifyDigest(
    digest: Uint8Array,
    signature: Signature,
    publicKey: Uint8Array,
    options?: SignatureOptions,
  ): boolean {
    return (
      isVerifiable(digest, signature, publicKey, options) &&
      secp256k1().verify(toCompact(signature), digest, publicKey, { prehash: false, lowS: false })
    );
  },
};
