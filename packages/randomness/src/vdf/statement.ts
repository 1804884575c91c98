/**
 * What is delayed, and the class group in which that happens: from a seed and a number of squarings
 * to the discriminant, the start and the prime of a proof.
 *
 * @source vdf/src/vdf_go/vdf.go: GenerateVDFWithStopChan; harmony/consensus/consensus_v2.go: GenerateVdfAndProof
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToBigInt, concatBytes, uint64ToBytesLE, utf8ToBytes } from '@polyphony/primitives';
import { assertRange, RandomnessError } from '../errors.js';
import type { Form, FormGroup, VdfArithmetic } from './arithmetic.js';
import { bigintArithmetic } from './class-group.js';
import { assertDiscriminantBits, assertSeed, deriveDiscriminant } from './discriminant.js';
import { bitLength } from './integers.js';
import { isPrime } from './prime.js';

/** Bits of the discriminants that the network's parameters name. */
export const VDF_DISCRIMINANT_BITS = 2048;

/** Squarings that an input may ask for. */
export const MAX_VDF_ITERATIONS: number = 2 ** 24;

/** The form that is squared: a = 2, b = 1. */
export const START: Form = { a: 2n, b: 1n };

/** The neutral form: a = b = 1. */
export const IDENTITY: Form = { a: 1n, b: 1n };

/** What is delayed, and for how long. */
export interface VdfInput {
  /** 1 to 1024 bytes; the network's design uses 32. */
  readonly seed: Uint8Array;
  /** Squarings, one after the other: 1 to {@link MAX_VDF_ITERATIONS}. */
  readonly iterations: number;
  /** Size of the discriminant, 64 to 4096; {@link VDF_DISCRIMINANT_BITS} unless given. */
  readonly discriminantBits?: number;
}

/** How an evaluation or a check is done; never what its result is. */
export interface VdfOptions {
  /** {@link bigintArithmetic} unless given. */
  readonly arithmetic?: VdfArithmetic;
  /**
   * `deriveDiscriminant` of the same seed and size, when the caller has kept it: trusted, except for
   * its size and rest modulo 8.
   */
  readonly discriminant?: bigint;
}

/** An input, checked, with its group. */
export interface Statement {
  readonly seed: Uint8Array;
  readonly iterations: number;
  readonly bits: number;
  readonly magnitude: bigint;
  readonly group: FormGroup;
}

/**
 * Checks an input and opens its group.
 *
 * @throws {@link RandomnessError} `randomness/out-of-range`, `randomness/invalid-discriminant`.
 */
export function openStatement(input: VdfInput, options: VdfOptions): Statement {
  const { seed, iterations, discriminantBits: bits = VDF_DISCRIMINANT_BITS } = input;
  assertRange('iterations', iterations, 1, MAX_VDF_ITERATIONS);
  assertSeed(seed);
  assertDiscriminantBits(bits);
  const magnitude = options.discriminant ?? deriveDiscriminant(seed, bits);
  if (magnitude < 1n || bitLength(magnitude) !== bits || (magnitude & 7n) !== 7n) {
    throw new RandomnessError({ code: 'randomness/invalid-discriminant', bits });
  }
  const group = (options.arithmetic ?? bigintArithmetic).openGroup(magnitude);
  return { seed, iterations, bits, magnitude, group };
}

/**
 * The prime of a proof: the first prime among the 16-byte hashes of start and output.
 *
 * @param start - Bytes of x.
 * @param output - Bytes of y.
 * @source vdf/src/vdf_go/proof_wesolowski.go: hashPrime
 */
export function vdfChallenge(start: Uint8Array, output: Uint8Array): bigint {
  const tag = utf8ToBytes('prime');
  for (let j = 0n; ; j++) {
    const counter = uint64ToBytesLE(j).reverse();
    const hash = sha256(concatBytes(tag, counter, start, output));
    const candidate = bytesToBigInt(hash.subarray(0, 16));
    if (isPrime(candidate)) return candidate;
  }
}
