/**
 * The argument checks all engines share, so that they accept and refuse the same inputs with the
 * same error. Decides ranges and lengths; whether a point lies on the curve is the engine's part.
 */
import type { RecoverableSignature, Signature, SignatureOptions } from './engine.js';
import { CryptoError } from './errors.js';

/** The order of secp256k1: secret keys, `r` and `s` are at least 1 and below it. */
export const SECP256K1_ORDER: bigint =
  0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

const HALF_ORDER = SECP256K1_ORDER >> 1n;

const ORDER_BYTES: readonly number[] = Array.from({ length: 32 }, (_, i) =>
  Number((SECP256K1_ORDER >> BigInt(248 - 8 * i)) & 255n),
);

function assertBytes(value: Uint8Array, what: string): void {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${what} must be a Uint8Array`);
}

/** Looks at every byte whatever the key is, so that timing says nothing about it. */
export function isSecretKeyInRange(secretKey: Uint8Array): boolean {
  assertBytes(secretKey, 'secret key');
  if (secretKey.length !== 32) return false;
  let borrow = 0;
  let bits = 0;
  for (let i = 31; i >= 0; i--) {
    bits |= secretKey[i]!;
    borrow = ((secretKey[i]! - ORDER_BYTES[i]! - borrow) >> 31) & 1;
  }
  return borrow === 1 && bits !== 0;
}

export function assertSecretKey(secretKey: Uint8Array): void {
  if (isSecretKeyInRange(secretKey)) return;
  if (secretKey.length !== 32) {
    throw new CryptoError({
      code: 'crypto/invalid-length',
      what: 'secret key',
      expected: 32,
      actual: secretKey.length,
    });
  }
  throw new CryptoError({ code: 'crypto/invalid-secret-key' });
}

export function assertDigest(digest: Uint8Array): void {
  assertBytes(digest, 'digest');
  if (digest.length !== 32) {
    throw new CryptoError({
      code: 'crypto/invalid-length',
      what: 'digest',
      expected: 32,
      actual: digest.length,
    });
  }
}

function signatureFault(
  signature: Signature,
  options: SignatureOptions | undefined,
): string | undefined {
  const { r, s } = signature;
  if (typeof r !== 'bigint' || typeof s !== 'bigint') {
    throw new TypeError('signature values must be bigints');
  }
  if (r < 1n || r >= SECP256K1_ORDER) return 'value r is out of range';
  if (s < 1n || s >= SECP256K1_ORDER) return 'value s is out of range';
  if (s > HALF_ORDER && options?.allowHighS !== true) return 'value s is above half the order';
  return undefined;
}

export function assertRecoverableSignature(
  signature: RecoverableSignature,
  options: SignatureOptions | undefined,
): void {
  const fault =
    signatureFault(signature, options) ??
    (signature.recovery === 0 || signature.recovery === 1
      ? undefined
      : `recovery value must be 0 or 1, got ${signature.recovery}`);
  if (fault !== undefined) {
    throw new CryptoError({ code: 'crypto/invalid-signature', reason: fault });
  }
}

/** Whether a signature is worth checking against a key. */
export function isVerifiable(
  digest: Uint8Array,
  signature: Signature,
  publicKey: Uint8Array,
  options: SignatureOptions | undefined,
): boolean {
  assertBytes(digest, 'digest');
  assertBytes(publicKey, 'public key');
  return (
    digest.length === 32 &&
    publicKey.length === 65 &&
    publicKey[0] === 4 &&
    signatureFault(signature, options) === undefined
  );
}

/** `s` or the order less `s`, whichever is low: both verify under the same key. */
export function lowS(s: bigint): bigint {
  return s > HALF_ORDER ? SECP256K1_ORDER - s : s;
}

/** The error for a signature in range from which no public key follows. */
export function noPublicKey(cause: unknown): CryptoError {
  return new CryptoError(
    { code: 'crypto/invalid-signature', reason: 'belongs to no public key' },
    { cause },
  );
}
