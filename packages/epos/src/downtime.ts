/**
 * The fine for hardly signing at all.
 *
 * It is in force on no public network. Missing the threshold of `availability.ts` costs nothing but the
 * place in the next committee; this is a small part of the own stake, and delegators lose nothing.
 *
 * @source harmony/staking/availability/downtime.go (2026)
 */
import {
  DEC_ONE,
  type Dec,
  decFromBigInt,
  decFromBigIntWithPrecision,
  quoDec,
} from '@polyphony/primitives';
import type { ShardState } from '@polyphony/sharding';
import { changesOf, readWrapper } from './access.js';
import { signingOf } from './availability.js';
import { slashShare } from './slash.js';
import { stakedValidators } from './staked-validators.js';
import type { StakingContext, StakingView, Transition } from './types.js';
import { isValidWrapper } from './wrapper.js';

const THIRD: Dec = quoDec(DEC_ONE, decFromBigInt(3n));
const FINE: Dec = decFromBigIntWithPrecision(1n, 3);

/**
 * Burns a thousandth of the own stake of every member of the ending epoch's committees that signed a
 * third of its blocks or less, at the last block of an epoch, after `markAvailability`. Banned
 * validators and those with nothing to sign pay nothing, and neither does one whose record would break
 * a rule.
 *
 * @param current - The committees of the epoch that ends.
 * @throws {@link EposError} `epos/address-not-in-state`, `epos/no-snapshot`.
 * @activation downtimeSlash
 * @source harmony/staking/availability/downtime.go
 */
export function fineDowntime(
  view: StakingView,
  current: ShardState,
  context: StakingContext,
): Transition {
  const changes = changesOf(view, context);
  let burned = 0n;
  for (const address of stakedValidators(current)) {
    const wrapper = readWrapper(view, address, context);
    const [own, ...others] = wrapper.delegations;
    if (wrapper.status === 'banned' || own === undefined) continue;
    const { toSign, percentage, isBelowThreshold } = signingOf(view, wrapper, context);
    if (!isBelowThreshold || toSign === 0n || percentage > THIRD) continue;
    const fine = slashShare(own.amount, FINE);
    const delegations = [{ ...own, amount: own.amount - fine }, ...others];
    const status = wrapper.status === 'active' ? 'inactive' : wrapper.status;
    const fined = { ...wrapper, status, delegations } as const;
    if (!isValidWrapper(fined)) continue;
    changes.write(fined);
    burned += fine;
  }
  return changes.done({ burned });
}
