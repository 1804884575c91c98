/**
 * Blocks and headers as a node tells them: one form, whatever namespace answered. Nothing here is
 * verified against a hash; a light client does that from headers and proofs.
 *
 * @source harmony/rpc/harmony/v1/types.go: Block; v2/types.go: Block; types.go: HeaderInformation
 */
import type { Address, Hash } from '@polyphony/primitives';
import {
  isPresent,
  readAddress,
  readBytes,
  readHash,
  readList,
  readObject,
  readQuantity,
  readText,
  readUint32,
} from './decode.js';
import { invalidReply } from './errors.js';
import { isJsonObject, type JsonObject, type JsonValue } from './json.js';
import {
  decodeStakingTransaction,
  decodeTransaction,
  type RpcStakingTransaction,
  type RpcTransaction,
} from './transaction.js';

/** A block. */
export interface RpcBlock {
  readonly number: bigint;
  readonly viewId: bigint;
  readonly epoch: bigint;
  readonly hash: Hash;
  readonly parentHash: Hash;
  readonly mixHash: Hash;
  readonly stateRoot: Hash;
  readonly transactionsRoot: Hash;
  readonly receiptsRoot: Hash;
  /** The leader's account. */
  readonly miner: Address;
  readonly logsBloom: Uint8Array;
  readonly extraData: Uint8Array;
  /** Bytes of the encoded block. */
  readonly size: bigint;
  readonly gasLimit: bigint;
  readonly gasUsed: bigint;
  /** Seconds since 1970. */
  readonly timestamp: bigint;
  /** 32 bytes, zero without a VRF; undefined when the node does not say. */
  readonly vrf: Uint8Array | undefined;
  /** 96 bytes, or none. */
  readonly vrfProof: Uint8Array | undefined;
  /** Harmony hashes, in block order. */
  readonly transactionHashes: readonly Hash[];
  /** Ethereum hashes in the same order; only with the hash form, and not from every node. */
  readonly ethereumTransactionHashes: readonly Hash[] | undefined;
  /** Whole transactions, when they were asked for. */
  readonly transactions: readonly RpcTransaction[] | undefined;
  readonly stakingTransactionHashes: readonly Hash[];
  /** Whole staking transactions, when they were asked for. */
  readonly stakingTransactions: readonly RpcStakingTransaction[] | undefined;
  /** Accounts of the validators who signed, when they were asked for. */
  readonly signers: readonly Address[] | undefined;
}

interface Entries<T> {
  readonly hashes: readonly Hash[];
  readonly whole: readonly T[] | undefined;
}

/** A list of hashes or of whole objects; the two are never mixed. */
function readEntries<T extends { readonly hash: Hash }>(
  value: JsonValue | undefined,
  what: string,
  decode: (item: JsonValue, what: string) => T,
  full: boolean,
): Entries<T> {
  if (!isPresent(value) || (Array.isArray(value) && value.length === 0))
    return { hashes: [], whole: full && isPresent(value) ? [] : undefined };
  if (Array.isArray(value) && isJsonObject((value as readonly JsonValue[])[0])) {
    const whole = readList(value, what, decode);
    return { hashes: whole.map((entry) => entry.hash), whole };
  }
  return { hashes: readList(value, what, readHash), whole: undefined };
}

function optionalBytes(value: JsonValue | undefined, what: string): Uint8Array | undefined {
  return isPresent(value) ? readBytes(value, what) : undefined;
}

/**
 * A block from a reply.
 *
 * @param full - Whether whole transactions were asked for, which an empty list does not show.
 */
export function decodeBlock(value: JsonValue, full = false): RpcBlock {
  const what = 'block';
  const fields: JsonObject = readObject(value, what);
  const at = (name: string): string => `${what}.${name}`;
  const quantity = (name: string): bigint => readQuantity(fields[name], at(name));
  const hash = (name: string): Hash => readHash(fields[name], at(name));
  const plain = readEntries(fields.transactions, at('transactions'), decodeTransaction, full);
  const staking = readEntries(
    fields.stakingTransactions,
    at('stakingTransactions'),
    decodeStakingTransaction,
    full,
  );
  return {
    number: quantity('number'),
    viewId: quantity('viewID'),
    epoch: quantity('epoch'),
    hash: hash('hash'),
    parentHash: hash('parentHash'),
    mixHash: hash('mixHash'),
    stateRoot: hash('stateRoot'),
    transactionsRoot: hash('transactionsRoot'),
    receiptsRoot: hash('receiptsRoot'),
    miner: readAddress(fields.miner, at('miner')),
    logsBloom: readBytes(fields.logsBloom, at('logsBloom'), { length: 256 }),
    extraData: readBytes(fields.extraData, at('extraData')),
    size: quantity('size'),
    gasLimit: quantity('gasLimit'),
    gasUsed: quantity('gasUsed'),
    timestamp: quantity('timestamp'),
    vrf: optionalBytes(fields.vrf, at('vrf')),
    vrfProof: optionalBytes(fields.vrfProof, at('vrfProof')),
    transactionHashes: plain.hashes,
    ethereumTransactionHashes: isPresent(fields.transactionsInEthHash)
      ? readList(fields.transactionsInEthHash, at('transactionsInEthHash'), readHash)
      : undefined,
    transactions: plain.whole,
    stakingTransactionHashes: staking.hashes,
    stakingTransactions: staking.whole,
    signers: isPresent(fields.signers)
      ? readList(fields.signers, at('signers'), readAddress)
      : undefined,
  };
}

/** What `latestHeader` says of a block. */
export interface RpcHeader {
  readonly blockHash: Hash;
  readonly number: bigint;
  readonly shardId: number;
  /** The leader's account. */
  readonly leader: Address;
  readonly viewId: bigint;
  readonly epoch: bigint;
  /** Time as the node words it, in UTC. */
  readonly timestampText: string;
  /** Seconds since 1970. */
  readonly timestamp: bigint;
  /** Aggregate signature of the parent block: 96 bytes; none for the first block. */
  readonly lastCommitSignature: Uint8Array;
  readonly lastCommitBitmap: Uint8Array;
  readonly vrf: Uint8Array;
  readonly vrfProof: Uint8Array;
}

const PLAIN = { prefix: 'optional' } as const;

/** A header from a reply. Its quantities are integers and its bytes lack 0x in every namespace. */
export function decodeHeader(value: JsonValue, what = 'header'): RpcHeader {
  const fields = readObject(value, what);
  const at = (name: string): string => `${what}.${name}`;
  const bytes = (name: string): Uint8Array =>
    isPresent(fields[name]) ? readBytes(fields[name], at(name), PLAIN) : new Uint8Array(0);
  const lastCommitSignature = bytes('lastCommitSig');
  if (lastCommitSignature.length !== 96 && lastCommitSignature.length !== 0)
    throw invalidReply(at('lastCommitSig'), 'must be 96 bytes or none');
  return {
    blockHash: readHash(fields.blockHash, at('blockHash')),
    number: readQuantity(fields.blockNumber, at('blockNumber')),
    shardId: readUint32(fields.shardID, at('shardID')),
    leader: readAddress(fields.leader, at('leader')),
    viewId: readQuantity(fields.viewID, at('viewID')),
    epoch: readQuantity(fields.epoch, at('epoch')),
    timestampText: readText(fields.timestamp, at('timestamp')),
    timestamp: readQuantity(fields.unixtime, at('unixtime')),
    lastCommitSignature,
    lastCommitBitmap: bytes('lastCommitBitmap'),
    vrf: bytes('vrf'),
    vrfProof: bytes('vrfProof'),
  };
}
