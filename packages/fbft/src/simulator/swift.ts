/** Timing for simulations. */
import type { Timing } from '../timing.js';

/** Figures of an own network, many times faster, so that a run needs few steps. */
export const swiftTiming: Timing = {
  blockPeriodMs: 100,
  phaseTimeoutMs: 500,
  viewChangeTimeoutMs: 500,
  viewIds: 'count',
  viewSlotMs: 850,
  maxTimeoutMs: 8000,
  gracePeriodMs: 20,
  graceMarginMs: 20,
  newViewWaitMs: 60,
  resendMs: 150,
  resendTimes: 3,
  proposalRetryMs: 50,
};
