/**
 * Keys and signatures as text, and what the Harmony network derives from the bytes of a key.
 *
 * Parsing checks digits and length (and the range of a secret key); whether a public key is a
 * point is the question of `Bls.assertValidPublicKey`. The network's own text form is lower-case
 * hexadecimal without a prefix; `0x` is accepted because JSON-RPC and the command line add it.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { type Address, addressFromBytes, hexToBytes, isProtocolError } from '@polyphony/primitives';
import { type BlsSuite, PUBLIC_KEY_LENGTH, SECRET_KEY_LENGTH, SIGNATURE_LENGTH } from './bls.js';
import { BlsError, type BlsValue } from './errors.js';
import { assertValidSecretKey } from './secret-key.js';

function parseBytes(text: string, length: number, what: BlsValue): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = hexToBytes(text);
  } catch (error) {
    if (!isProtocolError(error)) throw error;
    // The cause quotes positions only, never digits: safe for secrets.
    throw new BlsError({
      code: 'bls/invalid-hex',
      what,
      reason: 'must be an even number of hexadecimal digits',
    });
  }
  if (bytes.length !== length) {
    throw new BlsError({
      code: 'bls/invalid-length',
      what,
      expected: length,
      actual: bytes.length,
    });
  }
  return bytes;
}

/**
 * A secret key from 64 hexadecimal digits in the suite's byte order.
 *
 * @throws {@link BlsError} `bls/invalid-hex`, `bls/invalid-length`, `bls/invalid-secret-key`.
 */
export function parseSecretKey(text: string, suite: BlsSuite): Uint8Array {
  const bytes = parseBytes(text, SECRET_KEY_LENGTH, 'secret key');
  assertValidSecretKey(bytes, suite);
  return bytes;
}

/**
 * 48 bytes from 96 hexadecimal digits. The point is not checked.
 *
 * @throws {@link BlsError} `bls/invalid-hex`, `bls/invalid-length`.
 */
export function parsePublicKey(text: string): Uint8Array {
  return parseBytes(text, PUBLIC_KEY_LENGTH, 'public key');
}

/**
 * 96 bytes from 192 hexadecimal digits. The point is not checked.
 *
 * @throws {@link BlsError} `bls/invalid-hex`, `bls/invalid-length`.
 */
export function parseSignature(text: string): Uint8Array {
  return parseBytes(text, SIGNATURE_LENGTH, 'signature');
}

function assertKeyLength(publicKey: Uint8Array): void {
  if (publicKey.length !== PUBLIC_KEY_LENGTH) {
    throw new BlsError({
      code: 'bls/invalid-length',
      what: 'public key',
      expected: PUBLIC_KEY_LENGTH,
      actual: publicKey.length,
    });
  }
}

/**
 * The address of a BLS key: the first 20 bytes of SHA-256 of its 48 bytes. From the staking epoch
 * on it is the coinbase of the blocks that the key proposes.
 *
 * @throws {@link BlsError} `bls/invalid-length`.
 * @activation staking, for its use as coinbase
 * @source harmony-bls/ffi/go/bls/bls.go: PublicKey.GetAddress
 */
export function blsAddress(publicKey: Uint8Array): Address {
  assertKeyLength(publicKey);
  return addressFromBytes(sha256(publicKey).slice(0, 20));
}

/**
 * The shard a key belongs to: its 48 bytes as one big-endian integer modulo the number of shards.
 *
 * @param shardCount - A positive integer.
 * @throws {@link BlsError} `bls/invalid-length`, `bls/out-of-range`.
 * @source harmony/crypto/bls/bls.go: SerializedPublicKey.Big
 * @source harmony/shard/committee/assignment.go: eposStakedCommittee
 */
export function shardOfBlsKey(publicKey: Uint8Array, shardCount: number): number {
  assertKeyLength(publicKey);
  if (!Number.isInteger(shardCount) || shardCount < 1 || shardCount > 0xffffffff) {
    throw new BlsError({
      code: 'bls/out-of-range',
      what: 'shard count',
      reason: `must be an integer from 1 to 4294967295, got ${shardCount}`,
    });
  }
  let rest = 0;
  for (const byte of publicKey) rest = (rest * 256 + byte) % shardCount;
  return rest;
}
