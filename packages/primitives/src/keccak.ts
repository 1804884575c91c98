/** Keccak-256 with the original padding, as Ethereum and Harmony use it. */
import { keccak_256 } from '@noble/hashes/sha3.js';

/**
 * The 32-byte Keccak-256 hash (not SHA3-256) of some bytes.
 *
 * @source harmony/crypto/hash/rlp.go: FromRLP
 */
export function keccak256(bytes: Uint8Array): Uint8Array {
  return keccak_256(bytes);
}
