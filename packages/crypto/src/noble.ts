/**
 * The default engine: `@noble/curves` and `@noble/hashes`, plain JavaScript on every platform.
 *
 * Signing goes through a curve instance of our own whose table of the base point has wider windows
 * than the library's default: fewer additions in the same blinded multiplication with a fixed number
 * of steps. The table (about 6,000 points) is built by the first signature or public key.
 */
import { type ECDSA, ecdsa, weierstrass } from '@noble/curves/abstract/weierstrass.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { keccak256 } from '@polyphony/primitives';
import {
  assertDigest,
  assertRecoverableSignature,
  assertSecretKey,
  isSecretKeyInRange,
  isVerifiable,
  noPublicKey,
} from './checks.js';
import type { Engine, RecoverableSignature, Signature, SignatureOptions } from './engine.js';
import { fromRecovered, toCompact } from './layout.js';

const WINDOW_BITS = 8;

function createSigner(): ECDSA {
  const Point = weierstrass(secp256k1.Point.CURVE(), { Fp: secp256k1.Point.Fp });
  Point.BASE.precompute(WINDOW_BITS);
  return ecdsa(Point, sha256);
}

const SIGNER: ECDSA = /* @__PURE__ */ createSigner();

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
    return SIGNER.getPublicKey(secretKey, false);
  },

  signDigest(digest: Uint8Array, secretKey: Uint8Array): RecoverableSignature {
    assertDigest(digest);
    assertSecretKey(secretKey);
    return fromRecovered(
      SIGNER.sign(digest, secretKey, { prehash: false, lowS: true, format: 'recovered' }),
    );
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
