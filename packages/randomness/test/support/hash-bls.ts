import { sha256 } from '@noble/hashes/sha2.js';
import { type Bls, ietfBls } from '@polyphony/bls';
import { concatBytes, equalBytes, utf8ToBytes } from '@polyphony/primitives';

/**
 * Signatures without mathematics, for histories of thousands of epochs: a public key opens to its
 * secret, so this hides nothing and is unique, which is all that a history needs.
 */
export function hashBls(): Bls {
  const expand = (length: number, ...parts: readonly Uint8Array[]): Uint8Array => {
    const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
      sha256(concatBytes(utf8ToBytes('test only'), Uint8Array.of(i), ...parts)),
    );
    return concatBytes(...blocks).subarray(0, length);
  };
  const getPublicKey = (secretKey: Uint8Array): Uint8Array =>
    concatBytes(secretKey, new Uint8Array(16));
  const sign = (message: Uint8Array, secretKey: Uint8Array): Uint8Array =>
    expand(96, secretKey, message);
  return {
    ...ietfBls(),
    engine: 'test only',
    getPublicKey,
    sign,
    verify: (signature, message, publicKey) =>
      equalBytes(signature, sign(message, publicKey.subarray(0, 32))),
  };
}
