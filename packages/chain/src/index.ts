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
export { ChainError, type ChainErrorDetails } from './errors.js';
export {
  computeGasLimit,
  computeIntrinsicGas,
  type FeeCollector,
  type FeeSplit,
  type GasBounds,
  gasBoundsAt,
  type IntrinsicGasInput,
  type IntrinsicGasRules,
  intrinsicGasRules,
  splitFee,
} from './gas.js';
export { defaultHasher, type Hasher } from './hasher.js';
export {
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
export { decodeTaggedRlp, encodeTaggedRlp, type TaggedRlp } from './tagged-rlp.js';
export {
  chainIdOfV,
  decodeEthereumTransaction,
  decodeTransaction,
  ETH_COMPATIBLE_CHAIN_ID,
  encodeEthereumTransaction,
  encodeTransaction,
  ethereumTransactionHash,
  isEthCompatibleChainId,
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
