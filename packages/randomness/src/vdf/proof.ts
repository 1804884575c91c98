/**
 * Evaluates the delay and proves it, in slices that a caller can pause between; and checks proofs.
 *
 * Output y = x^(2^T); proof π = x^⌊2^T / B⌋ with a prime B hashed from x and y (Wesolowski). Powers
 * of x met on the way are kept, so the proof costs about a sixth of the evaluation on top instead of
 * another evaluation. Where slices run, a thread or an idle moment, is the caller's choice.
 *
 * @source vdf/src/vdf_go/proof_wesolowski.go; harmony/consensus/consensus_v2.go: GenerateVdfAndProof
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToBigInt, concatBytes, uint64ToBytesLE, utf8ToBytes } from '@polyphony/primitives';
import { RandomnessError } from '../errors.js';
import type { Form, FormGroup, VdfArithmetic } from './arithmetic.js';
import { bigintArithmetic } from './class-group.js';
import { assertRange, deriveDiscriminant, VDF_DISCRIMINANT_BITS } from './discriminant.js';
import { decodeForm, encodeForm, formLength } from './form.js';
import { isPrime } from './prime.js';

/** Bytes of output and proof together for a discriminant of 2048 bits. */
export const VDF_RESULT_LENGTH = 516;

/** Squarings that an evaluation may have. */
export const MAX_VDF_ITERATIONS = 100_000_000;

/** Powers of x that are kept: 4 MB at 2048 bits. */
const MAX_CHECKPOINTS = 8192;
const SLICE = 64;
const START: Form = { a: 2n, b: 1n };
const IDENTITY: Form = { a: 1n, b: 1n };

/** What is delayed, and for how long. */
export interface VdfInput {
  /** The network's design uses 32 bytes. */
  readonly seed: Uint8Array;
  /** Squarings, one after the other. */
  readonly iterations: number;
  /** Size of the discriminant; 2048 unless given. */
  readonly discriminantBits?: number;
}

/** How an evaluation or a check is done; never what its result is. */
export interface VdfOptions {
  /** `bigintArithmetic` unless given. */
  readonly arithmetic?: VdfArithmetic;
  /** {@link deriveDiscriminant} of the same seed and size, when the caller has kept it. */
  readonly discriminant?: bigint;
}

/** Where an evaluation stands. */
export interface VdfProgress {
  readonly phase: 'squaring' | 'proving';
  /** Of `total` squarings or proof digits. */
  readonly done: number;
  readonly total: number;
}

/** What {@link evaluateVdf} asks between slices. An `AbortSignal` has this shape. */
export interface VdfSignal {
  readonly aborted: boolean;
}

function resolve(
  input: VdfInput,
  options: VdfOptions,
): { readonly magnitude: bigint; readonly group: FormGroup } {
  assertRange('iterations', input.iterations, 1, MAX_VDF_ITERATIONS);
  const bits = input.discriminantBits ?? VDF_DISCRIMINANT_BITS;
  const magnitude = options.discriminant ?? deriveDiscriminant(input.seed, bits);
  return { magnitude, group: (options.arithmetic ?? bigintArithmetic).openGroup(magnitude) };
}

/**
 * The prime of a statement: the first prime among the 16-byte hashes of start and output.
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

/** Digits of κ bits, γ of them between two kept powers: the cheapest choice within the memory. */
function plan(iterations: number): { readonly kappa: number; readonly gamma: number } {
  let best = { kappa: 1, gamma: 1, cost: Number.POSITIVE_INFINITY };
  for (let kappa = 1; kappa <= 16; kappa++) {
    const gamma = Math.max(1, Math.ceil(iterations / (kappa * MAX_CHECKPOINTS)));
    const cost = iterations / kappa + gamma * 2 ** (kappa + 1);
    if (cost < best.cost) best = { kappa, gamma, cost };
  }
  return best;
}

/** Product of bucket[v]^v: one pass of running products. */
function combine(group: FormGroup, buckets: readonly (Form | undefined)[]): Form {
  let running = IDENTITY;
  let total = IDENTITY;
  for (let value = buckets.length - 1; value > 0; value--) {
    const bucket = buckets[value];
    if (bucket !== undefined) running = group.multiply(running, bucket);
    total = group.multiply(total, running);
  }
  return total;
}

/**
 * Evaluates in slices of 64 group operations: between two, the caller may do other work, report, or
 * stop by asking for no more.
 *
 * @returns A generator of progress whose return value is output and proof, 516 bytes at 2048 bits.
 * @throws {@link RandomnessError} `randomness/out-of-range`.
 * @example
 * const slices = evaluateVdfInSlices({ seed, iterations: 5000 });
 * let slice = slices.next();
 * while (!slice.done) slice = slices.next();
 * slice.value; // 516 bytes
 */
