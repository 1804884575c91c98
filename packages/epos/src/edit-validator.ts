/**
 * Directive 1: a validator changes its description, commission, limits, keys or eligibility.
 *
 * The commission may move by the agreed step against the rate at the start of the epoch. The node
 * takes that rate from the snapshot of the epoch of the parent block, so in the first block of an
 * epoch it is the one of the epoch before (quirk Q4); strict mode takes the block's own epoch.
 *
 * @source harmony/core/staking_verifier.go: VerifyAndEditValidatorFromMsg; staking/types/validator.go:
 * UpdateValidatorFromEditMsg
 */
import type { EditValidator, ValidatorDescription } from '@polyphony/chain';
import { absDec, equalBytes, formatDec, mulIntDec, subDec } from '@polyphony/primitives';
import { changesOf, headEpoch, isStrict, readSnapshot, readWrapper } from './access.js';
import { isPromotionOver, minCommissionRateAt } from './commission.js';
import { REFUSAL_TEXTS, refuse, refuseWith } from './errors.js';
import {
  assertKeyProofs,
  assertNoHarmonyKey,
  assertUniqueRegistration,
  type RegistrationContext,
} from './registration.js';
import type {
  StakingContext,
  StakingView,
  Transition,
  ValidatorStatus,
  ValidatorWrapper,
} from './types.js';
import { assertDescriptionLengths } from './wrapper.js';

function mergeDescription(
  current: ValidatorDescription,
  edit: ValidatorDescription,
): ValidatorDescription {
  return {
    name: edit.name || current.name,
    identity: edit.identity || current.identity,
    website: edit.website || current.website,
    securityContact: edit.securityContact || current.securityContact,
    details: edit.details || current.details,
  };
}

function editKeys(
  current: readonly Uint8Array[],
  edit: EditValidator,
  context: RegistrationContext,
): readonly Uint8Array[] {
  const { slotKeyToRemove: removed, slotKeyToAdd: added } = edit;
  let keys = current;
  if (removed !== undefined) {
    const at = keys.findIndex((key) => equalBytes(key, removed));
    if (at < 0) refuse('epos/slot-key-to-remove-missing');
    keys = keys.filter((_, i) => i !== at);
  }
  if (added === undefined) return keys;
  if (keys.some((key) => equalBytes(key, added))) refuse('epos/slot-key-to-add-exists');
  assertNoHarmonyKey([added], context);
  assertKeyProofs(edit.validatorAddress, [added], [edit.slotKeyToAddSignature], context);
  return [...keys, added];
}

/** Status by the number of a message; the others leave it as it is. */
function editedStatus(current: ValidatorStatus, eligibility: number): ValidatorStatus {
  if (eligibility === 1) return 'active';
  return eligibility === 2 ? 'inactive' : current;
}

/**
 * Applies an edit to a record, without the rules on commission steps and without those of every
 * record: empty texts, zero limits and absent values keep what is there; a key is removed before one
 * is added; the new key comes last.
 *
 * @throws {@link EposError} `epos/address-mismatch`, a text that is too long,
 * `epos/slot-key-to-remove-missing`, `epos/slot-key-to-add-exists`, `epos/duplicate-slot-keys` for
 * one of Harmony's keys, `epos/invalid-key-proofs`, `epos/banned-status`.
 * @source harmony/staking/types/validator.go: UpdateValidatorFromEditMsg
 */
export function applyEdit(
  wrapper: ValidatorWrapper,
  edit: EditValidator,
  context: RegistrationContext,
): ValidatorWrapper {
  if (wrapper.address !== edit.validatorAddress) refuse('epos/address-mismatch');
  const description = mergeDescription(wrapper.description, edit.description);
  assertDescriptionLengths(description);
  const { commission } = wrapper;
  const blsPublicKeys = editKeys(wrapper.blsPublicKeys, edit, context);
  if (wrapper.status === 'banned') refuse('epos/banned-status');
  return {
    ...wrapper,
    description,
    commission: { ...commission, rate: edit.commissionRate ?? commission.rate },
    minSelfDelegation: edit.minSelfDelegation || wrapper.minSelfDelegation,
    maxTotalDelegation: edit.maxTotalDelegation || wrapper.maxTotalDelegation,
    blsPublicKeys,
    status: editedStatus(wrapper.status, edit.eligibility),
  };
}

/**
 * The node prints the raw integer of a hundred times the rate (quirk Q16); strict mode says percent.
 */
function assertMinCommission(view: StakingView, edited: ValidatorWrapper, context: StakingContext) {
  const minimum = minCommissionRateAt(context.network, context.epoch);
  if (edited.commission.rate >= minimum) return;
  const first = view.firstElectionEpochOf(edited.address);
  if (!isPromotionOver(first, context.epoch, context.network.minCommissionPromoPeriod)) return;
  const base = REFUSAL_TEXTS['epos/commission-below-min-rate'];
  const percent = mulIntDec(minimum, 100n);
  const shown = isStrict(context) ? formatDec(percent) : ` ${BigInt.asIntN(64, percent)}`;
  refuseWith('epos/commission-below-min-rate', `${base}${shown}%`);
}

/**
 * Edits a validator.
 *
 * Checked in this order: existence, uniqueness, the edit itself, the highest rate, the lowest rate,
 * the step since the start of the epoch, and the rules of every record. The height of the last change
 * of commission is set when the rate differs from the one at the start of the epoch. The highest rate
 * and the step can never be edited; new keys count from the next election.
 *
 * @throws {@link EposError} a refusal with the node's text.
 * @activation preStaking; the lowest rate from minCommissionRate, raised by hip30
 * @source harmony/core/staking_verifier.go: VerifyAndEditValidatorFromMsg
 */
export function editValidator(
  view: StakingView,
  directive: EditValidator,
  context: RegistrationContext,
): Transition {
  const { validatorAddress: validator, slotKeyToAdd } = directive;
  if (!view.isValidator(validator)) refuse('epos/no-validator');
  const { identity } = directive.description;
  const blsPublicKeys = slotKeyToAdd === undefined ? [] : [slotKeyToAdd];
  assertUniqueRegistration(view, { validator, identity, blsPublicKeys }, context);
  const edited = applyEdit(readWrapper(view, validator, context), directive, context);
  const { rate, maxRate, maxChangeRate } = edited.commission;
  if (rate > maxRate) refuse('epos/commission-above-max-rate');
  assertMinCommission(view, edited, context);
  const before = readSnapshot(view, validator, headEpoch(context)).commission.rate;
  if (absDec(subDec(rate, before)) > maxChangeRate) refuse('epos/commission-change-too-large');
  const updateHeight = rate === before ? edited.commission.updateHeight : context.blockNumber;
  const changes = changesOf(view, context);
  changes.write({ ...edited, commission: { ...edited.commission, updateHeight } });
  return changes.done();
}
