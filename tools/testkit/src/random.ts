/** Seeded random values for tests: equal seeds give equal runs on every machine. */

/** A stream of random values. */
export interface SeededRandom {
  readonly seed: number;
  /** A 32-bit unsigned integer. */
  uint32(): number;
  /** An integer in `0 .. limit - 1`. */
  below(limit: number): number;
  bytes(length: number): Uint8Array;
  bigint(bits: number): bigint;
  pick<T>(values: readonly T[]): T;
}

/** A stream from a seed (splitmix32). */
export function seededRandom(seed: number): SeededRandom {
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
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => uint32() & 255);
  return {
    seed,
    uint32,
    below,
    bytes,
    bigint: (bits) => {
      let value = 0n;
      for (let done = 0; done < bits; done += 32) value = (value << 32n) | BigInt(uint32());
      return value & ((1n << BigInt(bits)) - 1n);
    },
    pick: (values) => values[below(values.length)]!,
  };
}

/** The seed of properties where a change is judged: the same change must get the same verdict. */
const JUDGED_SEED = 20261122;

/**
 * Parameters for `fc.assert`: `SEED=` repeats a run, `RUNS=` sets the number of runs. Without `SEED`
 * fast-check draws one and prints it with a failure; with `CI` set it is the same every time.
 */
export function propertyRuns(numRuns: number): { numRuns: number; seed?: number } {
  const { SEED, RUNS, CI } = process.env;
  const seed = SEED ? Number(SEED) : CI ? JUDGED_SEED : undefined;
  return {
    numRuns: RUNS ? Number(RUNS) : numRuns,
    ...(seed === undefined ? {} : { seed }),
  };
}
