/**
 * A set of 48-byte keys, compared by their bytes. Internal.
 *
 * An election asks it once per registered key of the whole network; a set of texts would spend more
 * time on making the texts than the rest of the election takes.
 */

/** A set of byte strings. */
export interface KeySet {
  /** Adds a key; false when it was there. The key must not be changed afterwards. */
  add(key: Uint8Array): boolean;
  /** How many there are. */
  size(): number;
  /** Takes the keys out again that were added last, down to a size that the set once had. */
  shrink(size: number): void;
}

function hashOf(key: Uint8Array): number {
  let hash = key.length;
  for (let i = 0; i < key.length; i += 4) {
    const word = key[i]! | (key[i + 1]! << 8) | (key[i + 2]! << 16) | (key[i + 3]! << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** An empty set with room for some keys; it grows no further. */
export function createKeySet(capacity: number): KeySet {
  const mask = 2 ** Math.ceil(Math.log2(Math.max(2, capacity * 2))) - 1;
  /** Place of the last key of each bucket, and of the one before it; -1 is none. */
  const heads = new Int32Array(mask + 1).fill(-1);
  const before = new Int32Array(capacity);
  const keys: Uint8Array[] = [];
  return {
    size: () => keys.length,
    add(key) {
      const bucket = hashOf(key) & mask;
      for (let at = heads[bucket]!; at >= 0; at = before[at]!) {
        if (equal(keys[at]!, key)) return false;
      }
      before[keys.length] = heads[bucket]!;
      heads[bucket] = keys.length;
      keys.push(key);
      return true;
    },
    shrink(size) {
      while (keys.length > size) heads[hashOf(keys.pop()!) & mask] = before[keys.length]!;
    },
  };
}
