/**
 * Cross-links: how the beacon shard records the sealed blocks of the other shards.
 *
 * A link names a block and carries its committee's seal as bytes. Here are the codec and the checks
 * that need nothing but the list itself. Not here: the seal, and whether a link is stored already.
 *
 * @source harmony/core/types/crosslink.go; core/blockchain_impl.go: VerifyBlockCrossLinks
 */
import { isActive, type Network } from '@polyphony/networks';
import {
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
  fixedField,
  hexField,
  readHash,
  readOwnBytes,
  uint32Field,
  uintField,
} from './fields.js';
import { defaultHasher, type Hasher } from './hasher.js';
import { computeHeaderHash, type Header } from './header.js';

/** A block of a shard and the seal of its committee. */
export interface CrossLink {
  readonly blockHash: Hash;
  readonly blockNumber: bigint;
  readonly viewId: bigint;
  /** 96 bytes. */
  readonly signature: Uint8Array;
  readonly bitmap: Uint8Array;
  readonly shardId: number;
  readonly epoch: bigint;
}

function crossLinkItems(link: CrossLink): RlpInput[] {
  return [
    hexField(link.blockHash, 32, 'blockHash'),
    uintField(link.blockNumber, 64, 'blockNumber'),
    uintField(link.viewId, 64, 'viewId'),
    fixedField(link.signature, 96, 'signature'),
    bytesField(link.bitmap, 'bitmap'),
    uint32Field(link.shardId, 'shardId'),
    uintField(link.epoch, 64, 'epoch'),
  ];
}

function readCrossLink(list: RlpReader): CrossLink {
  const link: CrossLink = {
    blockHash: readHash(list),
    blockNumber: list.readBigInt(64),
    viewId: list.readBigInt(64),
    signature: list.readFixed(96).slice(),
    bitmap: readOwnBytes(list),
    shardId: list.readUint32(),
    epoch: list.readBigInt(64),
  };
  list.assertDone('cross-link');
  return link;
}

/**
 * `[blockHash, blockNumber, viewId, signature, bitmap, shardId, epoch]`.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 * @source harmony/core/types/crosslink.go: CrossLink
 */
export function encodeCrossLink(link: CrossLink): Uint8Array {
  return encodeRlp(crossLinkItems(link));
}

/** @throws {@link ChainError} `chain/invalid-encoding`. */
export function decodeCrossLink(bytes: Uint8Array): CrossLink {
  return decoding('cross-link', () => readCrossLink(openRlpList(bytes)));
}

/**
 * The header field: the list of links, or nothing for none.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 */
export function encodeCrossLinks(links: readonly CrossLink[]): Uint8Array {
  return links.length === 0 ? EMPTY_BYTES : encodeRlp(links.map(crossLinkItems));
}

/**
 * The links of a header field; none for an empty field or an empty list.
 *
 * @throws {@link ChainError} `chain/invalid-encoding`.
 */
export function decodeCrossLinks(bytes: Uint8Array): CrossLink[] {
  if (bytes.length === 0) return [];
  return decoding('cross-links', () => {
    const list = openRlpList(bytes);
    const links: CrossLink[] = [];
    while (!list.done) links.push(readCrossLink(list.readList()));
    return links;
  });
}

/**
 * The link to a block, made from it and the block after it, which carries its seal.
 *
 * @throws {@link ChainError} `chain/invalid-cross-links` when `child` does not follow `parent`.
 * @source harmony/core/types/crosslink.go: NewCrossLink
 */
export function crossLinkOf(
  parent: Header,
  child: Header,
  hasher: Hasher = defaultHasher,
): CrossLink {
  const blockHash = computeHeaderHash(parent, hasher);
  if (child.parentHash !== blockHash) refuse('the child does not follow the parent');
  return {
    blockHash,
    blockNumber: parent.number,
    viewId: parent.viewId,
    signature: child.lastCommitSignature,
    bitmap: child.lastCommitBitmap,
    shardId: parent.shardId,
    epoch: parent.epoch,
  };
}

function refuse(reason: string): never {
  throw new ChainError({ code: 'chain/invalid-cross-links', reason });
}

function sign(difference: bigint): number {
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/**
 * The order of links in a header: by shard, then number, then view.
 *
 * @source harmony/core/types/crosslink.go: CrossLinks.Sort
 */
export function compareCrossLinks(a: CrossLink, b: CrossLink): number {
  return a.shardId - b.shardId || sign(a.blockNumber - b.blockNumber) || sign(a.viewId - b.viewId);
}

/**
 * Checks the links of a beacon header that need no state: sorted; no block twice (from
 * `duplicateCrossLink`); then for each no link to shard 0 (from `rejectShard0CrossLink`), a number
 * above 1, and an epoch with cross-links. Still to be asked: whether a link is stored already, and
 * its seal, for every link in full.
 *
 * @param epoch - Epoch of the beacon header.
 * @throws {@link ChainError} `chain/invalid-cross-links`.
 * @source harmony/core/blockchain_impl.go: VerifyBlockCrossLinks, VerifyCrossLink
 * @activation duplicateCrossLink, rejectShard0CrossLink, crossLink
 */
export function assertValidCrossLinks(
  links: readonly CrossLink[],
  network: Network,
  epoch: bigint,
): void {
  const noDuplicates = isActive(network, 'duplicateCrossLink', epoch);
  const noBeaconLinks = isActive(network, 'rejectShard0CrossLink', epoch);
  for (let i = 1; i < links.length; i++) {
    if (compareCrossLinks(links[i - 1]!, links[i]!) > 0) {
      refuse('[CrossLinkVerification] cross links are not sorted');
    }
  }
  for (let i = 1; noDuplicates && i < links.length; i++) {
    const [a, b] = [links[i - 1]!, links[i]!];
    if (a.shardId === b.shardId && a.blockNumber === b.blockNumber) {
      refuse('[CrossLinkVerification] duplicate cross links in block header');
    }
  }
  for (const link of links) {
    if (noBeaconLinks && link.shardId === 0) refuse('invalid crosslink shard: 0');
    if (link.blockNumber <= 1n) refuse('cross link block number must be above 1');
    if (!isActive(network, 'crossLink', link.epoch)) {
      refuse(`cross links do not exist at epoch ${link.epoch}`);
    }
  }
}
