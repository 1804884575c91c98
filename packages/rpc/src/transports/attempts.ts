/**
 * Time limits, size limits and repeats of one call. A limit covers the whole attempt, reading included. A call
 * is sent again only when it says that it is idempotent and the failure was on the way (or the
 * node asked for patience), a bounded number of times with growing pauses.
 */
import { isProtocolError } from '@polyphony/primitives';
import { RpcError } from '../errors.js';
import type { RpcCall } from '../transport.js';
import { startTimer } from './platform.js';

/** How a transport repeats idempotent calls. */
export interface RetryOptions {
  /** Time limit of one attempt in milliseconds. Default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** How often an idempotent call is sent again, 0 to 10. Default 2. */
  readonly retries?: number | undefined;
  /** Pause before the first repeat in milliseconds; it doubles with each one. Default 200. */
  readonly retryDelayMs?: number | undefined;
}

/** {@link RetryOptions} with every figure set. */
export interface RetryPolicy {
  readonly timeoutMs: number;
  readonly retries: number;
  readonly retryDelayMs: number;
}

/** Longest pause between two attempts. */
const MAX_DELAY_MS = 10_000;
/** Longest delay the platform's timers take. */
const MAX_TIMER_MS = 0x7fffffff;

/** An option that is a whole number in a range, or its default. */
export function wholeOption(
  name: string,
  value: number | undefined,
  fallback: number,
  min: number,
  max: number,
): number {
  const chosen = value ?? fallback;
  if (!Number.isInteger(chosen) || chosen < min || chosen > max) {
    throw new RpcError({
      code: 'rpc/invalid-option',
      reason: `${name} must be a whole number from ${min} to ${max}, got ${chosen}`,
    });
  }
  return chosen;
}

/** The bound on one reply in bytes, 32 MiB by default. */
export function replyLimit(maxReplyBytes: number | undefined): number {
  return wholeOption('maxReplyBytes', maxReplyBytes, 1 << 25, 1, 1 << 30);
}

/** The options with defaults, checked. */
export function retryPolicy(options: RetryOptions): RetryPolicy {
  return {
    timeoutMs: wholeOption('timeoutMs', options.timeoutMs, 10_000, 1, MAX_TIMER_MS),
    retries: wholeOption('retries', options.retries, 2, 0, 10),
    retryDelayMs: wholeOption('retryDelayMs', options.retryDelayMs, 200, 0, MAX_DELAY_MS),
  };
}

/**
 * Whether another attempt, or another node, could succeed where this failed.
 *
 * True for failures on the way and for a node that asks for patience; false for a node's refusal,
 * which another attempt would only repeat.
 */
export function isTransient(error: unknown): boolean {
  if (!isProtocolError(error)) return false;
  switch (error.code) {
    case 'rpc/network':
    case 'rpc/timeout':
    case 'rpc/rate-limited':
    case 'rpc/limit-exceeded':
      return true;
    case 'rpc/http-status': {
      const status = (error.details as unknown as { readonly status: number }).status;
      return status === 408 || status === 429 || status >= 500;
    }
    default:
      return false;
  }
}

/**
 * Waits.
 *
 * @param ms - Milliseconds.
 * @throws {@link RpcError} `rpc/aborted` when the signal ends the wait.
 */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(aborted(signal));
      return;
    }
    const onAbort = (): void => {
      stopTimer();
      reject(aborted(signal!));
    };
    const stopTimer = startTimer(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function aborted(signal: AbortSignal): RpcError {
  return new RpcError({ code: 'rpc/aborted' }, { cause: signal.reason });
}

/**
 * Runs one attempt under its time limit and the caller's signal. `run` gets a signal that fires
 * when either ends; whatever it then throws becomes `rpc/timeout` or `rpc/aborted`.
 */
async function limited<T>(
  call: Pick<RpcCall, 'signal' | 'timeoutMs'>,
  policy: RetryPolicy,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeoutMs = wholeOption('timeoutMs', call.timeoutMs, policy.timeoutMs, 1, MAX_TIMER_MS);
  const outer = call.signal;
  if (outer?.aborted) throw aborted(outer);
  const inner = new AbortController();
  let reject: (error: RpcError) => void = () => undefined;
  const ended = new Promise<never>((_, rejectEnded) => {
    reject = rejectEnded;
  });
  ended.catch(() => undefined);
  const end = (error: RpcError): void => {
    reject(error);
    inner.abort(error);
  };
  const onAbort = (): void => end(aborted(outer!));
  const stopTimer = startTimer(timeoutMs, () =>
    end(new RpcError({ code: 'rpc/timeout', timeoutMs })),
  );
  outer?.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([run(inner.signal), ended]);
  } finally {
    stopTimer();
    outer?.removeEventListener('abort', onAbort);
  }
}

/** Runs a call's attempts, each under its own limit. */
export async function attempted<T>(
  call: Pick<RpcCall, 'signal' | 'timeoutMs' | 'idempotent'>,
  policy: RetryPolicy,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const repeats = call.idempotent ? policy.retries : 0;
  for (let repeat = 0; ; repeat++) {
    try {
      return await limited(call, policy, run);
    } catch (error) {
      if (repeat >= repeats || !isTransient(error)) throw error;
      await delay(Math.min(policy.retryDelayMs * 2 ** repeat, MAX_DELAY_MS), call.signal);
    }
  }
}
