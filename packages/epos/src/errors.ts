/**
 * The error of this package: one class, a closed union of details.
 *
 * A refusal that the deployed node knows carries the node's own text, which ends with the base text
 * of its code; what stands before it names the values. A value of the wrong JavaScript type is a
 * `TypeError` instead.
 *
 * @source harmony/core/state_transition.go, staking_verifier.go; staking/types/validator.go,
 * delegation.go; staking/slash/double-sign.go
 */
import { type Address, ProtocolError } from '@polyphony/primitives';

/** Base texts of the refusals, by code. */
export const REFUSAL_TEXTS = {
  // Records.
  'epos/name-too-long': 'exceed maximum name length',
  'epos/identity-too-long': 'exceed Maximum Length identity',
  'epos/website-too-long': 'exceed Maximum Length website',
  'epos/security-contact-too-long': 'exceed Maximum Length',
  'epos/details-too-long': 'exceed Maximum Length for details',
  'epos/no-slot-key': 'need at least one slot key',
  'epos/too-many-slot-keys': 'more slot keys provided than allowed',
  'epos/min-self-delegation-too-small':
    'min_self_delegation must be greater than or equal to 10,000 ONE',
  'epos/max-total-below-min-self': 'max_total_delegation can not be less than min_self_delegation',
  'epos/rate-out-of-range':
    'commission rate, change rate and max rate should be a value ranging from 0.0 to 1.0',
  'epos/rate-above-max-rate':
    'commission rate and change rate can not be larger than max commission rate',
  'epos/duplicate-slot-keys': 'slot keys can not have duplicates',
  'epos/self-delegation-too-small': 'self delegation can not be less than min_self_delegation',
  'epos/total-delegation-too-large': 'total delegation can not be bigger than max_total_delegation',
  // Directives.
  'epos/negative-amount': 'amount can not be negative',
  'epos/validator-exists': 'staking validator already exists',
  'epos/no-validator': 'staking validator does not exist',
  'epos/identity-taken': 'validator identity exists',
  'epos/bls-key-taken': 'BLS key exists',
  'epos/address-not-in-state': 'address not present in state',
  'epos/insufficient-balance': 'insufficient balance to stake',
  'epos/invalid-key-proofs': 'bls keys and corresponding signatures could not be verified',
  'epos/address-mismatch': 'validator key not match',
  'epos/slot-key-to-remove-missing': 'slot key to remove not found',
  'epos/slot-key-to-add-exists': 'slot key to add already exists',
  'epos/banned-status': 'cannot change validator banned status',
  'epos/commission-above-max-rate':
    'commission rate can not be higher than maximum commission rate',
  'epos/commission-below-min-rate': 'commission rate can not be lower than min rate of ',
  'epos/no-snapshot': 'validator snapshot not found.',
  'epos/commission-change-too-large':
    'change on commission rate can not be more than max change rate within the same epoch',
  'epos/delegation-too-small':
    'minimum delegation amount for a delegator has to be greater than or equal to',
  'epos/delegation-index-out-of-bound': 'Delegation index out of bound',
  'epos/no-delegation': 'no delegation to undelegate',
  'epos/amount-not-positive': 'invalid amount, must be positive',
  'epos/undelegation-too-large': 'insufficient balance to undelegate',
  'epos/no-rewards': 'no rewards to collect',
  'epos/wrapper-address-mismatch': 'validator wrapper address mismatch',
  'epos/foreign-delegation': 'delegation index names a delegation of another account',
  // Slashing.
  'epos/slash-before-staking': 'cannot have slash before staking epoch',
  'epos/slash-already-banned': 'cannot slash on already banned validator',
  'epos/slash-reporter-is-offender': 'reporter and offender cannot be same',
  'epos/slash-key-size': 'bls keys from slash candidate not right side',
  'epos/slash-same-block': 'cannot slash for signing on non-conflicting blocks',
  'epos/slash-no-common-key': 'no matching double sign keys',
  'epos/slash-from-future': 'cannot have slash from future epoch',
  'epos/slash-epoch-mismatch': 'slash evidence epoch does not match block height epoch',
  'epos/slash-no-committee': 'committee of the slash evidence not found',
  'epos/slash-key-not-in-committee': 'double sign key not in the committee',
  'epos/slash-many-signers': 'multiple double signer addresses found',
  'epos/slash-wrong-offender': 'offender address',
  'epos/slash-signers-mismatch': 'slash ballot signer keys do not match double-sign intersection',
  'epos/slash-invalid-signature': 'could not verify bls key signature on slash',
  'epos/invalid-slash-payload': 'invalid beacon slash payload in header',
  'epos/slash-no-snapshot': 'could not find validator',
  'epos/slash-validator-missing': 'validator not found',
  'epos/slash-no-external-stake': 'division by zero',
  'epos/no-compounding': 'rewards can not be staked automatically on this network',
  // Figures.
  'epos/no-time-passed': 'cannot div by zero of diff in time',
  'epos/time-ran-backwards': 'time stamp diff cannot be negative',
  'epos/no-stake-one-epoch-ago': 'zero total delegation one epoch ago',
} as const;

/** Codes of the refusals that the deployed node knows. */
export type RefusalCode = keyof typeof REFUSAL_TEXTS;

/** Details of {@link EposError}. */
export type EposErrorDetails =
  | {
      readonly code: RefusalCode;
      /** The node's text, whole. */
      readonly text: string;
    }
  | { readonly code: 'epos/invalid-encoding'; readonly what: string; readonly reason: string }
  | { readonly code: 'epos/inconsistent-tables'; readonly reason: string }
  | { readonly code: 'epos/out-of-range'; readonly what: string; readonly reason: string }
  | { readonly code: 'epos/no-committee'; readonly epoch: bigint; readonly shardId: number }
  | {
      readonly code: 'epos/negative-balance';
      readonly address: Address;
      readonly balance: bigint;
      readonly delta: bigint;
    };

/** Thrown by every function of this package on bad input. */
export class EposError extends ProtocolError<EposErrorDetails> {
  override readonly name = 'EposError';

  constructor(details: EposErrorDetails, options?: ErrorOptions) {
    super(details, describe(details), options);
  }
}

function describe(details: EposErrorDetails): string {
  switch (details.code) {
    case 'epos/invalid-encoding':
      return `invalid ${details.what}: ${details.reason}`;
    case 'epos/inconsistent-tables':
      return details.reason;
    case 'epos/out-of-range':
      return `${details.what} ${details.reason}`;
    case 'epos/no-committee':
      return `no committee of shard ${details.shardId} in epoch ${details.epoch} is known`;
    case 'epos/negative-balance':
      return `balance ${details.balance} of ${details.address} can not change by ${details.delta}`;
    default:
      return details.text;
  }
}

/**
 * Throws a refusal. With values the text is the values, a colon and the base text of the code, as
 * the node wraps its errors; the texts about lengths say their values at the end instead.
 *
 * @internal
 */
export function refuse(code: RefusalCode, values?: string): never {
  const base: string = REFUSAL_TEXTS[code];
  throw new EposError({ code, text: values === undefined ? base : `${values}: ${base}` });
}

/** Throws a refusal whose text has a form of its own. @internal */
export function refuseWith(code: RefusalCode, text: string): never {
  throw new EposError({ code, text });
}
