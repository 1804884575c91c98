/**
 * A bounded memory of values made from bytes. Holds decoded public keys and signatures, and mapped
 * messages. The oldest value that was not asked for again leaves first (second chance), so that a
 * hit only sets a mark.
 *
 * Only what could be made is kept, so a peer that sends garbage cannot push good values out with
 * it; a peer that sends many valid ones can, and then costs what it would cost without a cache. The
 * same holds for inputs made to share a hash: they replace each other, and every hit is compared
 * byte for byte.
 */
import { equalBytes } from '@polyphony/primitives';

/** Looks a value up, or makes and remembers it. */
export interface ByteCache<Value> {
  get(bytes: Uint8Array, make: (bytes: Uint8Array) => Value): Value;
  /** What is remembered of these bytes. */
  find(bytes: Uint8Array): Value | undefined;
  /** Remembers a value that was made elsewhere. */
  keep(bytes: Uint8Array, value: Value): void;
}

/** Longer inputs are never remembered. */
const MAX_BYTES = 256;

/** FNV-1a: spreads, resists nobody. */
function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash;
}

interface Entry<Value> {
  readonly bytes: Uint8Array;
  readonly value: Value;
  used: boolean;
}

/** A cache of at most `capacity` values; 0 remembers nothing. */
export function createByteCache<Value>(capacity: number): ByteCache<Value> {
  const entries = new Map<number, Entry<Value>>();
  const makeRoom = (): void => {
    for (const [hash, entry] of entries) {
      entries.delete(hash);
      if (!entry.used) return;
      // Its second chance: back to the end, where this loop meets it again unmarked.
      entry.used = false;
      entries.set(hash, entry);
    }
  };
  const find = (bytes: Uint8Array, hash: number): Value | undefined => {
    const known = entries.get(hash);
    if (known === undefined || !equalBytes(known.bytes, bytes)) return undefined;
    known.used = true;
    return known.value;
  };
  const keep = (bytes: Uint8Array, hash: number, value: Value): void => {
    if (!entries.has(hash) && entries.size >= capacity) makeRoom();
    entries.delete(hash);
    entries.set(hash, { bytes: new Uint8Array(bytes), value, used: false });
  };
  const takes = (bytes: Uint8Array): boolean => capacity > 0 && bytes.length <= MAX_BYTES;
  return {
    get(bytes, make) {
      if (!takes(bytes)) return make(bytes);
      const hash = hashOf(bytes);
      const known = find(bytes, hash);
      if (known !== undefined) return known;
      const value = make(bytes);
      if (value !== undefined) keep(bytes, hash, value);
      return value;
    },
    find: (bytes) => (takes(bytes) ? find(bytes, hashOf(bytes)) : undefined),
    keep(bytes, value) {
      if (takes(bytes)) keep(bytes, hashOf(bytes), value);
    },
  };
}
