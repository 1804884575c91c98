/**
 * The port: what an implementation of secp256k1 and Keccak-256 must do.
 *
 * An engine is a value that is passed to the code that needs it; nothing is installed globally. All
 * engines accept and refuse the same inputs and return the same bytes: `./conformance` checks it.
 */

/** An ECDSA signature over secp256k1. Valid values are 1 to the curve order less 1. */
export interface Signature {
  readonly r: bigint;
  readonly s: bigint;
}

/**
 * A signature from which the public key follows.
 *
 * `recovery` is the parity of the y coordinate of the nonce point. The values 2 and 3 (an x
 * coordinate above the order) do not occur in practice and are refused.
 */
export interface RecoverableSignature extends Signature {
  readonly recovery: 0 | 1;
}

/** How strictly a signature is judged. */
export interface SignatureOptions {
  /**
   * Also take a signature whose `s` is above half the order. Off by default: for each signature
   * with a low `s` there is a second one with a high `s`, so accepting both makes hashes malleable.
   */
  readonly allowHighS?: boolean;
}

/** secp256k1 and Keccak-256. Every function is synchronous; arguments are never changed or kept. */
export interface Engine {
  /** For humans and reports: `noble`, `wasm`. */
  readonly name: string;

  /** The 32-byte Keccak-256 hash of some bytes. */
  keccak256(data: Uint8Array): Uint8Array;

  /** Whether 32 bytes are a usable secret key: at least 1 and below the order. */
  isValidSecretKey(secretKey: Uint8Array): boolean;

  /**
   * The uncompressed public key: 65 bytes, `04` and two coordinates.
   *
   * @throws {@link CryptoError} `crypto/invalid-length`, `crypto/invalid-secret-key`.
   */
  getPublicKey(secretKey: Uint8Array): Uint8Array;

  /**
   * Signs a 32-byte digest, deterministically (RFC 6979 with SHA-256) and with a low `s`.
   *
   * @throws {@link CryptoError} `crypto/invalid-length`, `crypto/invalid-secret-key`.
   */
  signDigest(digest: Uint8Array, secretKey: Uint8Array): RecoverableSignature;

  /**
   * The 65-byte public key whose owner signed a 32-byte digest.
   *
   * @throws {@link CryptoError} `crypto/invalid-length`; `crypto/invalid-signature` when `r`, `s` or
   * `recovery` is out of range, `s` is high and that is not allowed, or no key fits.
   */
  recoverPublicKey(
    digest: Uint8Array,
    signature: RecoverableSignature,
    options?: SignatureOptions,
  ): Uint8Array;

  /** Whether the owner of a 65-byte public key signed a 32-byte digest. Bad input is `false`. */
  verifyDigest(
    digest: Uint8Array,
    signature: Signature,
    publicKey: Uint8Array,
    options?: SignatureOptions,
  ): boolean;
}
