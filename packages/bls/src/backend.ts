/**
 * What an engine must give so that `createBls` can make a `Bls` value of it.
 *
 * A backend decodes bytes into points of its own, does group arithmetic and the pairing. It never
 * decides whether infinity is welcome, whether a secret key is in range or what an empty list
 * means: `create-bls.ts` decides that once for all engines, so they cannot disagree.
 */
import type { BlsSuite } from './bls.js';

/** Which of the two uses of a signature: over data, or as a proof of possession. */
export type SigningDomain = 'message' | 'possession';

/** How an engine proves that a whole batch of signatures is in the subgroup: see `weight-digits.ts`. */
export interface SubgroupProofs<Signature> {
  /**
   * Decodes 96 bytes to a point of the curve, infinity included, which may lie outside the subgroup: only for the
   * other two functions. Throws as {@link Backend.decodeSignature} does.
   */
  decodeOnCurve(bytes: Uint8Array): Signature;
  /** Whether a point of the curve, infinity included, is in the subgroup. */
  isInSubgroup(signature: Signature): boolean;
  /**
   * The sum of `signatures[i]` times the big-endian integer in `weights[i]`; `undefined` unless the sums over
   * single digits of the weights are all in the subgroup, which proves that all signatures are.
   */
  weightedSignatures(
    signatures: readonly Signature[],
    weights: readonly Uint8Array[],
  ): Signature | undefined;
}

/**
 * Group arithmetic of one engine in one ciphersuite.
 *
 * Points are opaque and never changed after they are returned. Decoders throw `BlsError`
 * (`bls/invalid-encoding`, `bls/not-on-curve`, `bls/not-in-subgroup`) and accept the encoding of
 * infinity; lengths were checked before. Secret keys were checked to be 1 .. r-1.
 */
export interface Backend<Key, Signature, Message> {
  readonly suite: BlsSuite;
  readonly engine: string;

  /** Decodes 48 bytes, including the subgroup check. */
  decodePublicKey(bytes: Uint8Array): Key;
  /** 48 bytes. */
  encodePublicKey(key: Key): Uint8Array;
  isIdentityKey(key: Key): boolean;
  /** The key of a checked 32-byte secret. */
  derivePublicKey(secretKey: Uint8Array): Key;
  negatePublicKey(key: Key): Key;
  /** The sum of one or more keys. */
  sumPublicKeys(keys: readonly Key[]): Key;
  /** The sum of `keys[i]` times the big-endian integer in `weights[i]` (8 bytes, not zero). */
  weightedPublicKeys(keys: readonly Key[], weights: readonly Uint8Array[]): Key;

  /** Decodes 96 bytes, including the subgroup check. */
  decodeSignature(bytes: Uint8Array): Signature;
  /** 96 bytes. */
  encodeSignature(signature: Signature): Uint8Array;
  isIdentitySignature(signature: Signature): boolean;
  /** The sum of one or more signatures. */
  sumSignatures(signatures: readonly Signature[]): Signature;
  /** The sum of `signatures[i]` times the big-endian integer in `weights[i]`. */
  weightedSignatures(signatures: readonly Signature[], weights: readonly Uint8Array[]): Signature;
  /** Left out: each signature of a batch is checked to be in the subgroup alone. */
  readonly proofs?: SubgroupProofs<Signature>;

  /**
   * The point of a message in a domain, `undefined` when the suite has none. An engine that cannot
   * hold a point returns a copy of the bytes.
   */
  mapMessage(message: Uint8Array, domain: SigningDomain): Message | undefined;
  /** Signs a mapped message with a checked secret. */
  sign(message: Message, secretKey: Uint8Array): Signature;
  /** The pairing check, for points that are not infinity. */
  verify(signature: Signature, message: Message, key: Key): boolean;
}
