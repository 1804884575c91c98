/**
 * The `Bls` value that every other package works with, and the lengths of its bytes.
 *
 * Types and constants only. Who may sign, in which order keys stand and what the message bytes
 * mean is decided elsewhere; this is the mathematics over bytes.
 *
 * Both ciphersuites keep public keys in G1 (48 bytes) and signatures in G2 (96 bytes):
 * - `harmony`: the network's own. Little-endian encodings, a generator of its own, message bytes
 *   mapped to the curve without hashing and **cut after the 48th byte**.
 * - `ietf`: the proof-of-possession scheme of the CFRG draft, minimal public key size, with the
 *   compressed big-endian encodings of Ethereum.
 *
 * @source harmony-bls/include/bls/bls.h; draft-irtf-cfrg-bls-signature-05 section 4.2.3
 */

/** Which rules for encodings, generator and message mapping. */
export type BlsSuite = 'harmony' | 'ietf';

/** Bytes of an encoded secret key. */
export const SECRET_KEY_LENGTH = 32;
/** Bytes of an encoded public key. */
export const PUBLIC_KEY_LENGTH = 48;
/** Bytes of an encoded signature. */
export const SIGNATURE_LENGTH = 96;
/** Bytes of one random weight of {@link Bls.verifyBatch}. */
export const WEIGHT_LENGTH = 8;

/** One signer's claim in a batch: a key and what it is said to have signed with. */
export interface BatchEntry {
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
}

/** Whether the point at infinity is let through a check. */
export interface IdentityRule {
  /** True lets the point at infinity through. False by default. */
  readonly allowIdentity?: boolean;
}

/** Options that every engine of every suite takes. */
export interface BlsOptions {
  /**
   * How many decoded public keys to remember, 0 (the default) for none. The memory belongs to the
   * `Bls` value; the oldest key that was not asked for again leaves first. Decoding and the
   * subgroup check are paid once per key, and the sum of a committee's keys starts from the sum
   * before. A committee that signs every block wants its own size here.
   */
  readonly cachedPublicKeys?: number;
  /**
   * How many messages' curve points to remember, 0 (the default) for none. Votes that are checked
   * one by one over the same block hash then pay for the map once. Messages above 256 bytes are
   * not remembered.
   */
  readonly cachedMessages?: number;
  /**
   * How many decoded signatures to remember, 0 (the default) for none: votes that are verified
   * when they arrive and aggregated later are then decoded once.
   */
  readonly cachedSignatures?: number;
  /**
   * Answers true where the network's library of 2019 did: a key at infinity together with a
   * signature at infinity verifies for every message. Off by default, and only for replaying
   * history; with it on, keys and signatures at infinity also pass `isValid*` and aggregation.
   *
   * @source harmony-one/bls of 2019-12-13, measured
   */
  readonly acceptIdentity?: boolean;
}

/**
 * One ciphersuite on one engine. Values are bytes in and bytes out; nothing is kept between calls
 * except what {@link BlsOptions} asks to be remembered.
 *
 * Every method throws a `TypeError` for arguments that are not byte arrays.
 */
export interface Bls {
  readonly suite: BlsSuite;
  /** Which implementation computes: `noble`, `blst` or `mcl-wasm`. */
  readonly engine: string;

  /**
   * The public key of a secret key.
   *
   * @param secretKey - 32 bytes, 1 .. r-1; little-endian in `harmony`, big-endian in `ietf`.
   * @returns 48 bytes.
   * @throws {@link BlsError} `bls/invalid-length`, `bls/invalid-secret-key`.
   */
  getPublicKey(secretKey: Uint8Array): Uint8Array;

  /**
   * Signs some bytes.
   *
   * @param message - `harmony`: 1 byte or more, of which **only the first 48 are signed** (the top
   *   3 or 4 bits of a 48th byte do not count either); not hashed. `ietf`: any bytes, hashed.
   * @returns 96 bytes; equal arguments give equal signatures.
   * @throws {@link BlsError} `bls/invalid-message` for an empty or all-zero message in `harmony`;
   *   `bls/invalid-length`, `bls/invalid-secret-key`.
   * @source harmony-bls/src/bls_c_impl.hpp: blsSignHash
   */
  sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array;

