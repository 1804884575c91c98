/**
 * Secret keys by derivation from a seed: the private half of BIP-32. Extended keys as text and public
 * derivation are not here. Internal.
 *
 * Secret values are added byte by byte without a branch on them, and every buffer that held one is
 * cleared.
 *
 * @source BIP-32
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { compressPublicKey, type Engine, SECP256K1_ORDER } from '@polyphony/crypto';
import { bigIntToBytes, uint32ToBytes, utf8ToBytes } from '@polyphony/primitives';
import { AccountsError } from './errors.js';
import { wipe } from './secret.js';

/** Child numbers from here on are hardened: the child follows from the secret key only. */
export const HARDENED_OFFSET = 0x80000000;

/** A secret key of the tree, and the chain code that its children are made with. 32 bytes each. */
export interface SecretNode {
  readonly secretKey: Uint8Array;
  readonly chainCode: Uint8Array;
}

const ORDER = bigIntToBytes(SECP256K1_ORDER, 32);

/** Clears a node. */
export function wipeNode({ secretKey, chainCode }: SecretNode): void {
  wipe(secretKey, chainCode);
}

/** `a - b` into `out`, 32 bytes each, big-endian; 1 when it borrowed, else 0. */
function subtract(out: Uint8Array, a: Uint8Array, b: Uint8Array): number {
  let borrow = 0;
  for (let i = 31; i >= 0; i--) {
    const difference = a[i]! - b[i]! - borrow;
    out[i] = difference;
    borrow = (difference >> 31) & 1;
  }
  return borrow;
}

/** Whether 32 bytes are below the order. */
function isBelowOrder(value: Uint8Array): boolean {
  const scratch = new Uint8Array(32);
  const borrow = subtract(scratch, value, ORDER);
  wipe(scratch);
  return borrow === 1;
}

/** The sum modulo the order of two values below it. */
export function addModOrder(a: Uint8Array, b: Uint8Array): Uint8Array {
  const sum = new Uint8Array(32);
  let carry = 0;
  for (let i = 31; i >= 0; i--) {
    const digit = a[i]! + b[i]! + carry;
    sum[i] = digit;
    carry = digit >> 8;
  }
  const reduced = new Uint8Array(32);
  const borrow = subtract(reduced, sum, ORDER);
  // The reduced value counts when the sum overflowed or did not borrow.
  const mask = -(carry | (1 - borrow)) & 0xff;
  for (let i = 0; i < 32; i++) reduced[i] = (reduced[i]! & mask) | (sum[i]! & ~mask);
  wipe(sum);
  return reduced;
}

/** Both halves of an HMAC-SHA512, copied; what they were part of is cleared. */
function halves(key: Uint8Array, message: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const digest = hmac(sha512, key, message);
  const left = digest.slice(0, 32);
  const right = digest.slice(32);
  wipe(digest);
  return [left, right];
}

function noKey(): AccountsError {
  return new AccountsError({ code: 'accounts/invalid-path', reason: 'the path has no secret key' });
}

/**
 * The root of the tree.
 *
 * @throws {@link AccountsError} `accounts/invalid-path` for the one seed in 2^127 that has none.
 * @source BIP-32, section "Master key generation"
 */
export function masterNode(seed: Uint8Array, engine: Engine): SecretNode {
  const [secretKey, chainCode] = halves(utf8ToBytes('Bitcoin seed'), seed);
  if (!engine.isValidSecretKey(secretKey)) throw noKey();
  return { secretKey, chainCode };
}

/**
 * A child of a node, hardened from {@link HARDENED_OFFSET} on. The node stays.
 *
 * @throws {@link AccountsError} `accounts/invalid-path` for the one child in 2^127 that does not exist.
 * @source BIP-32, section "Private parent key to private child key"
 */
export function childNode(node: SecretNode, index: number, engine: Engine): SecretNode {
  const message = new Uint8Array(37);
  if (index >= HARDENED_OFFSET) message.set(node.secretKey, 1);
  else message.set(compressPublicKey(engine.getPublicKey(node.secretKey)));
  message.set(uint32ToBytes(index), 33);
  const [tweak, chainCode] = halves(node.chainCode, message);
  wipe(message);
  const exists = isBelowOrder(tweak);
  const secretKey = addModOrder(node.secretKey, tweak);
  wipe(tweak);
  if (!exists || !engine.isValidSecretKey(secretKey)) throw noKey();
  return { secretKey, chainCode };
}
