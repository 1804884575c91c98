/**
 * Merkle-Patricia proofs: that a root holds a value under a key, or holds none.
 *
 * A proof is the list of nodes on the way from the root to the key; nodes below 32 bytes are inside
 * their parent. Proofs are made from the whole content of a trie, and checked from the root alone.
 *
 * @source Ethereum yellow paper, appendix D; go-ethereum 1.11.2 trie/proof.go
 */
import {
  type Address,
  bigIntToBytes,
  encodeRlp,
  equalBytes,
  type Hash,
  hexToBytes,
  isProtocolError,
  RlpReader,
} from '@polyphony/primitives';
import { ChainError } from './errors.js';
import { hexField, uintField } from './fields.js';
import { defaultHasher, type Hasher } from './hasher.js';
import { listEntries, listKey } from './list-root.js';
import { type AccountRecord, encodeAccount, secureEntries } from './secure-root.js';
import { computeSortedTrieRoot, EMPTY_ROOT, type TrieEntry, toNibbles } from './trie-root.js';

function startsWith(path: Uint8Array, prefix: Uint8Array, length: number): boolean {
  if (path.length < length) return false;
  for (let i = 0; i < length; i++) if (path[i] !== prefix[i]) return false;
  return true;
}

/** Nodes from the root towards a path, as far as the trie goes. */
function proveEntries(
  entries: readonly TrieEntry[],
  target: Uint8Array,
  hasher: Hasher,
): Uint8Array[] {
  const nodes: Uint8Array[] = [];
  computeSortedTrieRoot(entries, hasher, (node, path, depth) => {
    const listed = node.length >= 32 || depth === 0;
    if (listed && startsWith(target, path, depth)) nodes.push(node);
  });
  return nodes.reverse();
}

/**
 * Proof for one item of a list under {@link computeListRoot}; for an index past the end, that there
 * is none.
 *
 * @throws {@link ChainError} `chain/out-of-range` for an empty item.
 */
export function proveListItem(
  items: readonly Uint8Array[],
  index: number,
  hasher: Hasher = defaultHasher,
): Uint8Array[] {
  return proveEntries(listEntries(items), toNibbles(listKey(index)), hasher);
}

/**
 * Proof for one key of a trie under {@link computeSecureRoot}: of its value, or that it has none.
 *
 * @param key - Before hashing: an address, or a storage slot.
 * @throws {@link ChainError} `chain/out-of-range`.
 */
export function proveSecureKey(
  entries: Iterable<readonly [key: Uint8Array, value: Uint8Array]>,
  key: Uint8Array,
  hasher: Hasher = defaultHasher,
): Uint8Array[] {
  return proveEntries(secureEntries(entries, hasher), toNibbles(hasher.keccak256(key)), hasher);
}

function refuse(reason: string): never {
  throw new ChainError({ code: 'chain/invalid-encoding', what: 'trie proof', reason });
}

/** Items of one node as raw RLP. */
function nodeParts(node: Uint8Array): Uint8Array[] {
  const outer = new RlpReader(node);
  const list = outer.readList();
  outer.assertDone('trie node');
  const parts: Uint8Array[] = [];
  while (!list.done) {
    if (parts.length === 17) refuse('a node has more than 17 items');
    parts.push(list.readRaw());
  }
  return parts;
}

function stringOf(raw: Uint8Array): Uint8Array {
  return new RlpReader(raw).readBytes();
}

/** The partial path of a leaf or extension. */
function decodePath(bytes: Uint8Array): { readonly leaf: boolean; readonly path: Uint8Array } {
  const nibbles = toNibbles(bytes);
  const flag = nibbles[0];
  if (flag === undefined || flag > 3) return refuse('a path has an unknown flag');
  const odd = (flag & 1) === 1;
  if (!odd && nibbles[1] !== 0) refuse('a path has bits in its padding');
  return { leaf: flag >= 2, path: nibbles.subarray(odd ? 1 : 2) };
}

/** Hands out the nodes of a proof in order, each checked against the hash its parent names. */
interface ProofNodes {
  next(hash: Uint8Array): Uint8Array;
  readonly done: boolean;
}

function proofNodes(proof: readonly Uint8Array[], hasher: Hasher): ProofNodes {
  let at = 0;
  return {
    next(hash) {
      const node = proof[at++];
      if (node === undefined) return refuse('a node is missing');
      if (!equalBytes(hasher.keccak256(node), hash)) refuse('a node has another hash');
      return node;
    },
    get done() {
      return at === proof.length;
    },
  };
}

