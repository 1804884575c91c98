/**
 * Keccak-256 with the original padding, as Ethereum and Harmony use it.
 *
 * The permutation is the library's. The sponge around it is here: the library makes a state for each
 * hash and clears it afterwards, which is a sixth of the time of a short one.
 *
 * @source The Keccak reference, version 3.0, sections 1.1 and 2.1
 */
import { keccak_256, keccakP } from '@noble/hashes/sha3.js';

/** Bytes that each permutation takes in, as words of 32 bits. */
const RATE_WORDS = 34;

/** Scratch: zero before and after each hash, and nothing but this file's one function sees it. */
const STATE: Uint32Array = new Uint32Array(50);

/**
 * The 32-byte Keccak-256 hash (not SHA3-256) of some bytes.
 *
 * @source harmony/crypto/hash/rlp.go: FromRLP
 */
export function keccak256(bytes: Uint8Array): Uint8Array {
  // Bytes of another realm, and what is no bytes, are the library's matter.
  if (!(bytes instanceof Uint8Array)) return keccak_256(bytes);
  const { length } = bytes;
  // Here too, lest a stack that ran over in the middle of a hash spoils the next.
  STATE.fill(0);
  let word = 0;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    STATE[word]! ^=
      bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    if (++word === RATE_WORDS) {
      keccakP(STATE);
      word = 0;
    }
  }
  let rest = 1;
  for (let i = length - 1; i >= at; i--) rest = (rest << 8) | bytes[i]!;
  STATE[word]! ^= rest;
  STATE[RATE_WORDS - 1]! ^= 0x80000000;
  keccakP(STATE);
  const hash = new Uint8Array(32);
  for (let i = 0; i < 8; i++) {
    const lane = STATE[i]!;
    hash[4 * i] = lane;
    hash[4 * i + 1] = lane >>> 8;
    hash[4 * i + 2] = lane >>> 16;
    hash[4 * i + 3] = lane >>> 24;
  }
  STATE.fill(0);
  return hash;
}
