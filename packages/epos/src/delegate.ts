/**
 * Directives 2 and 3: staking tokens with a validator, and taking them back.
 *
 * From the activation `redelegation` on, tokens that were undelegated in earlier epochs, with any
 * validator, are staked before the balance is touched; this cannot be declined.
 *
 * @source harmony/core/staking_verifier.go: VerifyAndDelegateFromMsg, VerifyAndUndelegateFromMsg;
 * core/evm.go: DelegateFn, UndelegateFn
 */
import type { Delegate, Log, Undelegate } from '@polyphony/chain';
import { isActive } from '@polyphony/networks';
import {
  type Address,
  ATTO_PER_ONE,
  addressToBytes,
  bigIntToBytes,
  concatBytes,
} from '@polyphony/primitives';
import { type Changes, changesOf } from './access.js';
import { visibleDelegations } from './delegation-index.js';
import { EposError, REFUSAL_TEXTS, refuse, refuseWith } from './errors.js';
import { STAKING_HASHES } from './staking-hashes.js';
import type {
  Delegation,
  StakingContext,
  StakingView,
  Transition,
  Undelegation,
  ValidatorWrapper,
} from './types.js';
import { lockTokens } from './undelegation.js';
import { assertValidWrapper } from './wrapper.js';

/**
 * Smallest amount of one delegation: 1,000 ONE, and 100 ONE from `minDelegation100`, in atto.
 *
 * @source harmony/core/staking_verifier.go: minimumDelegation, minimumDelegationV2
 */
export function minDelegationAt(context: Pick<StakingContext, 'network' | 'epoch'>): bigint {
  const lowered = isActive(context.network, 'minDelegation100', context.epoch);
  return (lowered ? 100n : 1000n) * ATTO_PER_ONE;
}

function replaceDelegation(
  wrapper: ValidatorWrapper,
  index: number,
  delegation: Delegation,
): ValidatorWrapper {
  const delegations = wrapper.delegations.slice();
  delegations[index] = delegation;
  return { ...wrapper, delegations };
}

/** Takes up to `wanted` from the entries of earlier epochs, oldest first. */
function takeLocked(
  entries: readonly Undelegation[],
  epoch: bigint,
  wanted: bigint,
): { readonly taken: bigint; readonly left: readonly Undelegation[] } {
  let taken = 0n;
  let used = 0;
  for (const entry of entries) {
    if (entry.epoch >= epoch) break;
    const missing = wanted - taken;
    if (entry.amount > missing) {
      const rest = { amount: entry.amount - missing, epoch: entry.epoch };
      return { taken: wanted, left: [rest, ...entries.slice(used + 1)] };
    }
    taken += entry.amount;
    used += 1;
  }
  return { taken, left: entries.slice(used) };
}

interface Redelegation {
  /** Used of each validator's locked tokens, in the order of the index. */
  readonly sources: readonly (readonly [Address, bigint])[];
  readonly total: bigint;
}

/** Stakes locked tokens of the delegator and writes the records that they came from. */
function useLocked(
  view: StakingView,
  directive: Delegate,
  context: StakingContext,
  changes: Changes,
): Redelegation {
  const sources: [Address, bigint][] = [];
  let total = 0n;
  if (!isActive(context.network, 'redelegation', context.epoch)) return { sources, total };
  for (const entry of visibleDelegations(view, directive.delegatorAddress, context, changes)) {
    const { validator, index, wrapper, delegation } = entry;
    const wanted = directive.amount - total;
    const { taken, left } = takeLocked(delegation.undelegations, context.epoch, wanted);
    if (taken === 0n) continue;
    changes.write(replaceDelegation(wrapper, index, { ...delegation, undelegations: left }));
    sources.push([validator, taken]);
    total += taken;
  }
  return { sources, total };
}

