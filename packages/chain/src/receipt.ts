/**
 * Receipts of transactions and their logs: the form that a header commits to and the stored form.
 *
 * @source harmony/core/types/receipt.go, log.go; state_processor.go: ApplyStakingTransaction
 */
import {
  type Address,
  bytesToHex,
  encodeRlp,
  type Hash,
  openRlpList,
  type RlpInput,
  type RlpReader,
} from '@polyphony/primitives';
import { BLOOM_BYTES } from './bloom.js';
import { decoding, invalidEncoding } from './errors.js';
import {
  bytesField,
  EMPTY_BYTES,
  fixedField,
  hexField,
  readAddress,
  readHash,
  readOwnBytes,
  uint32Field,
  uintField,
} from './fields.js';
import { defaultHasher, type Hasher } from './hasher.js';
import { computeListRoot } from './list-root.js';

/** What a contract, or staking, reports. */
export interface Log {
  readonly address: Address;
  readonly topics: readonly Hash[];
  readonly data: Uint8Array;
}

/**
 * How a transaction ended. From the activation `s3` success or failure; before, the state root
 * after the transaction.
 */
export type ReceiptStatus = 'success' | 'failure' | { readonly postState: Hash };

/** A receipt as the header's root covers it. */
export interface Receipt {
  readonly status: ReceiptStatus;
  /** Gas of this and all earlier transactions of the block, plain first, then staking. */
  readonly cumulativeGasUsed: bigint;
  /** 256 bytes; zero in every receipt of a staking transaction, even if it has logs. */
  readonly logsBloom: Uint8Array;
  /** Empty before the activation `receiptLog`. */
  readonly logs: readonly Log[];
}

/** A log in the database, with its place in the chain. */
export interface StoredLog extends Log {
  readonly blockNumber: bigint;
  readonly transactionHash: Hash;
  readonly transactionIndex: number;
  readonly blockHash: Hash;
  /** Index in the block. */
  readonly logIndex: number;
}

/** A receipt in the database. */
export interface StoredReceipt {
  readonly status: ReceiptStatus;
  readonly cumulativeGasUsed: bigint;
  readonly logsBloom: Uint8Array;
  /** The Harmony hash. */
  readonly transactionHash: Hash;
  /** Zero address when nothing was created. */
  readonly contractAddress: Address;
  readonly logs: readonly StoredLog[];
  readonly gasUsed: bigint;
  /** Written by newer nodes only. */
  readonly effectiveGasPrice: bigint | undefined;
}

const SUCCESS = Uint8Array.of(1);

function statusField(status: ReceiptStatus): Uint8Array {
  if (status === 'success') return SUCCESS;
  if (status === 'failure') return EMPTY_BYTES;
  return hexField(status.postState, 32, 'postState');
}

function readStatus(reader: RlpReader): ReceiptStatus {
  const bytes = reader.readBytes();
  if (bytes.length === 0) return 'failure';
  if (bytes.length === 1 && bytes[0] === 1) return 'success';
  if (bytes.length === 32) return { postState: bytesToHex(bytes) };
  return invalidEncoding('receipt', 'the status must be 01, empty or a 32-byte state root');
}

function logFields(log: Log): RlpInput[] {
  return [
    hexField(log.address, 20, 'log.address'),
    log.topics.map((topic) => hexField(topic, 32, 'log.topic')),
    bytesField(log.data, 'log.data'),
  ];
}

function readLogFields(reader: RlpReader): Log {
  const address = readAddress(reader);
  const topics: Hash[] = [];
  const list = reader.readList();
  while (!list.done) topics.push(readHash(list));
  return { address, topics, data: readOwnBytes(reader) };
}

function readLog(reader: RlpReader): Log {
  const list = reader.readList();
  const log = readLogFields(list);
  list.assertDone('log');
  return log;
}

