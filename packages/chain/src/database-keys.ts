/**
 * Keys of the node's database, byte for byte.
 *
 * Whoever uses the same keys can read a database of the node, or compare with one. What stands
 * under a key is encoded elsewhere; the comments name the value. Some prefixes begin other
 * prefixes, so a range over one must check lengths.
 *
 * @source harmony/core/rawdb/schema.go
 */
import {
  type Address,
  bigIntToBytes,
  concatBytes,
  type Hash,
  uint32ToBytes,
  utf8ToBytes,
} from '@polyphony/primitives';
import { hexField, uint32Field, uintField } from './fields.js';

function number8(value: bigint): Uint8Array {
  return bigIntToBytes(uintField(value, 64, 'block number'), 8);
}

function epochBytes(epoch: bigint): Uint8Array {
  return bigIntToBytes(uintField(epoch, 64, 'epoch'));
}

function shard4(shardId: number): Uint8Array {
  return uint32ToBytes(uint32Field(shardId, 'shardId'));
}

function hash32(hash: Hash): Uint8Array {
  return hexField(hash, 32, 'hash');
}

function account20(address: Address): Uint8Array {
  return hexField(address, 20, 'address');
}

function key(prefix: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(utf8ToBytes(prefix), ...parts);
}

/** Value: the header. */
export function headerKey(number: bigint, hash: Hash): Uint8Array {
  return key('h', number8(number), hash32(hash));
}

/** Value: hash of the block of the canonical chain with this number. */
export function canonicalHashKey(number: bigint): Uint8Array {
  return key('h', number8(number), utf8ToBytes('n'));
}

/** Value: the block's number, 8 bytes big-endian. */
export function blockNumberKey(hash: Hash): Uint8Array {
  return key('H', hash32(hash));
}

/** Value: the body. */
export function bodyKey(number: bigint, hash: Hash): Uint8Array {
  return key('b', number8(number), hash32(hash));
}

/** Value: RLP list of stored receipts. */
export function receiptsKey(number: bigint, hash: Hash): Uint8Array {
  return key('r', number8(number), hash32(hash));
}

/** Value: RLP `[block hash, block number, index]`; written under both hashes of a transaction. */
export function transactionLookupKey(transactionHash: Hash): Uint8Array {
  return key('l', hash32(transactionHash));
}

/** Value: RLP `[block hash, block number, index]` of a cross-shard receipt. */
export function crossShardLookupKey(transactionHash: Hash): Uint8Array {
  return key('cx', hash32(transactionHash));
}

/** Value: RLP list of the cross-shard receipts of a block for one destination. */
export function outgoingReceiptsKey(toShardId: number, number: bigint, hash: Hash): Uint8Array {
  return key('cxReceipt', shard4(toShardId), number8(number), hash32(hash));
}

/** The value under {@link spentReceiptsKey} of receipts that were spent: the byte 0. */
export const SPENT_MARK = 0;

/** The value of receipts that were not spent. */
export const UNSPENT_MARK = 1;

/** Value: one byte, {@link SPENT_MARK} once the receipts of a source block were credited. */
export function spentReceiptsKey(shardId: number, number: bigint): Uint8Array {
  return key('cxReceiptSpent', shard4(shardId), number8(number));
}

/** Value: shard state of an epoch. */
export function shardStateKey(epoch: bigint): Uint8Array {
  return key('ss', epochBytes(epoch));
}

/** Value: signature and bitmap of a block. */
export function blockSealKey(number: bigint): Uint8Array {
  return key('block-sig-', number8(number));
}

/** Value: signature and bitmap of the head. */
export function lastSealKey(): Uint8Array {
  return key('LastCommits');
}

/** Value: a cross-link. */
export function crossLinkKey(shardId: number, number: bigint): Uint8Array {
  return key('cl', shard4(shardId), number8(number));
}

/** Value: the last cross-link of a shard. */
export function lastCrossLinkKey(shardId: number): Uint8Array {
  return key('cl', shard4(shardId));
}

/** Value: RLP list of cross-links that no beacon block has yet. */
export function pendingCrossLinksKey(): Uint8Array {
  return key('pendingCL');
}

/** Value: RLP list of slash records that no beacon block has yet. */
export function pendingSlashRecordsKey(): Uint8Array {
  return key('pendingSC');
}

/** Value: RLP list of `[validator, index, block number]` of an account's delegations. */
export function delegationsKey(delegator: Address): Uint8Array {
  return key('dvl', account20(delegator));
}

/** Value: RLP of a validator at the start of an epoch. */
export function validatorSnapshotKey(validator: Address, epoch: bigint): Uint8Array {
  return key('validator-snapshot', account20(validator), epochBytes(epoch));
}

/** Value: statistics of a validator. */
export function validatorStatisticsKey(validator: Address): Uint8Array {
  return key('validator-stats', account20(validator));
}

/** Value: RLP list of the addresses of all validators. */
export function validatorListKey(): Uint8Array {
  return key('validator-list');
}

/** Value: rewards paid up to a block, a big-endian integer. */
export function accumulatedRewardKey(number: bigint): Uint8Array {
  return key('blk-rwd-', number8(number));
}

/** Value: number of the first block of an epoch, a big-endian integer. */
export function epochBlockNumberKey(epoch: bigint): Uint8Array {
  return key('harmony-epoch-block-number', epochBytes(epoch));
}

/** Value: contract code. */
export function codeKey(codeHash: Hash): Uint8Array {
  return key('c', hash32(codeHash));
}

/** Value: RLP of a validator, stored as the code of its account. */
export function validatorCodeKey(codeHash: Hash): Uint8Array {
  return key('vc', hash32(codeHash));
}

/** Value: the key that was hashed. */
export function preimageKey(hash: Hash): Uint8Array {
  return key('secure-key-', hash32(hash));
}

/** Value: configuration of the chain as JSON. */
export function chainConfigKey(genesisHash: Hash): Uint8Array {
  return key('ethereum-config-', hash32(genesisHash));
}
