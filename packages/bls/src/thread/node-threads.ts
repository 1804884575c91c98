/**
 * Node's threads, asked for at run time: a bundle for browsers that reaches this file still builds,
 * and fails only when a thread is started. `randomness` says the same: no package below both may know Node.
 */
import { BlsError } from '../errors.js';

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
export interface ParentPort {
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
 * @throws {@link BlsError} `bls/thread-failed` outside Node.
 */
export function workerThreads(): WorkerThreads {
  const { process } = globalThis as {
    readonly process?: { getBuiltinModule?(name: string): unknown };
  };
  const threads = process?.getBuiltinModule?.('node:worker_threads');
  if (threads === undefined) {
    throw new BlsError({
      code: 'bls/thread-failed',
      reason: 'this platform has no node:worker_threads',
    });
  }
  return threads as WorkerThreads;
}
