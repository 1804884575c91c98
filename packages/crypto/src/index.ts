/** secp256k1 and keccak behind one exchangeable engine. */
export { addressOfPublicKey, compressPublicKey, recoverAddress } from './address.js';
export { SECP256K1_ORDER } from './checks.js';
export type { Engine, RecoverableSignature, Signature, SignatureOptions } from './engine.js';
export { CryptoError, type CryptoErrorDetails } from './errors.js';
export { nobleEngine } from './noble.js';
