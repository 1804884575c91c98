/** Keys, mnemonics, keystores and transaction signing for Harmony accounts. */
export {
  type Account,
  type AccountOptions,
  accountFromMnemonic,
  accountFromSecretKey,
  type GenerateAccountOptions,
  generateAccount,
} from './account.js';
export {
  type BlsKeyPair,
  type BlsKeys,
  type GenerateBlsKeyOptions,
  generateBlsKey,
  shardOfBlsKey,
} from './bls-key.js';
export {
  type BlsKeyFileContent,
  type BlsKeyFileWarning,
  type ReadBlsKeyFileOptions,
  readBlsKeyFile,
  type WriteBlsKeyFileOptions,
  writeBlsKeyFile,
} from './bls-key-file.js';
export { AccountsError, type AccountsErrorDetails, type SignerKind } from './errors.js';
export {
  accountPath,
  type CoinType,
  type Derivation,
  type DerivationOptions,
  type FindDerivationOptions,
  findDerivation,
  secretKeyFromMnemonic,
} from './hd.js';
export { DEFAULT_SCRYPT_COST, type OnProgress, type ScryptCost } from './kdf.js';
export {
  type DecryptKeystoreOptions,
  decryptKeystore,
  type EncryptKeystoreOptions,
  encryptKeystore,
  type Keystore,
} from './keystore.js';
export {
  decodeSignature,
  encodeSignature,
  hashMessage,
  recoverDigestSigner,
  recoverMessageSigner,
  verifyMessage,
} from './message.js';
export {
  type GenerateMnemonicOptions,
  generateMnemonic,
  isMnemonic,
  mnemonicToSeed,
  parseMnemonic,
} from './mnemonic.js';
export type { RandomBytes } from './secret.js';
export type { SignedStakingResult, SignStakingOptions } from './sign-staking.js';
export type { SignedTransactionResult, SignTransactionOptions } from './sign-transaction.js';
export {
  hashTypedData,
  type TypedData,
  type TypedDataDomain,
  type TypedDataField,
  type TypedDataValue,
  verifyTypedData,
} from './typed-data.js';
