/**
 * An engine in a thread of Node: signs, verifies batches and adds up signatures while the caller's own thread
 * goes on.
 *
 * A thread does one job after the other, in the order they were asked, and remembers decoded keys and signatures as its options say:
 * ask the thread that verified signatures for their sum. Start several for several cores. A thread that
 * ends answers no more; start another.
 */
import {
  type BatchEntry,
  type BlsOptions,
  type BlsSuite,
  PUBLIC_KEY_LENGTH,
  SIGNATURE_LENGTH,
  WEIGHT_LENGTH,
} from './bls.js';
import { BlsError } from './errors.js';
import { workerThreads } from './thread/node-threads.js';
import type { ThreadEngine, ThreadJob, ThreadReply, ThreadValue } from './thread/protocol.js';

/** How a thread is started, and what it remembers. */
export interface BlsThreadOptions extends BlsOptions {
  /** `blst` (its suite is `ietf`) and `mcl-wasm` need their optional peer. */
  readonly engine: ThreadEngine;
  /** `harmony` when left out, `ietf` with `blst`. */
  readonly suite?: BlsSuite;
  /** Node's own arguments for the thread, in place of the process's: for loaders of other sources. */
  readonly execArgv?: readonly string[];
}

/** An engine in a thread. Every method may reject with `bls/thread-failed`. */
export interface BlsThread {
  readonly suite: BlsSuite;
  /**
   * Gives the thread a copy of a secret key to sign with, and resolves with its public key. The copy lives
   * until the thread ends.
   *
   * @throws {@link BlsError} As `Bls.getPublicKey`.
   */
  holdKey(secretKey: Uint8Array): Promise<Uint8Array>;
  /**
   * Signs with a key that the thread holds.
   *
   * @param publicKey - 48 bytes, as {@link holdKey} gave them.
   * @throws {@link BlsError} `bls/out-of-range` for another key; `bls/invalid-message`.
   */
  sign(publicKey: Uint8Array, message: Uint8Array): Promise<Uint8Array>;
  /**
   * Which entries of a batch over one message are wrong: `Bls.findInvalid`.
   *
   * @throws {@link BlsError} `bls/invalid-length`, `bls/invalid-weights` about `weights` only.
   */
  findInvalid(
    message: Uint8Array,
    entries: readonly BatchEntry[],
    weights: Uint8Array,
  ): Promise<readonly number[]>;
  /**
   * The sum of signatures.
   *
   * @throws {@link BlsError} As `Bls.aggregateSignatures`.
   */
  aggregateSignatures(signatures: readonly Uint8Array[]): Promise<Uint8Array>;
  /** Ends the thread and forgets its keys. Jobs that were not done reject. */
  close(): Promise<void>;
}

/** Most jobs in one message: messages cost about as much as a tenth of a signature. */
const MAX_JOBS = 32;
/** Most messages on their way: enough that the thread has work while this side is busy, and the rest waits to share a message. */
const MAX_MESSAGES = 4;

interface Task {
  readonly job: ThreadJob;
  readonly resolve: (value: ThreadValue) => void;
  readonly reject: (error: unknown) => void;
}

function failed(reason: string): BlsError {
  return new BlsError({ code: 'bls/thread-failed', reason });
}

