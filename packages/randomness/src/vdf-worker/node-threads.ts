/**
 * Node's threads, asked for at run time: a bundle for browsers that reaches this file still builds,
 * and fails only when a thread is started. `bls` says the same: no package below both may know Node.
 */
import { RandomnessError } from '../errors.js';

/** Our end of a thread. */
export interface Thread {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): void;
  on(event: 'error', listener: (error: unknown) => void): void;
  on(event: 'exit', listener: (code: number) => void): void;
  ref(): void;
  unref(): void;
  terminate(): Promise<number>;
}

/** The thread's end. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): void;
}

interface WorkerThreads {
  readonly Worker: new (
    url: URL,
    options: { readonly execArgv?: readonly string[]; readonly name: string },
  ) => Thread;
  readonly parentPort: ParentPort | null;
}

/**
 * The module `node:worker_threads`.
 *
 * @throws {@link RandomnessError} `randomness/worker-failed` outside Node.
 */
export function workerThreads(): WorkerThreads {
  const { process } = globalThis as {
    readonly process?: { getBuiltinModule?(name: string): unknown };
  };
  const threads = process?.getBuiltinModule?.('node:worker_threads');
  if (threads === undefined) {
    throw new RandomnessError({
      code: 'randomness/worker-failed',
      reason: 'this platform has no node:worker_threads',
    });
  }
  return threads as WorkerThreads;
}
