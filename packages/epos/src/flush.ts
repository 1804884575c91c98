/**
 * Which changed records reach the state.
 *
 * The node keeps changed records aside and stores them after each transaction and at the end of the
 * block. One that breaks a rule then is not stored, while the balances that moved with it stay as
 * they are (quirk Q1): a validator whose commission was forced above its highest rate had its
 * undelegations paid at the end of every epoch, and its counters stood still. From
 * `strictStateValidation` on, and always in strict mode, every record is stored.
 *
 * @source harmony/core/state/statedb.go: Finalise
 */
import type { Address } from '@polyphony/primitives';
import { isRepaired } from './access.js';
import type { StakingContext, StakingView, Transition, ValidatorWrapper } from './types.js';
import { isValidWrapper, totalHoldings } from './wrapper.js';

/** What became of changed records. */
export interface Flush {
  readonly stored: ReadonlyMap<Address, ValidatorWrapper>;
  /** Those whose change is lost, ascending by the order in which they were changed. */
  readonly dropped: readonly Address[];
  /**
   * By how much the records that stay hold more than the lost ones: tokens that were paid and are
   * still there. Negative when what they were to receive is lost.
   */
  readonly duplicated: bigint;
}

/**
 * Decides which changed records are stored.
 *
 * @param view - The state that the records were changed from.
 * @source harmony/core/state/statedb.go: Finalise
 */
export function flushWrappers(
  view: StakingView,
  changed: Transition['wrappers'],
  context: StakingContext,
): Flush {
  if (isRepaired(context, 'strictStateValidation')) {
    return { stored: changed, dropped: [], duplicated: 0n };
  }
  const stored = new Map<Address, ValidatorWrapper>();
  const dropped: Address[] = [];
  let duplicated = 0n;
  for (const [address, wrapper] of changed) {
    if (isValidWrapper(wrapper)) {
      stored.set(address, wrapper);
      continue;
    }
    dropped.push(address);
    const before = view.wrapperOf(address);
    duplicated += (before === undefined ? 0n : totalHoldings(before)) - totalHoldings(wrapper);
  }
  return { stored, dropped, duplicated };
}
