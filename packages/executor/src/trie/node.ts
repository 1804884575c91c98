/**
 * Nodes of a Merkle-Patricia trie and their bytes.
 *
 * Nodes are never changed: a new version of a trie shares what did not change with the old one. Keys
 * are hashes and all of one length, so no branch holds a value of its own. A node remembers its
 * encoding and how a parent names it, and whether the store has it.
 *
 * @source Ethereum yellow paper, appendix D
 */
import { isProtocolError, openRlpList, RlpReader } from '@polyphony/primitives';

/** A key's rest and its value. */
export interface Leaf {
  readonly kind: 'leaf';
  /** Nibbles from here to the end of the key. */
  readonly path: Uint8Array;
  readonly value: Uint8Array;
  readonly memo: Memo;
}

/** Nibbles that all keys below share; its child is always a branch. */
export interface Extension {
  readonly kind: 'extension';
  readonly path: Uint8Array;
  readonly child: TrieNode;
  readonly memo: Memo;
}

/** One child per nibble, at least two. */
export interface Branch {
  readonly kind: 'branch';
  readonly children: readonly (TrieNode | undefined)[];
  readonly memo: Memo;
}

/** A node that is in the store and was not read yet. */
export interface HashNode {
  readonly kind: 'hash';
  /** 32 bytes. */
  readonly hash: Uint8Array;
}

/** A node that was read or made. */
export type FullNode = Leaf | Extension | Branch;

/** Any node of a trie. */
export type TrieNode = FullNode | HashNode;

/** What a node knows of itself: computed from the rest, never part of its meaning. */
export interface Memo {
  /** The encoding, kept from hashing until it is stored. */
  encoded: Uint8Array | undefined;
  /** How a parent names the node: its hash, or the encoding itself when that is shorter. */
  reference: Uint8Array | undefined;
  /** Whether the store has it, and so all below it. */
  stored: boolean;
}

/** Keccak-256. */
export type HashFunction = (data: Uint8Array) => Uint8Array;

function fresh(): Memo {
  return { encoded: undefined, reference: undefined, stored: false };
}

/** A new leaf. */
export function leaf(path: Uint8Array, value: Uint8Array, memo: Memo = fresh()): Leaf {
  return { kind: 'leaf', path, value, memo };
}

/** A new extension. */
export function extension(path: Uint8Array, child: TrieNode, memo: Memo = fresh()): Extension {
  return { kind: 'extension', path, child, memo };
}

/** A new branch. */
export function branch(children: readonly (TrieNode | undefined)[], memo: Memo = fresh()): Branch {
  return { kind: 'branch', children, memo };
}

/** A key as nibbles, high one first. */
export function nibblesOf(key: Uint8Array): Uint8Array {
  const nibbles = new Uint8Array(key.length * 2);
  for (let i = 0; i < key.length; i++) {
    nibbles[2 * i] = key[i]! >> 4;
    nibbles[2 * i + 1] = key[i]! & 15;
  }
  return nibbles;
}

function stringSize(length: number, first: number): number {
  if (length === 1 && first < 0x80) return 1;
  if (length < 56) return 1 + length;
  return 1 + lengthBytes(length) + length;
}

function lengthBytes(length: number): number {
  return length < 0x100 ? 1 : length < 0x10000 ? 2 : length < 0x1000000 ? 3 : 4;
}

function writePrefix(out: Uint8Array, at: number, length: number, base: number): number {
  if (length < 56) {
    out[at] = base + length;
    return at + 1;
  }
  const size = lengthBytes(length);
  let position = at;
  out[position++] = base + 55 + size;
  for (let shift = (size - 1) * 8; shift >= 0; shift -= 8) {
    out[position++] = (length >>> shift) & 255;
  }
  return position;
}

function listOf(payload: number): { readonly out: Uint8Array; readonly at: number } {
  const size = payload < 56 ? 1 + payload : 1 + lengthBytes(payload) + payload;
  const out = new Uint8Array(size);
  return { out, at: writePrefix(out, 0, payload, 0xc0) };
}

/** Writes a path with its kind and parity flag as an RLP string. */
function writePath(out: Uint8Array, at: number, path: Uint8Array, isLeaf: boolean): number {
  const odd = path.length & 1;
  const length = 1 + (path.length >> 1);
  let position = length === 1 ? at : writePrefix(out, at, length, 0x80);
  out[position++] = (isLeaf ? 0x20 : 0) | (odd === 1 ? 0x10 | path[0]! : 0);
  for (let i = odd; i < path.length; i += 2) out[position++] = (path[i]! << 4) | path[i + 1]!;
  return position;
}

function pathSize(path: Uint8Array): number {
  // The first byte is below 0x80, so a path of one byte needs no prefix.
  const length = 1 + (path.length >> 1);
  return length === 1 ? 1 : stringSize(length, 0);
}

function writeReference(out: Uint8Array, at: number, reference: Uint8Array): number {
  let position = at;
  if (reference.length === 32) out[position++] = 0xa0;
  out.set(reference, position);
  return position + reference.length;
}

