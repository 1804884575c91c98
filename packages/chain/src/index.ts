/** Everything a Harmony shard hashes, signs or stores. */
export {
  type Block,
  type Body,
  type BodyLists,
  type BodyVersion,
  bodyOf,
  bodyVersionOf,
  computeBlockHash,
  decodeBlock,
  decodeBody,
  decodeSealedBlock,
  encodeBlock,
  encodeBody,
  encodeSealedBlock,
  incomingReceiptsRoot,
  type SealedBlock,
  transactionsRoot,
} from './block.js';
export { BLOOM_BYTES, type BloomLog, bloomMayContain, computeBloom, mergeBlooms } from './bloom.js';
export {
  assertValidDescription,
  assertValidDirective,
  assertValidValidatorFields,
  type CollectRewards,
  type CommissionRates,
  type CreateValidator,
  type Delegate,
  type Directive,
  decodeDirective,
  directiveNumber,
  directiveSigner,
  type EditValidator,
  encodeDirective,
  MAX_SLOT_KEYS,
  MIN_SELF_DELEGATION,
  type Undelegate,
  type ValidatorDescription,
  type ValidatorFields,
} from './directive.js';
export { ChainError, type ChainErrorDetails } from './errors.js';
export {
  computeGasLimit,
  computeIntrinsicGas,
  type FeeSplit,
  type GasBounds,
  gasBoundsAt,
  type IntrinsicGasInput,
  type IntrinsicGasRules,
  intrinsicGasRules,
  splitFee,
} from './gas.js';
export {
  computeGenesisStateRoot,
  type GenesisOptions,
  genesisBlock,
  genesisHeader,
} from './genesis.js';
export { defaultHasher, type Hasher } from './hasher.js';
export {
  coinbaseOfBlsKey,
  computeHeaderHash,
  decodeHeader,
  emptyHeader,
  encodeHeader,
  type Header,
  type HeaderVersion,
  headerVersionAt,
  ZERO_HASH,
} from './header.js';
export { computeListRoot, listKey } from './list-root.js';
export {
  decodeReceipt,
  decodeStoredReceipt,
  encodeReceipt,
  encodeStoredReceipt,
  type Log,
  type Receipt,
  type ReceiptStatus,
  receiptsRoot,
  type StoredLog,
  type StoredReceipt,
} from './receipt.js';
export {
  type AccountEntry,
  type AccountRecord,
  computeAccountRoot,
  computeSecureRoot,
  computeStorageRoot,
  decodeAccount,
  EMPTY_CODE_HASH,
  encodeAccount,
} from './secure-root.js';
export {
  assertStakingSigner,
  decodeStakingTransaction,
  encodeStakingTransaction,
  type RecoverStakingSenderOptions,
  recoverStakingSender,
  type SignedStakingTransaction,
  type StakingTransaction,
  stakingSigningDigest,
  stakingTransactionHash,
  withStakingSignature,
} from './staking-transaction.js';
export { decodeTaggedRlp, encodeTaggedRlp, type TaggedRlp } from './tagged-rlp.js';
export {
  chainIdOfV,
  decodeEthereumTransaction,
  decodeTransaction,
  encodeEthereumTransaction,
  encodeTransaction,
  ethereumTransactionHash,
  type RecoverSenderOptions,
  type RecoverSignerOptions,
  recoverSender,
  recoverSigner,
  type SignedTransaction,
  type SigningForm,
  signingDigest,
  signingFormOf,
  type Transaction,
  transactionHash,
  transactionHashByType,
  withSignature,
} from './transaction.js';
export { EMPTY_ROOT } from './trie-root.js';