export function* evaluateVdfInSlices(
  input: VdfInput,
  options: VdfOptions = {},
): Generator<VdfProgress, Uint8Array, void> {
  const { magnitude, group } = resolve(input, options);
  const { iterations } = input;
  const { kappa, gamma } = plan(iterations);
  const stride = kappa * gamma;
  const kept: Form[] = [];
  let output = START;
  for (let done = 0; done < iterations; ) {
    if (done % stride === 0) kept.push(output);
    const next = Math.min(iterations, done + SLICE - (done % SLICE), done + stride - (done % stride));
    output = group.square(output, next - done);
    done = next;
    if (done % SLICE === 0) yield { phase: 'squaring', done, total: iterations };
  }
  const outputBytes = encodeForm(output, magnitude);
  const prime = vdfChallenge(encodeForm(START, magnitude), outputBytes);

  // Digit i is ⌊2^κ · (2^(T − κ(i+1)) mod B) / B⌋; the ones above `digits` are 0.
  const digits = Math.floor(iterations / kappa);
  const digit = new Uint32Array(digits);
  const width = BigInt(kappa);
  let power = powerOfTwo(iterations - kappa * digits, prime);
  for (let i = digits - 1; i >= 0; i--) {
    const scaled = power << width;
    digit[i] = Number(scaled / prime);
    power = scaled % prime;
  }

  let proof = IDENTITY;
  let done = 0;
  for (let offset = gamma - 1; offset >= 0; offset--) {
    proof = group.square(proof, kappa);
    const buckets: (Form | undefined)[] = new Array(2 ** kappa).fill(undefined);
    for (let block = 0; block * gamma + offset < digits; block++) {
      const value = digit[block * gamma + offset]!;
      if (value !== 0) {
        const bucket = buckets[value];
        const factor = kept[block]!;
        buckets[value] = bucket === undefined ? factor : group.multiply(bucket, factor);
      }
      done += 1;
      if (done % SLICE === 0) yield { phase: 'proving', done, total: digits };
    }
    proof = group.multiply(proof, combine(group, buckets));
  }
  return concatBytes(outputBytes, encodeForm(proof, magnitude));
}

/**
 * Evaluates at one go: for threads that have nothing else to do.
 *
 * @param options - `onProgress` is called between slices of 64 operations, `signal` asked.
 * @returns Output and proof, 516 bytes at 2048 bits.
 * @throws {@link RandomnessError} `randomness/out-of-range`, `randomness/aborted`.
 */
export function evaluateVdf(
  input: VdfInput,
  options: VdfOptions & {
    readonly signal?: VdfSignal;
    readonly onProgress?: (progress: VdfProgress) => void;
  } = {},
): Uint8Array {
  const assertGoing = (): void => {
    if (options.signal?.aborted) throw new RandomnessError({ code: 'randomness/aborted' });
  };
  assertGoing();
  const slices = evaluateVdfInSlices(input, options);
  for (;;) {
    const slice = slices.next();
    if (slice.done) return slice.value;
    assertGoing();
    options.onProgress?.(slice.value);
    assertGoing();
  }
}

function powerOfTwo(exponent: number, modulus: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % modulus;
    if (bit === '1') result = (result * 2n) % modulus;
  }
  return result % modulus;
}

/** base^exponent by windows of four bits. */
function raise(group: FormGroup, base: Form, exponent: bigint): Form {
  const table: Form[] = [IDENTITY, base];
  for (let i = 2; i < 16; i++) {
    table.push(i % 2 === 0 ? group.square(table[i / 2]!, 1) : group.multiply(table[i - 1]!, base));
  }
  let result = IDENTITY;
  for (const digit of exponent.toString(16)) {
    result = group.square(result, 4);
    const value = Number.parseInt(digit, 16);
    if (value !== 0) result = group.multiply(result, table[value]!);
  }
  return result;
}

/**
 * Whether output and proof belong to the input. Never throws on hostile bytes; costs about 300 group
 * operations whatever the iterations are, and the discriminant unless it is given.
 *
 * @param result - Output, then proof, each a reduced form; anything else is false.
 * @throws {@link RandomnessError} `randomness/out-of-range` for the verifier's own input.
 * @source vdf/src/vdf_go/proof_wesolowski.go: VerifyProof
 */
export function verifyVdf(input: VdfInput, result: Uint8Array, options: VdfOptions = {}): boolean {
  const bits = input.discriminantBits ?? VDF_DISCRIMINANT_BITS;
  assertRange('iterations', input.iterations, 1, MAX_VDF_ITERATIONS);
  if (result.length !== 4 * ((bits + 16) >> 4)) return false;
  const { magnitude, group } = resolve(input, options);
  const size = formLength(magnitude);
  if (result.length !== 2 * size) return false;
  let output: Form;
  let proof: Form;
  try {
    output = decodeForm(result.subarray(0, size), magnitude);
    proof = decodeForm(result.subarray(size), magnitude);
  } catch {
    return false;
  }
  const prime = vdfChallenge(encodeForm(START, magnitude), result.subarray(0, size));
  const rest = powerOfTwo(input.iterations, prime);
  const product = group.multiply(raise(group, proof, prime), raise(group, START, rest));
  return product.a === output.a && product.b === output.b;
}
