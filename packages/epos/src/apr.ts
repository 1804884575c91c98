/**
 * Yearly returns of a validator, before its commission.
 *
 * Not consensus: the node stores them for its clients.
 *
 * @source harmony/staking/apr/compute.go; core/blockchain_impl.go: ComputeAndUpdateAPR
 */
import {
  addDec,
  DEC_ONE,
  DEC_ZERO,
  type Dec,
  decFromBigInt,
  mulDec,
  quoDec,
  quoIntDec,
  subDec,
} from '@polyphony/primitives';
import { refuse } from './errors.js';
import { JULIAN_YEAR_SECONDS } from './issuance.js';

/** What a validator brought in since the start of an epoch. */
export interface EarningPeriod {
  /** By how much its block reward grew since the epoch's snapshot, atto. */
  readonly reward: bigint;
  /** From the last block of the epoch before to now. */
  readonly seconds: bigint;
  /** Stake of the snapshot, atto. */
  readonly stake: bigint;
}

/**
 * What a year would bring at this pace, in atto: whole atto per second times 365.25 days.
 *
 * @throws {@link EposError} `epos/no-time-passed`, `epos/time-ran-backwards`.
 * @source harmony/staking/apr/compute.go: expectedRewardPerYear
 */
export function expectedYearlyReward({
  reward,
  seconds,
}: Pick<EarningPeriod, 'reward' | 'seconds'>): bigint {
  if (seconds < 0n) refuse('epos/time-ran-backwards');
  if (seconds === 0n) refuse('epos/no-time-passed');
  return (reward / seconds) * JULIAN_YEAR_SECONDS;
}

/**
 * The yearly return on the stake; 0 when less than an atto per second was earned.
 *
 * @throws {@link EposError} `epos/no-time-passed`, `epos/time-ran-backwards`,
 * `epos/no-stake-one-epoch-ago`.
 * @source harmony/staking/apr/compute.go: ComputeForValidator
 */
export function computeApr(period: EarningPeriod): Dec {
  const yearly = expectedYearlyReward(period);
  if (yearly === 0n) return DEC_ZERO;
  if (period.stake === 0n) refuse('epos/no-stake-one-epoch-ago');
  return quoDec(decFromBigInt(yearly), decFromBigInt(period.stake));
}

/** The return of one epoch. */
export interface AprEntry {
  readonly epoch: bigint;
  readonly apr: Dec;
}

/** Entries after which the oldest is dropped; one more remains. */
const APR_HISTORY = 30;

/**
 * A history with one more entry; an epoch that is there already is not entered again. The oldest goes
 * when there were more than 30 before, so 31 remain.
 *
 * @source harmony/core/blockchain_impl.go: ComputeAndUpdateAPR
 */
export function appendApr(history: readonly AprEntry[], entry: AprEntry): readonly AprEntry[] {
  const known = history.at(-1)?.epoch === entry.epoch;
  const longer = known ? history : [...history, entry];
  return history.length > APR_HISTORY ? longer.slice(1) : longer;
}

/**
 * The mean of a history, which the staking dashboard calls the expected return; 0 for an empty one.
 *
 * @param commission - Taken off, for a delegator's own figure; nothing by default.
 */
export function expectedReturn(history: readonly AprEntry[], commission: Dec = DEC_ZERO): Dec {
  if (history.length === 0) return DEC_ZERO;
  const sum = history.reduce((total, { apr }) => addDec(total, apr), DEC_ZERO);
  const mean = quoIntDec(sum, BigInt(history.length));
  return commission === DEC_ZERO ? mean : mulDec(mean, subDec(DEC_ONE, commission));
}
