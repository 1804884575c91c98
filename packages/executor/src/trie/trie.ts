/**
 * A Merkle-Patricia trie over keys of 32 bytes: reads, changes, its root and what is new in it.
 *
 * A trie value is a version: `put` and `delete` answer with a new one and leave the old one as it
 * was, so going back costs nothing. Reads are synchronous. It does not hash keys and knows nothing
 * of accounts.
 *
 * @source Ethereum yellow paper, appendix D; go-ethereum 1.11.2 trie/trie.go
 */
import { EMPTY_ROOT } from '@polyphony/chain';
import { assertLength, bytesToHex, equalBytes, type Hash, hexToBytes } from '@polyphony/primitives';
import type { BatchOperation } from '@polyphony/storage';
import { ExecutionError } from '../errors.js';
import {
  type Branch,
  branch,
  encodingOf,
  extension,
  type FullNode,
  leaf,
  nibblesOf,
  referenceTo,
  type TrieNode,
} from './node.js';
import type { NodeStore } from './nodes.js';

function sharedLength(path: Uint8Array, key: Uint8Array, depth: number): number {
  const limit = Math.min(path.length, key.length - depth);
  let shared = 0;
  while (shared < limit && path[shared] === key[depth + shared]) shared++;
  return shared;
}

function joinPath(nibble: number, path: Uint8Array): Uint8Array {
  const joined = new Uint8Array(path.length + 1);
  joined[0] = nibble;
  joined.set(path, 1);
  return joined;
}

/** One version of a trie. */
export class Trie {
  readonly #nodes: NodeStore;
  readonly #root: TrieNode | undefined;

  private constructor(nodes: NodeStore, root: TrieNode | undefined) {
    this.#nodes = nodes;
    this.#root = root;
  }

  /**
   * The trie with a root. The root node is read at once, so that a missing state shows here.
   *
   * @throws {@link ExecutionError} `executor/missing-node`, `executor/corrupt-node`.
   */
  static open(nodes: NodeStore, root: Hash): Trie {
    if (root === EMPTY_ROOT) return new Trie(nodes, undefined);
    return new Trie(nodes, nodes.read(hexToBytes(root, 32)));
  }

