/** Seeded random values: equal seeds give equal schedules on every machine. */

/** A stream of random values. */
export interface Random {
  /** A 32-bit unsigned integer. */
  uint32(): number;
  /** An integer in `0 .. limit - 1`. */
  below(limit: number): number;
  /** Whether something of a probability from 0 to 1 happens. */
  chance(probability: number): boolean;
}

/** A stream from a seed (splitmix32). */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  const uint32 = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let z = state ^ (state >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  const below = (limit: number): number => Math.floor((uint32() / 0x100000000) * limit);
  return { uint32, below, chance: (probability) => below(1_000_000) < probability * 1_000_000 };
}
