/**
 * Secret keys as bytes: range check without branches on the value, random generation.
 *
 * A secret key is a scalar 1 .. r-1 in 32 bytes, little-endian in `harmony` and big-endian in
 * `ietf`. Nothing here turns one into text or into a `bigint`.
 *
 * @source harmony-bls mcl include/mcl/fp.hpp: FpT::deserialize; draft-irtf-cfrg-bls-signature-05
 */
import { type BlsSuite, SECRET_KEY_LENGTH } from './bls.js';
import { BlsError } from './errors.js';

/** The group order r, big-endian. */
const ORDER: readonly number[] = [
  0x73, 0xed, 0xa7, 0x53, 0x29, 0x9d, 0x7d, 0x48, 0x33, 0x39, 0xd8, 0x08, 0x09, 0xa1, 0xd8, 0x05,
  0x53, 0xbd, 0xa4, 0x02, 0xff, 0xfe, 0x5b, 0xfe, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x01,
];

/** `undefined` for a scalar in range, otherwise what is wrong. Same work for every value. */
function scalarFault(bytes: Uint8Array, suite: BlsSuite): string | undefined {
  const littleEndian = suite === 'harmony';
  let borrow = 0;
  let any = 0;
  for (let i = SECRET_KEY_LENGTH - 1; i >= 0; i--) {
    const byte = bytes[littleEndian ? SECRET_KEY_LENGTH - 1 - i : i]!;
    any |= byte;
    borrow = (byte - ORDER[i]! - borrow) >>> 31;
  }
  if (any === 0) return 'must not be zero';
  return borrow === 1 ? undefined : 'must be below the group order';
}

/** Whether 32 bytes are a scalar 1 .. r-1 in the suite's byte order. */
export function isValidSecretKey(bytes: Uint8Array, suite: BlsSuite): boolean {
  return bytes.length === SECRET_KEY_LENGTH && scalarFault(bytes, suite) === undefined;
}

/**
 * Throws unless 32 bytes are a scalar 1 .. r-1 in the suite's byte order.
 *
 * @throws {@link BlsError} `bls/invalid-length`, `bls/invalid-secret-key`.
 */
export function assertValidSecretKey(bytes: Uint8Array, suite: BlsSuite): void {
  if (bytes.length !== SECRET_KEY_LENGTH) {
    throw new BlsError({
      code: 'bls/invalid-length',
      what: 'secret key',
      expected: SECRET_KEY_LENGTH,
      actual: bytes.length,
    });
  }
  const reason = scalarFault(bytes, suite);
  if (reason !== undefined) throw new BlsError({ code: 'bls/invalid-secret-key', reason });
}

/** Fills an array with random bytes, as `crypto.getRandomValues` does. */
export type FillRandom = (bytes: Uint8Array<ArrayBuffer>) => void;

const platformRandom: FillRandom = (bytes) => {
  crypto.getRandomValues(bytes);
};

/**
 * A secret key drawn uniformly from 1 .. r-1, by drawing 255 bits until they are in range.
 *
 * @param suite - Decides the byte order of the result.
 * @param fillRandom - The platform's generator when left out.
 * @returns 32 bytes; wipe them after use with `fill(0)`.
 * @example const secretKey = generateSecretKey('harmony')
 */
export function generateSecretKey(
  suite: BlsSuite,
  fillRandom: FillRandom = platformRandom,
): Uint8Array {
  const bytes = new Uint8Array(SECRET_KEY_LENGTH);
  do {
    fillRandom(bytes);
    bytes[suite === 'harmony' ? SECRET_KEY_LENGTH - 1 : 0]! &= 0x7f;
  } while (!isValidSecretKey(bytes, suite));
  return bytes;
}