/** The thread's file lies beside this one, as source or as built. */
function threadUrl(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./thread/main.${extension}`, import.meta.url);
}

/** One array of values of one length. Also keeps a small view of a large buffer from being sent whole. */
function join(values: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(values.length * length);
  values.forEach((value, i) => {
    bytes.set(value, i * length);
  });
  return bytes;
}

const copy = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);

/**
 * Starts a thread. It does not keep the process alive when it has nothing to do.
 *
 * @throws {@link BlsError} `bls/thread-failed` where there are no threads; `bls/out-of-range` for blst with
 *   another suite than `ietf`.
 * @example
 * const thread = startBlsThread({ engine: 'blst', cachedPublicKeys: 250, cachedSignatures: 500 })
 * const publicKey = await thread.holdKey(secretKey)
 * const signature = await thread.sign(publicKey, message)
 * await thread.close()
 */
export function startBlsThread(options: BlsThreadOptions): BlsThread {
  const { engine, execArgv, ...rest } = options;
  const { suite = engine === 'blst' ? 'ietf' : 'harmony', ...blsOptions } = rest;
  if (engine === 'blst' && suite !== 'ietf') {
    throw new BlsError({
      code: 'bls/out-of-range',
      what: 'suite',
      reason: `must be ietf with the engine blst, got ${suite}`,
    });
  }
  const { Worker } = workerThreads();
  const thread = new Worker(threadUrl(), { name: 'bls', ...(execArgv && { execArgv }) });
  let waiting: Task[] = [];
  // Answers come in the order of the jobs.
  const sent: (readonly Task[])[] = [];
  let ended: string | undefined;

  function end(reason: string): void {
    ended ??= reason;
    const unfinished = [...sent.splice(0).flat(), ...waiting.splice(0)];
    for (const { reject } of unfinished) reject(failed(ended));
  }

  function send(): void {
    while (waiting.length > 0 && sent.length < MAX_MESSAGES) {
      const tasks = waiting.slice(0, MAX_JOBS);
      waiting = waiting.slice(MAX_JOBS);
      sent.push(tasks);
      thread.ref();
      thread.postMessage(tasks.map(({ job }) => job));
    }
  }

  function submit<Value extends ThreadValue>(job: ThreadJob): Promise<Value> {
    return new Promise((resolve, reject) => {
      if (ended !== undefined) return reject(failed(ended));
      waiting.push({ job, resolve: (value) => resolve(value as Value), reject });
      send();
    });
  }

  thread.unref();
  thread.on('message', (message) => {
    const tasks = sent.shift() ?? [];
    send();
    if (sent.length === 0) thread.unref();
    (message as readonly ThreadReply[]).forEach((reply, i) => {
      const task = tasks[i];
      if (reply.type === 'done') task?.resolve(reply.value);
      else if (reply.type === 'refused') task?.reject(new BlsError(reply.details));
      else task?.reject(failed(reply.reason));
    });
  });
  thread.on('error', (error) => end(String(error)));
  thread.on('exit', () => end('the thread ended'));
  submit({ type: 'open', engine, suite, options: blsOptions }).catch((error: unknown) => {
    end(error instanceof BlsError ? error.message : String(error));
    void thread.terminate();
  });

  return {
    suite,
    holdKey: (secretKey) => submit({ type: 'hold-key', secretKey: copy(secretKey) }),
    sign: (publicKey, message) =>
      submit({ type: 'sign', publicKey: copy(publicKey), message: copy(message) }),
    async findInvalid(message, entries, weights) {
      const invalid: number[] = [];
      const positions: number[] = [];
      if (weights.length !== entries.length * WEIGHT_LENGTH) {
        throw new BlsError({
          code: 'bls/invalid-length',
          what: 'weights',
          expected: entries.length * WEIGHT_LENGTH,
          actual: weights.length,
        });
      }
      entries.forEach(({ publicKey, signature }, at) => {
        const hasLengths =
          publicKey.length === PUBLIC_KEY_LENGTH && signature.length === SIGNATURE_LENGTH;
        (hasLengths ? positions : invalid).push(at);
      });
      const wrong = await submit<readonly number[]>({
        type: 'find-invalid',
        message: copy(message),
        publicKeys: join(
          positions.map((at) => entries[at]!.publicKey),
          PUBLIC_KEY_LENGTH,
        ),
        signatures: join(
          positions.map((at) => entries[at]!.signature),
          SIGNATURE_LENGTH,
        ),
        weights: join(
          positions.map((at) => weights.subarray(at * WEIGHT_LENGTH, (at + 1) * WEIGHT_LENGTH)),
          WEIGHT_LENGTH,
        ),
      });
      return [...invalid, ...wrong.map((i) => positions[i]!)].sort((a, b) => a - b);
    },
    async aggregateSignatures(signatures) {
      for (const { length } of signatures) {
        if (length !== SIGNATURE_LENGTH) {
          throw new BlsError({
            code: 'bls/invalid-length',
            what: 'signature',
            expected: SIGNATURE_LENGTH,
            actual: length,
          });
        }
      }
      return submit({
        type: 'aggregate-signatures',
        signatures: join(signatures, SIGNATURE_LENGTH),
      });
    },
    async close() {
      end('the thread was closed');
      await thread.terminate();
    },
  };
}
