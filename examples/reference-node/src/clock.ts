/** The machine's clock and timers, for the consensus driver. */
import type { Clock } from '@polyphony/fbft/driver';

/** Wall time and timers of this process. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