/**
 * The form under the receipts root: `[status, cumulativeGasUsed, logsBloom, logs]`.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  return encodeRlp([
    statusField(receipt.status),
    uintField(receipt.cumulativeGasUsed, 64, 'cumulativeGasUsed'),
    fixedField(receipt.logsBloom, BLOOM_BYTES, 'logsBloom'),
    receipt.logs.map(logFields),
  ]);
}

/**
 * @throws {@link ChainError} `chain/invalid-encoding`. The bloom is not compared with the logs:
 * receipts of staking transactions have logs and a zero bloom.
 */
export function decodeReceipt(bytes: Uint8Array): Receipt {
  return decoding('receipt', () => {
    const list = openRlpList(bytes);
    const receipt: Receipt = {
      status: readStatus(list),
      cumulativeGasUsed: list.readBigInt(64),
      logsBloom: list.readFixed(BLOOM_BYTES).slice(),
      logs: readAll(list.readList(), readLog),
    };
    list.assertDone('receipt');
    return receipt;
  });
}

function readAll<T>(list: RlpReader, read: (reader: RlpReader) => T): T[] {
  const items: T[] = [];
  while (!list.done) items.push(read(list));
  return items;
}

function storedLogFields(log: StoredLog): RlpInput[] {
  return [
    ...logFields(log),
    uintField(log.blockNumber, 64, 'log.blockNumber'),
    hexField(log.transactionHash, 32, 'log.transactionHash'),
    uint32Field(log.transactionIndex, 'log.transactionIndex'),
    hexField(log.blockHash, 32, 'log.blockHash'),
    uint32Field(log.logIndex, 'log.logIndex'),
  ];
}

function readStoredLog(reader: RlpReader): StoredLog {
  const list = reader.readList();
  const log: StoredLog = {
    ...readLogFields(list),
    blockNumber: list.readBigInt(64),
    transactionHash: readHash(list),
    transactionIndex: list.readUint32(),
    blockHash: readHash(list),
    logIndex: list.readUint32(),
  };
  list.assertDone('stored log');
  return log;
}

/**
 * The database form: `[status, cumulativeGasUsed, logsBloom, transactionHash, contractAddress,
 * logs, gasUsed, effectiveGasPrice?]`.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 * @source harmony/core/types/receipt.go: receiptStorageRLP
 */
export function encodeStoredReceipt(receipt: StoredReceipt): Uint8Array {
  return encodeRlp([
    statusField(receipt.status),
    uintField(receipt.cumulativeGasUsed, 64, 'cumulativeGasUsed'),
    fixedField(receipt.logsBloom, BLOOM_BYTES, 'logsBloom'),
    hexField(receipt.transactionHash, 32, 'transactionHash'),
    hexField(receipt.contractAddress, 20, 'contractAddress'),
    receipt.logs.map(storedLogFields),
    uintField(receipt.gasUsed, 64, 'gasUsed'),
    ...(receipt.effectiveGasPrice === undefined
      ? []
      : [uintField(receipt.effectiveGasPrice, 256, 'effectiveGasPrice')]),
  ]);
}

/** @throws {@link ChainError} `chain/invalid-encoding`. */
export function decodeStoredReceipt(bytes: Uint8Array): StoredReceipt {
  return decoding('stored receipt', () => {
    const list = openRlpList(bytes);
    const receipt: StoredReceipt = {
      status: readStatus(list),
      cumulativeGasUsed: list.readBigInt(64),
      logsBloom: list.readFixed(BLOOM_BYTES).slice(),
      transactionHash: readHash(list),
      contractAddress: readAddress(list),
      logs: readAll(list.readList(), readStoredLog),
      gasUsed: list.readBigInt(64),
      effectiveGasPrice: list.done ? undefined : list.readBigInt(),
    };
    list.assertDone('stored receipt');
    return receipt;
  });
}

/**
 * Root over the receipts of a block: plain transactions first, then staking, with one running index.
 *
 * @source harmony/core/types/derive_sha.go: DeriveSha
 */
export function receiptsRoot(receipts: readonly Receipt[], hasher: Hasher = defaultHasher): Hash {
  return computeListRoot(receipts.map(encodeReceipt), hasher);
}
