/**
 * The hash function that every computed hash and root takes as its last argument. Any crypto
 * engine fits; without one the pure Keccak-256 of `primitives` is used.
 */
import { keccak256 } from '@polyphony/primitives';

/** Keccak-256 with the original padding. A crypto `Engine` is a `Hasher`. */
export interface Hasher {
  /** The 32-byte hash. `data` is the caller's and changes after the call: it must not be kept. */
  keccak256(data: Uint8Array): Uint8Array;
}

/** The hasher used when none is given. */
export const defaultHasher: Hasher = { keccak256 };
