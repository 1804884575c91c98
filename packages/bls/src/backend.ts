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

/**
 * Group arithmetic of one engine in one ciphersuite.
 *
 * Points are opaque and never changed after they are returned. Decoders throw `BlsError`
 * (`bls/invalid-encoding`, `bls/not-on-curve`, `bls/not-in-subgroup`) and accept the encoding of
 * infinity; lengths were checked before. Secret keys were checked to be 1 .. r-1.
 */
export interface Backend<Key, Signature> {
  readonly suite: BlsSuite;
  readonly engine: string;

  /** Decodes 48 bytes, including the subgroup check. */
  decodePublicKey(bytes: Uint8Array): Key;
  /** 48 bytes. */
  encodePublicKey(key: Key): Uint8Array;
  isIdentityKey(key: Key): boolean;
  /** The key of a checked 32-byte secret. */
  derivePublicKey(secretKey: Uint8Array): Key;
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

  /** Whether the suite has a curve point for this message. */
  canSign(message: Uint8Array): boolean;
  /** Signs a message that `canSign` with a checked secret. */
  sign(message: Uint8Array, secretKey: Uint8Array, domain: SigningDomain): Signature;
  /** The pairing check, for a message that `canSign` and points that are not infinity. */
  verify(signature: Signature, message: Uint8Array, key: Key, domain: SigningDomain): boolean;
}
