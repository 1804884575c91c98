/**
 * Times of headers: how late a header may be dated, and how a proposer dates one.
 *
 * Before `timestampValidation` the network checked no time. Times of headers are whole seconds since
 * 1970; clocks are milliseconds and are cut to seconds. Not here: that a header is later than its
 * parent, which who checks a header says in its own words.
 *
 * @source harmony/internal/chain/engine.go: VerifyHeader; harmony/consensus/proposer.go:
 * computeProposalTiming (2026 releases)
 */
import { isActive, type Network } from '@polyphony/networks';
import type { Header } from './header.js';

/** Seconds by which a header may be ahead of the verifier's clock. */
const MAX_CLOCK_LEAD = 15n;
/** Seconds after its parent that a header may state whatever the clock says. */
const MAX_STEP = 12n;
/** Seconds since the parent up to which a proposer takes its own clock for wrong. One slot of a view change. */
const MAX_SKEW = 45n;
/** Milliseconds that a proposer waits for its parent's time to pass. */
const MAX_WAIT_MS = 17_000;

function secondsOf(nowMs: number): bigint {
  return BigInt(Math.floor(nowMs / 1000));
}

/**
 * The latest time a header may state, in seconds: 15 after the clock, and not after the clock at all
 * when that is more than 12 after the parent. A later look at the clock may lift it: nobody is to be
 * blamed for a header above it.
 *
 * @param nowMs - The verifier's clock.
 * @param parentTimestamp - In seconds. Left out: only the first bound.
 * @source harmony/internal/chain/engine.go: VerifyHeader
 * @activation timestampValidation, asked for the header's epoch by the caller
 * @example latestHeaderTime(1_000_000, 1000n)  // 1012n
 */
export function latestHeaderTime(nowMs: number, parentTimestamp?: bigint): bigint {
  const now = secondsOf(nowMs);
  const lead = now + MAX_CLOCK_LEAD;
  if (parentTimestamp === undefined) return lead;
  const step = parentTimestamp + MAX_STEP;
  const latest = step > now ? step : now;
  return latest < lead ? latest : lead;
}

/** What a proposer does now. */
export type ProposalTime =
  /** Propose with this time, in seconds. */
  | { readonly action: 'propose'; readonly timestamp: bigint }
  /** Ask again after so long: the parent's second has not passed. */
  | { readonly action: 'wait'; readonly waitMs: number }
  /** The parent is dated too far ahead to wait for it: propose nothing in this round. */
  | { readonly action: 'give-up' };

/**
 * When to propose on a parent, and with which time, so that validators with right clocks accept it. By
 * the seconds from the parent to the clock:
 *
 * | seconds | answer |
 * | --- | --- |
 * | 0 or less | wait for the second after the parent; give up if that is more than 17 seconds away |
 * | 1 to 12 | propose by the clock |
 * | 13 to 45 | propose 12 seconds after the parent: the clock may be wrong |
 * | more | propose by the clock: the chain has stood still |
 *
 * Before the activation: wait without a bound, or propose by the clock.
 *
 * @param nowMs - The proposer's clock.
 * @source harmony/consensus/proposer.go: computeProposalTiming
 * @activation timestampValidation, asked for the parent's epoch: the first block of the epoch in which
 * it begins is dated by the old rule
 */
export function proposalTime(
  parent: Pick<Header, 'timestamp' | 'epoch'>,
  network: Network,
  nowMs: number,
): ProposalTime {
  const active = isActive(network, 'timestampValidation', parent.epoch);
  const now = secondsOf(nowMs);
  const since = now - parent.timestamp;
  if (since <= 0n) {
    const waitMs = Number(parent.timestamp + 1n) * 1000 - nowMs;
    return active && waitMs > MAX_WAIT_MS ? { action: 'give-up' } : { action: 'wait', waitMs };
  }
  const held = active && since > MAX_STEP && since <= MAX_SKEW;
  return { action: 'propose', timestamp: held ? parent.timestamp + MAX_STEP : now };
}