function encode(node: FullNode, hash: HashFunction): Uint8Array {
  if (node.kind === 'branch') {
    const references: (Uint8Array | undefined)[] = new Array(16);
    let payload = 1;
    for (let i = 0; i < 16; i++) {
      const child = node.children[i];
      const reference = child === undefined ? undefined : referenceTo(child, hash);
      references[i] = reference;
      payload += reference === undefined ? 1 : reference.length + (reference.length === 32 ? 1 : 0);
    }
    const list = listOf(payload);
    let { at } = list;
    for (let i = 0; i < 16; i++) {
      const reference = references[i];
      if (reference === undefined) list.out[at++] = 0x80;
      else at = writeReference(list.out, at, reference);
    }
    list.out[at] = 0x80;
    return list.out;
  }
  if (node.kind === 'leaf') {
    const { path, value } = node;
    const list = listOf(pathSize(path) + stringSize(value.length, value[0] ?? 0x80));
    let at = writePath(list.out, list.at, path, true);
    if (!(value.length === 1 && value[0]! < 0x80)) {
      at = writePrefix(list.out, at, value.length, 0x80);
    }
    list.out.set(value, at);
    return list.out;
  }
  const reference = referenceTo(node.child, hash);
  const list = listOf(pathSize(node.path) + reference.length + (reference.length === 32 ? 1 : 0));
  writeReference(list.out, writePath(list.out, list.at, node.path, false), reference);
  return list.out;
}

/** The RLP of a node. */
export function encodingOf(node: FullNode, hash: HashFunction): Uint8Array {
  const { memo } = node;
  if (memo.encoded !== undefined) return memo.encoded;
  const encoded = encode(node, hash);
  if (!memo.stored) memo.encoded = encoded;
  return encoded;
}

/** How a parent names a node: its 32-byte hash, or its encoding when that is shorter. */
export function referenceTo(node: TrieNode, hash: HashFunction): Uint8Array {
  if (node.kind === 'hash') return node.hash;
  const { memo } = node;
  if (memo.reference !== undefined) return memo.reference;
  const encoded = encodingOf(node, hash);
  const reference = encoded.length < 32 ? encoded : hash(encoded);
  memo.reference = reference;
  return reference;
}

/** Says what is wrong with the bytes of a node. @internal */
export class NodeFormatError extends Error {}

function malformed(reason: string): never {
  throw new NodeFormatError(reason);
}

/** Splits the compact form of a path; the flag says whether the node is a leaf. */
function readPath(bytes: Uint8Array): { readonly path: Uint8Array; readonly isLeaf: boolean } {
  const first = bytes[0];
  if (first === undefined) malformed('a path is empty');
  if (first >= 0x40) malformed('a path has an unknown flag');
  const odd = (first >> 4) & 1;
  if (odd === 0 && (first & 15) !== 0) malformed('a path has bits set in its padding');
  const path = new Uint8Array((bytes.length - 1) * 2 + odd);
  if (odd === 1) path[0] = first & 15;
  for (let i = 1, at = odd; i < bytes.length; i++, at += 2) {
    path[at] = bytes[i]! >> 4;
    path[at + 1] = bytes[i]! & 15;
  }
  return { path, isLeaf: (first & 0x20) !== 0 };
}

function stored(): Memo {
  return { encoded: undefined, reference: undefined, stored: true };
}

/** What a parent holds for a child: a hash, or a short node itself. */
function readReference(item: Uint8Array): TrieNode {
  if (item[0]! >= 0xc0) {
    if (item.length >= 32) malformed('a node of 32 bytes or more is embedded');
    const node = parse(item);
    // A short node is named by its own bytes.
    node.memo.reference = item;
    return node;
  }
  if (item.length !== 33) malformed('a child is neither a hash nor a node');
  return { kind: 'hash', hash: item.subarray(1) };
}

function parse(bytes: Uint8Array): FullNode {
  const list = openRlpList(bytes);
  const items: Uint8Array[] = [];
  while (!list.done) {
    if (items.length === 17) malformed('a node has more than 17 items');
    items.push(list.readRaw());
  }
  if (items.length === 17) {
    const children = new Array<TrieNode | undefined>(16).fill(undefined);
    let count = 0;
    for (let i = 0; i < 16; i++) {
      const item = items[i]!;
      if (item.length === 1 && item[0] === 0x80) continue;
      children[i] = readReference(item);
      count++;
    }
    if (items[16]!.length !== 1 || items[16]![0] !== 0x80) malformed('a branch has a value');
    if (count < 2) malformed('a branch has fewer than two children');
    return branch(children, stored());
  }
  if (items.length !== 2) malformed(`a node has ${items.length} items`);
  const { path, isLeaf } = readPath(new RlpReader(items[0]!).readBytes());
  if (isLeaf) {
    const value = new RlpReader(items[1]!).readBytes();
    if (value.length === 0) malformed('a leaf has no value');
    return leaf(path, value, stored());
  }
  if (path.length === 0) malformed('an extension has no path');
  const child = readReference(items[1]!);
  if (child.kind === 'leaf' || child.kind === 'extension') {
    malformed('the child of an extension is no branch');
  }
  return extension(path, child, stored());
}

/**
 * A node from its bytes; paths and values are views into them.
 *
 * @throws NodeFormatError for anything that no trie with keys of one length writes.
 */
export function decodeNode(bytes: Uint8Array): FullNode {
  try {
    return parse(bytes);
  } catch (error) {
    if (isProtocolError(error)) throw new NodeFormatError(error.message, { cause: error });
    throw error;
  }
}
