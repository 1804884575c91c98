/**
 * Large integers as limbs of 32 bits, least significant first, in typed arrays: for loops in which a
 * `bigint` would be allocated at every step.
 */

/** A number of 0 or more. What lies above its length is 0. */
export interface Limbs {
  readonly limbs: Uint32Array;
  /** The same memory, two limbs at a time. */
  readonly words: BigUint64Array;
}

/** Zero, with room for `bits` bits and one limb for a carry. */
export function createLimbs(bits: number): Limbs {
  const words = new BigUint64Array((bits >> 6) + 2);
  return { limbs: new Uint32Array(words.buffer), words };
}

/**
 * Length without leading zeros.
 *
 * @param length - Known not to be exceeded.
 */
export function trimLimbs({ limbs }: Limbs, length: number): number {
  let n = length;
  while (n > 0 && limbs[n - 1] === 0) n -= 1;
  return n;
}

/** Sets the number. Returns its length. */
export function writeLimbs(to: Limbs, value: bigint): number {
  const { limbs, words } = to;
  let rest = value;
  let i = 0;
  for (; rest !== 0n; i++) {
    words[i] = rest;
    rest >>= 64n;
  }
  words.fill(0n, i);
  // On a machine that stores the high limb of a word first.
  if (words[0] !== 0n && BigInt(limbs[0]!) !== BigInt.asUintN(32, words[0]!)) swapPairs(limbs);
  return trimLimbs(to, 2 * i);
}

function swapPairs(limbs: Uint32Array): void {
  for (let i = 0; i < limbs.length; i += 2) {
    const low = limbs[i]!;
    limbs[i] = limbs[i + 1]!;
    limbs[i + 1] = low;
  }
}

/** The number as a `bigint`. */
export function readLimbs({ words }: Limbs, length: number): bigint {
  return join(words, 0, (length + 1) >> 1);
}

/** Words from `start` up to `end`, by halves: long shifts are few. */
function join(words: BigUint64Array, start: number, end: number): bigint {
  const count = end - start;
  if (count <= 0) return 0n;
  if (count === 1) return words[start]!;
  if (count === 2) return (words[start + 1]! << 64n) | words[start]!;
  const middle = start + (count >> 1);
  return (join(words, middle, end) << BigInt(64 * (middle - start))) | join(words, start, middle);
}