/** The node that a reference in a parent stands for; undefined for no child. */
function resolve(raw: Uint8Array, nodes: ProofNodes): Uint8Array | undefined {
  if (raw[0]! >= 0xc0) {
    if (raw.length >= 32) refuse('a node of 32 bytes or more is inside its parent');
    return raw;
  }
  const reference = stringOf(raw);
  if (reference.length === 0) return undefined;
  if (reference.length !== 32) refuse('a reference must be a node or a hash');
  return nodes.next(reference);
}

/** Follows a path from a root; undefined when the trie has nothing there. */
function followPath(
  root: Uint8Array,
  target: Uint8Array,
  nodes: ProofNodes,
): Uint8Array | undefined {
  let node: Uint8Array | undefined = nodes.next(root);
  let depth = 0;
  while (node !== undefined) {
    const parts: Uint8Array[] = nodeParts(node);
    if (parts.length === 17) {
      const nibble = target[depth];
      if (nibble === undefined) {
        const value = stringOf(parts[16]!);
        return value.length === 0 ? undefined : value;
      }
      depth++;
      node = resolve(parts[nibble]!, nodes);
    } else if (parts.length === 2) {
      const { leaf, path } = decodePath(stringOf(parts[0]!));
      const rest = target.subarray(depth);
      if (leaf) return equalBytes(path, rest) ? stringOf(parts[1]!) : undefined;
      if (path.length === 0) refuse('an extension has an empty path');
      if (!startsWith(rest, path, path.length)) return undefined;
      depth += path.length;
      node = resolve(parts[1]!, nodes);
      if (node === undefined) refuse('an extension leads nowhere');
    } else {
      refuse('a node must have 2 or 17 items');
    }
  }
  return undefined;
}

function verifyPath(
  root: Hash,
  target: Uint8Array,
  value: Uint8Array | undefined,
  proof: readonly Uint8Array[],
  hasher: Hasher,
): boolean {
  if (root === EMPTY_ROOT && proof.length === 0) return value === undefined;
  try {
    const nodes = proofNodes(proof, hasher);
    const found = followPath(hexToBytes(root, 32), target, nodes);
    if (!nodes.done) return false;
    if (found === undefined || value === undefined) return found === value;
    return equalBytes(found, value);
  } catch (error) {
    if (isProtocolError(error)) return false;
    throw error;
  }
}

/**
 * Whether a list under a root has an item at an index; with `undefined`, that it has none there.
 * Every node of the proof must be used.
 */
export function verifyListProof(
  root: Hash,
  index: number,
  item: Uint8Array | undefined,
  proof: readonly Uint8Array[],
  hasher: Hasher = defaultHasher,
): boolean {
  return verifyPath(root, toNibbles(listKey(index)), item, proof, hasher);
}

/**
 * Whether a secure trie under a root has a value under a key; with `undefined`, that it has none.
 *
 * @param key - Before hashing.
 */
export function verifySecureProof(
  root: Hash,
  key: Uint8Array,
  value: Uint8Array | undefined,
  proof: readonly Uint8Array[],
  hasher: Hasher = defaultHasher,
): boolean {
  return verifyPath(root, toNibbles(hasher.keccak256(key)), value, proof, hasher);
}

/**
 * Whether a state has an account exactly so; with `undefined`, that it does not exist.
 *
 * @throws {@link ChainError} `chain/out-of-range` when address or account cannot be encoded.
 */
export function verifyAccountProof(
  stateRoot: Hash,
  address: Address,
  account: AccountRecord | undefined,
  proof: readonly Uint8Array[],
  hasher: Hasher = defaultHasher,
): boolean {
  const value = account === undefined ? undefined : encodeAccount(account);
  return verifySecureProof(stateRoot, hexField(address, 20, 'address'), value, proof, hasher);
}

/**
 * Whether a storage slot has a value; zero means that the slot is not there.
 *
 * @throws {@link ChainError} `chain/out-of-range` when slot or value cannot be encoded.
 */
export function verifyStorageProof(
  storageRoot: Hash,
  slot: Hash,
  value: bigint,
  proof: readonly Uint8Array[],
  hasher: Hasher = defaultHasher,
): boolean {
  const bytes = bigIntToBytes(uintField(value, 256, 'storage value'));
  const expected = value === 0n ? undefined : encodeRlp(bytes);
  return verifySecureProof(storageRoot, hexField(slot, 32, 'slot'), expected, proof, hasher);
}
