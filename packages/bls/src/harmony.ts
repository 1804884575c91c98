/**
 * The network's own ciphersuite in pure JavaScript, on the curve arithmetic of @noble/curves.
 *
 * Equal to the C++ library of the network's nodes byte for byte. About four times slower than
 * `./wasm`: meant for browsers, wallets and light clients, not for a validator of a big committee.
 */
import { bls12_381 } from '@noble/curves/bls12-381.js';
import type { Backend } from './backend.js';
import type { Bls, BlsOptions } from './bls.js';
import { createBls } from './create-bls.js';
import { nobleBackend, type PointG1, type PointG2 } from './noble/backend.js';
import { harmonyEncoding } from './noble/encoding.js';
import { clearCofactor2 } from './noble/group.js';
import { GENERATOR_X, GENERATOR_Y, mapToCurve, messageToField } from './noble/harmony-map.js';

/** The network's ciphersuite as a backend, for engines that are checked against it. */
export function harmonyNobleBackend(): Backend<PointG1, PointG2, PointG2> {
  const { G1, G2 } = bls12_381;
  return nobleBackend({
    suite: 'harmony',
    encoding: harmonyEncoding,
    generator: G1.Point.fromAffine({ x: GENERATOR_X, y: GENERATOR_Y }),
    mapMessage(message) {
      const t = messageToField(message);
      const point = t === 0n ? undefined : clearCofactor2(mapToCurve(t));
      return point && G2.Point.fromAffine(point);
    },
  });
}

/**
 * Creates the network's ciphersuite on noble.
 *
 * @throws {@link BlsError} `bls/out-of-range` for a bad cache size.
 * @source harmony-bls/src/bls_c_impl.hpp
 * @example
 * const bls = harmonyBls()
 * const secretKey = generateSecretKey(bls.suite)
 * const signature = bls.sign(blockHash, secretKey)
 * bls.verify(signature, blockHash, bls.getPublicKey(secretKey))  // true
 */
export function harmonyBls(options?: BlsOptions): Bls {
  return createBls(harmonyNobleBackend(), options);
}
