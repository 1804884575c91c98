/**
 * The IETF ciphersuite in pure JavaScript, on @noble/curves: minimal public key size, hashing to
 * G2 by RFC 9380, the proof-of-possession scheme with its two domain tags.
 *
 * `./blst` gives the same bytes from native code.
 */
import { bls12_381 } from '@noble/curves/bls12-381.js';
import type { Backend } from './backend.js';
import type { Bls, BlsOptions } from './bls.js';
import { createBls } from './create-bls.js';
import { IETF_MESSAGE_TAG, IETF_POSSESSION_TAG } from './ietf-tags.js';
import { nobleBackend, type PointG1, type PointG2 } from './noble/backend.js';
import { ietfEncoding } from './noble/encoding.js';

/** The IETF ciphersuite on noble as a backend: `./blst` falls back to it for proofs of possession. */
export function ietfNobleBackend(): Backend<PointG1, PointG2, PointG2> {
  const { G1, G2 } = bls12_381;
  return nobleBackend({
    suite: 'ietf',
    encoding: ietfEncoding,
    generator: G1.Point.BASE,
    mapMessage: (message, domain) =>
      G2.hashToCurve(message, {
        DST: domain === 'message' ? IETF_MESSAGE_TAG : IETF_POSSESSION_TAG,
      }),
  });
}

/**
 * Creates the IETF ciphersuite on noble.
 *
 * @throws {@link BlsError} `bls/out-of-range` for a bad cache size.
 * @source draft-irtf-cfrg-bls-signature-05 section 3.3
 */
export function ietfBls(options?: BlsOptions): Bls {
  return createBls(ietfNobleBackend(), options);
}
