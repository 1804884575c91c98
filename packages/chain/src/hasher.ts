/**
 * The hash function that every computed hash and root takes as its last argument. Any crypto
 * engine fits; without one the pure Keccak-256 of `primitives` is used.
 */
import { keccak256 } from '@polyphony/primitives';

/** Keccak-256 with the original padding. A crypto `Engine` is a `Hasher`. */
export interface Hasher {
  keccak256(data: Uint8Array): Uint8Array;
}

/** The hasher used when none is given. */
export const defaultHasher: Hasher = { keccak256 };
