/**
 * Root of an ordered list: the trie that headers commit to for transactions and receipts.
 *
 * A plain trie (keys are not hashed) whose keys are the RLP of the index. Computed in one pass:
 * indices need no sorting, only a fixed reordering. Not here: what the items are.
 *
 * @source harmony/core/types/derive_sha.go: DeriveSha
 */
import type { Hash } from '@polyphony/primitives';
import { ChainError } from './errors.js';
import { defaultHasher, type Hasher } from './hasher.js';
import { computeSortedTrieRoot, type TrieEntry, toNibbles } from './trie-root.js';

/** Key of an index: its RLP. */
export function listKey(index: number): Uint8Array {
  if (index === 0) return Uint8Array.of(0x80);
  if (index < 0x80) return Uint8Array.of(index);
  if (index < 0x100) return Uint8Array.of(0x81, index);
  if (index < 0x10000) return Uint8Array.of(0x82, index >> 8, index & 255);
  if (index < 0x1000000) return Uint8Array.of(0x83, index >> 16, (index >> 8) & 255, index & 255);
  return Uint8Array.of(0x84, index >>> 24, (index >> 16) & 255, (index >> 8) & 255, index & 255);
}

/** Rank of an index in the order of keys: 1 to 127 come first, then 0, then 128 and up. */
function keyRank(index: number): number {
  return index === 0 ? 0x7f : index < 0x80 ? index - 1 : index;
}

function listEntry(index: number, value: Uint8Array): TrieEntry {
  if (value.length === 0) {
    const reason = 'must not be empty';
    throw new ChainError({ code: 'chain/out-of-range', what: `list item ${index}`, reason });
  }
  return { path: toNibbles(listKey(index)), value };
}

/** Entries of the list trie, sorted. @internal */
export function listEntries(items: readonly Uint8Array[]): TrieEntry[] {
  const entries: TrieEntry[] = [];
  for (let index = 1; index < Math.min(items.length, 0x80); index++) {
    entries.push(listEntry(index, items[index]!));
  }
  if (items.length > 0) entries.push(listEntry(0, items[0]!));
  for (let index = 0x80; index < items.length; index++) {
    entries.push(listEntry(index, items[index]!));
  }
  return entries;
}

/**
 * Root over items in their order; {@link EMPTY_ROOT} for none.
 *
 * @throws {@link ChainError} `chain/out-of-range` for an empty item.
 * @source harmony/core/types/derive_sha.go: DeriveSha
 * @example computeListRoot(transactions.map(encodeTransaction))
 */
export function computeListRoot(
  items: readonly Uint8Array[],
  hasher: Hasher = defaultHasher,
): Hash {
  return computeSortedTrieRoot(listEntries(items), hasher);
}

/**
 * Root over items at ascending indices that may have gaps.
 *
 * @internal
 */
export function computeIndexedListRoot(
  items: readonly (readonly [index: number, item: Uint8Array])[],
  hasher: Hasher,
): Hash {
  const sorted = [...items].sort(([a], [b]) => keyRank(a) - keyRank(b));
  return computeSortedTrieRoot(
    sorted.map(([index, item]) => listEntry(index, item)),
    hasher,
  );
}
