/**
 * Signatures over messages and digests: 65 bytes `r ‖ s ‖ v` with `v` 27 or 28, as wallets show
 * them. A message is hashed with a prefix and its length (EIP-191, `personal_sign`), so it can
 * never be a transaction.
 *
 * @source EIP-191
 */
import {
  addressOfPublicKey,
  type Engine,
  nobleEngine,
  type RecoverableSignature,
} from '@polyphony/crypto';
import {
  type Address,
  bigIntToBytes,
  bytesToBigInt,
  concatBytes,
  isProtocolError,
  keccak256,
  utf8ToBytes,
} from '@polyphony/primitives';
import { AccountsError } from './errors.js';

/**
 * The 32-byte digest of a message: Keccak-256 of `\x19Ethereum Signed Message:\n`, the length in
 * decimal digits, and the message.
 *
 * @param message - Text is taken as UTF-8.
 * @source EIP-191, version 0x45
 */
export function hashMessage(message: string | Uint8Array): Uint8Array {
  const bytes = typeof message === 'string' ? utf8ToBytes(message) : message;
  if (!(bytes instanceof Uint8Array)) throw new TypeError('message must be text or a Uint8Array');
  return keccak256(
    concatBytes(utf8ToBytes(`\x19Ethereum Signed Message:\n${bytes.length}`), bytes),
  );
}

/** A signature as 65 bytes: `r`, `s`, and 27 plus the recovery bit. */
export function encodeSignature(signature: RecoverableSignature): Uint8Array {
  return concatBytes(
    bigIntToBytes(signature.r, 32),
    bigIntToBytes(signature.s, 32),
    Uint8Array.of(27 + signature.recovery),
  );
}

/**
 * A signature from 65 bytes; `v` may be 27, 28, 0 or 1.
 *
 * @throws {@link AccountsError} `accounts/invalid-signature`.
 */
export function decodeSignature(bytes: Uint8Array): RecoverableSignature {
  if (bytes.length !== 65) {
    throw new AccountsError({
      code: 'accounts/invalid-signature',
      reason: `a signature has 65 bytes, got ${bytes.length}`,
    });
  }
  const v = bytes[64]!;
  const recovery = v >= 27 ? v - 27 : v;
  if (recovery !== 0 && recovery !== 1) {
    throw new AccountsError({
      code: 'accounts/invalid-signature',
      reason: `v must be 27, 28, 0 or 1, got ${v}`,
    });
  }
  return {
    r: bytesToBigInt(bytes.subarray(0, 32)),
    s: bytesToBigInt(bytes.subarray(32, 64)),
    recovery,
  };
}

/**
 * The account that signed a digest. Only the low form of `s` is accepted.
 *
 * @throws {@link AccountsError} `accounts/invalid-signature`.
 */
export function recoverDigestSigner(
  digest: Uint8Array,
  signature: Uint8Array,
  engine: Engine = nobleEngine,
): Address {
  const decoded = decodeSignature(signature);
  try {
    return addressOfPublicKey(engine.recoverPublicKey(digest, decoded), engine);
  } catch (error) {
    if (!isProtocolError(error)) throw error;
    throw new AccountsError(
      { code: 'accounts/invalid-signature', reason: error.message },
      { cause: error },
    );
  }
}

/**
 * The account that signed a message.
 *
 * @throws {@link AccountsError} `accounts/invalid-signature`.
 */
export function recoverMessageSigner(
  message: string | Uint8Array,
  signature: Uint8Array,
  engine: Engine = nobleEngine,
): Address {
  return recoverDigestSigner(hashMessage(message), signature, engine);
}

/** Whether an account signed a message; `false` for any signature that is not in order. */
export function verifyMessage(
  message: string | Uint8Array,
  signature: Uint8Array,
  address: Address,
  engine: Engine = nobleEngine,
): boolean {
  const digest = hashMessage(message);
  try {
    return recoverDigestSigner(digest, signature, engine) === address;
  } catch {
    return false;
  }
}
