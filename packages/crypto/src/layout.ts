/**
 * Signatures as the byte strings that the libraries behind the engines take and give. Internal:
 * neither layout is a wire format of Harmony.
 */
import { bytesToBigInt } from '@polyphony/primitives';
import type { RecoverableSignature, Signature } from './engine.js';
import { CryptoError } from './errors.js';

/** Writes a value below 2^256 as 32 big-endian bytes, 32 bits at a time. */
function writeWord(value: bigint, out: Uint8Array, at: number): void {
  let rest = value;
  for (let i = at + 28; i >= at; i -= 4) {
    const low = Number(rest & 0xffffffffn);
    rest >>= 32n;
    out[i] = low >>> 24;
    out[i + 1] = low >>> 16;
    out[i + 2] = low >>> 8;
    out[i + 3] = low;
  }
}

/** r ‖ s, 64 bytes. */
export function toCompact(signature: Signature, s: bigint = signature.s): Uint8Array {
  const out = new Uint8Array(64);
  writeWord(signature.r, out, 0);
  writeWord(s, out, 32);
  return out;
}

/** recovery ‖ r ‖ s, 65 bytes. */
export function toRecovered(signature: RecoverableSignature): Uint8Array {
  const out = new Uint8Array(65);
  out[0] = signature.recovery;
  writeWord(signature.r, out, 1);
  writeWord(signature.s, out, 33);
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
