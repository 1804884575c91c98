/**
 * Auto-compounding: rewards of a delegation that are staked again at the end of each epoch, where the
 * network allows it and the delegator has chosen so.
 *
 * The deployed node has nothing like it: rewards lie beside the stake until they are collected and
 * delegated again. Choices are a table beside the records; who keeps it is decided elsewhere.
 */
import {
  type Address,
  addressToBytes,
  bytesToHex,
  concatBytes,
  type Hash,
  keccak256,
  utf8ToBytes,
} from '@polyphony/primitives';
import { readWrapper, transition } from './access.js';
import { refuse } from './errors.js';
import type {
  Delegation,
  StakingContext,
  StakingView,
  Transition,
  ValidatorWrapper,
} from './types.js';
import { totalDelegation } from './wrapper.js';

/** By delegator, the validators with whom its rewards are staked again. */
export type CompoundingChoices = ReadonlyMap<Address, ReadonlySet<Address>>;

/** A delegator's choice for one of its delegations. */
export interface CompoundingChoice {
  readonly delegator: Address;
  readonly validator: Address;
  readonly compounds: boolean;
}

/**
 * The place in the storage of the delegator's account that holds its choice: 1 when rewards are staked
 * again, empty otherwise. So a state root covers the choices.
 */
export function compoundingPlace(validator: Address): Hash {
  const label = utf8ToBytes('Polyphony/AutoCompound/v1');
  return bytesToHex(keccak256(concatBytes(label, addressToBytes(validator))));
}

/**
 * The choices after one more. Taking a choice back is always allowed.
 *
 * @throws {@link EposError} `epos/no-compounding` where the network does not offer it,
 * `epos/no-validator`, `epos/no-delegation`.
 */
export function chooseCompounding(
  view: StakingView,
  choices: CompoundingChoices,
  { delegator, validator, compounds }: CompoundingChoice,
  context: StakingContext,
): CompoundingChoices {
  if (compounds) {
    if (context.network.economy?.autoCompounding !== true) refuse('epos/no-compounding');
    if (!view.isValidator(validator)) refuse('epos/no-validator');
    const { delegations } = readWrapper(view, validator, context);
    if (!delegations.some((share) => share.delegator === delegator)) refuse('epos/no-delegation');
  }
  const chosen = new Set(choices.get(delegator));
  if (compounds) chosen.add(validator);
  else chosen.delete(validator);
  const after = new Map(choices);
  if (chosen.size === 0) after.delete(delegator);
  else after.set(delegator, chosen);
  return after;
}

/**
 * Stakes the rewards of all delegations for which that was chosen, at the last block of an epoch and
 * after its rewards. Nothing is created or lost: the reward of a delegation becomes stake of the same
 * delegation. It counts from the next snapshot on.
 *
 * What would take a validator above its largest total stays a reward; delegations are served in their
 * order. With a banned validator nothing is staked.
 *
 * @throws {@link EposError} `epos/address-not-in-state`.
 */
export function compoundRewards(
  view: StakingView,
  choices: CompoundingChoices,
  context: StakingContext,
): Transition {
  const wrappers = new Map<Address, ValidatorWrapper>();
  if (context.network.economy?.autoCompounding !== true || choices.size === 0) {
    return transition({});
  }
  for (const validator of view.validators()) {
    const wrapper = readWrapper(view, validator, context);
    if (wrapper.status === 'banned') continue;
    let room = wrapper.maxTotalDelegation - totalDelegation(wrapper);
    let changed = false;
    const delegations = wrapper.delegations.map((share): Delegation => {
      const { delegator, amount, reward } = share;
      if (reward === 0n || room <= 0n || !choices.get(delegator)?.has(validator)) return share;
      const fits = reward <= room;
      const staked = fits ? reward : room;
      room -= staked;
      changed = true;
      return { ...share, amount: amount + staked, reward: reward - staked };
    });
    if (changed) wrappers.set(validator, { ...wrapper, delegations });
  }
  return transition({ wrappers });
}
