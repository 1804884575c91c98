/**
 * Receipts of value on its way from one shard to another, the proof around them, and the bytes of
 * both. Whether a proof holds is decided in `cross-shard.ts`.
 *
 * @source harmony/core/types/cx_receipt.go
 */
import {
  type Address,
  encodeRlp,
  type Hash,
  openRlpList,
  type RlpInput,
  type RlpReader,
} from '@polyphony/primitives';
import { ChainError, decoding } from './errors.js';
import {
  bytesField,
  EMPTY_BYTES,
  hexField,
  readAddress,
  readHash,
  readOwnBytes,
  uint32Field,
  uintField,
} from './fields.js';
import { decodeHeader, encodeHeader, type Header } from './header.js';

/** An amount that left one shard for an account on another. */
export interface CrossShardReceipt {
  /** The Harmony hash; from the transfer precompile the hash by type. */
  readonly transactionHash: Hash;
  readonly from: Address;
  /** Undefined only when a contract creation was sent across; no shard can take such a receipt. */
  readonly to: Address | undefined;
  readonly shardId: number;
  readonly toShardId: number;
  /** Atto. */
  readonly amount: bigint;
}

/** The roots of the receipts of one block for all destinations. */
export interface CrossShardMerkleProof {
  readonly blockNumber: bigint;
  readonly blockHash: Hash;
  /** The source shard. */
  readonly shardId: number;
  readonly outgoingReceiptsRoot: Hash;
  /** Destinations, ascending. */
  readonly shardIds: readonly number[];
  /** The root for the destination at the same place. */
  readonly shardRoots: readonly Hash[];
}

/** All receipts of one block for one destination, and what proves them. */
export interface CrossShardProof {
  readonly receipts: readonly CrossShardReceipt[];
  readonly merkleProof: CrossShardMerkleProof;
  /** Header of the source block. */
  readonly header: Header;
  /** Seal of the source block. */
  readonly commitSignature: Uint8Array;
  readonly commitBitmap: Uint8Array;
}

function receiptItems(receipt: CrossShardReceipt): RlpInput {
  return [
    hexField(receipt.transactionHash, 32, 'transactionHash'),
    hexField(receipt.from, 20, 'from'),
    receipt.to === undefined ? EMPTY_BYTES : hexField(receipt.to, 20, 'to'),
    uint32Field(receipt.shardId, 'shardId'),
    uint32Field(receipt.toShardId, 'toShardId'),
    uintField(receipt.amount, 256, 'amount'),
  ];
}

function readReceipt(list: RlpReader): CrossShardReceipt {
  const receipt: CrossShardReceipt = {
    transactionHash: readHash(list),
    from: readAddress(list),
    to: readAddress(list),
    shardId: list.readUint32(),
    toShardId: list.readUint32(),
    amount: list.readBigInt(),
  };
  list.assertDone('cross-shard receipt');
  return receipt;
}

/**
 * `[transactionHash, from, to, shardId, toShardId, amount]`.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 * @source harmony/core/types/cx_receipt.go: CXReceipt
 */
export function encodeCrossShardReceipt(receipt: CrossShardReceipt): Uint8Array {
  return encodeRlp(receiptItems(receipt));
}

/** @throws {@link ChainError} `chain/invalid-encoding`, also when the receiver is missing. */
export function decodeCrossShardReceipt(bytes: Uint8Array): CrossShardReceipt {
  return decoding('cross-shard receipt', () => readReceipt(openRlpList(bytes)));
}

/** The list of receipts in a proof and in the database. @throws {@link ChainError} `chain/out-of-range`. */
export function encodeCrossShardReceipts(receipts: readonly CrossShardReceipt[]): Uint8Array {
  return encodeRlp(receipts.map(receiptItems));
}

function readReceipts(list: RlpReader): CrossShardReceipt[] {
  const receipts: CrossShardReceipt[] = [];
  while (!list.done) receipts.push(readReceipt(list.readList()));
  return receipts;
}

/** @throws {@link ChainError} `chain/invalid-encoding`. */
export function decodeCrossShardReceipts(bytes: Uint8Array): CrossShardReceipt[] {
  return decoding('cross-shard receipts', () => readReceipts(openRlpList(bytes)));
}

function merkleProofItems(proof: CrossShardMerkleProof): RlpInput {
  return [
    uintField(proof.blockNumber, 64, 'blockNumber'),
    hexField(proof.blockHash, 32, 'blockHash'),
    uint32Field(proof.shardId, 'shardId'),
    hexField(proof.outgoingReceiptsRoot, 32, 'outgoingReceiptsRoot'),
    proof.shardIds.map((shardId) => uint32Field(shardId, 'shardIds')),
    proof.shardRoots.map((root) => hexField(root, 32, 'shardRoots')),
  ];
}

function readMerkleProof(list: RlpReader): CrossShardMerkleProof {
  const blockNumber = list.readBigInt(64);
  const blockHash = readHash(list);
  const shardId = list.readUint32();
  const outgoingReceiptsRoot = readHash(list);
  const shardIds: number[] = [];
  const ids = list.readList();
  while (!ids.done) shardIds.push(ids.readUint32());
  const shardRoots: Hash[] = [];
  const roots = list.readList();
  while (!roots.done) shardRoots.push(readHash(roots));
  list.assertDone('merkle proof');
  return { blockNumber, blockHash, shardId, outgoingReceiptsRoot, shardIds, shardRoots };
}

/**
 * `[blockNumber, blockHash, shardId, outgoingReceiptsRoot, shardIds, shardRoots]`.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 * @source harmony/core/types/cx_receipt.go: CXMerkleProof
 */
export function encodeCrossShardMerkleProof(proof: CrossShardMerkleProof): Uint8Array {
  return encodeRlp(merkleProofItems(proof));
}

/** @throws {@link ChainError} `chain/invalid-encoding`. */
export function decodeCrossShardMerkleProof(bytes: Uint8Array): CrossShardMerkleProof {
  return decoding('cross-shard merkle proof', () => readMerkleProof(openRlpList(bytes)));
}

/**
 * `[receipts, merkleProof, header, commitSignature, commitBitmap]`: an item of a block's incoming
 * receipts.
 *
 * @throws {@link ChainError} `chain/out-of-range`, `chain/field-not-in-version`.
 * @source harmony/core/types/cx_receipt.go: CXReceiptsProof
 */
export function encodeCrossShardProof(proof: CrossShardProof): Uint8Array {
  return encodeRlp([
    proof.receipts.map(receiptItems),
    merkleProofItems(proof.merkleProof),
    { rlp: encodeHeader(proof.header) },
    bytesField(proof.commitSignature, 'commitSignature'),
    bytesField(proof.commitBitmap, 'commitBitmap'),
  ]);
}

/**
 * A proof from its bytes. Seals of any length decode: nodes store and serve bodies in which the
 * bitmap was overwritten with the signature.
 *
 * @throws {@link ChainError} `chain/invalid-encoding`, also for a missing part; `chain/unsupported-version`.
 */
export function decodeCrossShardProof(bytes: Uint8Array): CrossShardProof {
  return decoding('cross-shard proof', () => {
    const list = openRlpList(bytes);
    const proof: CrossShardProof = {
      receipts: readReceipts(list.readList()),
      merkleProof: readMerkleProof(list.readList()),
      header: decodeHeader(list.readRaw()),
      commitSignature: readOwnBytes(list),
      commitBitmap: readOwnBytes(list),
    };
    list.assertDone('cross-shard proof');
    return proof;
  });
}
