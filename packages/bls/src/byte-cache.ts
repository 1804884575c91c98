/**
 * A bounded memory of values made from bytes: least recently used out first. Holds decoded public
 * keys and mapped messages.
 *
 * Only what could be made is kept, so a peer that sends garbage cannot push good values out with
 * it; a peer that sends many valid ones can, and then costs what it would cost without a cache.
 */

/** Looks a value up, or makes and remembers it. */
export interface ByteCache<Value> {
  get(bytes: Uint8Array, make: (bytes: Uint8Array) => Value): Value;
}

/** Longer inputs are never remembered. */
const MAX_BYTES = 256;

/** A cache of at most `capacity` values; 0 remembers nothing. */
export function createByteCache<Value>(capacity: number): ByteCache<Value> {
  const values = new Map<string, Value>();
  return {
    get(bytes, make) {
      if (capacity === 0 || bytes.length > MAX_BYTES) return make(bytes);
      const id = String.fromCharCode(...bytes);
      const known = values.get(id);
      if (known !== undefined) {
        values.delete(id);
        values.set(id, known);
        return known;
      }
      const value = make(bytes);
      if (value === undefined) return value;
      if (values.size >= capacity) {
        const oldest = values.keys().next();
        if (!oldest.done) values.delete(oldest.value);
      }
      values.set(id, value);
      return value;
    },
  };
}
