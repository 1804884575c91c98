/** A typed JSON-RPC client for Harmony nodes with lossless numbers. */
export type { RpcBlock, RpcHeader } from './block.js';
export type { BlockTag } from './block-tag.js';
export {
  type CallOptions,
  createRpc,
  type RequestOptions,
  type Rpc,
  type RpcNamespace,
  type RpcOptions,
  request,
} from './client.js';
export { type NodeAnswer, type NodeErrorCode, RpcError, type RpcErrorDetails } from './errors.js';
export {
  formatJson,
  isJsonObject,
  type JsonInput,
  type JsonLimits,
  type JsonObject,
  type JsonValue,
  parseJson,
} from './json.js';
export { assertNetwork } from './methods/assert-network.js';
export { getBlockNumber } from './methods/block-number.js';
export { getChainId, getEthereumChainId } from './methods/chain-id.js';
export { getGasPrice } from './methods/gas-price.js';
export { type GetBalanceOptions, getBalance } from './methods/get-balance.js';
export {
  type BlockContentOptions,
  type GetBlockByHashOptions,
  type GetBlockByNumberOptions,
  getBlockByHash,
  getBlockByNumber,
} from './methods/get-block.js';
export {
  getNodeMetadata,
  type RpcConsensusMetadata,
  type RpcNodeMetadata,
} from './methods/get-node-metadata.js';
export { getShardId } from './methods/get-shard-id.js';
export {
  type GetTransactionByHashOptions,
  getTransactionByHash,
} from './methods/get-transaction-by-hash.js';
export {
  type GetTransactionCountOptions,
  getTransactionCount,
} from './methods/get-transaction-count.js';
export {
  type GetTransactionErrorOptions,
  getTransactionError,
} from './methods/get-transaction-error.js';
export {
  type GetTransactionReceiptOptions,
  getTransactionReceipt,
} from './methods/get-transaction-receipt.js';
export { getLatestHeader } from './methods/latest-header.js';
export { getNetVersion } from './methods/net-version.js';
export {
  type SendRawTransactionOptions,
  sendRawTransaction,
} from './methods/send-raw-transaction.js';
export { nodeError } from './node-error.js';
export type {
  RpcInclusion,
  RpcLog,
  RpcReceipt,
  RpcStakingTransaction,
  RpcTransaction,
} from './transaction.js';
export type { RpcCall, Transport } from './transport.js';
