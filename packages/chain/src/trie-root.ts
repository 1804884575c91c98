/**
 * Root of a whole Merkle-Patricia trie in one pass, from the leaves up.
 *
 * Takes all entries sorted by key and never stores a node. Not here: a trie that changes, which is
 * the executor's, and what the keys mean.
 *
 * @source Ethereum yellow paper, appendix D
 */
import { bytesToHex, encodeRlp, type Hash, type RlpInput } from '@polyphony/primitives';
import { EMPTY_BYTES } from './fields.js';
import type { Hasher } from './hasher.js';

/** Root of the trie without entries: Keccak-256 of the empty RLP string. */
export const EMPTY_ROOT: Hash =
  '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421';

/** One entry; `path` is the key as nibbles. */
export interface TrieEntry {
  readonly path: Uint8Array;
  readonly value: Uint8Array;
}

/** A key as nibbles, high one first. */
export function toNibbles(key: Uint8Array): Uint8Array {
  const nibbles = new Uint8Array(key.length * 2);
  for (let i = 0; i < key.length; i++) {
    nibbles[2 * i] = key[i]! >> 4;
    nibbles[2 * i + 1] = key[i]! & 15;
  }
  return nibbles;
}

/** Part of a path with the flag that tells a leaf from an extension (hex-prefix form). */
function hexPrefix(path: Uint8Array, from: number, to: number, leaf: boolean): Uint8Array {
  const length = to - from;
  const odd = length % 2;
  const bytes = new Uint8Array(1 + ((length - odd) >> 1));
  const flag = (leaf ? 2 : 0) + odd;
  bytes[0] = (flag << 4) | (odd === 1 ? path[from]! : 0);
  for (let i = 1, at = from + odd; i < bytes.length; i++, at += 2) {
    bytes[i] = (path[at]! << 4) | path[at + 1]!;
  }
  return bytes;
}

/** Called with every node from the leaves up: its RLP, and the path to it as part of a key. */
export type NodeVisitor = (node: Uint8Array, path: Uint8Array, depth: number) => void;

interface Build {
  readonly entries: readonly TrieEntry[];
  readonly hasher: Hasher;
  readonly visit: NodeVisitor | undefined;
}

/** RLP of the node over entries `low .. high - 1`, which share `depth` nibbles. */
function buildNode(build: Build, low: number, high: number, depth: number): Uint8Array {
  const node = encodeRlp(nodeItems(build, low, high, depth));
  build.visit?.(node, build.entries[low]!.path, depth);
  return node;
}

function nodeItems(build: Build, low: number, high: number, depth: number): RlpInput[] {
  const { entries } = build;
  const first = entries[low]!;
  if (high - low === 1) {
    return [hexPrefix(first.path, depth, first.path.length, true), first.value];
  }
  // Sorted: what the first and the last share, all share.
  const last = entries[high - 1]!.path;
  const limit = Math.min(first.path.length, last.length);
  let shared = depth;
  while (shared < limit && first.path[shared] === last[shared]) shared++;
  if (shared > depth) {
    return [hexPrefix(first.path, depth, shared, false), reference(build, low, high, shared)];
  }
  const branch: RlpInput[] = new Array(17).fill(EMPTY_BYTES);
  let at = low;
  if (first.path.length === depth) {
    branch[16] = first.value;
    at++;
  }
  while (at < high) {
    const nibble = entries[at]!.path[depth]!;
    let end = at + 1;
    while (end < high && entries[end]!.path[depth] === nibble) end++;
    branch[nibble] = reference(build, at, end, depth + 1);
    at = end;
  }
  return branch;
}

/** How a parent names a node: the node itself below 32 bytes, else its hash. */
function reference(build: Build, low: number, high: number, depth: number): RlpInput {
  const node = buildNode(build, low, high, depth);
  return node.length < 32 ? { rlp: node } : build.hasher.keccak256(node);
}

/**
 * Root over entries that are sorted by path, without two equal paths and without empty values.
 */
export function computeSortedTrieRoot(
  entries: readonly TrieEntry[],
  hasher: Hasher,
  visit?: NodeVisitor,
): Hash {
  if (entries.length === 0) return EMPTY_ROOT;
  const root = buildNode({ entries, hasher, visit }, 0, entries.length, 0);
  return bytesToHex(hasher.keccak256(root));
}
