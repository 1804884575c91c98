/**
 * Locked tokens of one delegation: how they come, when they are free, and how they are paid.
 *
 * @source harmony/staking/types/delegation.go: Undelegate, RemoveUnlockedUndelegations;
 * internal/chain/engine.go: GetLockPeriodInEpoch, payoutUndelegations
 */
import { isActive, type Network } from '@polyphony/networks';
import { changesOf, isRepaired, transition } from './access.js';
import { refuse } from './errors.js';
import type {
  Delegation,
  StakingContext,
  StakingView,
  Transition,
  Undelegation,
  ValidatorWrapper,
} from './types.js';

/**
 * Locks a part of a delegation. What was locked in the same epoch grows; entries stay ascending by
 * epoch.
 *
 * @throws {@link EposError} `epos/amount-not-positive`, `epos/undelegation-too-large`.
 * @source harmony/staking/types/delegation.go: Undelegate
 */
export function lockTokens(delegation: Delegation, epoch: bigint, amount: bigint): Delegation {
  if (amount <= 0n) refuse('epos/amount-not-positive');
  if (delegation.amount < amount) refuse('epos/undelegation-too-large');
  const { undelegations } = delegation;
  const at = undelegations.findIndex((entry) => entry.epoch === epoch);
  const entries =
    at < 0
      ? [...undelegations, { amount, epoch }].sort(byEpoch)
      : undelegations.map((entry, i) =>
          i === at ? { amount: entry.amount + amount, epoch } : entry,
        );
  return { ...delegation, amount: delegation.amount - amount, undelegations: entries };
}

function byEpoch(a: Undelegation, b: Undelegation): number {
  return a.epoch < b.epoch ? -1 : a.epoch > b.epoch ? 1 : 0;
}

/**
 * Epochs for which undelegated tokens stay locked: 7, but 0 from `quickUnlock` until `redelegation`.
 *
 * @source harmony/internal/chain/engine.go: GetLockPeriodInEpoch
 */
export function lockPeriodAt(network: Network, epoch: bigint): bigint {
  if (isActive(network, 'redelegation', epoch)) return 7n;
  return isActive(network, 'quickUnlock', epoch) ? 0n : 7n;
}

/** When locked tokens are free, and which of the free ones are paid. */
export interface UnlockRule {
  /** The epoch that ends. */
  readonly epoch: bigint;
  /** Epoch for which the validator was last elected, as of before this epoch's election. */
  readonly lastEpochInCommittee: bigint;
  readonly lockPeriod: bigint;
  /** No early release through a validator that is out of the committee for the lock period. */
  readonly noEarlyUnlock: boolean;
  /** Entries older than the lock period vanish unpaid: they were paid before (quirk Q1). */
  readonly forfeitsOlder: boolean;
}

/** What became of the locked tokens of one delegation. */
export interface Unlocking {
  readonly delegation: Delegation;
  readonly paid: bigint;
  /** Removed without payment. */
  readonly forfeited: bigint;
}

/**
 * Takes the free entries out of a delegation, oldest first, up to the first that is still locked.
 *
 * @source harmony/staking/types/delegation.go: RemoveUnlockedUndelegations
 */
export function unlockTokens(delegation: Delegation, rule: UnlockRule): Unlocking {
  const { epoch, lockPeriod } = rule;
  const early = !rule.noEarlyUnlock && epoch - rule.lastEpochInCommittee >= lockPeriod;
  let paid = 0n;
  let forfeited = 0n;
  let free = 0;
  for (const entry of delegation.undelegations) {
    const age = epoch - entry.epoch;
    if (age < lockPeriod && !early) break;
    if (rule.forfeitsOlder && age > lockPeriod) forfeited += entry.amount;
    else paid += entry.amount;
    free += 1;
  }
  if (free === 0) return { delegation, paid, forfeited };
  const undelegations = delegation.undelegations.slice(free);
  return { delegation: { ...delegation, undelegations }, paid, forfeited };
}

/**
 * Pays all free tokens of all validators, at the last block of an epoch and before the election is
 * applied. From `maxRate` (asked for the next epoch) on, entries older than the lock period are
 * removed unpaid; from `strictStateValidation` on, and always in strict mode, they are paid.
 *
 * The new records are not checked here: whether they are stored is decided by {@link flushWrappers}.
 *
 * @returns Records with an entry less, payments, and in `burned` what was removed unpaid.
 * @throws {@link EposError} `epos/address-not-in-state` for a listed validator without a record.
 * @source harmony/internal/chain/engine.go: payoutUndelegations
 */
export function payoutUndelegations(view: StakingView, context: StakingContext): Transition {
  const { network, epoch } = context;
  const rule = {
    epoch,
    lockPeriod: lockPeriodAt(network, epoch),
    noEarlyUnlock: isActive(network, 'noEarlyUnlock', epoch),
    forfeitsOlder:
      isActive(network, 'maxRate', epoch + 1n) && !isRepaired(context, 'strictStateValidation'),
  };
  const wrappers = new Map<ValidatorWrapper['address'], ValidatorWrapper>();
  const changes = changesOf(view, context);
  let burned = 0n;
  for (const address of view.validators()) {
    const wrapper = changes.wrapper(address);
    if (wrapper.delegations.every(({ undelegations }) => undelegations.length === 0)) continue;
    const { lastEpochInCommittee } = wrapper;
    let changed = false;
    const delegations = wrapper.delegations.map((delegation) => {
      const unlocking = unlockTokens(delegation, { ...rule, lastEpochInCommittee });
      changed ||= unlocking.delegation !== delegation;
      changes.credit(delegation.delegator, unlocking.paid);
      burned += unlocking.forfeited;
      return unlocking.delegation;
    });
    if (changed) wrappers.set(wrapper.address, { ...wrapper, delegations });
  }
  return transition({ wrappers, balances: changes.done().balances, burned });
}
