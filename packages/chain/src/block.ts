/**
 * Blocks and bodies: a header with the lists that its roots cover.
 *
 * Bodies are stored and served without the header. The version of both follows the header's.
 * Staking transactions, uncles and incoming receipts stay raw RLP in the lists: decoding checks that
 * their own decoders accept them. Not here: execution and validity.
 *
 * @source harmony/core/types/block.go, bodyv0.go, bodyv1.go, bodyv2.go
 */
import {
  encodeRlp,
  type Hash,
  openRlpList,
  type RawRlp,
  type RlpInput,
  type RlpReader,
} from '@polyphony/primitives';
import { decodeCrossShardProof } from './cross-shard-receipt.js';
import { ChainError, decoding, invalidEncoding } from './errors.js';
import { bytesField, fixedField } from './fields.js';
import { defaultHasher, type Hasher } from './hasher.js';
import {
  computeHeaderHash,
  decodeHeader,
  encodeHeader,
  type Header,
  type HeaderVersion,
} from './header.js';
import { computeListRoot } from './list-root.js';
import { decodeStakingTransaction } from './staking-transaction.js';
import { decodeTaggedRlp, encodeTaggedRlp } from './tagged-rlp.js';
import { encodeTransaction, readTransaction, type SignedTransaction } from './transaction.js';

/** Versions of bodies and blocks: 1 adds incoming receipts, 2 adds staking transactions. */
export type BodyVersion = 0 | 1 | 2;

/** The lists of a block. Encoding takes raw items as they are; each must be one RLP list. */
export interface BodyLists {
  readonly transactions: readonly SignedTransaction[];
  /** RLP of staking transactions; version 2 only. */
  readonly stakingTransactions: readonly Uint8Array[];
  /** RLP of headers; empty on every known chain. */
  readonly uncles: readonly Uint8Array[];
  /** RLP of proofs of cross-shard receipts; from version 1. */
  readonly incomingReceipts: readonly Uint8Array[];
}

/** A block without its header. */
export interface Body extends BodyLists {
  readonly version: BodyVersion;
}

/** A whole block. */
export interface Block extends BodyLists {
  readonly header: Header;
}

const TAGS: readonly string[] = ['', 'v1', 'v2'];

/** Version of the body that goes with a header. @source harmony/core/types/block.go: NewBodyForMatchingHeader */
export function bodyVersionOf(header: HeaderVersion): BodyVersion {
  return header === 0 ? 0 : header === 3 ? 2 : 1;
}

function rawItems(items: readonly Uint8Array[], what: string): RawRlp[] {
  return items.map((rlp) => {
    assertOneList(bytesField(rlp, what), what);
    return { rlp };
  });
}

function assertOneList(rlp: Uint8Array, what: string): void {
  decoding(what, () => openRlpList(rlp));
}

function assertNone(items: readonly Uint8Array[], what: string, version: BodyVersion): void {
  if (items.length > 0) {
    throw new ChainError({
      code: 'chain/out-of-range',
      what,
      reason: `must be empty in a version ${version} body`,
    });
  }
}

/** The lists in the order of a version. */
function listItems(lists: BodyLists, version: BodyVersion): RlpInput[] {
  if (version < 2) assertNone(lists.stakingTransactions, 'stakingTransactions', version);
  if (version < 1) assertNone(lists.incomingReceipts, 'incomingReceipts', version);
  const items: RlpInput[] = [lists.transactions.map((tx) => ({ rlp: encodeTransaction(tx) }))];
  if (version === 2) items.push(rawItems(lists.stakingTransactions, 'staking transaction'));
  items.push(rawItems(lists.uncles, 'uncle'));
  if (version >= 1) items.push(rawItems(lists.incomingReceipts, 'incoming receipt'));
  return items;
}

/** Raw items of a list, each accepted by its own decoder. */
function readRawItems(reader: RlpReader, decode: (item: Uint8Array) => unknown): Uint8Array[] {
  const items: Uint8Array[] = [];
  const list = reader.readList();
  while (!list.done) {
    const item = list.readRaw().slice();
    decode(item);
    items.push(item);
  }
  return items;
}

function readLists(reader: RlpReader, version: BodyVersion): BodyLists {
  const transactions: SignedTransaction[] = [];
  const list = reader.readList();
  while (!list.done) transactions.push(readTransaction(list.readList()));
  const stakingTransactions = version === 2 ? readRawItems(reader, decodeStakingTransaction) : [];
  const uncles = readRawItems(reader, decodeHeader);
  const incomingReceipts = version >= 1 ? readRawItems(reader, decodeCrossShardProof) : [];
  return { transactions, stakingTransactions, uncles, incomingReceipts };
}

function versionOfTag(tag: string, what: string): BodyVersion {
  const version = TAGS.indexOf(tag);
  if (version < 0) throw new ChainError({ code: 'chain/unsupported-version', what, tag });
  return version as BodyVersion;
}

/**
 * Bytes of a body.
 *
 * @throws {@link ChainError} `chain/out-of-range` for a list that the version lacks or a field out
 * of range, `chain/invalid-encoding` for a raw item that is not one RLP list.
 */
