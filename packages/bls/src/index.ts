/** BLS12-381 multi-signatures in the Harmony and the IETF ciphersuites over exchangeable engines, and the signer bitmap. */
export type { Backend, SigningDomain, SubgroupProofs } from './backend.js';
export {
  type BatchEntry,
  type Bls,
  type BlsOptions,
  type BlsSuite,
  type IdentityRule,
  PUBLIC_KEY_LENGTH,
  SECRET_KEY_LENGTH,
  SIGNATURE_LENGTH,
  WEIGHT_LENGTH,
} from './bls.js';
export { createBls } from './create-bls.js';
export { BlsError, type BlsErrorDetails, type BlsValue } from './errors.js';
export { harmonyBls } from './harmony.js';
export { ietfBls } from './ietf.js';
export { IETF_MESSAGE_TAG, IETF_POSSESSION_TAG } from './ietf-tags.js';
export {
  ACCOUNT_PROOF_FORMS,
  type AccountProofForm,
  accountPossessionMessage,
  identifyAccountProof,
  legacyPossessionMessage,
  possessionMessage,
  proveAccountPossession,
  proveLegacyPossession,
  provePossession,
  verifyAccountPossession,
  verifyLegacyPossession,
  verifyPossession,
} from './possession.js';
export { type FillRandom, generateSecretKey } from './secret-key.js';
export {
  blsAddress,
  parsePublicKey,
  parseSecretKey,
  parseSignature,
  shardOfBlsKey,
} from './text.js';
