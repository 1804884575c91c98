/**
 * A bounded memory of decoded public keys: least recently used out first.
 *
 * Only keys that decoded are kept, so a peer that sends garbage cannot push good keys out with it;
 * a peer that sends many valid keys can, and then costs what it would cost without a cache.
 */

/** Looks a decoded key up, or decodes and remembers it. */
export interface KeyCache<Key> {
  get(bytes: Uint8Array, decode: (bytes: Uint8Array) => Key): Key;
}

/** A cache of at most `capacity` keys; 0 remembers nothing. */
export function createKeyCache<Key>(capacity: number): KeyCache<Key> {
  if (capacity === 0) return { get: (bytes, decode) => decode(bytes) };
  const keys = new Map<string, Key>();
  return {
    get(bytes, decode) {
      const id = String.fromCharCode.apply(null, bytes as unknown as number[]);
      const known = keys.get(id);
      if (known !== undefined) {
        keys.delete(id);
        keys.set(id, known);
        return known;
      }
      const key = decode(bytes);
      if (keys.size >= capacity) {
        const oldest = keys.keys().next();
        if (!oldest.done) keys.delete(oldest.value);
      }
      keys.set(id, key);
      return key;
    },
  };
}
