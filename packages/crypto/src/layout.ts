/**
 * Signatures as the byte strings that the libraries behind the engines take and give. Internal:
 * neither layout is a wire format of Harmony.
 */
import { bytesToBigInt } from '@polyphony/primitives';
import type { RecoverableSignature, Signature } from './engine.js';
import { CryptoError } from './errors.js';

/** Writes a value below 2^256 as 32 big-endian bytes. */
function writeWords(view: DataView, at: number, value: bigint): void {
  view.setBigUint64(at + 24, value);
  view.setBigUint64(at + 16, value >> 64n);
  view.setBigUint64(at + 8, value >> 128n);
  view.setBigUint64(at, value >> 192n);
}

/** r ‖ s, 64 bytes; both below 2^256. */
export function toCompact(signature: Signature, s: bigint = signature.s): Uint8Array {
  const out = new Uint8Array(64);
  const view = new DataView(out.buffer);
  writeWords(view, 0, signature.r);
  writeWords(view, 32, s);
  return out;
}

/**
 * A writer of recovery ‖ r ‖ s, 65 bytes, both values below 2^256. It writes to the same bytes each
 * time: they are for a callee that copies them.
 */
export function recoveredWriter(): (signature: RecoverableSignature) => Uint8Array {
  const out = new Uint8Array(65);
  const view = new DataView(out.buffer);
  return (signature) => {
    out[0] = signature.recovery;
    writeWords(view, 1, signature.r);
    writeWords(view, 33, signature.s);
    return out;
  };
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
