/**
 * Root of a whole Merkle-Patricia trie in one pass, from the leaves up.
 *
 * Takes all entries sorted by key and never stores a node: each is written to the same bytes, hashed
 * and overwritten by the next. Not here: a trie that changes, which is the executor's, and what the
 * keys mean.
 *
 * @source Ethereum yellow paper, appendix D
 */
import { bytesToHex, type Hash } from '@polyphony/primitives';
import { bytesField, EMPTY_BYTES } from './fields.js';
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

/**
 * Called with every node from the leaves up: its RLP, which is the visitor's to keep, and the path to
 * it as part of a key.
 */
export type NodeVisitor = (node: Uint8Array, path: Uint8Array, depth: number) => void;

/** How a parent names a node: the node itself below 32 bytes, else its hash of 32; none, no bytes. */
type Reference = Uint8Array;

/** Most bytes before the payload of a list or a string. */
const HEADER = 5;

/** Room for a branch of 16 hashes, or for a leaf with most of what blocks hold; it grows. */
const ROOM = 1024;

/** Bytes that `writeHeader` writes before a payload of `length`. */
function headerSize(length: number): number {
  return length < 56 ? 1 : length < 0x100 ? 2 : length < 0x10000 ? 3 : length < 0x1000000 ? 4 : 5;
}

/** Bytes of a value as an RLP string. */
function stringSize(bytes: Uint8Array): number {
  const { length } = bytes;
  return length === 1 && bytes[0]! < 0x80 ? 1 : headerSize(length) + length;
}

/** Bytes of a part of a path in hex-prefix form, as an RLP string. */
function pathSize(nibbles: number): number {
  const length = 1 + (nibbles >> 1);
  return length === 1 ? 1 : headerSize(length) + length;
}

/** Bytes of a reference inside its parent. */
function referenceSize({ length }: Reference): number {
  return length === 32 ? 33 : length === 0 ? 1 : length;
}

/** The state of one build: the entries, and the buffer in which nodes are written. */
class Build {
  private readonly entries: readonly TrieEntry[];
  private readonly hasher: Hasher;
  private readonly visit: NodeVisitor | undefined;
  private out = new Uint8Array(ROOM);
  private at = 0;

  constructor(entries: readonly TrieEntry[], hasher: Hasher, visit: NodeVisitor | undefined) {
    this.entries = entries;
    this.hasher = hasher;
    this.visit = visit;
  }

  root(): Uint8Array {
    this.node(0, this.entries.length, 0);
    return this.hasher.keccak256(this.out.subarray(0, this.at));
  }

  /** Writes the node over entries `low .. high - 1`, which share `depth` nibbles, from byte 0. */
  private node(low: number, high: number, depth: number): void {
    const first = this.entries[low]!;
    if (high - low === 1) this.leaf(first, depth);
    else this.inner(first, low, high, depth);
    this.visit?.(this.out.slice(0, this.at), first.path, depth);
  }

  private reference(low: number, high: number, depth: number): Reference {
    this.node(low, high, depth);
    const { out, at } = this;
    return at < 32 ? out.slice(0, at) : this.hasher.keccak256(out.subarray(0, at));
  }

  private leaf({ path, value }: TrieEntry, depth: number): void {
    bytesField(value, 'trie value');
    this.start(pathSize(path.length - depth) + stringSize(value));
    this.writePath(path, depth, path.length, 2);
    this.writeString(value);
  }

  private inner(first: TrieEntry, low: number, high: number, depth: number): void {
    const { entries } = this;
    // Sorted: what the first and the last share, all share.
    const last = entries[high - 1]!.path;
    const limit = Math.min(first.path.length, last.length);
    let shared = depth;
    while (shared < limit && first.path[shared] === last[shared]) shared++;
    if (shared > depth) this.extension(first.path, low, high, depth, shared);
    else this.branch(first, low, high, depth);
  }

  private extension(path: Uint8Array, low: number, high: number, from: number, to: number): void {
    const child = this.reference(low, high, to);
    this.start(pathSize(to - from) + referenceSize(child));
    this.writePath(path, from, to, 0);
    this.writeReference(child);
  }

  private branch(first: TrieEntry, low: number, high: number, depth: number): void {
    const { entries } = this;
    const children: Reference[] = new Array(16).fill(EMPTY_BYTES);
    let value: Uint8Array = EMPTY_BYTES;
    let at = low;
    if (first.path.length === depth) {
      value = bytesField(first.value, 'trie value');
      at++;
    }
    let payload = stringSize(value);
    while (at < high) {
      const nibble = entries[at]!.path[depth]!;
      let end = at + 1;
      while (end < high && entries[end]!.path[depth] === nibble) end++;
      children[nibble] = this.reference(at, end, depth + 1);
      at = end;
    }
    for (let i = 0; i < 16; i++) payload += referenceSize(children[i]!);
    this.start(payload);
    for (let i = 0; i < 16; i++) this.writeReference(children[i]!);
    this.writeString(value);
  }

  /** Makes room for a list and writes its header. */
  private start(payload: number): void {
    if (HEADER + payload > this.out.length) this.out = new Uint8Array(2 * (HEADER + payload));
    this.at = 0;
    this.writeHeader(payload, 0xc0);
  }

  private writeHeader(length: number, base: number): void {
    const { out } = this;
    const size = headerSize(length) - 1;
    out[this.at++] = size === 0 ? base + length : base + 55 + size;
    for (let shift = 8 * (size - 1); shift >= 0; shift -= 8) out[this.at++] = length >>> shift;
  }

  private writeString(bytes: Uint8Array): void {
    if (bytes.length !== 1 || bytes[0]! >= 0x80) this.writeHeader(bytes.length, 0x80);
    this.out.set(bytes, this.at);
    this.at += bytes.length;
  }

  private writeReference(reference: Reference): void {
    const { length } = reference;
    if (length === 32) this.out[this.at++] = 0xa0;
    else if (length === 0) this.out[this.at++] = 0x80;
    this.out.set(reference, this.at);
    this.at += length;
  }

  /** Part of a path with the flag that tells a leaf (2) from an extension (0): hex-prefix form. */
  private writePath(path: Uint8Array, from: number, to: number, flag: number): void {
    const { out } = this;
    const odd = (to - from) & 1;
    const length = 1 + ((to - from) >> 1);
    // Alone, the flag is a byte below 0x80, which is its own RLP.
    if (length > 1) this.writeHeader(length, 0x80);
    out[this.at++] = ((flag + odd) << 4) | (odd === 1 ? path[from]! : 0);
    for (let i = from + odd; i < to; i += 2) out[this.at++] = (path[i]! << 4) | path[i + 1]!;
  }
}

/** Root over entries that are sorted by path, without two equal paths and without empty values. */
export function computeSortedTrieRoot(
  entries: readonly TrieEntry[],
  hasher: Hasher,
  visit?: NodeVisitor,
): Hash {
  if (entries.length === 0) return EMPTY_ROOT;
  return bytesToHex(new Build(entries, hasher, visit).root());
}