  #full(node: TrieNode): FullNode {
    return node.kind === 'hash' ? this.#nodes.read(node.hash) : node;
  }

  /** The value of a key; undefined when absent. */
  get(key: Uint8Array): Uint8Array | undefined {
    const path = nibblesOf(assertLength(key, 32, 'trie key'));
    let node = this.#root;
    let depth = 0;
    while (node !== undefined) {
      const full = this.#full(node);
      if (full.kind === 'branch') {
        node = full.children[path[depth]!];
        depth++;
        continue;
      }
      if (sharedLength(full.path, path, depth) < full.path.length) return undefined;
      if (full.kind === 'leaf') return full.value;
      node = full.child;
      depth += full.path.length;
    }
    return undefined;
  }

  /**
   * A version in which a key has a value. The value must not be empty and must not be changed
   * afterwards.
   */
  put(key: Uint8Array, value: Uint8Array): Trie {
    const path = nibblesOf(assertLength(key, 32, 'trie key'));
    if (value.length === 0) {
      const details = { what: 'trie value', reason: 'must not be empty' } as const;
      throw new ExecutionError({ code: 'executor/out-of-range', ...details });
    }
    return this.#with(this.#put(this.#root, path, 0, value));
  }

  /** A version without a key; the same version when it has none. */
  delete(key: Uint8Array): Trie {
    const path = nibblesOf(assertLength(key, 32, 'trie key'));
    return this.#with(this.#root === undefined ? undefined : this.#delete(this.#root, path, 0));
  }

  #with(root: TrieNode | undefined): Trie {
    return root === this.#root ? this : new Trie(this.#nodes, root);
  }

  #put(node: TrieNode | undefined, path: Uint8Array, depth: number, value: Uint8Array): TrieNode {
    if (node === undefined) return leaf(path.subarray(depth), value);
    const full = this.#full(node);
    if (full.kind === 'branch') {
      const nibble = path[depth]!;
      const child = full.children[nibble];
      const changed = this.#put(child, path, depth + 1, value);
      if (changed === child) return node;
      const children = full.children.slice();
      children[nibble] = changed;
      return branch(children);
    }
    const shared = sharedLength(full.path, path, depth);
    if (shared === full.path.length) {
      if (full.kind === 'leaf') {
        return equalBytes(full.value, value) ? node : leaf(full.path, value);
      }
      const child = this.#put(full.child, path, depth + shared, value);
      return child === full.child ? node : extension(full.path, child);
    }
    const children = new Array<TrieNode | undefined>(16).fill(undefined);
    const rest = full.path.subarray(shared + 1);
    children[full.path[shared]!] =
      full.kind === 'leaf'
        ? leaf(rest, full.value)
        : rest.length === 0
          ? full.child
          : extension(rest, full.child);
    children[path[depth + shared]!] = leaf(path.subarray(depth + shared + 1), value);
    const split: Branch = branch(children);
    return shared === 0 ? split : extension(full.path.subarray(0, shared), split);
  }

  #delete(node: TrieNode, path: Uint8Array, depth: number): TrieNode | undefined {
    const full = this.#full(node);
    if (full.kind === 'branch') return this.#deleteBelow(node, full, path, depth);
    const shared = sharedLength(full.path, path, depth);
    if (shared < full.path.length) return node;
    if (full.kind === 'leaf') return undefined;
    const child = this.#delete(full.child, path, depth + shared);
    if (child === full.child) return node;
    // A branch has two children or more, so something is left.
    return this.#prepend(full.path, child!);
  }

  #deleteBelow(
    node: TrieNode,
    full: Branch,
    path: Uint8Array,
    depth: number,
  ): TrieNode | undefined {
    const nibble = path[depth]!;
    const child = full.children[nibble];
    if (child === undefined) return node;
    const changed = this.#delete(child, path, depth + 1);
    if (changed === child) return node;
    const children = full.children.slice();
    children[nibble] = changed;
    if (changed !== undefined) return branch(children);
    let only = -1;
    for (let i = 0; i < 16; i++) {
      if (children[i] === undefined) continue;
      if (only >= 0) return branch(children);
      only = i;
    }
    return this.#prepend(Uint8Array.of(only), children[only]!);
  }

  /** A node below a path: paths of leaves and extensions grow, a branch gets an extension. */
  #prepend(path: Uint8Array, node: TrieNode): TrieNode {
    const full = this.#full(node);
    if (full.kind === 'branch') return extension(path, node);
    const joined =
      path.length === 1 ? joinPath(path[0]!, full.path) : Uint8Array.of(...path, ...full.path);
    return full.kind === 'leaf' ? leaf(joined, full.value) : extension(joined, full.child);
  }

  /** The root hash; {@link EMPTY_ROOT} without entries. */
  rootHash(): Hash {
    const root = this.#root;
    // A path of 64 nibbles makes the root at least 32 bytes long: it is always named by its hash.
    return root === undefined ? EMPTY_ROOT : bytesToHex(referenceTo(root, this.#nodes.hash));
  }

  /**
   * Adds the operations that store what the store does not have yet, and treats it as stored from
   * then on. The callback puts the new nodes into the cache; call it once the write is confirmed.
   */
  commit(operations: BatchOperation[]): () => void {
    const written: [Uint8Array, FullNode][] = [];
    const root = this.#root;
    if (root === undefined || root.kind === 'hash') return () => {};
    const put = (hash: Uint8Array, node: FullNode): void => {
      operations.push(this.#nodes.put(hash, encodingOf(node, this.#nodes.hash)));
      written.push([hash, node]);
    };
    this.#collect(root, put);
    return () => {
      for (const [hash, node] of written) this.#nodes.remember(hash, withStubs(node));
    };
  }

  #collect(node: TrieNode, put: (hash: Uint8Array, node: FullNode) => void): void {
    if (node.kind === 'hash' || node.memo.stored) return;
    if (node.kind === 'branch') {
      for (const child of node.children) if (child !== undefined) this.#collect(child, put);
    } else if (node.kind === 'extension') {
      this.#collect(node.child, put);
    }
    const reference = referenceTo(node, this.#nodes.hash);
    if (reference.length === 32) put(reference, node);
    node.memo.stored = true;
    node.memo.encoded = undefined;
  }

  /**
   * The encodings of the nodes from the root towards a key: proof of its value, or of its absence.
   * Nodes that are embedded in their parent are not listed on their own.
   */
  prove(key: Uint8Array): readonly Uint8Array[] {
    const path = nibblesOf(assertLength(key, 32, 'trie key'));
    const proof: Uint8Array[] = [];
    let node = this.#root;
    let depth = 0;
    while (node !== undefined) {
      const full = this.#full(node);
      const encoded = encodingOf(full, this.#nodes.hash);
      if (depth === 0 || encoded.length >= 32) proof.push(new Uint8Array(encoded));
      if (full.kind === 'branch') {
        node = full.children[path[depth]!];
        depth++;
      } else if (full.kind === 'leaf' || sharedLength(full.path, path, depth) < full.path.length) {
        break;
      } else {
        node = full.child;
        depth += full.path.length;
      }
    }
    return proof;
  }
}

/** A copy whose children are named and not held, so that a cached node does not keep a subtree. */
function withStubs(node: FullNode): FullNode {
  const toHashNode = (child: TrieNode): TrieNode => {
    if (child.kind === 'hash') return child;
    const { reference } = child.memo;
    return reference !== undefined && reference.length === 32
      ? { kind: 'hash', hash: reference }
      : withStubs(child);
  };
  if (node.kind === 'leaf') return node;
  if (node.kind === 'extension') return extension(node.path, toHashNode(node.child), node.memo);
  return branch(
    node.children.map((child) => (child === undefined ? undefined : toHashNode(child))),
    node.memo,
  );
}
