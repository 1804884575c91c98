/**
 * Verifying signatures in batches.
 *
 * Votes of one phase sign the same bytes, so a whole committee's worth costs little more than one
 * check when each signature gets a random weight. A batch that fails is halved until the wrong
 * ones are found; nothing is credited that did not verify alone or in such a batch. The queue is
 * bounded; what does not fit is dropped, as if it had been lost on the way.
 */
import { type BatchEntry, type Bls, WEIGHT_LENGTH } from '@polyphony/bls';
import { bytesToPlainHex, equalBytes } from '@polyphony/primitives';
import type { SignatureWork } from './ports.js';
import type { SignatureCheck } from './signature-check.js';
import type { VerifyItem } from './types.js';

/**
 * Most checks in one go, so that the thread is given back in between. A batch costs a pairing and a fixed part of
 * its sums, some 15 ms on WebAssembly, so the votes of a usual committee go in one: 90 ms there, 30 on blst.
 */
const MAX_BATCH = 256;

/** From so many different checks with sums of keys on, adding up keys and signatures beats a pairing for each. */
const MIN_SUMS = 4;

/** From so many signatures on, work is given to the port for it. */
export const MIN_ELSEWHERE = 16;

type RandomBytes = (length: number) => Uint8Array;

/** What a verifier works with. */
export interface VerifierOptions {
  readonly bls: Bls;
  readonly maxQueued: number;
  /** Unpredictable bytes; without them nothing is batched. */
  readonly randomBytes?: RandomBytes;
  /** Verifies batches elsewhere. */
  readonly work?: Pick<SignatureWork, 'findInvalid'>;
  readonly onWorkFailed: (error: unknown) => void;
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
  /** Whether a batch is being verified elsewhere; what comes in meanwhile waits and makes the next batch. */
  let busy = false;
  /** Changes with every `clear`: what comes back from elsewhere later has no one to ask for it. */
  let life = 0;

  const schedule = (): void => {
    if (deferred) return;
    deferred = true;
    options.defer(flush);
  };

  /** The next jobs that still have a point, up to a batch. */
  const take = (): Job[] => {
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
    return batch;
  };

  const conclude = (batch: readonly Job[], results: readonly boolean[]): void => {
    options.onVerified(results.length, results.filter((right) => !right).length);
    if (jobs.length > 0) schedule();
    let at = 0;
    for (const { item, checks } of batch) {
      options.answer(item, results.slice(at, at + checks.length));
      at += checks.length;
    }
  };

  const flush = (): void => {
    deferred = false;
    if (busy) return;
    const batch = take();
    if (batch.length === 0) return;
    const { bls, randomBytes, work } = options;
    const checks = batch.flatMap((job) => job.checks);
    const plan = planChecks(bls, checks, randomBytes !== undefined);
    const here = (): void => conclude(batch, concludePlan(bls, checks, plan, randomBytes));
    if (work === undefined || plan.batches.every(({ entries }) => entries.length < MIN_ELSEWHERE)) {
      here();
      return;
    }
    busy = true;
    const startedIn = life;
    const weighed = plan.batches.map(({ message, entries }) =>
      work.findInvalid(message, entries, drawWeights(entries.length, randomBytes!)),
    );
    Promise.all(weighed)
      .catch((error: unknown) => {
        if (startedIn === life) options.onWorkFailed(error);
        return undefined;
      })
      .then((wrong) => {
        if (startedIn !== life) return;
        busy = false;
        if (wrong === undefined) here();
        else conclude(batch, concludePlan(bls, checks, plan, randomBytes, wrong));
      });
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
      life++;
      busy = false;
      jobs = [];
      names.clear();
      waiting = 0;
    },
  };
}

/** Checks over one message that are weighed together. */
interface Batch {
  readonly message: Uint8Array;
  /** Positions of the checks that became entries. */
  readonly positions: readonly number[];
  readonly entries: readonly BatchEntry[];
}

/** Which checks are done how. */
interface Plan {
  readonly alone: readonly number[];
  readonly batches: readonly Batch[];
  /** Checks that are the same as another. */
  readonly repeats: readonly (readonly [position: number, of: number])[];
}

function planChecks(bls: Bls, checks: readonly SignatureCheck[], mayWeigh: boolean): Plan {
  const groups = new Map<string, { readonly singles: number[]; readonly sums: number[] }>();
  const repeats: (readonly [number, number])[] = [];
  checks.forEach(({ message, keys }, i) => {
    const name = bytesToPlainHex(message);
    let group = groups.get(name);
    if (group === undefined) {
      group = { singles: [], sums: [] };
      groups.set(name, group);
    }
    if (keys.length === 1) group.singles.push(i);
    else {
      const first = group.sums.find((other) => isSame(checks[i]!, checks[other]!));
      if (first === undefined) group.sums.push(i);
      else repeats.push([i, first]);
    }
  });
  const alone: number[] = [];
  const batches: Batch[] = [];
  for (const { singles, sums } of groups.values()) {
    const mayWeighSums = sums.length >= MIN_SUMS;
    if (!mayWeighSums) alone.push(...sums);
    const weighed = mayWeighSums ? [...singles, ...sums] : singles;
    if (!mayWeigh || weighed.length === 1) alone.push(...weighed);
    else if (weighed.length > 0) batches.push(batchOf(bls, checks, weighed));
  }
  return { alone, batches, repeats };
}

function batchOf(bls: Bls, checks: readonly SignatureCheck[], indices: readonly number[]): Batch {
  const entries: BatchEntry[] = [];
  const positions: number[] = [];
  for (const i of indices) {
    const entry = entryOf(bls, checks[i]!);
    if (entry === undefined) continue;
    entries.push(entry);
    positions.push(i);
  }
  return { message: checks[indices[0]!]!.message, positions, entries };
}

/**
 * The results of a plan.
 *
 * @param wrongEntries - Wrong entries of each batch, where they are known from elsewhere.
 */
function concludePlan(
  bls: Bls,
  checks: readonly SignatureCheck[],
  { alone, batches, repeats }: Plan,
  randomBytes: RandomBytes | undefined,
  wrongEntries?: readonly (readonly number[])[],
): boolean[] {
  const results = new Array<boolean>(checks.length).fill(false);
  for (const i of alone) results[i] = verifyOne(bls, checks[i]!);
  batches.forEach(({ message, entries, positions }, batch) => {
    const wrong = new Set(
      wrongEntries?.[batch] ??
        bls.findInvalid(message, entries, drawWeights(entries.length, randomBytes!)),
    );
    positions.forEach((i, entry) => {
      results[i] = !wrong.has(entry);
    });
  });
  for (const [i, of] of repeats) results[i] = results[of]!;
  return results;
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
  randomBytes: RandomBytes | undefined,
): boolean[] {
  return concludePlan(bls, checks, planChecks(bls, checks, randomBytes !== undefined), randomBytes);
}

function isSame(a: SignatureCheck, b: SignatureCheck): boolean {
  return (
    equalBytes(a.signature, b.signature) &&
    a.keys.length === b.keys.length &&
    a.keys.every((key, i) => key === b.keys[i] || equalBytes(key, b.keys[i]!))
  );
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

function drawWeights(count: number, randomBytes: RandomBytes): Uint8Array {
  const weights = Uint8Array.from(randomBytes(count * WEIGHT_LENGTH));
  // A weight of zero would not weigh its entry at all.
  for (let i = 0; i < count; i++) {
    const at = i * WEIGHT_LENGTH;
    if (weights.subarray(at, at + WEIGHT_LENGTH).every((byte) => byte === 0)) weights[at] = 1;
  }
  return weights;
}
