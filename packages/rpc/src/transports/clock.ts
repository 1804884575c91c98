/** The platform's clock, for those who wait: the only one of this package. */
import { delay } from './attempts.js';
import { monotonicNow } from './platform.js';

/** Time as a port: what waiting needs. */
export interface WaitClock {
  /** Milliseconds from an arbitrary start; never goes back. */
  now(): number;
  /** Waits; rejects with `rpc/aborted` when the signal fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The platform's monotonic clock and timers. */
export const systemClock: WaitClock = {
  now: monotonicNow,
  sleep: delay,
};
