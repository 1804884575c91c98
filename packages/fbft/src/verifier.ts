/**
 * Verifying signatures in batches.
 *
 * Votes of one phase sign the same bytes, so a whole committee's worth costs little more than one
 * check when each signature gets a random weight. A batch that fails is halved until the wrong
 * ones are found; nothing is credited that did not verify alone or in such a batch. The queue is
 * bounded; what does not fit is dropped, as if it had been lost on the way.
 */
import { type BatchEntry, type Bls, WEIGHT_LENGTH } from '@polyphony/bls';
import { bytesToPlainHex } from '@polyphony/primitives';
import type { SignatureCheck, VerifyItem } from './types.js';

/** Most checks in one go, so that the thread is given back in between. */
const MAX_BATCH = 128;

/** What a verifier works with. */
export interface VerifierOptions {
  readonly bls: Bls;
  readonly maxQueued: number;
  /** Unpredictable bytes; without them nothing is batched. */
  readonly randomBytes?: (length: number) => Uint8Array;
  /** Calls back soon, after other events that are ready. */
  readonly defer: (callback: () => void) => void;
  readonly answer: (item: VerifyItem, results: readonly boolean[]) => void;
  readonly onDropped: (item: VerifyItem) => void;
  /** Whether an item lost its point while it waited. */
  readonly isOutdated: (item: VerifyItem) => boolean;
  readonly onVerified: (checks: number, wrong: number) => void;
}

/** A queue of checks. */
export interface Verifier {
  add(item: VerifyItem, checks: readonly SignatureCheck[]): void;
  /** Checks waiting. */
  size(): number;
  clear(): void;
}

interface Job {
  readonly name: string | undefined;
  readonly item: VerifyItem;
  readonly checks: readonly SignatureCheck[];
}

/**
 * A name for checks that are queued already; undefined for sums, whose long lists of keys are not
 * worth comparing.
 */
function nameOf(checks: readonly SignatureCheck[]): string | undefined {
  if (checks.some(({ keys }) => keys.length !== 1)) return undefined;
  return checks
    .flatMap(({ keys, message, signature }) => [keys[0]!, message, signature].map(bytesToPlainHex))
    .join();
}

/** Builds a verifier. */
export function createVerifier(options: VerifierOptions): Verifier {
  let jobs: Job[] = [];
  const names = new Set<string>();
  let waiting = 0;
  let deferred = false;

  const schedule = (): void => {
    if (deferred) return;
    deferred = true;
    options.defer(flush);
  };

  /** The next jobs that still have a point, up to a batch. */
  const take = (): { batch: Job[]; count: number } => {
    const batch: Job[] = [];
    let count = 0;
    let taken = 0;
    for (const job of jobs) {
      if (count >= MAX_BATCH) break;
      taken++;
      waiting -= job.checks.length;
      if (job.name !== undefined) names.delete(job.name);
      if (options.isOutdated(job.item)) continue;
      batch.push(job);
      count += job.checks.length;
    }
    jobs = jobs.slice(taken);
    return { batch, count };
  };

  const flush = (): void => {
    deferred = false;
    const { batch, count } = take();
    if (batch.length === 0) return;
    const checks = batch.flatMap((job) => job.checks);
    const results = verifyChecks(options.bls, checks, options.randomBytes);
    options.onVerified(count, results.filter((right) => !right).length);
    if (jobs.length > 0) schedule();
    let at = 0;
    for (const { item, checks } of batch) {
      options.answer(item, results.slice(at, at + checks.length));
      at += checks.length;
    }
  };

  return {
    add: (item, checks) => {
      const name = nameOf(checks);
      if (name !== undefined && names.has(name)) return;
      if (waiting + checks.length > options.maxQueued) return options.onDropped(item);
      if (name !== undefined) names.add(name);
      jobs.push({ name, item, checks });
      waiting += checks.length;
      schedule();
    },
    size: () => waiting,
    clear: () => {
      jobs = [];
      names.clear();
      waiting = 0;
    },
  };
}

/**
 * One truth for each check, in order. Never throws on hostile bytes.
 *
 * @param randomBytes - Source of weights. A wrong signature passes a weighted batch with a chance
 *   of at most 2^-63.
 */
export function verifyChecks(
  bls: Bls,
  checks: readonly SignatureCheck[],
  randomBytes: ((length: number) => Uint8Array) | undefined,
): boolean[] {
  const results = new Array<boolean>(checks.length).fill(false);
  const groups = new Map<string, number[]>();
  checks.forEach((check, i) => {
    const message = bytesToPlainHex(check.message);
    groups.set(message, [...(groups.get(message) ?? []), i]);
  });
  for (const indices of groups.values()) {
    if (indices.length === 1 || randomBytes === undefined) {
      for (const i of indices) results[i] = verifyOne(bls, checks[i]!);
      continue;
    }
    const entries: BatchEntry[] = [];
    const positions: number[] = [];
    for (const i of indices) {
      const entry = entryOf(bls, checks[i]!);
      if (entry === undefined) continue;
      entries.push(entry);
      positions.push(i);
    }
    const { message } = checks[indices[0]!]!;
    const weights = drawWeights(entries.length, randomBytes);
    const wrong = new Set(bls.findInvalid(message, entries, weights));
    positions.forEach((i, entry) => {
      results[i] = !wrong.has(entry);
    });
  }
  return results;
}

function verifyOne(bls: Bls, { keys, message, signature }: SignatureCheck): boolean {
  if (keys.length === 1) return bls.verify(signature, message, keys[0]!);
  return bls.verifyAggregate(signature, message, keys);
}

/** A check as a batch entry; several keys become their sum. */
function entryOf(bls: Bls, { keys, signature }: SignatureCheck): BatchEntry | undefined {
  if (keys.length === 1) return { publicKey: keys[0]!, signature };
  try {
    return { publicKey: bls.aggregatePublicKeys(keys), signature };
  } catch {
    return undefined;
  }
}

function drawWeights(count: number, randomBytes: (length: number) => Uint8Array): Uint8Array {
  const weights = Uint8Array.from(randomBytes(count * WEIGHT_LENGTH));
  // A weight of zero would not weigh its entry at all.
  for (let i = 0; i < count; i++) {
    const at = i * WEIGHT_LENGTH;
    if (weights.subarray(at, at + WEIGHT_LENGTH).every((byte) => byte === 0)) weights[at] = 1;
  }
  return weights;
}
