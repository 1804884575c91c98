/**
 * How long things take, and which view id a view change asks for.
 *
 * Pure functions over the parameters: no clock here. Two rules for view ids. By the clock, as
 * Harmony: the id follows from the time since the last block, so nodes that were away agree at
 * once, if their clocks do. By counting, for own networks: one above the current one, with waits
 * that grow, so that any network delay is outwaited in the end.
 *
 * @source harmony/consensus/config.go; harmony/consensus/view_change.go: getNextViewID
 */
import { FbftError } from './errors.js';

/** All lengths of time, in milliseconds. */
export interface Timing {
  /** Distance the leader keeps between announcements. */
  readonly blockPeriodMs: number;
  /** Time for one height before a view change starts. */
  readonly phaseTimeoutMs: number;
  /** Time for one view change before the next view is tried. */
  readonly viewChangeTimeoutMs: number;
  /** Rule for view ids: `clock` or `count`. */
  readonly viewIds: 'clock' | 'count';
  /** `clock`: length of the slot that each view id owns. */
  readonly viewSlotMs: number;
  /** `count`: waits stop growing at this length. */
  readonly maxTimeoutMs: number;
  /** Shortest wait for late commit votes after the quorum. */
  readonly gracePeriodMs: number;
  /** The wait for late votes ends this long before the next block is due. */
  readonly graceMarginMs: number;
  /** How long a new leader that heard of no prepared block waits for more reports. */
  readonly newViewWaitMs: number;
  /** Distance between repeats of leader and view-change messages. */
  readonly resendMs: number;
  /** How often a message is repeated. */
  readonly resendTimes: number;
  /** How long an idle leader waits before it asks the application for a block again. */
  readonly proposalRetryMs: number;
}

/**
 * Harmony's figures, for a two-second chain.
 *
 * @source harmony/consensus/config.go; harmony/consensus/consensus_msg_sender.go; harmony/consensus/leader.go: onCommit
 */
export const harmonyTiming: Timing = {
  blockPeriodMs: 2000,
  phaseTimeoutMs: 27_000,
  viewChangeTimeoutMs: 27_000,
  viewIds: 'clock',
  viewSlotMs: 45_000,
  maxTimeoutMs: 27_000 * 64,
  gracePeriodMs: 1000,
  graceMarginMs: 200,
  newViewWaitMs: 1000,
  resendMs: 7000,
  resendTimes: 3,
  proposalRetryMs: 1000,
};

/** Figures for an own network on a good link: two-second blocks, counted views, waits that grow. */
export const ownNetworkTiming: Timing = {
  blockPeriodMs: 2000,
  phaseTimeoutMs: 4000,
  viewChangeTimeoutMs: 4000,
  viewIds: 'count',
  viewSlotMs: 45_000,
  maxTimeoutMs: 60_000,
  gracePeriodMs: 200,
  graceMarginMs: 200,
  newViewWaitMs: 300,
  resendMs: 1000,
  resendTimes: 3,
  proposalRetryMs: 500,
};

/**
 * Throws unless the figures make sense together.
 *
 * @throws {@link FbftError} `fbft/invalid-config`.
 */
export function assertValidTiming(timing: Timing): void {
  for (const [option, value] of Object.entries(timing)) {
    if (option === 'viewIds') continue;
    if (!Number.isSafeInteger(value) || value < 0)
      throw new FbftError({
        code: 'fbft/invalid-config',
        option: `timing.${option}`,
        reason: 'must be a non-negative integer',
      });
  }
  for (const option of [
    'phaseTimeoutMs',
    'viewChangeTimeoutMs',
    'viewSlotMs',
    'maxTimeoutMs',
    'resendMs',
    'proposalRetryMs',
  ] as const) {
    if (timing[option] === 0)
      throw new FbftError({
        code: 'fbft/invalid-config',
        option: `timing.${option}`,
        reason: 'must be more than zero',
      });
  }
}

/** What {@link nextView} looks at. */
export interface ViewQuestion {
  readonly headViewId: bigint;
  /** First view of the height. */
  readonly firstViewId: bigint;
  readonly headTimestampMs: number;
  readonly nowMs: number;
  /** View of normal operation. */
  readonly viewId: bigint;
  /** View being changed to, or `viewId`. */
  readonly viewChangingId: bigint;
  /** Lowest view id a chain resumes at after a recovery. @activation recovery release of 2026 */
  readonly floor?: bigint;
}

