/**
 * What a dApp or wallet imports: one client, actions as functions, and the accounts, networks and
 * units that go with them.
 */
export {
  type Account,
  AccountsError,
  accountFromMnemonic,
  accountFromSecretKey,
  accountPath,
  type CoinType,
  type Derivation,
  decryptKeystore,
  encryptKeystore,
  findDerivation,
  generateAccount,
  generateMnemonic,
  isMnemonic,
  type Keystore,
  type SignedTransactionResult,
  type SignTransactionOptions,
  type TypedData,
  verifyMessage,
  verifyTypedData,
} from '@polyphony/accounts';
export {
  defineNetwork,
  localnet,
  mainnet,
  type Network,
  partner,
  reference,
  testnet,
} from '@polyphony/networks';
export {
  type Address,
  ATTO_PER_ONE,
  checksumAddress,
  formatNano,
  formatOne,
  formatOneAddress,
  type Hash,
  isProtocolError,
  parseAddress,
  parseNano,
  parseOne,
} from '@polyphony/primitives';
export { RpcError, type RpcReceipt, type Transport } from '@polyphony/rpc';
export { fallback, http, systemClock, type WaitClock, webSocket } from '@polyphony/rpc/transports';
export {
  type GetBalanceOptions,
  getBalance,
  getBalances,
  type ShardBalance,
} from './actions/get-balance.js';
export {
  type SendTransferOptions,
  type SentTransfer,
  sendTransfer,
  type TransactionSigner,
} from './actions/send-transfer.js';
export { type WaitForFinalityOptions, waitForFinality } from './actions/wait-for-finality.js';
export { type Client, type ClientOptions, createClient } from './client.js';
export { SdkError, type SdkErrorDetails } from './errors.js';
export type { NonceOutcome, NonceTracker } from './nonces.js';
