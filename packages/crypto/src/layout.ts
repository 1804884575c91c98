/**
 * Signatures as the byte strings that the libraries behind the engines take and give. Internal:
 * neither layout is a wire format of Harmony.
 */
import { bigIntToBytes, bytesToBigInt } from '@polyphony/primitives';
import type { RecoverableSignature, Signature } from './engine.js';
import { CryptoError } from './errors.js';

/** r ‖ s, 64 bytes. */
export function toCompact(signature: Signature, s: bigint = signature.s): Uint8Array {
  const out = new Uint8Array(64);
  out.set(bigIntToBytes(signature.r, 32), 0);
  out.set(bigIntToBytes(s, 32), 32);
  return out;
}

/** recovery ‖ r ‖ s, 65 bytes. */
export function toRecovered(signature: RecoverableSignature): Uint8Array {
  const out = new Uint8Array(65);
  out[0] = signature.recovery;
  out.set(bigIntToBytes(signature.r, 32), 1);
  out.set(bigIntToBytes(signature.s, 32), 33);
  return out;
}

/** recovery ‖ r ‖ s, 65 bytes, as a signature. */
export function fromRecovered(bytes: Uint8Array): RecoverableSignature {
  const recovery = bytes[0];
  if (recovery !== 0 && recovery !== 1) {
    // The nonce point's x coordinate is above the order: about one signature in 2^127.
    throw new CryptoError({
      code: 'crypto/invalid-signature',
      reason: `recovery value must be 0 or 1, got ${recovery}`,
    });
  }
  return {
    r: bytesToBigInt(bytes.subarray(1, 33)),
    s: bytesToBigInt(bytes.subarray(33, 65)),
    recovery,
  };
}