/** A view to change to, and how long to wait for it. */
export interface ViewAnswer {
  readonly viewId: bigint;
  readonly timeoutMs: number;
}

/**
 * The view id that the clock gives: `head view + 1 + floor((now − head time) / slot) + 1`. If the
 * clock is not past the head's second, one above the one being tried, waiting `d² · timeout` with
 * `d` its distance from the current view.
 *
 * @source harmony/consensus/view_change.go: getNextViewID, fallbackNextViewID
 */
export function nextViewByClock(question: ViewQuestion, timing: Timing): ViewAnswer {
  const { headViewId, headTimestampMs, nowMs, viewId, viewChangingId } = question;
  const base =
    question.floor !== undefined && question.floor > headViewId ? question.floor : headViewId;
  if (nowMs < headTimestampMs + 1000) {
    const next = viewChangingId + 1n;
    const distance = next - viewId < 1n ? 1n : next - viewId;
    const timeout = distance * distance * BigInt(timing.viewChangeTimeoutMs);
    return { viewId: next, timeoutMs: clampMs(timeout, timing.maxTimeoutMs) };
  }
  const slots = BigInt(Math.floor((nowMs - headTimestampMs) / timing.viewSlotMs));
  return { viewId: base + 2n + slots, timeoutMs: timing.viewChangeTimeoutMs };
}

/**
 * The view id by counting: one above the one being tried. The wait grows by one
 * `viewChangeTimeoutMs` for each view tried at this height, up to `maxTimeoutMs`.
 */
export function nextViewByCount(question: ViewQuestion, timing: Timing): ViewAnswer {
  const viewId = question.viewChangingId + 1n;
  return { viewId, timeoutMs: countedTimeout(viewId, question.firstViewId, timing) };
}

/** How long to wait for a counted view. */
export function countedTimeout(viewId: bigint, firstViewId: bigint, timing: Timing): number {
  return timesMs(timing.viewChangeTimeoutMs, viewId - firstViewId, timing.maxTimeoutMs);
}

/** The next view by the rule the timing names, always above the one being tried. */
export function nextView(question: ViewQuestion, timing: Timing): ViewAnswer {
  if (timing.viewIds === 'count') return nextViewByCount(question, timing);
  return nextViewByClock(question, timing);
}

/**
 * Time a height may take in a view before the view is given up. Grows with the views tried when
 * view ids are counted, so that a network slower than one timeout still decides.
 */
export function phaseTimeout(firstViewId: bigint, viewId: bigint, timing: Timing): number {
  if (timing.viewIds === 'clock') return timing.phaseTimeoutMs;
  return timesMs(timing.phaseTimeoutMs, viewId - firstViewId + 1n, timing.maxTimeoutMs);
}

/** A wait that grew, at least once its length and at most `max`. Exact: whatever is not is above `max`. */
function timesMs(wait: number, times: bigint, max: number): number {
  return Math.min(wait * Math.max(1, Number(times)), max);
}

function clampMs(value: bigint, max: number): number {
  return value > BigInt(max) ? max : Number(value);
}

/**
 * The first view of the height above a head.
 *
 * @param decidedInView - View of the COMMITTED message that finished the head, where it is known.
 * @param floor - Lowest view id a chain resumes at after a recovery.
 * @source harmony/consensus/consensus_v2.go: setupForNewConsensus; recovery_view_id.go (2026 releases)
 */
export function firstView(headViewId: bigint, decidedInView?: bigint, floor?: bigint): bigint {
  let last = headViewId;
  if (decidedInView !== undefined && decidedInView > last) last = decidedInView;
  if (floor !== undefined && floor > last) last = floor;
  return last + 1n;
}

/**
 * How long a leader takes late commit votes: until shortly before the next block is due, but at
 * least the grace period.
 *
 * @param dueInMs - Time until the next announcement is due; may be negative.
 * @source harmony/consensus/leader.go: onCommit
 */
export function commitGrace(dueInMs: number, timing: Timing): number {
  return Math.max(timing.gracePeriodMs, dueInMs - timing.graceMarginMs);
}
