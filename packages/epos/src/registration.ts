/**
 * What makes a validator's keys and identity its own: no other validator has them, they are none of
 * Harmony's, and each key comes with a proof that its secret is known.
 *
 * Only registered validators are asked, elected or not. What a proof signs is decided by the
 * function that the caller gives.
 *
 * @source harmony/core/staking_verifier.go: checkDuplicateFields; staking/types/validator.go:
 * VerifyBLSKeys, matchesHarmonyBLSKey
 */
import type { GenesisAccounts } from '@polyphony/networks';
import { type Address, bytesToPlainHex } from '@polyphony/primitives';
import { isRepaired, readWrapper } from './access.js';
import { refuse } from './errors.js';
import type { StakingContext, StakingView } from './types.js';

/**
 * Answers whether a proof of possession is right. Before `blsProofBind` it signs one constant; from
 * then on it is bound to the validator's address.
 *
 * @param publicKey - 48 bytes.
 * @param proof - 96 bytes.
 */
export type VerifyKeyProof = (
  publicKey: Uint8Array,
  proof: Uint8Array,
  validator: Address,
) => boolean;

/** What creating and editing a validator need besides the view. */
export interface RegistrationContext extends StakingContext {
  /** Keys of Harmony's own accounts in the block's epoch: see {@link harmonyKeysAt}. */
  readonly harmonyKeys: ReadonlySet<string>;
  readonly verifyKeyProof: VerifyKeyProof;
}

/**
 * Keys of all of Harmony's accounts in an epoch, whether they have a slot or not, as plain lower-case
 * hex.
 *
 * @source harmony/shard/committee; internal/configs/sharding/instance.go: HmyAccounts
 */
export function harmonyKeysAt(accounts: GenesisAccounts, epoch: bigint): ReadonlySet<string> {
  return new Set(accounts.harmonyAccountsAt(epoch).map((account) => account.blsPublicKey.slice(2)));
}

/** A registration as far as it must be unique. */
export interface RegistrationFields {
  readonly validator: Address;
  /** Empty: not asked. */
  readonly identity: string;
  /** Keys to be registered, 48 bytes each. */
  readonly blsPublicKeys: readonly Uint8Array[];
}

/**
 * Checks that no other validator has the identity or one of the keys, in the order of the list.
 *
 * The list has the validators of earlier blocks, so two validators of one block may share a key until
 * `blsProofBind`, when those created earlier in the block are asked too.
 *
 * @throws {@link EposError} `epos/identity-taken`, `epos/bls-key-taken`, `epos/address-not-in-state`
 * for a listed validator without a record.
 * @source harmony/core/staking_verifier.go: checkDuplicateFields
 */
export function assertUniqueRegistration(
  view: StakingView,
  fields: RegistrationFields,
  context: StakingContext,
): void {
  const { identity } = fields;
  const keys = new Set(fields.blsPublicKeys.map(bytesToPlainHex));
  const asksNothing = identity === '' && keys.size === 0;
  if (asksNothing && isRepaired(context, 'strictStateValidation')) return;
  const others = isRepaired(context, 'blsProofBind')
    ? [...view.validators(), ...view.createdInBlock()]
    : view.validators();
  for (const address of others) {
    if (address === fields.validator) continue;
    const other = readWrapper(view, address, context);
    if (identity !== '' && other.description.identity === identity) {
      refuse('epos/identity-taken', `duplicate identity ${identity}`);
    }
    if (keys.size === 0) continue;
    const taken = other.blsPublicKeys.map(bytesToPlainHex).find((key) => keys.has(key));
    if (taken !== undefined) refuse('epos/bls-key-taken', `duplicate bls key ${taken}`);
  }
}

/** Checks that none of the keys is one of Harmony's. */
export function assertNoHarmonyKey(
  blsPublicKeys: readonly Uint8Array[],
  context: RegistrationContext,
): void {
  for (const key of blsPublicKeys) {
    const hex = bytesToPlainHex(key);
    if (context.harmonyKeys.has(hex)) {
      refuse('epos/duplicate-slot-keys', `slot key ${hex} conflicts with internal keys`);
    }
  }
}

/** Checks that there is one right proof for each key, in the keys' order. */
export function assertKeyProofs(
  validator: Address,
  blsPublicKeys: readonly Uint8Array[],
  proofs: readonly (Uint8Array | undefined)[],
  context: RegistrationContext,
): void {
  if (blsPublicKeys.length !== proofs.length) refuse('epos/invalid-key-proofs');
  blsPublicKeys.forEach((key, i) => {
    const proof = proofs[i];
    if (proof === undefined || !context.verifyKeyProof(key, proof, validator)) {
      refuse('epos/invalid-key-proofs');
    }
  });
}
