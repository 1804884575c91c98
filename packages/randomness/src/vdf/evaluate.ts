/**
 * Evaluates the delay and proves it, in slices that a caller can pause between.
 *
 * Output y = x^(2^T); proof π = x^⌊2^T / B⌋ with a prime B hashed from x and y (Wesolowski). Powers
 * of x met on the way are kept, at most 8192 of them, so that the proof costs about a fifth of the
 * squarings on top instead of another evaluation. A checkpoint holds the powers kept so far; an
 * evaluation that goes on from one gives the same bytes. Where slices run, a thread or an idle
 * moment, is the caller's choice.
 *
 * @source vdf/src/vdf_go/proof_wesolowski.go: calculateVDF, evalOptimized, approximateParameters
 */
import { concatBytes } from '@polyphony/primitives';
import { RandomnessError } from '../errors.js';
import type { Form, FormGroup } from './arithmetic.js';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint.js';
import { encodeForm } from './form.js';
import { modPow } from './integers.js';
import {
  IDENTITY,
  openStatement,
  START,
  type Statement,
  type VdfInput,
  type VdfOptions,
  vdfChallenge,
} from './statement.js';
import { proves } from './verify.js';

/** Powers of x that are kept: 2 MB at 2048 bits. */
const MAX_KEPT = 8192;
/** Group operations between two pauses. */
const SLICE = 64;

/** Where an evaluation stands. Plain data: fit for a message between threads. */
export interface VdfProgress {
  readonly phase: 'squaring' | 'proving';
  /** Of `total` squarings or proof digits. */
  readonly done: number;
  readonly total: number;
  /** What {@link VdfEvaluationOptions.checkpoint} takes, as often as the options asked for. */
  readonly checkpoint?: Uint8Array;
}

/** What {@link evaluateVdf} asks between slices. An `AbortSignal` has this shape. */
export interface VdfSignal {
  readonly aborted: boolean;
}

/** How an evaluation is done. */
export interface VdfEvaluationOptions extends VdfOptions {
  /** Where to go on: from a {@link VdfProgress} of the same input. */
  readonly checkpoint?: Uint8Array;
  /** Squarings between two checkpoints; none unless given. Rounded up to slices. */
  readonly checkpointEvery?: number;
}

/** Digits of κ bits, γ of them between two kept powers: the cheapest choice within the memory. */
function plan(iterations: number): { readonly kappa: number; readonly gamma: number } {
  let best = { kappa: 1, gamma: 1, cost: Number.POSITIVE_INFINITY };
  for (let kappa = 1; kappa <= 16; kappa++) {
    const gamma = Math.max(1, Math.ceil(iterations / (kappa * MAX_KEPT)));
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
 * Digit i of the proof's exponent ⌊2^T / B⌋, of κ bits: ⌊2^κ · (2^(T − κ(i+1)) mod B) / B⌋. Those above
 * the last are 0.
 */
function proofDigits(iterations: number, kappa: number, prime: bigint): Uint16Array {
  const digits = new Uint16Array(Math.floor(iterations / kappa));
  const width = BigInt(kappa);
  let power = modPow(2n, BigInt(iterations - kappa * digits.length), prime);
  for (let i = digits.length - 1; i >= 0; i--) {
    const scaled = power << width;
    digits[i] = Number(scaled / prime);
    power = scaled % prime;
  }
  return digits;
}

/** Squares T times; keeps every stride-th power in `kept`. */
function* squareUp(
  statement: Statement,
  stride: number,
  kept: Form[],
  options: VdfEvaluationOptions,
): Generator<VdfProgress, Form, void> {
  const { iterations, group } = statement;
  const every = options.checkpointEvery ?? Number.POSITIVE_INFINITY;
  let output = START;
  let done = 0;
  if (options.checkpoint !== undefined) {
    const resumed = decodeCheckpoint(options.checkpoint, statement, stride);
    kept.push(...resumed.kept);
    output = resumed.output;
    done = resumed.done;
  }
  let nextCheckpoint = done + every;
  while (done < iterations) {
    if (done % stride === 0) kept.push(output);
    const pause = done + SLICE - (done % SLICE);
    const next = Math.min(iterations, pause, done + stride - (done % stride));
    output = group.square(output, next - done);
    done = next;
    if (done !== pause) continue;
    const progress = { phase: 'squaring', done, total: iterations } as const;
    if (done < nextCheckpoint) yield progress;
    else {
      nextCheckpoint = done + every;
      yield { ...progress, checkpoint: encodeCheckpoint({ done, kept, output }, statement) };
    }
  }
  return output;
}

/**
 * Evaluates in slices of 64 group operations: between two, the caller may do other work, report, or
 * stop by asking for no more.
 *
 * @returns A generator of progress whose return value is output and proof, 516 bytes at 2048 bits.
 * @throws {@link RandomnessError} `randomness/out-of-range`, `randomness/invalid-discriminant`,
 *   `randomness/invalid-checkpoint`.
 * @example
 * const slices = evaluateVdfInSlices({ seed, iterations: 5000 });
 * let slice = slices.next();
 * while (!slice.done) slice = slices.next();
 * slice.value; // 516 bytes
 */
export function* evaluateVdfInSlices(
  input: VdfInput,
  options: VdfEvaluationOptions = {},
): Generator<VdfProgress, Uint8Array, void> {
  const statement = openStatement(input, options);
  const { magnitude, group, iterations } = statement;
  const { kappa, gamma } = plan(iterations);
  const kept: Form[] = [];
  const output = yield* squareUp(statement, kappa * gamma, kept, options);
  const outputBytes = encodeForm(output, magnitude);
  const prime = vdfChallenge(encodeForm(START, magnitude), outputBytes);
  const digits = proofDigits(iterations, kappa, prime);

  let proof = IDENTITY;
  let done = 0;
  for (let offset = gamma - 1; offset >= 0; offset--) {
    proof = group.square(proof, kappa);
    const buckets: (Form | undefined)[] = new Array(2 ** kappa).fill(undefined);
    for (let block = 0; block * gamma + offset < digits.length; block++) {
      const value = digits[block * gamma + offset]!;
      if (value !== 0) {
        const bucket = buckets[value];
        const factor = kept[block]!;
        buckets[value] = bucket === undefined ? factor : group.multiply(bucket, factor);
      }
      done += 1;
      if (done % SLICE === 0) yield { phase: 'proving', done, total: digits.length };
    }
    proof = group.multiply(proof, combine(group, buckets));
  }
  // Powers from a checkpoint are not known to be this input's.
  if (options.checkpoint !== undefined && !proves(statement, output, proof, prime)) {
    throw new RandomnessError({
      code: 'randomness/invalid-checkpoint',
      reason: 'its powers are not those of the input',
    });
  }
  return concatBytes(outputBytes, encodeForm(proof, magnitude));
}

/**
 * Evaluates at one go: for threads that have nothing else to do.
 *
 * @param options - `onProgress` is called between slices of 64 operations, `signal` asked.
 * @returns Output and proof, 516 bytes at 2048 bits.
 * @throws {@link RandomnessError} `randomness/aborted`, and what {@link evaluateVdfInSlices} throws.
 */
export function evaluateVdf(
  input: VdfInput,
  options: VdfEvaluationOptions & {
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
    options.onProgress?.(slice.value);
    assertGoing();
  }
}
