/**
 * Staking messages (directives 0 to 4): their exact RLP, and the rules on single fields.
 *
 * Not here: the transaction around a message ({@link StakingTransaction}), the proofs of
 * possession, and every rule that needs a state.
 *
 * @source harmony/staking/types/messages.go; staking/types/validator.go: SanityCheck, EnsureLength
 */
import { bytesToPlainHex, DEC_ONE } from '@polyphony/primitives';
import {
  type CommissionRates,
  DESCRIPTION_FIELDS,
  type Directive,
  type ValidatorDescription,
} from './directive-message.js';
import { ChainError } from './errors.js';
import { textToBytes } from './text.js';

export {
  type CollectRewards,
  type CommissionRates,
  type CreateValidator,
  type Delegate,
  type Directive,
  decodeDirective,
  descriptionRlp,
  directiveNumber,
  directiveSigner,
  type EditValidator,
  encodeDirective,
  ratesRlp,
  readDescription,
  readRates,
  type Undelegate,
  type ValidatorDescription,
} from './directive-message.js';

/** Longest texts of a description, in bytes of UTF-8. */
export const TEXT_LIMITS: { readonly [Field in keyof ValidatorDescription]: number } = {
  name: 140,
  identity: 140,
  website: 140,
  securityContact: 140,
  details: 280,
};

const TEXT_ERRORS: { readonly [Field in keyof ValidatorDescription]: string } = {
  name: 'exceed maximum name length',
  identity: 'exceed Maximum Length identity',
  website: 'exceed Maximum Length website',
  securityContact: 'exceed Maximum Length',
  details: 'exceed Maximum Length for details',
};

/** Most slot keys of one validator. */
export const MAX_SLOT_KEYS = 106;

/** Smallest minimum of a validator's own delegation: 10,000 ONE, in atto. */
export const MIN_SELF_DELEGATION: bigint = 10_000n * 10n ** 18n;

function refuse(reason: string): never {
  throw new ChainError({ code: 'chain/invalid-directive', reason });
}

/** Lengths of a description's texts, in bytes. */
export function descriptionLengths(description: ValidatorDescription): {
  readonly [Field in keyof ValidatorDescription]: number;
} {
  const length = (field: keyof ValidatorDescription): number =>
    textToBytes(description[field], field).length;
  return {
    name: length('name'),
    identity: length('identity'),
    website: length('website'),
    securityContact: length('securityContact'),
    details: length('details'),
  };
}

/**
 * Checks the lengths of a description in bytes: 280 for details, 140 for the others.
 *
 * @throws {@link ChainError} `chain/invalid-directive`; the message begins as the node's does.
 * @source harmony/staking/types/validator.go: EnsureLength
 */
export function assertValidDescription(description: ValidatorDescription): void {
  const lengths = descriptionLengths(description);
  for (const field of DESCRIPTION_FIELDS) {
    const length = lengths[field];
    const limit = TEXT_LIMITS[field];
    if (length > limit) refuse(`${TEXT_ERRORS[field]}: have=${length} maxLen=${limit}`);
  }
}

/** The fields of a validator that have rules of their own, without its delegations. */
export interface ValidatorFields {
  readonly description: ValidatorDescription;
  readonly slotPublicKeys: readonly Uint8Array[];
  readonly minSelfDelegation: bigint;
  readonly maxTotalDelegation: bigint;
  readonly commissionRates: CommissionRates;
}

/**
 * Checks what must hold for the fields of a validator, new or edited, in the node's order.
 *
 * @throws {@link ChainError} `chain/invalid-directive`; the message begins as the node's does.
 * @source harmony/staking/types/validator.go: SanityCheck
 */
export function assertValidValidatorFields(fields: ValidatorFields): void {
  assertValidDescription(fields.description);
  const keys = fields.slotPublicKeys.length;
  if (keys === 0) refuse('need at least one slot key');
  if (keys > MAX_SLOT_KEYS) {
    refuse(`more slot keys provided than allowed: have=${keys} allowed=${MAX_SLOT_KEYS}`);
  }
  if (fields.minSelfDelegation < MIN_SELF_DELEGATION) {
    refuse(
      'min_self_delegation must be greater than or equal to 10,000 ONE: ' +
        `have=${fields.minSelfDelegation}`,
    );
  }
  if (fields.maxTotalDelegation < fields.minSelfDelegation) {
    refuse('max_total_delegation can not be less than min_self_delegation');
  }
  const { rate, maxRate, maxChangeRate } = fields.commissionRates;
  for (const value of [rate, maxRate, maxChangeRate]) {
    if (value < 0n || value > DEC_ONE) {
      refuse('commission rate, change rate and max rate should be a value ranging from 0.0 to 1.0');
    }
  }
  if (rate > maxRate || maxChangeRate > maxRate) {
    refuse('commission rate and change rate can not be larger than max commission rate');
  }
  if (new Set(fields.slotPublicKeys.map(bytesToPlainHex)).size !== keys) {
    refuse('slot keys can not have duplicates');
  }
}

/**
 * Checks what can be said about a message without a state: the fields of a new validator, the
 * number of its key proofs, the texts of an edit and that a new key comes with its proof, and that
 * an undelegated amount is not zero.
 *
 * @throws {@link ChainError} `chain/invalid-directive`; the message begins as the node's does.
 * @source harmony/core/staking_verifier.go; staking/types/validator.go: VerifyBLSKeys
 */
export function assertValidDirective(directive: Directive): void {
  switch (directive.type) {
    case 'create-validator':
      assertValidValidatorFields(directive);
      if (directive.slotPublicKeys.length !== directive.slotKeySignatures.length) {
        refuse('bls keys and corresponding signatures could not be verified');
      }
      return;
    case 'edit-validator':
      assertValidDescription(directive.description);
      if (directive.slotKeyToAdd !== undefined && directive.slotKeyToAddSignature === undefined) {
        refuse('bls keys and corresponding signatures could not be verified');
      }
      return;
    case 'undelegate':
      if (directive.amount === 0n) refuse('invalid amount, must be positive');
      return;
    case 'delegate':
    case 'collect-rewards':
      return;
  }
}
