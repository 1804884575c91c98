/**
 * Asking sources that may lie, fail or be silent: time limits, bounds on answers, and who is asked
 * first.
 *
 * A source that failed is put behind the others for a while, longer each time. It is never dropped:
 * when all have failed, all are asked again. Whether an answer is true is decided by the caller.
 */
import { isProtocolError } from '@polyphony/primitives';
import { LightClientError } from './errors.js';
import type { Clock, HeaderSource, RequestOptions, SealedHeaderBytes } from './ports.js';

/** Longest header that is read. Mainnet's with committees take 90 kB. */
const MAX_HEADER_BYTES: number = 1 << 20;
/** Longest bitmap that is read: 65,536 members. */
const MAX_BITMAP_BYTES: number = 1 << 13;
/** How long a source stands back after its first failure; doubled up to 64 times. */
const PENALTY_MS = 5_000;

/** The sources of one client. @internal */
export interface SourcePool {
  /** Those in good standing first, otherwise in the order they were given. */
  ranked(): readonly HeaderSource[];
  isPenalised(source: HeaderSource): boolean;
  penalise(source: HeaderSource): void;
  forgive(source: HeaderSource): void;
  /** @throws {@link LightClientError} `light-client/timeout`, `source-failed`, `invalid-answer`. */
  getHead(source: HeaderSource): Promise<bigint>;
  /** @throws {@link LightClientError} `light-client/timeout`, `source-failed`, `invalid-answer`. */
  getHeaders(
    source: HeaderSource,
    first: bigint,
    count: number,
  ): Promise<readonly SealedHeaderBytes[]>;
}

function invalidAnswer(reason: string): LightClientError {
  return new LightClientError({ code: 'light-client/invalid-answer', reason });
}

function asError(cause: unknown): LightClientError {
  if (cause instanceof LightClientError) return cause;
  const reason = cause instanceof Error || isProtocolError(cause) ? cause.message : String(cause);
  return new LightClientError({ code: 'light-client/source-failed', reason }, { cause });
}

function isBytes(value: unknown, most: number): boolean {
  return value instanceof Uint8Array && value.length <= most;
}

function assertItem(item: SealedHeaderBytes): void {
  const whole =
    typeof item === 'object' &&
    item !== null &&
    isBytes(item.header, MAX_HEADER_BYTES) &&
    isBytes(item.signature, 96) &&
    isBytes(item.bitmap, MAX_BITMAP_BYTES);
  if (!whole) throw invalidAnswer('an item is no sealed header, or longer than any');
}

/** @internal */
export function sourcePool(
  sources: readonly HeaderSource[],
  clock: Clock,
  timeoutMs: number,
): SourcePool {
  const standing = new Map<HeaderSource, { failures: number; until: number }>();

  const isPenalised = (source: HeaderSource): boolean =>
    (standing.get(source)?.until ?? 0) > clock.now();

  function ask<T>(request: (options: RequestOptions) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = clock.setTimer(timeoutMs, () => {
        reject(new LightClientError({ code: 'light-client/timeout', afterMs: timeoutMs }));
      });
      Promise.resolve()
        .then(() => request({ timeoutMs }))
        .then(resolve, (cause: unknown) => reject(asError(cause)))
        .finally(stop);
    });
  }

  return {
    isPenalised,
    ranked: () => [
      ...sources.filter((source) => !isPenalised(source)),
      ...sources.filter((source) => isPenalised(source)),
    ],
    penalise(source) {
      const failures = (standing.get(source)?.failures ?? 0) + 1;
      const until = clock.now() + PENALTY_MS * 2 ** Math.min(failures - 1, 6);
      standing.set(source, { failures, until });
    },
    forgive(source) {
      standing.delete(source);
    },
    async getHead(source) {
      const head: unknown = await ask((options) => source.getHead(options));
      if (typeof head !== 'bigint' || head < 0n || head >> 64n !== 0n) {
        throw invalidAnswer('the head must be a block number');
      }
      return head;
    },
    async getHeaders(source, first, count) {
      const items = await ask((options) => source.getHeaders(first, count, options));
      if (!Array.isArray(items) || items.length === 0 || items.length > count) {
        throw invalidAnswer(`the answer must be 1 to ${count} headers`);
      }
      for (const item of items as readonly SealedHeaderBytes[]) assertItem(item);
      return items as readonly SealedHeaderBytes[];
    },
  };
}

/**
 * A source over headers at hand: a file that came with a program, or a test.
 *
 * @param headers - Ascending by number; gaps are allowed and served as absent.
 * @example listHeaderSource('bundled', [{ number: 1753086n, header, signature, bitmap }])
 */
export function listHeaderSource(
  name: string,
  headers: readonly (SealedHeaderBytes & { readonly number: bigint })[],
): HeaderSource {
  return {
    name,
    async getHead() {
      return headers.at(-1)?.number ?? 0n;
    },
    async getHeaders(first, count) {
      const from = headers.findIndex(({ number }) => number === first);
      if (from < 0) return [];
      const row = headers.slice(from, from + count);
      return row.filter(({ number }, i) => number === first + BigInt(i));
    },
  };
}
