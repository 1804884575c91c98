/**
 * Deterministic ECDSA over secp256k1 (RFC 6979 with SHA-256): which nonce, and what follows from it.
 *
 * Nothing random enters the result. The random factor here only hides the inversion of the nonce.
 *
 * @source RFC 6979, section 3.2; SEC 1, section 4.1.3; BIP-62 low s
 */
import { invertCt, mapHashToField } from '@noble/curves/abstract/modular.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { randomBytes } from '@noble/hashes/utils.js';
import { bigIntToBytes, bytesToBigInt, concatBytes } from '@polyphony/primitives';
import type { AffinePoint } from './base-point.js';
import { lowS, SECP256K1_ORDER } from './checks.js';
import type { RecoverableSignature } from './engine.js';
import { recoveryOf } from './layout.js';

const { Fn } = secp256k1.Point;
const ZERO_BYTE = Uint8Array.of(0);
const ONE_BYTE = Uint8Array.of(1);
/** Half as long again as a scalar, so that its remainder is as good as evenly spread. */
const FACTOR_BYTES = 48;

function mac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  return hmac(sha256, key, concatBytes(...parts));
}

/** Candidates for the nonce, without end; the first is almost always taken. */
function* nonces(secretKey: Uint8Array, digest: Uint8Array): Generator<bigint, never> {
  let value: Uint8Array = new Uint8Array(32).fill(1);
  let key: Uint8Array = new Uint8Array(32);
  for (const step of [ZERO_BYTE, ONE_BYTE]) {
    key = mac(key, value, step, secretKey, digest);
    value = mac(key, value);
  }
  for (;;) {
    value = mac(key, value);
    yield bytesToBigInt(value);
    key = mac(key, value, ZERO_BYTE);
    value = mac(key, value);
  }
}

/** A random factor from 1 to the order less 1; none where the platform has no randomness. */
function drawFactor(): bigint | undefined {
  try {
    return bytesToBigInt(mapHashToField(randomBytes(FACTOR_BYTES), SECP256K1_ORDER));
  } catch {
    return undefined;
  }
}

/** `(digest + r * secret) / nonce`. The inversion sees the nonce times a random factor only. */
function solve(nonce: bigint, r: bigint, secret: bigint, digest: bigint): bigint {
  const factor = drawFactor();
  if (factor === undefined) {
    return Fn.mul(invertCt(nonce, SECP256K1_ORDER), Fn.create(digest + r * secret));
  }
  const hidden = Fn.mul(factor, digest) + Fn.mul(factor, secret) * r;
  return Fn.mul(Fn.inv(Fn.mul(factor, nonce)), Fn.create(hidden));
}

/**
 * Signs a 32-byte digest with a secret key in range.
 *
 * @param multiplyBase - Multiplies the base point by a scalar from 1 to the order less 1.
 */
export function signDeterministic(
  digest: Uint8Array,
  secretKey: Uint8Array,
  multiplyBase: (scalar: bigint) => AffinePoint,
): RecoverableSignature {
  const secret = bytesToBigInt(secretKey);
  const value = Fn.create(bytesToBigInt(digest));
  for (const nonce of nonces(secretKey, bigIntToBytes(value, 32))) {
    if (nonce === 0n || nonce >= SECP256K1_ORDER) continue;
    const { x, y } = multiplyBase(nonce);
    const r = Fn.create(x);
    const s = r === 0n ? 0n : solve(nonce, r, secret, value);
    if (s === 0n) continue;
    const low = lowS(s);
    const parity = Number(y & 1n) ^ (low === s ? 0 : 1);
    return { r, s: low, recovery: recoveryOf(x === r ? parity : parity | 2) };
  }
  throw new RangeError('the nonces have no end');
}
