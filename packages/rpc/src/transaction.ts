/**
 * Transactions and receipts as a node tells them. A transaction is the signed value of
 * `@polyphony/chain` with its place; its hash is computed again from the signed fields, so a node
 * cannot tell one thing and name another.
 *
 * @source harmony/rpc/harmony/v1/types.go, v2/types.go: Transaction, StakingTransaction, TxReceipt
 */
import {
  ethereumTransactionHash,
  type SignedTransaction,
  transactionHash,
} from '@polyphony/chain/transaction';
import { type Address, type Hash, ZERO_ADDRESS } from '@polyphony/primitives';
import {
  isPresent,
  readAddress,
  readBoolean,
  readBytes,
  readHash,
  readList,
  readObject,
  readOptionalAddress,
  readQuantity,
  readText,
  readUint32,
} from './decode.js';
import { invalidReply, RpcError } from './errors.js';
import type { JsonObject, JsonValue } from './json.js';

/** Where a transaction is; undefined while it waits in the pool. */
export interface RpcInclusion {
  readonly blockHash: Hash;
  readonly blockNumber: bigint;
  /** Place among the plain (or staking) transactions of the block. */
  readonly transactionIndex: number;
  /** Seconds since 1970. */
  readonly timestamp: bigint;
}

/** A plain transaction. */
export interface RpcTransaction extends SignedTransaction {
  /** Hash of the Harmony form, checked. */
  readonly hash: Hash;
  /** Hash of the Ethereum form of the same signed values, checked when the node states it. */
  readonly ethereumHash: Hash;
  /** As the node says; {@link recoverSender} of `@polyphony/chain` derives it from the signature. */
  readonly from: Address;
  readonly inclusion: RpcInclusion | undefined;
}

const ZERO_HASH: Hash = `0x${'0'.repeat(64)}`;

function readInclusion(fields: JsonObject, what: string): RpcInclusion | undefined {
  // Waiting transactions have a zero hash and no number.
  if (!isPresent(fields.blockHash) || !isPresent(fields.blockNumber)) return undefined;
  const blockHash = readHash(fields.blockHash, `${what}.blockHash`);
  if (blockHash === ZERO_HASH) return undefined;
  return {
    blockHash,
    blockNumber: readQuantity(fields.blockNumber, `${what}.blockNumber`),
    transactionIndex: readUint32(fields.transactionIndex, `${what}.transactionIndex`),
    timestamp: isPresent(fields.timestamp)
      ? readQuantity(fields.timestamp, `${what}.timestamp`)
      : 0n,
  };
}

function sameHash(expected: Hash, actual: Hash): Hash {
  if (expected !== actual) throw new RpcError({ code: 'rpc/hash-mismatch', expected, actual });
  return expected;
}

/** A u64, which every nonce and gas limit is. */
function readUint64(value: JsonValue | undefined, what: string): bigint {
  const quantity = readQuantity(value, what);
  if (quantity >> 64n !== 0n) throw invalidReply(what, 'must be an unsigned 64-bit integer');
  return quantity;
}

/**
 * A plain transaction from a reply.
 *
 * @throws {@link RpcError} `rpc/invalid-reply`; `rpc/hash-mismatch` when a stated hash is not that
 * of the stated fields.
 */
export function decodeTransaction(value: JsonValue, what = 'transaction'): RpcTransaction {
  const fields = readObject(value, what);
  const at = (name: string): string => `${what}.${name}`;
  const quantity = (name: string): bigint => readQuantity(fields[name], at(name));
  const signed: SignedTransaction = {
    nonce: readUint64(fields.nonce, at('nonce')),
    gasPrice: quantity('gasPrice'),
    gasLimit: readUint64(fields.gas, at('gas')),
    shardId: readUint32(fields.shardID, at('shardID')),
    toShardId: readUint32(fields.toShardID, at('toShardID')),
    to: readOptionalAddress(fields.to, at('to')),
    value: quantity('value'),
    data: readBytes(fields.input, at('input')),
    v: quantity('v'),
    r: quantity('r'),
    s: quantity('s'),
  };
  const ethereumHash = ethereumTransactionHash(signed);
  if (isPresent(fields.ethHash)) sameHash(ethereumHash, readHash(fields.ethHash, at('ethHash')));
  return {
    ...signed,
    hash: sameHash(transactionHash(signed), readHash(fields.hash, at('hash'))),
    ethereumHash,
    from: readAddress(fields.from, at('from')),
    inclusion: readInclusion(fields, what),
  };
}

/** A staking transaction; its message stays as the node told it. */
export interface RpcStakingTransaction {
  readonly hash: Hash;
  readonly from: Address;
  readonly nonce: bigint;
  readonly gasPrice: bigint;
  readonly gasLimit: bigint;
  readonly v: bigint;
  readonly r: bigint;
  readonly s: bigint;
  /** `CreateValidator`, `EditValidator`, `Delegate`, `Undelegate` or `CollectRewards`. */
  readonly directive: string;
  /** Lossless JSON: amounts are `bigint`. */
  readonly message: JsonObject;
  readonly inclusion: RpcInclusion | undefined;
}

