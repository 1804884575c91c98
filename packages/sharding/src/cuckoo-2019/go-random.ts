/**
 * The pseudo-random numbers of Go's `math/rand` from an explicit seed, which the resharding code of
 * 2019 and fixtures of the node's tests were made with. No block of any network depends on it, and
 * it is predictable: nothing new may use it. Assignments of our own draw from `random-stream.ts`.
 *
 * @source Go math/rand (to 1.19): rngSource, Rand; equal in later versions for an explicit seed
 */
import { hexToBytes } from '@polyphony/primitives';
import { ShardingError } from '../errors.js';
import { SEEDING_WORDS } from './go-random-table.js';

/** Words of state, and the distance between the two that are added. */
const LENGTH = 607;
const TAP = 273;

const INT31 = 2 ** 31;
const MODULUS = INT31 - 1;
const INT63_MASK = (1n << 63n) - 1n;

/** The methods of Go's `*rand.Rand`, with 64-bit integers as bigints. */
export interface GoRandom {
  /** 64 bits. */
  uint64(): bigint;
  /** 63 bits. */
  int63(): bigint;
  /** 32 bits. */
  uint32(): number;
  /** 31 bits. */
  int31(): number;
  /** An integer below `limit`, which is from 1 to 2^63 - 1. */
  int63n(limit: bigint): bigint;
  /** An integer below `limit`, which is from 1 to 2^31 - 1. */
  intn(limit: number): number;
  /** From 0 to below 1. */
  float64(): number;
  /** A permutation of 0 to `length - 1`. */
  perm(length: number): number[];
  /** Shuffles a list in place. */
  shuffle<T>(list: T[]): void;
}

/** Lehmer's generator with Go's multiplier: at most 48271 × (2^31 - 2) before the remainder. */
function lehmer(x: number): number {
  return (48271 * x) % MODULUS;
}

/** The state after seeding. */
function seeded(seed: bigint): BigUint64Array {
  const reduced = Number(BigInt.asIntN(64, seed) % BigInt(MODULUS));
  let x = reduced < 0 ? reduced + MODULUS : reduced;
  if (x === 0) x = 89482311;
  const table = hexToBytes(SEEDING_WORDS.replaceAll('\n', ''));
  const words = new DataView(table.buffer, table.byteOffset, table.length);
  const state = new BigUint64Array(LENGTH);
  for (let skipped = 0; skipped < 20; skipped++) x = lehmer(x);
  for (let index = 0; index < LENGTH; index++) {
    const high = lehmer(x);
    const middle = lehmer(high);
    x = lehmer(middle);
    state[index] =
      (BigInt(high) << 40n) ^ (BigInt(middle) << 20n) ^ BigInt(x) ^ words.getBigUint64(index * 8);
  }
  return state;
}

function assertLimit(limit: number | bigint, below: number | bigint): void {
  const whole = typeof limit === 'bigint' || Number.isInteger(limit);
  if (whole && limit > 0 && limit < below) return;
  throw new ShardingError({
    code: 'sharding/out-of-range',
    what: 'limit of a random number',
    reason: `must be an integer from 1 to ${BigInt(below) - 1n}, got ${limit}`,
  });
}

/**
 * A generator from a seed: the same numbers as `rand.New(rand.NewSource(seed))`.
 *
 * @param seed - Its low 64 bits count, as a signed integer.
 * @throws {@link ShardingError} `sharding/out-of-range` from `intn` and `int63n` where Go panics.
 * @source Go math/rand: rngSource.Seed, rngSource.Uint64, Rand
 * @example goRandom(1n).intn(10)  // 1
 */
export function goRandom(seed: bigint): GoRandom {
  const state = seeded(seed);
  let tap = 0;
  let feed = LENGTH - TAP;

  const uint64 = (): bigint => {
    tap = (tap + LENGTH - 1) % LENGTH;
    feed = (feed + LENGTH - 1) % LENGTH;
    const value = BigInt.asUintN(64, state[feed]! + state[tap]!);
    state[feed] = value;
    return value;
  };
  const int63 = (): bigint => uint64() & INT63_MASK;
  const uint32 = (): number => Number(int63() >> 31n);
  const int31 = (): number => Number(int63() >> 32n);
  const int63n = (limit: bigint): bigint => {
    assertLimit(limit, 1n << 63n);
    const last = INT63_MASK - ((1n << 63n) % limit);
    for (;;) {
      const value = int63();
      // A power of two divides 2^63, so nothing is refused and the low bits remain, as in Go.
      if (value <= last) return value % limit;
    }
  };
  const intn = (limit: number): number => {
    assertLimit(limit, INT31);
    const last = INT31 - 1 - (INT31 % limit);
    for (;;) {
      const value = int31();
      if (value <= last) return value % limit;
    }
  };
  /** Lemire's method, which Go uses for shuffles only. */
  const shuffled = (limit: number): number => {
    const wide = BigInt(limit);
    const refused = (2 ** 32 - limit) % limit;
    for (;;) {
      const product = BigInt(uint32()) * wide;
      if (Number(BigInt.asUintN(32, product)) >= refused) return Number(product >> 32n);
    }
  };

  return {
    uint64,
    int63,
    uint32,
    int31,
    int63n,
    intn,
    float64: () => Number(int63n(1n << 53n)) / 2 ** 53,
    perm(length) {
      const list: number[] = [];
      for (let index = 0; index < length; index++) {
        const other = intn(index + 1);
        if (other < index) list[index] = list[other]!;
        list[other] = index;
      }
      return list;
    },
    shuffle(list) {
      for (let index = list.length - 1; index > 0; index--) {
        const other = shuffled(index + 1);
        [list[index], list[other]] = [list[other]!, list[index]!];
      }
    },
  };
}
