/** From public keys and signatures to account addresses. */
import { type Address, addressFromBytes, keccak256 } from '@polyphony/primitives';
import type { Engine, RecoverableSignature, SignatureOptions } from './engine.js';
import { CryptoError } from './errors.js';

/**
 * The account of an uncompressed public key: the last 20 bytes of the Keccak-256 hash of its two
 * coordinates. It does not check that the point lies on the curve.
 *
 * @param publicKey - 65 bytes that begin with `04`.
 * @param engine - Hashes; plain JavaScript when left out.
 * @throws {@link CryptoError} `crypto/invalid-length`, `crypto/invalid-public-key`.
 * @source Ethereum yellow paper, appendix F
 */
export function addressOfPublicKey(
  publicKey: Uint8Array,
  engine?: Pick<Engine, 'keccak256'>,
): Address {
  assertUncompressed(publicKey);
  const coordinates = publicKey.subarray(1);
  const hash = engine ? engine.keccak256(coordinates) : keccak256(coordinates);
  // A copy, not a view: a view would make the engine move the short hash out of its heap.
  return addressFromBytes(hash.slice(12));
}

function assertUncompressed(publicKey: Uint8Array): void {
  if (publicKey.length !== 65) {
    throw new CryptoError({
      code: 'crypto/invalid-length',
      what: 'public key',
      expected: 65,
      actual: publicKey.length,
    });
  }
  if (publicKey[0] !== 4) {
    throw new CryptoError({
      code: 'crypto/invalid-public-key',
      reason: 'must be in the uncompressed form, which begins with 04',
    });
  }
}

/**
 * The compressed form of a public key: `02` or `03` by the parity of y, and x. 33 bytes.
 *
 * @param publicKey - 65 bytes that begin with `04`.
 * @throws {@link CryptoError} `crypto/invalid-length`, `crypto/invalid-public-key`.
 * @source SEC 1, section 2.3.3
 */
export function compressPublicKey(publicKey: Uint8Array): Uint8Array {
  assertUncompressed(publicKey);
  const compressed = publicKey.slice(0, 33);
  compressed[0] = 2 + (publicKey[64]! & 1);
  return compressed;
}

/**
 * The account that signed a 32-byte digest.
 *
 * @throws {@link CryptoError} as {@link Engine.recoverPublicKey}.
 * @example recoverAddress(digest, signature, nobleEngine)
 */
export function recoverAddress(
  digest: Uint8Array,
  signature: RecoverableSignature,
  engine: Engine,
  options?: SignatureOptions,
): Address {
  return addressOfPublicKey(engine.recoverPublicKey(digest, signature, options), engine);
}
