/**
 * A backend on the points and the pairing of @noble/curves, for either ciphersuite.
 *
 * A ciphersuite is a record: its byte forms, its generator, its map from messages to G2 and the
 * byte order of its secrets. Everything else is shared. Multiplications by a secret use noble's
 * `multiply` (fixed work per scalar as far as a JavaScript engine allows), everything public its
 * faster variable-time one.
 */
import type { WeierstrassPoint } from '@noble/curves/abstract/weierstrass.js';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { bytesToBigInt, bytesToBigIntLE } from '@polyphony/primitives';
import type { Backend, SigningDomain } from '../backend.js';
import type { BlsSuite } from '../bls.js';
import { BlsError } from '../errors.js';
import type { Encoding } from './encoding.js';
import { type Fp2, mod, rightSide, rightSide2, sqrt, sqrt2 } from './field.js';
import { inG1, inG2 } from './group.js';
import { provenWeightedSum, weightedSum } from './weighted-sum.js';

const { Fp12 } = bls12_381.fields;
const { calcPairingPrecomputes } = bls12_381.utils;

/** A point of G1. */
export type PointG1 = WeierstrassPoint<bigint>;
/** A point of G2. */
export type PointG2 = WeierstrassPoint<Fp2>;

const G1 = bls12_381.G1.Point;
const G2 = bls12_381.G2.Point;

/** What differs between ciphersuites. */
export interface NobleSuite {
  readonly suite: BlsSuite;
  readonly encoding: Encoding;
  readonly generator: PointG1;
  /** The point of a message, `undefined` when the suite has none. */
  mapMessage(message: Uint8Array, domain: SigningDomain): PointG2 | undefined;
}

function publicKeyPoint(bytes: Uint8Array, encoding: Encoding): PointG1 {
  const decoded = encoding.decodePublicKey(bytes);
  if (decoded === 'infinity') return G1.ZERO;
  const { x, flag } = decoded;
  const root = sqrt(rightSide(x));
  if (root === undefined) throw new BlsError({ code: 'bls/not-on-curve', what: 'public key' });
  const y = encoding.publicKeyFlag(root) === flag ? root : mod(-root);
  if (!inG1({ x, y })) throw new BlsError({ code: 'bls/not-in-subgroup', what: 'public key' });
  return G1.fromAffine({ x, y });
}

function signaturePoint(bytes: Uint8Array, encoding: Encoding): PointG2 {
  const decoded = encoding.decodeSignature(bytes);
  if (decoded === 'infinity') return G2.ZERO;
  const { x, flag } = decoded;
  const root = sqrt2(rightSide2(x));
  if (root === undefined) throw new BlsError({ code: 'bls/not-on-curve', what: 'signature' });
  const y: Fp2 =
    encoding.signatureFlag(root) === flag ? root : { c0: mod(-root.c0), c1: mod(-root.c1) };
  return G2.fromAffine({ x, y });
}

const isInSubgroup = (point: PointG2): boolean => point.is0() || inG2(point.toAffine());

/** A backend for one ciphersuite. */
export function nobleBackend(suite: NobleSuite): Backend<PointG1, PointG2, PointG2> {
  const { encoding, generator } = suite;
  const negatedGenerator = generator.negate();
  const scalar = suite.suite === 'harmony' ? bytesToBigIntLE : bytesToBigInt;
  return {
    suite: suite.suite,
    engine: 'noble',

    decodePublicKey: (bytes) => publicKeyPoint(bytes, encoding),
    encodePublicKey(key) {
      if (key.is0()) return encoding.encodePublicKey('infinity');
      const { x, y } = key.toAffine();
      return encoding.encodePublicKey({ x, flag: encoding.publicKeyFlag(y) });
    },
    isIdentityKey: (key) => key.is0(),
    derivePublicKey: (secretKey) => generator.multiply(scalar(secretKey)),
    negatePublicKey: (key) => key.negate(),
    sumPublicKeys: (keys) => keys.reduce((sum, key) => sum.add(key)),
    weightedPublicKeys: (keys, weights) => weightedSum(G1.ZERO, keys, weights),

    decodeSignature(bytes) {
      const point = signaturePoint(bytes, encoding);
      if (isInSubgroup(point)) return point;
      throw new BlsError({ code: 'bls/not-in-subgroup', what: 'signature' });
    },
    encodeSignature(signature) {
      if (signature.is0()) return encoding.encodeSignature('infinity');
      const { x, y } = signature.toAffine();
      return encoding.encodeSignature({ x, flag: encoding.signatureFlag(y) });
    },
    isIdentitySignature: (signature) => signature.is0(),
    sumSignatures: (signatures) => signatures.reduce((sum, signature) => sum.add(signature)),
    weightedSignatures: (signatures, weights) => weightedSum(G2.ZERO, signatures, weights),
    proofs: {
      decodeOnCurve: (bytes) => signaturePoint(bytes, encoding),
      isInSubgroup,
      weightedSignatures: (signatures, weights) =>
        provenWeightedSum(G2.ZERO, signatures, weights, isInSubgroup),
    },

    mapMessage: (message, domain) => suite.mapMessage(message, domain),
    sign: (message, secretKey) => message.multiply(scalar(secretKey)),
    verify(signature, message, key) {
      // The points are in their subgroups: the prepared loop skips noble's second check of that.
      const { x, y } = key.toAffine();
      const base = negatedGenerator.toAffine();
      const product = bls12_381.millerLoopBatch([
        [calcPairingPrecomputes(message), x, y],
        [calcPairingPrecomputes(signature), base.x, base.y],
      ]);
      return Fp12.eql(Fp12.finalExponentiate(product), Fp12.ONE);
    },
  };
}
