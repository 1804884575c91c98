/**
 * Sums of public keys that start from the sum before.
 *
 * Commits of one committee name nearly the same signers again and again. With the last sum at
 * hand only the keys that came or went are added or taken away. Keys are compared by identity of
 * their decoded values, so this is of use only together with a cache of decoded keys.
 */
import type { Backend } from './backend.js';

/** A decoded point and whether it is infinity. */
export interface Decoded<Point> {
  readonly point: Point;
  readonly identity: boolean;
}

/** Sums one or more keys. */
export type SumKeys<Key> = (keys: readonly Decoded<Key>[]) => Key;

type Adder<Key> = Pick<Backend<Key, unknown, unknown>, 'sumPublicKeys' | 'negatePublicKey'>;

/** A function that remembers the keys and the sum of its last call. */
export function createKeySum<Key>(backend: Adder<Key>): SumKeys<Key> {
  let last: { readonly keys: readonly Decoded<Key>[]; readonly sum: Key } | undefined;

  /** What must be added to the last sum; `undefined` when summing anew is no more work. */
  const difference = (keys: readonly Decoded<Key>[]): Key[] | undefined => {
    if (last === undefined) return undefined;
    const counts = new Map<Decoded<Key>, number>();
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    for (const key of last.keys) counts.set(key, (counts.get(key) ?? 0) - 1);
    const terms: Key[] = [];
    for (const [{ point }, count] of counts) {
      const term = count < 0 ? backend.negatePublicKey(point) : point;
      for (let i = Math.abs(count); i > 0; i--) terms.push(term);
      if (2 * terms.length >= keys.length) return undefined;
    }
    return terms;
  };

  return (keys) => {
    const terms = difference(keys);
    let sum: Key;
    if (last === undefined || terms === undefined) {
      sum = backend.sumPublicKeys(keys.map(({ point }) => point));
    } else {
      sum = terms.length === 0 ? last.sum : backend.sumPublicKeys([last.sum, ...terms]);
    }
    last = { keys, sum };
    return sum;
  };
}