/** A staking transaction from a reply. */
export function decodeStakingTransaction(
  value: JsonValue,
  what = 'staking transaction',
): RpcStakingTransaction {
  const fields = readObject(value, what);
  const at = (name: string): string => `${what}.${name}`;
  return {
    hash: readHash(fields.hash, at('hash')),
    from: readAddress(fields.from, at('from')),
    nonce: readUint64(fields.nonce, at('nonce')),
    gasPrice: readQuantity(fields.gasPrice, at('gasPrice')),
    gasLimit: readUint64(fields.gas, at('gas')),
    v: readQuantity(fields.v, at('v')),
    r: readQuantity(fields.r, at('r')),
    s: readQuantity(fields.s, at('s')),
    directive: readText(fields.type, at('type')),
    message: readObject(fields.msg, at('msg')),
    inclusion: readInclusion(fields, what),
  };
}

/** One log of a receipt. */
export interface RpcLog {
  readonly address: Address;
  readonly topics: readonly Hash[];
  readonly data: Uint8Array;
  readonly blockHash: Hash;
  readonly blockNumber: bigint;
  readonly transactionHash: Hash;
  readonly transactionIndex: number;
  readonly logIndex: number;
  readonly removed: boolean;
}

/** A receipt of a plain or a staking transaction. */
export interface RpcReceipt {
  readonly transactionHash: Hash;
  readonly blockHash: Hash;
  readonly blockNumber: bigint;
  readonly transactionIndex: number;
  /** Undefined for receipts of the time before `status` existed: they have a post-state. */
  readonly status: 'success' | 'failure' | undefined;
  readonly postState: Hash | undefined;
  readonly gasUsed: bigint;
  readonly cumulativeGasUsed: bigint;
  /** Atto per unit of gas; undefined when the node does not say. */
  readonly effectiveGasPrice: bigint | undefined;
  readonly from: Address;
  /** Undefined for a contract creation and for staking. */
  readonly to: Address | undefined;
  /** The created contract. */
  readonly contractAddress: Address | undefined;
  /** Undefined for staking, which is on shard 0. */
  readonly shardId: number | undefined;
  readonly logs: readonly RpcLog[];
  readonly logsBloom: Uint8Array;
}

function decodeLog(value: JsonValue, what: string): RpcLog {
  const fields = readObject(value, what);
  const at = (name: string): string => `${what}.${name}`;
  return {
    address: readAddress(fields.address, at('address')),
    topics: readList(fields.topics, at('topics'), readHash),
    data: readBytes(fields.data, at('data')),
    blockHash: readHash(fields.blockHash, at('blockHash')),
    blockNumber: readQuantity(fields.blockNumber, at('blockNumber')),
    transactionHash: readHash(fields.transactionHash, at('transactionHash')),
    transactionIndex: readUint32(fields.transactionIndex, at('transactionIndex')),
    logIndex: readUint32(fields.logIndex, at('logIndex')),
    removed: isPresent(fields.removed) && readBoolean(fields.removed, at('removed')),
  };
}

function readStatus(value: JsonValue | undefined, what: string): 'success' | 'failure' | undefined {
  if (!isPresent(value)) return undefined;
  const status = readQuantity(value, what);
  if (status > 1n) throw invalidReply(what, 'must be 0 or 1');
  return status === 1n ? 'success' : 'failure';
}

/** A receipt from a reply. */
export function decodeReceipt(value: JsonValue, what = 'receipt'): RpcReceipt {
  const fields = readObject(value, what);
  const at = (name: string): string => `${what}.${name}`;
  const contractAddress = readOptionalAddress(fields.contractAddress, at('contractAddress'));
  const root = isPresent(fields.root) && fields.root !== '0x' && fields.root !== '';
  return {
    transactionHash: readHash(fields.transactionHash, at('transactionHash')),
    blockHash: readHash(fields.blockHash, at('blockHash')),
    blockNumber: readQuantity(fields.blockNumber, at('blockNumber')),
    transactionIndex: readUint32(fields.transactionIndex, at('transactionIndex')),
    status: root ? undefined : readStatus(fields.status, at('status')),
    postState: root ? readHash(fields.root, at('root')) : undefined,
    gasUsed: readQuantity(fields.gasUsed, at('gasUsed')),
    cumulativeGasUsed: readQuantity(fields.cumulativeGasUsed, at('cumulativeGasUsed')),
    effectiveGasPrice: isPresent(fields.effectiveGasPrice)
      ? readQuantity(fields.effectiveGasPrice, at('effectiveGasPrice'))
      : undefined,
    // A staking receipt names its sender `sender`.
    from: readAddress(fields.from ?? fields.sender, at('from')),
    to: readOptionalAddress(fields.to, at('to')),
    contractAddress: contractAddress === ZERO_ADDRESS ? undefined : contractAddress,
    shardId: isPresent(fields.shardID) ? readUint32(fields.shardID, at('shardID')) : undefined,
    logs: isPresent(fields.logs) ? readList(fields.logs, at('logs'), decodeLog) : [],
    logsBloom: readBytes(fields.logsBloom, at('logsBloom'), { length: 256 }),
  };
}
