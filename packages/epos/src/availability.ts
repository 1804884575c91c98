/**
 * Who signed enough: the measure over an epoch, and what follows for a validator that did not.
 *
 * A validator's keys are measured together. Counting who signed which block belongs to the rewards.
 *
 * @source harmony/staking/availability/measure.go
 */
import { isActive, type Network } from '@polyphony/networks';
import { type Address, DEC_ZERO, type Dec, decFromBigInt, quoDec } from '@polyphony/primitives';
import { type ShardState, TWO_THIRDS } from '@polyphony/sharding';
import { headEpoch, readSnapshot, readWrapper, transition } from './access.js';
import { stakedValidators } from './staked-validators.js';
import type {
  SigningCounters,
  StakingContext,
  StakingView,
  Transition,
  ValidatorWrapper,
} from './types.js';

/** How well a validator signed. */
export interface SigningAssessment {
  /** Part of the blocks that were signed, 0 to 1; 0 when there were none to sign. */
  readonly percentage: Dec;
  /** Two thirds or less. */
  readonly isBelowThreshold: boolean;
}

/**
 * What was to be signed and was signed since a snapshot.
 *
 * @source harmony/staking/availability/measure.go: ComputeCurrentSigning
 */
export function signingWindow(now: SigningCounters, then: SigningCounters): SigningCounters {
  return { toSign: now.toSign - then.toSign, signed: now.signed - then.signed };
}

/**
 * Whether having had nothing to sign is enough: from HIP-32 on, asked for the snapshot's epoch.
 *
 * @source harmony/staking/availability/measure.go: ComputeCurrentSigning
 */
export function idleCounts(network: Network, epoch: bigint): boolean {
  return isActive(network, 'hip32', epoch);
}

/**
 * How well a validator signed. Exactly two thirds, with the node's rounding, is not enough.
 *
 * @param window - Counters of the epoch alone: see {@link signingWindow}.
 * @param idleIsEnough - See {@link idleCounts}.
 * @source harmony/staking/availability/measure.go: ComputeCurrentSigning, IsBelowSigningThreshold
 * @example assessSigning({ toSign: 3n, signed: 2n }, true).isBelowThreshold  // true
 */
export function assessSigning(window: SigningCounters, idleIsEnough: boolean): SigningAssessment {
  const { toSign, signed } = window;
  if (toSign === 0n) return { percentage: DEC_ZERO, isBelowThreshold: !idleIsEnough };
  const percentage = quoDec(decFromBigInt(signed), decFromBigInt(toSign));
  return { percentage, isBelowThreshold: percentage <= TWO_THIRDS };
}

/**
 * How well a validator signed since the start of the epoch.
 *
 * The snapshot is that of the parent block's epoch.
 *
 * @throws {@link EposError} `epos/no-snapshot`.
 * @source harmony/staking/availability/measure.go: ComputeAndMutateEPOSStatus
 */
export function signingOf(
  view: StakingView,
  wrapper: ValidatorWrapper,
  context: StakingContext,
): SigningAssessment & SigningCounters {
  const epoch = headEpoch(context);
  const snapshot = readSnapshot(view, wrapper.address, epoch);
  const window = signingWindow(wrapper.counters, snapshot.counters);
  return { ...window, ...assessSigning(window, idleCounts(context.network, epoch)) };
}

/**
 * Makes members of the ending epoch's committees inactive that did not sign enough, at the last block
 * of the epoch, after the election was applied and before the block's rewards are counted. Nobody
 * becomes active here: that takes an edit. A banned validator stays banned.
 *
 * @param current - The committees of the epoch that ends.
 * @throws {@link EposError} `epos/address-not-in-state`, `epos/no-snapshot`.
 * @source harmony/internal/chain/engine.go: Finalize; staking/availability/measure.go:
 * ComputeAndMutateEPOSStatus
 */
export function markAvailability(
  view: StakingView,
  current: ShardState,
  context: StakingContext,
): Transition {
  const wrappers = new Map<Address, ValidatorWrapper>();
  for (const address of stakedValidators(current)) {
    const wrapper = readWrapper(view, address, context);
    if (wrapper.status === 'banned' || wrapper.status === 'inactive') continue;
    if (!signingOf(view, wrapper, context).isBelowThreshold) continue;
    wrappers.set(wrapper.address, { ...wrapper, status: 'inactive' });
  }
  return transition({ wrappers });
}
