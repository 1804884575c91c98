/**
 * From a seed to the discriminant of a class group whose size nobody knows.
 *
 * @source vdf/src/vdf_go/discriminant.go: EntropyFromSeed, CreateDiscriminant
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToBigInt, concatBytes } from '@polyphony/primitives';
import { assertRange } from '../errors.js';
import { isPrime } from './prime.js';

/** Product of 8 and the odd primes to 13: candidates of one residue share no factor with it. */
const MODULUS = 120_120;
const RESIDUES = 5760;
/** Candidates are sieved in stretches of this many. */
const STRETCH = 4096;

function residue(rank: number): number {
  let seen = 0;
  for (let candidate = 7; ; candidate += 8) {
    const free = [3, 5, 7, 11, 13].every((prime) => candidate % prime !== 0);
    if (!free) continue;
    if (seen === rank) return candidate;
    seen += 1;
  }
}

/** Odd primes above 13 that are worth sieving by: more for longer numbers, whose tests cost more. */
function sievePrimes(bits: number): readonly number[] {
  const bound = Math.max(256, Math.min(1 << 18, (bits * bits) >> 4));
  const composite = new Uint8Array(bound);
  const primes: number[] = [];
  for (let i = 3; i < bound; i += 2) {
    if (composite[i] === 1) continue;
    if (i > 13) primes.push(i);
    for (let j = i * i; j < bound; j += i) composite[j] = 1;
  }
  return primes;
}

/** 1/value modulo a small prime. */
function invertSmall(value: number, prime: number): number {
  let [r0, r1, y0, y1] = [prime, value % prime, 0, 1];
  while (r1 !== 0) {
    const q = Math.floor(r0 / r1);
    [r0, r1, y0, y1] = [r1, r0 - q * r1, y1, y0 - q * y1];
  }
  return y0 < 0 ? y0 + prime : y0;
}

/** @throws {@link RandomnessError} `randomness/out-of-range`. */
export function assertSeed(seed: Uint8Array): void {
  assertRange('seed length', seed.length, 1, 1024);
}

/** @throws {@link RandomnessError} `randomness/out-of-range`. */
export function assertDiscriminantBits(bits: number): void {
  assertRange('discriminant bits', bits, 64, 4096);
}

/** The bytes that the discriminant is made of: hashes of the seed and a counter. */
export function vdfEntropy(seed: Uint8Array, bits: number): Uint8Array {
  const length = Math.ceil(bits / 8) + 2;
  const parts: Uint8Array[] = [];
  for (let j = 0; j * 32 <= length; j++) {
    parts.push(sha256(concatBytes(seed, Uint8Array.of(j >> 8, j & 255))));
  }
  return concatBytes(...parts).subarray(0, length);
}

/**
 * The magnitude |D| of the discriminant of a seed: a prime that is 7 modulo 8.
 *
 * Takes about as long as several thousand squarings, so keep the result for as long as the seed is
 * used: evaluation and verification take it as an option.
 *
 * @param seed - Any bytes, 1 to 1024 of them; the network's design uses 32.
 * @param bits - Size of the discriminant, 64 to 4096.
 * @returns A prime of `bits` bits. The discriminant itself is its negative.
 * @throws {@link RandomnessError} `randomness/out-of-range`.
 * @source vdf/src/vdf_go/discriminant.go: CreateDiscriminant
 */
export function deriveDiscriminant(seed: Uint8Array, bits: number): bigint {
  assertSeed(seed);
  assertDiscriminantBits(bits);
  const entropy = vdfEntropy(seed, bits);
  const bytes = Math.ceil(bits / 8);
  let n = bytesToBigInt(entropy.subarray(0, bytes)) >> BigInt((8 - (bits % 8)) % 8);
  n |= 1n << BigInt(bits - 1);
  const modulus = BigInt(MODULUS);
  n -= n % modulus;
  const rank = ((entropy[bytes]! << 8) | entropy[bytes + 1]!) % RESIDUES;
  n += BigInt(residue(rank));
  const primes = sievePrimes(bits);
  for (;;) {
    const composite = new Uint8Array(STRETCH);
    for (const prime of primes) {
      const rest = Number(n % BigInt(prime));
      // n + MODULUS·k ≡ 0
      let k = ((prime - rest) * invertSmall(MODULUS, prime)) % prime;
      for (; k < STRETCH; k += prime) composite[k] = 1;
    }
    for (let k = 0; k < STRETCH; k++) {
      if (composite[k] === 1) continue;
      const candidate = n + modulus * BigInt(k);
      if (isPrime(candidate)) return candidate;
    }
    n += modulus * BigInt(STRETCH);
  }
}