function addStake(wrapper: ValidatorWrapper, delegator: Address, amount: bigint): ValidatorWrapper {
  const index = wrapper.delegations.findIndex((delegation) => delegation.delegator === delegator);
  const existing = wrapper.delegations[index];
  if (existing !== undefined) {
    const grown = { ...existing, amount: existing.amount + amount };
    return replaceDelegation(wrapper, index, grown);
  }
  const delegation: Delegation = { delegator, amount, reward: 0n, undelegations: [] };
  return { ...wrapper, delegations: [...wrapper.delegations, delegation] };
}

function redelegationLogs(delegator: Address, { sources }: Redelegation): Log[] {
  return [...sources]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([validator, amount]) => ({
      address: delegator,
      topics: [STAKING_HASHES.delegateTopic],
      data: concatBytes(addressToBytes(validator), bigIntToBytes(amount)),
    }));
}

/**
 * Stakes tokens with a validator of any status, out of locked tokens first and of the balance then.
 *
 * Checked in this order: existence, sign, smallest amount, the delegator's index, the rules of every
 * record that gives or takes, the balance.
 *
 * @returns With one log per validator whose locked tokens were used, ascending by address: the
 * delegator's address, the topic, and 20 bytes of the validator with the amount in the fewest bytes.
 * @throws {@link EposError} a refusal with the node's text.
 * @activation redelegation for locked tokens, minDelegation100 for the smaller amount
 * @source harmony/core/staking_verifier.go: VerifyAndDelegateFromMsg
 */
export function delegate(
  view: StakingView,
  directive: Delegate,
  context: StakingContext,
): Transition {
  const { delegatorAddress: delegator, validatorAddress: validator, amount } = directive;
  if (!view.isValidator(validator)) refuse('epos/no-validator');
  if (amount < 0n) refuse('epos/negative-amount');
  const minimum = minDelegationAt(context);
  if (amount < minimum) {
    const base = REFUSAL_TEXTS['epos/delegation-too-small'];
    refuseWith('epos/delegation-too-small', `${base} ${minimum / ATTO_PER_ONE} ONE`);
  }
  const changes = changesOf(view, context);
  const redelegation = useLocked(view, directive, context, changes);
  changes.write(addStake(changes.wrapper(validator), delegator, amount));
  const remaining = amount - redelegation.total;
  const balance = view.balanceOf(delegator);
  if (remaining > 0n && balance < remaining) {
    refuse(
      'epos/insufficient-balance',
      `totalRedelegatable: ${redelegation.total}, balance: ${balance}; trying to stake ${amount}`,
    );
  }
  changes.credit(delegator, -remaining);
  changes.logs.push(...redelegationLogs(delegator, redelegation));
  return changes.done();
}

/**
 * Locks staked tokens. A validator whose own stake falls below its minimum becomes inactive instead
 * of being refused; a banned one stays banned.
 *
 * @throws {@link EposError} `epos/negative-amount`, `epos/no-validator`, `epos/no-delegation`,
 * `epos/amount-not-positive`, `epos/undelegation-too-large`, or a rule of every record.
 * @source harmony/core/staking_verifier.go: VerifyAndUndelegateFromMsg
 */
export function undelegate(
  view: StakingView,
  directive: Undelegate,
  context: StakingContext,
): Transition {
  const { delegatorAddress: delegator, validatorAddress: validator, amount } = directive;
  if (amount < 0n) refuse('epos/negative-amount');
  if (!view.isValidator(validator)) refuse('epos/no-validator');
  const changes = changesOf(view, context);
  const wrapper = changes.wrapper(validator);
  const index = wrapper.delegations.findIndex((delegation) => delegation.delegator === delegator);
  const delegation = wrapper.delegations[index];
  if (delegation === undefined) return refuse('epos/no-delegation');
  const locked = lockTokens(delegation, context.epoch, amount);
  const after = replaceDelegation(wrapper, index, locked);
  changes.write(hasTooLittleOwnStake(after) ? { ...after, status: 'inactive' } : after);
  return changes.done();
}

function hasTooLittleOwnStake(wrapper: ValidatorWrapper): boolean {
  try {
    assertValidWrapper(wrapper);
    return false;
  } catch (error) {
    if (!(error instanceof EposError)) throw error;
    return error.code === 'epos/self-delegation-too-small';
  }
}
