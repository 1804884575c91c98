/** Seeded random values: equal seeds give equal schedules on every machine. */

/** A stream of random values. */
export interface Random {
  /** A 32-bit unsigned integer. */
  uint32(): number;
  /** An integer in `0 .. limit - 1`. */
  below(limit: number): number;
  /** Whether something of a probability from 0 to 1 happens. */
  chance(probability: number): boolean;
  /** One of some values. */
  pick<T>(values: readonly T[]): T;
  /** An integer from `min` to `max`, both included. */
  between(min: number, max: number): number;
}

/** A stream from a seed, and from a name if several streams belong to one seed (splitmix32). */
export function createRandom(seed: number, name = ''): Random {
  let state = seed | 0;
  for (let i = 0; i < name.length; i++)
    state = Math.imul(state ^ name.charCodeAt(i), 0x01000193) ^ (state >>> 13);
  const uint32 = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let z = state ^ (state >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  const below = (limit: number): number => Math.floor((uint32() / 0x100000000) * limit);
  return {
    uint32,
    below,
    chance: (probability) => probability > 0 && below(1_000_000) < probability * 1_000_000,
    pick: (values) => values[below(values.length)]!,
    between: (min, max) => min + below(max - min + 1),
  };
}
