/**
 * Key derivation from passwords, with its cost judged before a byte is allocated: a file says how
 * expensive its derivation is, and a hostile file says "all your memory".
 *
 * @source RFC 7914 (scrypt); RFC 8018 (PBKDF2); harmony/accounts/keystore/passphrase.go: getKDFKey
 */
import { pbkdf2Async } from '@noble/hashes/pbkdf2.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@polyphony/primitives';
import { AccountsError, invalidOption } from './errors.js';
import { wipe } from './secret.js';

/** Cost of scrypt. Memory is 128·r·(n + p + 1) bytes, work n·r·p. */
export interface ScryptCost {
  /** A power of two. */
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/** Scrypt with its salt. */
export interface ScryptParameters extends ScryptCost {
  readonly salt: Uint8Array;
}

/** PBKDF2 with HMAC-SHA-256. */
export interface Pbkdf2Parameters {
  readonly iterations: number;
  readonly salt: Uint8Array;
}

/** Told how far a derivation is, from 0 to 1. */
export type OnProgress = (done: number) => void;

/** What new files use: 256 MiB and about a second. */
export const DEFAULT_SCRYPT_COST: ScryptCost = { n: 2 ** 18, r: 8, p: 1 };

/** Most memory a derivation may take: 1 GiB, and the two working blocks of one lane with r 8. */
const MAX_MEMORY_BYTES: number = 2 ** 30 + 2 ** 11;
/** Most work n·r·p: eight times the default. */
const MAX_SCRYPT_WORK = 2 ** 24;
/** Most rounds of PBKDF2: about forty times what wallets write. */
const MAX_PBKDF2_ROUNDS = 10_000_000;
/** Least n that is written. */
const MIN_WRITTEN_N = 4096;
/** Longest password in bytes. */
const MAX_PASSWORD_BYTES = 65_536;

/**
 * Checks what a file asks for.
 *
 * @param fail - Makes the error for a figure that no derivation has.
 * @throws {@link AccountsError} `accounts/kdf-too-costly`.
 */
export function assertScryptCost(cost: ScryptCost, fail: (reason: string) => Error): void {
  const { n, r, p } = cost;
  for (const [name, value] of [
    ['n', n],
    ['r', r],
    ['p', p],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw fail(`scrypt ${name} must be a positive whole number`);
  }
  if (n < 2 || n > 2 ** 32 || !Number.isInteger(Math.log2(n)))
    throw fail('scrypt n must be a power of two above 1');
  if (r * p >= 2 ** 30) throw fail('scrypt r times p must be below 2^30');
  // The products of three such figures are exact or far above every limit.
  const memory = 128 * r * (n + p + 1);
  if (memory > MAX_MEMORY_BYTES) {
    throw new AccountsError({
      code: 'accounts/kdf-too-costly',
      what: 'memory',
      limit: MAX_MEMORY_BYTES,
      actual: memory,
    });
  }
  const work = n * r * p;
  if (work > MAX_SCRYPT_WORK) {
    throw new AccountsError({
      code: 'accounts/kdf-too-costly',
      what: 'work',
      limit: MAX_SCRYPT_WORK,
      actual: work,
    });
  }
}

/** Checks the number of rounds a file asks for. */
export function assertPbkdf2Cost(iterations: number, fail: (reason: string) => Error): void {
  if (!Number.isSafeInteger(iterations) || iterations < 1)
    throw fail('the number of rounds must be a positive whole number');
  if (iterations > MAX_PBKDF2_ROUNDS) {
    throw new AccountsError({
      code: 'accounts/kdf-too-costly',
      what: 'work',
      limit: MAX_PBKDF2_ROUNDS,
      actual: iterations,
    });
  }
}

/** The cost for a file that is written: not less than other wallets dare. */
export function writtenScryptCost(cost: ScryptCost = DEFAULT_SCRYPT_COST): ScryptCost {
  assertScryptCost(cost, invalidOption);
  if (cost.n < MIN_WRITTEN_N) throw invalidOption(`scrypt n must be at least ${MIN_WRITTEN_N}`);
  return { n: cost.n, r: cost.r, p: cost.p };
}

/** A password's bytes, fresh; the caller wipes them. */
export function passwordBytes(password: string | Uint8Array): Uint8Array {
  const bytes = typeof password === 'string' ? utf8ToBytes(password) : password;
  if (!(bytes instanceof Uint8Array)) throw new TypeError('password must be text or a Uint8Array');
  if (bytes.length > MAX_PASSWORD_BYTES)
    throw invalidOption(`a password has at most ${MAX_PASSWORD_BYTES} bytes`);
  return Uint8Array.from(bytes);
}

/** Scrypt, giving way to other work now and then. The cost was checked before. */
export async function deriveScrypt(
  password: string | Uint8Array,
  parameters: ScryptParameters,
  length: number,
  onProgress?: OnProgress,
): Promise<Uint8Array> {
  const { n, r, p, salt } = parameters;
  const secret = passwordBytes(password);
  try {
    // Only when a key file is opened or written: who signs with a key does not wait for it.
    const { scryptAsync } = await import('@noble/hashes/scrypt.js');
    return await scryptAsync(secret, salt, {
      N: n,
      r,
      p,
      dkLen: length,
      asyncTick: 20,
      maxmem: MAX_MEMORY_BYTES,
      ...(onProgress === undefined ? {} : { onProgress }),
    });
  } finally {
    wipe(secret);
  }
}

/** PBKDF2, giving way to other work now and then. The cost was checked before. */
export async function derivePbkdf2(
  password: string | Uint8Array,
  parameters: Pbkdf2Parameters,
  length: number,
): Promise<Uint8Array> {
  const { iterations, salt } = parameters;
  const secret = passwordBytes(password);
  try {
    return await pbkdf2Async(sha256, secret, salt, { c: iterations, dkLen: length, asyncTick: 20 });
  } finally {
    wipe(secret);
  }
}