export function encodeBody(body: Body): Uint8Array {
  const tag = TAGS[body.version];
  if (tag === undefined) throw new TypeError('body.version must be 0, 1 or 2');
  return encodeTaggedRlp({ tag, value: encodeRlp(listItems(body, body.version)) });
}

/** @throws {@link ChainError} `chain/invalid-encoding`, `chain/unsupported-version`. */
export function decodeBody(bytes: Uint8Array): Body {
  const { tag, value } = decodeTaggedRlp(bytes, 'body');
  const version = versionOfTag(tag, 'body');
  return decoding('body', () => {
    const reader = openRlpList(value);
    const lists = readLists(reader, version);
    reader.assertDone('body');
    return { version, ...lists };
  });
}

/** The body of a block. */
export function bodyOf(block: Block): Body {
  return {
    version: bodyVersionOf(block.header.version),
    transactions: block.transactions,
    stakingTransactions: block.stakingTransactions,
    uncles: block.uncles,
    incomingReceipts: block.incomingReceipts,
  };
}

/**
 * Bytes of a whole block, in the version that its header demands.
 *
 * @throws {@link ChainError} as {@link encodeHeader} and {@link encodeBody} do.
 * @source harmony/core/types/block.go: Block.EncodeRLP
 */
export function encodeBlock(block: Block): Uint8Array {
  const version = bodyVersionOf(block.header.version);
  const items: RlpInput[] = [{ rlp: encodeHeader(block.header) }, ...listItems(block, version)];
  return encodeTaggedRlp({ tag: TAGS[version]!, value: encodeRlp(items) });
}

/**
 * A block from its bytes. The lists are not compared with the roots in the header:
 * {@link transactionsRoot} and others compute those.
 *
 * @throws {@link ChainError} `chain/invalid-encoding`, also when the block's version is not the one
 * its header demands; `chain/unsupported-version`.
 * @source harmony/core/types/block.go: Block.DecodeRLP
 */
export function decodeBlock(bytes: Uint8Array): Block {
  const { tag, value } = decodeTaggedRlp(bytes, 'block');
  const version = versionOfTag(tag, 'block');
  return decoding('block', () => {
    const reader = openRlpList(value);
    const header = decodeHeader(reader.readRaw());
    if (bodyVersionOf(header.version) !== version) {
      invalidEncoding('block', `version ${version} does not fit a header of ${header.version}`);
    }
    const lists = readLists(reader, version);
    reader.assertDone('block');
    return { header, ...lists };
  });
}

/** Hash of a block: that of its header. */
export function computeBlockHash(block: Block, hasher: Hasher = defaultHasher): Hash {
  return computeHeaderHash(block.header, hasher);
}

/**
 * Root over the transactions of a block: plain ones in the Harmony form, then the raw staking
 * transactions, with one running index.
 *
 * @source harmony/core/types/derive_sha.go: DeriveSha; block.go: NewBlock
 */
export function transactionsRoot(
  transactions: readonly SignedTransaction[],
  stakingTransactions: readonly Uint8Array[] = [],
  hasher: Hasher = defaultHasher,
): Hash {
  return computeListRoot([...transactions.map(encodeTransaction), ...stakingTransactions], hasher);
}

/**
 * Root over the proofs of incoming receipts of a block, as raw RLP.
 *
 * @source harmony/core/types/block.go: NewBlock
 */
export function incomingReceiptsRoot(
  incomingReceipts: readonly Uint8Array[],
  hasher: Hasher = defaultHasher,
): Hash {
  return computeListRoot(incomingReceipts, hasher);
}

/** A block with the aggregate signature and bitmap of its own committee, as synchronising peers send it. */
export interface SealedBlock {
  readonly block: Block;
  /** 96 bytes. */
  readonly commitSignature: Uint8Array;
  readonly commitBitmap: Uint8Array;
}

/**
 * `[block, signature and bitmap]`.
 *
 * @throws {@link ChainError} as {@link encodeBlock} does; `chain/out-of-range`.
 * @source harmony/core/types.go: BlockWithSig
 */
export function encodeSealedBlock(sealed: SealedBlock): Uint8Array {
  const signature = fixedField(sealed.commitSignature, 96, 'commitSignature');
  const bitmap = bytesField(sealed.commitBitmap, 'commitBitmap');
  const seal = new Uint8Array(96 + bitmap.length);
  seal.set(signature);
  seal.set(bitmap, 96);
  return encodeRlp([{ rlp: encodeBlock(sealed.block) }, seal]);
}

/** @throws {@link ChainError} `chain/invalid-encoding`, `chain/unsupported-version`. */
export function decodeSealedBlock(bytes: Uint8Array): SealedBlock {
  return decoding('sealed block', () => {
    const reader = openRlpList(bytes);
    const block = decodeBlock(reader.readRaw());
    const seal = reader.readBytes();
    reader.assertDone('sealed block');
    if (seal.length < 96) invalidEncoding('sealed block', 'the seal must have at least 96 bytes');
    return { block, commitSignature: seal.slice(0, 96), commitBitmap: seal.slice(96) };
  });
}
