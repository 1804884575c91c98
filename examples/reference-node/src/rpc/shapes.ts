/**
 * Blocks, transactions and receipts as the three RPC namespaces show them.
 *
 * `hmy` writes quantities as hex, `hmyv2` as bare numbers of any size, `eth` as hex with Ethereum's
 * field set. Addresses are `one1…` in the first two.
 *
 * @source harmony/rpc/harmony/v1/types.go, v2/types.go, eth/types.go
 */
import {
  type Block,
  encodeBlock,
  ethereumTransactionHash,
  type Header,
  type SignedTransaction,
  type StoredReceipt,
  transactionHash,
  ZERO_HASH,
} from '@polyphony/chain';
import {
  type Address,
  bytesToHex,
  checksumAddress,
  formatOneAddress,
  type Hash,
  hexToBytes,
  keccak256,
  ZERO_ADDRESS,
} from '@polyphony/primitives';
import type { JsonValue } from './json.js';
import type { BlockOptions } from './parameters.js';

/** The namespaces by which answers differ. */
export type Namespace = 'hmy' | 'hmyv2' | 'eth';

type JsonObject = { readonly [key: string]: JsonValue | undefined };

/** Hash of the empty list of uncles. */
const EMPTY_UNCLES_HASH = bytesToHex(keccak256(Uint8Array.of(0xc0)));

/** What upstream reports when a stored receipt has no price. */
const DEFAULT_GAS_PRICE = 100_000_000_000n;

/** An integer in the encoding of a namespace. */
export function quantity(namespace: Namespace, value: bigint | number): JsonValue {
  return namespace === 'hmyv2' ? BigInt(value) : `0x${value.toString(16)}`;
}

function account(namespace: Namespace, address: Address): string {
  return namespace === 'eth' ? address : formatOneAddress(address);
}

/** `vrf` and `vrfProof` of a header: 32 and 96 bytes, or zero and nothing. */
function randomness(header: Header): JsonObject {
  const full = header.vrf.length === 128;
  return {
    vrf: full ? bytesToHex(header.vrf.subarray(0, 32)) : ZERO_HASH,
    vrfProof: full ? bytesToHex(header.vrf.subarray(32)) : '0x',
  };
}

/** Where a transaction is in the chain; absent while it waits. */
export interface TransactionContext {
  readonly blockHash: Hash;
  readonly header: Header;
  readonly index: number;
}

/** A transaction; without a context as pending. */
export function transactionShape(
  namespace: Namespace,
  transaction: SignedTransaction,
  sender: Address,
  context: TransactionContext | undefined,
): JsonValue {
  const eth = namespace === 'eth';
  const q = (value: bigint | number): JsonValue => quantity(namespace, value);
  const { to } = transaction;
  return {
    blockHash: context?.blockHash ?? (eth ? null : ZERO_HASH),
    blockNumber: context === undefined ? null : q(context.header.number),
    from: account(namespace, sender),
    timestamp: q(context?.header.timestamp ?? 0n),
    gas: q(transaction.gasLimit),
    gasPrice: q(transaction.gasPrice),
    hash: eth ? ethereumTransactionHash(transaction) : transactionHash(transaction),
    ethHash: eth ? undefined : ethereumTransactionHash(transaction),
    input: bytesToHex(transaction.data),
    nonce: q(transaction.nonce),
    to: to === undefined ? (eth ? null : '') : account(namespace, to),
    transactionIndex: context === undefined ? (eth ? null : q(0)) : q(context.index),
    value: q(transaction.value),
    shardID: eth ? undefined : transaction.shardId,
    toShardID: eth ? undefined : transaction.toShardId,
    v: `0x${transaction.v.toString(16)}`,
    r: `0x${transaction.r.toString(16)}`,
    s: `0x${transaction.s.toString(16)}`,
  };
}

