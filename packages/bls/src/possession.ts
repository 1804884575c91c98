/**
 * Proofs that somebody holds the secret of a public key.
 *
 * Aggregate verification over one message is sound only when every key's holder proved possession
 * by signing something about that very key. Three rules exist:
 * - *legacy*: a signature over one constant. The network's rule up to Bloom. **Unsound**: proofs over
 *   one message can be added and subtracted, so a key made from other keys has a valid proof.
 * - *bound*: over the key itself and, if given, the account that registers it. For new networks.
 * - *account-bound*: the network's rule from Bloom on binds the validator's address, but its exact
 *   message is not published; see {@link ACCOUNT_PROOF_FORMS}.
 */
import {
  type Address,
  addressToBytes,
  concatBytes,
  keccak256,
  utf8ToBytes,
} from '@polyphony/primitives';
import type { Bls, BlsSuite } from './bls.js';

/**
 * What every legacy proof signs: Keccak-256 of the ASCII text `harmony-one`, 32 bytes.
 *
 * @source harmony/staking/types/validator.go: VerifyBLSKey, BLSVerificationStr
 */
export function legacyPossessionMessage(): Uint8Array {
  return keccak256(utf8ToBytes('harmony-one'));
}

/**
 * Signs the constant of legacy proofs. Needed to register keys before Bloom; see the header of
 * this file for what it does not protect from.
 *
 * @returns 96 bytes.
 * @throws {@link BlsError} `bls/invalid-length`, `bls/invalid-secret-key`.
 * @source harmony/staking/types/validator.go: VerifyBLSKey
 */
export function proveLegacyPossession(bls: Bls, secretKey: Uint8Array): Uint8Array {
  return bls.sign(legacyPossessionMessage(), secretKey);
}

/**
 * Whether a legacy proof is right. A rogue key passes.
 *
 * @source harmony/staking/types/validator.go: VerifyBLSKey
 */
export function verifyLegacyPossession(
  bls: Bls,
  proof: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  return bls.verify(proof, legacyPossessionMessage(), publicKey);
}

const BOUND_TAG: Uint8Array = utf8ToBytes('polyphony/bls/possession/1');

/**
 * What a bound proof signs. In `ietf` the key, followed by the account if there is one, under the
 * domain tag of proofs: without an account that is the standard's own proof. In `harmony`, which
 * has no domains, Keccak-256 of a tag, the key and the account: 32 bytes.
 *
 * @param publicKey - 48 bytes.
 * @param account - Who registers the key; a proof for one account does not serve another.
 * @source draft-irtf-cfrg-bls-signature-05 section 3.3.2: PopProve, for `ietf` without an account
 */
export function possessionMessage(
  suite: BlsSuite,
  publicKey: Uint8Array,
  account?: Address,
): Uint8Array {
  const claim = concatBytes(
    publicKey,
    account === undefined ? new Uint8Array(0) : addressToBytes(account),
  );
  return suite === 'ietf' ? claim : keccak256(concatBytes(BOUND_TAG, claim));
}

/**
 * Proves possession of a key, bound to the key and optionally to the account that registers it.
 *
 * @returns 96 bytes.
 * @throws {@link BlsError} `bls/invalid-length`, `bls/invalid-secret-key`.
 * @example
 * const proof = provePossession(bls, secretKey, account)
 * verifyPossession(bls, proof, bls.getPublicKey(secretKey), account)  // true
 */
export function provePossession(bls: Bls, secretKey: Uint8Array, account?: Address): Uint8Array {
  const publicKey = bls.getPublicKey(secretKey);
  return bls.signPossession(possessionMessage(bls.suite, publicKey, account), secretKey);
}

/** Whether a bound proof is right for this key and account. */
export function verifyPossession(
  bls: Bls,
  proof: Uint8Array,
  publicKey: Uint8Array,
  account?: Address,
): boolean {
  return bls.verifyPossession(proof, possessionMessage(bls.suite, publicKey, account), publicKey);
}

/**
 * Messages that the network's account-bound proofs may sign, most likely first. The rule is known
 * to bind the validator's address from Bloom on; its bytes were in none of the sources read. A
 * network value should name one of these once a transaction confirms it with
 * {@link identifyAccountProof}.
 *
 * @activation blsProofBind (Bloom)
 * @source harmony-one/harmony pull request 5059; harmony-one/go-sdk pull request 312 (text only)
 */
export const ACCOUNT_PROOF_FORMS = [
  'tag-account',
  'account-tag',
  'tag-key-account',
  'tag-account-key',
  'key-account',
  'account-key',
] as const;

/** One way to lay out the message of an account-bound proof: the parts under Keccak-256, in order. */
export type AccountProofForm = (typeof ACCOUNT_PROOF_FORMS)[number];

/**
 * What an account-bound proof signs in one of the forms: Keccak-256 of the parts the form names,
 * where `tag` is the ASCII text `harmony-one`, `key` the 48 bytes and `account` the 20 bytes.
 *
 * @returns 32 bytes.
 */
export function accountPossessionMessage(
  publicKey: Uint8Array,
  account: Address,
  form: AccountProofForm,
): Uint8Array {
  const parts: Readonly<Record<string, Uint8Array>> = {
    tag: utf8ToBytes('harmony-one'),
    key: publicKey,
    account: addressToBytes(account),
  };
  return keccak256(concatBytes(...form.split('-').map((part) => parts[part]!)));
}

/**
 * Signs an account-bound proof in a form that the caller names.
 *
 * @throws {@link BlsError} `bls/invalid-length`, `bls/invalid-secret-key`.
 * @activation blsProofBind (Bloom)
 */
export function proveAccountPossession(
  bls: Bls,
  secretKey: Uint8Array,
  account: Address,
  form: AccountProofForm,
): Uint8Array {
  const publicKey = bls.getPublicKey(secretKey);
  return bls.sign(accountPossessionMessage(publicKey, account, form), secretKey);
}

/**
 * Whether an account-bound proof in this form is right.
 *
 * @activation blsProofBind (Bloom)
 */
export function verifyAccountPossession(
  bls: Bls,
  proof: Uint8Array,
  publicKey: Uint8Array,
  account: Address,
  form: AccountProofForm,
): boolean {
  return bls.verify(proof, accountPossessionMessage(publicKey, account, form), publicKey);
}

/**
 * The form in which a proof is right, `undefined` for none: what to run over a create-validator
 * transaction of a network whose form is not known.
 */
export function identifyAccountProof(
  bls: Bls,
  proof: Uint8Array,
  publicKey: Uint8Array,
  account: Address,
): AccountProofForm | undefined {
  return ACCOUNT_PROOF_FORMS.find((form) =>
    verifyAccountPossession(bls, proof, publicKey, account, form),
  );
}
