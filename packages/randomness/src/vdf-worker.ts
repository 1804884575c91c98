/**
 * Evaluates and verifies in a thread of Node, so that the caller's own thread never waits.
 *
 * One thread does one job at a time; further jobs wait in line. A thread that ends is replaced when
 * the next job comes. In a browser, run `evaluateVdfInSlices` in a Web Worker of the application.
 */
import { RandomnessError } from './errors.js';
import type { VdfProgress } from './vdf/evaluate.js';
import { VDF_DISCRIMINANT_BITS, type VdfInput } from './vdf/statement.js';
import { type Thread, workerThreads } from './vdf-worker/node-threads.js';
import type { VdfJob, VdfReply, VdfValue } from './vdf-worker/protocol.js';

/** What an evaluation in a thread may have besides its input. */
export interface VdfWorkerEvaluation {
  /** `deriveDiscriminant` of the same seed and size, when the caller has kept it. */
  readonly discriminant?: bigint;
  /** Where to go on: from a progress report of the same input. */
  readonly checkpoint?: Uint8Array;
  /** Squarings between two checkpoints in the reports; none unless given. */
  readonly checkpointEvery?: number;
  /** Stops the evaluation, or takes it out of the line. */
  readonly signal?: AbortSignal;
  /** Called after every 64 squarings or proof digits. */
  readonly onProgress?: (progress: VdfProgress) => void;
}

/** A thread and its line of jobs. */
export interface VdfWorker {
  /**
   * Output and proof of the input.
   *
   * @throws {@link RandomnessError} What `evaluateVdf` throws; `randomness/worker-failed`.
   */
  evaluate(input: VdfInput, options?: VdfWorkerEvaluation): Promise<Uint8Array>;
  /**
   * Whether output and proof belong to the input.
   *
   * @throws {@link RandomnessError} What `verifyVdf` throws; `randomness/worker-failed`.
   */
  verify(
    input: VdfInput,
    result: Uint8Array,
    options?: { readonly discriminant?: bigint },
  ): Promise<boolean>;
  /**
   * The discriminant of a seed: worth finding once, while the delay runs elsewhere.
   *
   * @throws {@link RandomnessError} What `deriveDiscriminant` throws; `randomness/worker-failed`.
   */
  deriveDiscriminant(seed: Uint8Array, bits?: number): Promise<bigint>;
  /** Ends the thread. Jobs that were not done are rejected with `randomness/worker-failed`. */
  close(): Promise<void>;
}

/** How threads are started. */
export interface VdfWorkerOptions {
  /** Node's own arguments for the thread, in place of the process's: for loaders of other sources. */
  readonly execArgv?: readonly string[];
  /** What evaluations compute with: `gmp` needs the optional peer `gmp-wasm`. Left out: `bigint`. */
  readonly arithmetic?: 'bigint' | 'gmp';
}

interface Task {
  readonly job: VdfJob;
  readonly onProgress: ((progress: VdfProgress) => void) | undefined;
  readonly resolve: (value: VdfValue) => void;
  readonly reject: (error: unknown) => void;
}

function failed(reason: string): RandomnessError {
  return new RandomnessError({ code: 'randomness/worker-failed', reason });
}

/** The thread's file lies beside this one, as source or as built. */
function threadUrl(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./vdf-worker/thread.${extension}`, import.meta.url);
}

/**
 * Makes a worker. Its thread starts with the first job and does not keep the process alive when
 * there is none.
 *
 * @throws {@link RandomnessError} `randomness/worker-failed` where there are no threads.
 * @example
 * const worker = startVdfWorker();
 * const result = await worker.evaluate({ seed, iterations: 5000 }, { signal });
 * await worker.close();
 */
export function startVdfWorker(options: VdfWorkerOptions = {}): VdfWorker {
  const { Worker } = workerThreads();
  const { arithmetic = 'bigint', ...forThread } = options;
  let line: Task[] = [];
  let current: Task | undefined;
  let thread: Thread | undefined;
  let closed = false;

  function finish(settle: (task: Task) => void): void {
    const task = current;
    current = undefined;
    thread?.unref();
    if (task !== undefined) settle(task);
    next();
  }

  function receive(reply: VdfReply): void {
    if (reply.type === 'progress') {
      current?.onProgress?.(reply.progress);
      return;
    }
    finish((task) => {
      if (reply.type === 'done') task.resolve(reply.value);
      else if (reply.type === 'refused') task.reject(new RandomnessError(reply.details));
      else task.reject(failed(reply.reason));
    });
  }

  function start(): Thread {
    const started = new Worker(threadUrl(), { ...forThread, name: 'vdf' });
    let reason = 'it ended';
    started.on('message', (reply) => receive(reply as VdfReply));
    started.on('error', (error) => {
      reason = String(error);
    });
    started.on('exit', () => {
      if (thread !== started) return;
      thread = undefined;
      finish((task) => task.reject(failed(reason)));
    });
    return started;
  }

  function next(): void {
    if (current !== undefined || closed) return;
    current = line.shift();
    if (current === undefined) return;
    thread ??= start();
    thread.ref();
    thread.postMessage(current.job);
  }

  function submit<T extends VdfValue>(
    job: VdfJob,
    onProgress?: (progress: VdfProgress) => void,
    signal?: AbortSignal,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const aborted = new RandomnessError({ code: 'randomness/aborted' });
      if (closed) return reject(failed('the worker is closed'));
      if (signal?.aborted) return reject(aborted);
      const onAbort = (): void => {
        if (job.type === 'evaluate') Atomics.store(new Int32Array(job.stop), 0, 1);
        if (line.includes(task)) {
          line = line.filter((other) => other !== task);
          task.reject(aborted);
        }
      };
      const settled = (): void => signal?.removeEventListener('abort', onAbort);
      const task: Task = {
        job,
        onProgress,
        resolve(value) {
          settled();
          resolve(value as T);
        },
        reject(error) {
          settled();
          reject(error);
        },
      };
      signal?.addEventListener('abort', onAbort);
      line.push(task);
      next();
    });
  }

  return {
    evaluate: (input, wanted = {}) =>
      submit<Uint8Array>(
        {
          type: 'evaluate',
          input,
          arithmetic,
          discriminant: wanted.discriminant,
          checkpoint: wanted.checkpoint,
          checkpointEvery: wanted.checkpointEvery,
          wantsProgress: wanted.onProgress !== undefined,
          stop: new SharedArrayBuffer(4),
        },
        wanted.onProgress,
        wanted.signal,
      ),
    verify: (input, result, known = {}) =>
      submit<boolean>({ type: 'verify', input, result, discriminant: known.discriminant }),
    deriveDiscriminant: (seed, bits = VDF_DISCRIMINANT_BITS) =>
      submit<bigint>({ type: 'derive-discriminant', seed, bits }),
    async close() {
      if (closed) return;
      closed = true;
      const unfinished = current === undefined ? line : [current, ...line];
      const ending = thread;
      current = undefined;
      thread = undefined;
      line = [];
      for (const task of unfinished) task.reject(failed('the worker was closed'));
      await ending?.terminate();
    },
  };
}