/** A block. `sender` is asked for full transactions only. */
export function blockShape(
  namespace: Namespace,
  hash: Hash,
  block: Block,
  leader: Address,
  options: BlockOptions & { readonly signerAccounts: readonly Address[] | undefined },
  sender: (transaction: SignedTransaction) => Address,
): JsonValue {
  const { header, transactions } = block;
  const eth = namespace === 'eth';
  const q = (value: bigint | number): JsonValue => quantity(namespace, value);
  const full = (transaction: SignedTransaction, index: number): JsonValue =>
    transactionShape(namespace, transaction, sender(transaction), {
      blockHash: hash,
      header,
      index,
    });
  const ethHashes = transactions.map((transaction) => ethereumTransactionHash(transaction));
  const shared: JsonObject = {
    number: q(header.number),
    hash,
    parentHash: header.parentHash,
    mixHash: header.mixDigest,
    stateRoot: header.stateRoot,
    transactionsRoot: header.transactionsRoot,
    receiptsRoot: header.receiptsRoot,
    uncles: [],
    logsBloom: bytesToHex(header.logsBloom),
    extraData: bytesToHex(header.extraData),
    size: q(encodeBlock(block).length),
    gasLimit: q(header.gasLimit),
    gasUsed: q(header.gasUsed),
    timestamp: q(header.timestamp),
    ...randomness(header),
    miner: account(namespace, leader),
    signers: options.signerAccounts?.map((address) => formatOneAddress(address)),
  };
  if (eth) {
    return {
      ...shared,
      nonce: '0x0000000000000000',
      difficulty: '0x0',
      sha3Uncles: EMPTY_UNCLES_HASH,
      transactions: options.fullTransactions ? transactions.map(full) : ethHashes,
    };
  }
  return {
    ...shared,
    viewID: q(header.viewId),
    epoch: q(header.epoch),
    nonce: 0,
    difficulty: 0,
    transactions: options.fullTransactions
      ? transactions.map(full)
      : transactions.map((transaction) => transactionHash(transaction)),
    transactionsInEthHash: options.fullTransactions ? undefined : ethHashes,
    stakingTransactions: options.staking
      ? block.stakingTransactions.map((raw) => bytesToHex(keccak256(raw)))
      : undefined,
  };
}

/** The receipt of a plain transaction. */
export function receiptShape(
  namespace: Namespace,
  transaction: SignedTransaction,
  sender: Address,
  receipt: StoredReceipt,
  context: TransactionContext,
): JsonValue {
  const eth = namespace === 'eth';
  const q = (value: bigint | number): JsonValue => quantity(namespace, value);
  const { to } = transaction;
  const hash = eth ? ethereumTransactionHash(transaction) : receipt.transactionHash;
  const created = receipt.contractAddress !== ZERO_ADDRESS;
  const shared: JsonObject = {
    blockHash: context.blockHash,
    blockNumber: q(context.header.number),
    transactionHash: hash,
    transactionIndex: q(context.index),
    gasUsed: q(receipt.gasUsed),
    cumulativeGasUsed: q(receipt.cumulativeGasUsed),
    logs: receipt.logs.map((log) => ({
      address: log.address,
      topics: log.topics,
      data: bytesToHex(log.data),
      blockNumber: `0x${log.blockNumber.toString(16)}`,
      transactionHash: hash,
      transactionIndex: `0x${log.transactionIndex.toString(16)}`,
      blockHash: log.blockHash,
      logIndex: `0x${log.logIndex.toString(16)}`,
      removed: false,
    })),
    logsBloom: bytesToHex(receipt.logsBloom),
    effectiveGasPrice: q(receipt.effectiveGasPrice ?? DEFAULT_GAS_PRICE),
    ...(typeof receipt.status === 'string'
      ? { status: q(receipt.status === 'success' ? 1 : 0) }
      : {}),
  };
  const postState = typeof receipt.status === 'string' ? undefined : receipt.status.postState;
  if (eth) {
    return {
      ...shared,
      from: sender,
      to: to ?? null,
      contractAddress: created ? receipt.contractAddress : null,
      root: postState,
    };
  }
  return {
    ...shared,
    contractAddress: receipt.contractAddress,
    shardID: transaction.shardId,
    from: to === undefined ? checksumAddress(sender) : formatOneAddress(sender),
    to: to === undefined ? '' : formatOneAddress(to),
    root: postState ?? '0x',
    status: q(receipt.status === 'failure' ? 0 : 1),
  };
}

/** HeaderInformation of `latestHeader` and `getHeaderByNumber`. */
export function headerShape(hash: Hash, header: Header, leader: Address): JsonValue {
  const full = header.vrf.length === 128;
  const plain = (bytes: Uint8Array): string => bytesToHex(bytes).slice(2);
  return {
    blockHash: hash,
    blockNumber: header.number,
    shardID: header.shardId,
    leader: formatOneAddress(leader),
    viewID: header.viewId,
    epoch: header.epoch,
    timestamp: `${new Date(Number(header.timestamp) * 1000).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`,
    unixtime: header.timestamp,
    lastCommitSig: plain(header.lastCommitSignature),
    lastCommitBitmap: plain(header.lastCommitBitmap),
    vrf: full ? plain(header.vrf.subarray(0, 32)) : '',
    vrfProof: full ? plain(header.vrf.subarray(32)) : '',
  };
}

/** Whether an `eth` transaction text is a typed envelope, which Harmony does not have. */
export function isTypedEnvelope(hex: string): boolean {
  const first = hexToBytes(hex.slice(0, 4))[0];
  return first !== undefined && first < 0x80;
}
