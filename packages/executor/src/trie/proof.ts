/**
 * Reading a value out of a proof: nodes from a known root towards a key, each named by its parent.
 *
 * @source Ethereum yellow paper, appendix D; EIP-1186
 */
import { defaultHasher, EMPTY_ROOT, type Hasher } from '@polyphony/chain';
import { assertLength, equalBytes, type Hash, hexToBytes } from '@polyphony/primitives';
import { ExecutionError } from '../errors.js';
import { decodeNode, type FullNode, NodeFormatError, nibblesOf, type TrieNode } from './node.js';

function invalid(reason: string): never {
  throw new ExecutionError({ code: 'executor/invalid-proof', reason });
}

/**
 * The value that a proof shows under a root; undefined when it shows that there is none.
 *
 * @param key - 32 bytes as the trie has them: for accounts and storage the hash of the key.
 * @param proof - Encodings of the nodes from the root down, without embedded ones, and none besides.
 * @throws {@link ExecutionError} `executor/invalid-proof`.
 */
export function readProof(
  root: Hash,
  key: Uint8Array,
  proof: readonly Uint8Array[],
  hasher: Hasher = defaultHasher,
): Uint8Array | undefined {
  const path = nibblesOf(assertLength(key, 32, 'trie key'));
  if (root === EMPTY_ROOT) {
    if (proof.length > 0) invalid('the trie is empty, but the proof is not');
    return undefined;
  }
  let used = 0;
  let depth = 0;
  let node: TrieNode = { kind: 'hash', hash: hexToBytes(root, 32) };
  const finish = (value: Uint8Array | undefined): Uint8Array | undefined => {
    if (used < proof.length) invalid(`it has ${proof.length - used} nodes too many`);
    return value === undefined ? undefined : new Uint8Array(value);
  };
  const read = (hash: Uint8Array): FullNode => {
    const encoded = proof[used++];
    if (encoded === undefined) invalid('a node is missing');
    if (!equalBytes(hasher.keccak256(encoded), hash)) {
      invalid(`node ${used - 1} does not have the hash that its parent names`);
    }
    return decode(encoded, used - 1);
  };
  for (;;) {
    const full: FullNode = node.kind === 'hash' ? read(node.hash) : node;
    if (full.kind === 'branch') {
      const nibble = path[depth++];
      if (nibble === undefined) invalid('it is deeper than the key is long');
      const child: TrieNode | undefined = full.children[nibble];
      if (child === undefined) return finish(undefined);
      node = child;
      continue;
    }
    for (let i = 0; i < full.path.length; i++) {
      if (full.path[i] !== path[depth + i]) return finish(undefined);
    }
    depth += full.path.length;
    if (full.kind === 'leaf') {
      if (depth !== path.length) invalid('a value lies above the end of the key');
      return finish(full.value);
    }
    node = full.child;
  }
}

function decode(encoded: Uint8Array, index: number): FullNode {
  try {
    return decodeNode(encoded);
  } catch (error) {
    if (error instanceof NodeFormatError) invalid(`node ${index} is malformed: ${error.message}`);
    throw error;
  }
}