  /** Whether `signature` is `publicKey`'s over `message`. False for anything malformed. */
  verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;

  /**
   * The sum of signatures.
   *
   * @param signatures - At least one, 96 bytes each; repeats count again.
   * @throws {@link BlsError} `bls/nothing-to-aggregate`, or what {@link Bls.assertValidSignature} throws.
   */
  aggregateSignatures(signatures: readonly Uint8Array[]): Uint8Array;

  /**
   * The sum of public keys.
   *
   * @param keys - At least one, 48 bytes each; repeats count again.
   * @throws {@link BlsError} `bls/nothing-to-aggregate`, or what {@link Bls.assertValidPublicKey} throws.
   */
  aggregatePublicKeys(keys: readonly Uint8Array[]): Uint8Array;

  /**
   * Whether `signature` is the sum of signatures over one message by exactly these keys. Sound
   * only for keys whose possession was proved: see `possession.ts`.
   *
   * @param publicKeys - The signers' keys; none is false.
   */
  verifyAggregate(
    signature: Uint8Array,
    message: Uint8Array,
    publicKeys: readonly Uint8Array[],
  ): boolean;

  /**
   * Whether every entry's signature over one message is right, for the price of little more than
   * one verification. A wrong entry passes with a chance of at most 2^-63.
   *
   * @param weights - 8 bytes for each entry in order, fresh and unpredictable to whoever made the
   *   entries; none may be all zero. Drawn by the caller: no randomness is used here.
   * @returns True for no entries.
   * @throws {@link BlsError} `bls/invalid-length`, `bls/invalid-weights` about `weights` only.
   */
  verifyBatch(message: Uint8Array, entries: readonly BatchEntry[], weights: Uint8Array): boolean;

  /**
   * Which entries of a batch are wrong, found by halving: about `2 k log2(n)` checks for `k` wrong
   * entries of `n`.
   *
   * @param weights - As in {@link Bls.verifyBatch}.
   * @returns Ascending positions in `entries`; empty when all are right.
   * @throws {@link BlsError} `bls/invalid-length`, `bls/invalid-weights` about `weights` only.
   */
  findInvalid(
    message: Uint8Array,
    entries: readonly BatchEntry[],
    weights: Uint8Array,
  ): readonly number[];

  /** Whether 48 bytes decode to a point of the subgroup other than infinity. */
  isValidPublicKey(bytes: Uint8Array): boolean;
  /** Whether 96 bytes decode to a point of the subgroup other than infinity. */
  isValidSignature(bytes: Uint8Array): boolean;
  /** Whether 32 bytes are a scalar 1 .. r-1 in this suite's byte order. */
  isValidSecretKey(bytes: Uint8Array): boolean;

  /**
   * Says why 48 bytes are not a public key.
   *
   * @throws {@link BlsError} `bls/invalid-length`, `bls/invalid-encoding`, `bls/not-on-curve`,
   *   `bls/not-in-subgroup`, `bls/identity`.
   */
  assertValidPublicKey(bytes: Uint8Array, rule?: IdentityRule): void;

  /**
   * Says why 96 bytes are not a signature.
   *
   * @throws {@link BlsError} `bls/invalid-length`, `bls/invalid-encoding`, `bls/not-on-curve`,
   *   `bls/not-in-subgroup`, `bls/identity`.
   */
  assertValidSignature(bytes: Uint8Array, rule?: IdentityRule): void;

  /**
   * Signs under the suite's domain for proofs of possession: its own in `ietf`, none (the same as
   * {@link Bls.sign}) in `harmony`. `provePossession` builds the message; callers rarely need this.
   */
  signPossession(message: Uint8Array, secretKey: Uint8Array): Uint8Array;

  /** The check of {@link Bls.signPossession}. */
  verifyPossession(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
}
