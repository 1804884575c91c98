/**
 * Directive 0: an account becomes a validator and stakes its first own tokens.
 *
 * @source harmony/core/staking_verifier.go: VerifyAndCreateValidatorFromMsg; core/evm.go:
 * CreateValidatorFn
 */
import type { CreateValidator } from '@polyphony/chain';
import { formatOneAddress } from '@polyphony/primitives';
import { changesOf } from './access.js';
import { refuse } from './errors.js';
import {
  assertKeyProofs,
  assertNoHarmonyKey,
  assertUniqueRegistration,
  type RegistrationContext,
} from './registration.js';
import type { StakingView, Transition, ValidatorWrapper } from './types.js';
import { assertDescriptionLengths } from './wrapper.js';

function newWrapper(directive: CreateValidator, blockNumber: bigint): ValidatorWrapper {
  const { validatorAddress, commissionRates, amount } = directive;
  return {
    address: validatorAddress,
    blsPublicKeys: directive.slotPublicKeys,
    lastEpochInCommittee: 0n,
    minSelfDelegation: directive.minSelfDelegation,
    maxTotalDelegation: directive.maxTotalDelegation,
    status: 'active',
    commission: { ...commissionRates, updateHeight: blockNumber },
    description: directive.description,
    creationHeight: blockNumber,
    delegations: [{ delegator: validatorAddress, amount, reward: 0n, undelegations: [] }],
    counters: { toSign: 0n, signed: 0n },
    blockReward: 0n,
  };
}

/**
 * Makes an account a validator: active, never elected, with one delegation of its own. No minimum
 * commission applies yet.
 *
 * Checked in this order: amount, existence, uniqueness, balance, texts, Harmony's keys, proofs, and
 * the rules of every record.
 *
 * @throws {@link EposError} a refusal with the node's text.
 * @activation preStaking; who admits directives asks for it
 * @source harmony/core/staking_verifier.go: VerifyAndCreateValidatorFromMsg
 */
export function createValidator(
  view: StakingView,
  directive: CreateValidator,
  context: RegistrationContext,
): Transition {
  const { validatorAddress: validator, amount, slotPublicKeys, description } = directive;
  if (amount < 0n) refuse('epos/negative-amount');
  if (view.isValidator(validator)) {
    refuse('epos/validator-exists', formatOneAddress(validator));
  }
  const { identity } = description;
  const fields = { validator, identity, blsPublicKeys: slotPublicKeys };
  assertUniqueRegistration(view, fields, context);
  if (view.balanceOf(validator) < amount) refuse('epos/insufficient-balance');
  assertDescriptionLengths(description);
  assertNoHarmonyKey(slotPublicKeys, context);
  assertKeyProofs(validator, slotPublicKeys, directive.slotKeySignatures, context);
  const changes = changesOf(view, context);
  changes.write(newWrapper(directive, context.blockNumber));
  changes.credit(validator, -amount);
  return changes.done({ created: [validator] });
}
