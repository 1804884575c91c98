/**
 * What the transports take from the platform: timers, the monotonic clock, `fetch`, `WebSocket`.
 * The only file of this package that touches them; everything else gets them from here or as an
 * option.
 */

/** The part of a WebSocket that is used; the platform's class and the `ws` package have it. */
export interface Socket {
  readonly readyState: number;
  binaryType: string;
  send(text: string): void;
  close(): void;
  addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

/** Runs `callback` after `ms` milliseconds unless the returned function is called before. */
export function startTimer(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms);
  return () => {
    clearTimeout(timer);
  };
}

/** Milliseconds from an arbitrary start. */
export function monotonicNow(): number {
  return performance.now();
}

/** The platform's `fetch`. */
export function platformFetch(url: string, init: RequestInit): Promise<Response> {
  return fetch(url, init);
}

/** A socket of the platform's class, or `undefined` where there is none. */
export function platformSocket(url: string): Socket | undefined {
  return typeof WebSocket === 'undefined' ? undefined : new WebSocket(url);
}
