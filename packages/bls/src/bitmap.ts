/**
 * Who signed: bit i means member i of the committee.
 *
 * Member `i` is bit `i mod 8`, least significant first, of byte `floor(i / 8)`. The length is exact.
 * Bits above the last member are an error unless `padding: 'ignore'` is said, as the network's own
 * nodes do: two bitmaps that differ only there then name the same signers, but their raw bytes
 * still differ in block hashes and storage.
 *
 * Which member stands where, and how many signers are enough, is decided elsewhere.
 *
 * @source harmony/crypto/bls/mask.go: NewMask, SetMask, SetBit, SetKey
 */
import { BlsError } from './errors.js';

/** What bits above the last member mean. */
export interface BitmapOptions {
  /** `reject` (the default) throws `bls/bitmap-padding`; `ignore` is the network's rule. */
  readonly padding?: 'reject' | 'ignore';
}

/** The largest committee a bitmap is accepted for. */
export const MAX_BITMAP_SIGNERS: number = 1 << 20;

function assertSigners(signers: number): void {
  if (!Number.isInteger(signers) || signers < 0 || signers > MAX_BITMAP_SIGNERS) {
    throw new BlsError({
      code: 'bls/out-of-range',
      what: 'signers',
      reason: `must be an integer from 0 to ${MAX_BITMAP_SIGNERS}, got ${signers}`,
    });
  }
}

/**
 * Bytes of a bitmap over a committee: `ceil(signers / 8)`.
 *
 * @throws {@link BlsError} `bls/out-of-range`.
 * @source harmony/crypto/bls/mask.go: Mask.Len
 */
export function bitmapLength(signers: number): number {
  assertSigners(signers);
  return (signers + 7) >> 3;
}

/**
 * Throws unless a bitmap fits a committee.
 *
 * @throws {@link BlsError} `bls/invalid-length`, `bls/bitmap-padding`, `bls/out-of-range`.
 */
export function assertValidBitmap(
  bitmap: Uint8Array,
  signers: number,
  { padding = 'reject' }: BitmapOptions = {},
): void {
  if (!(bitmap instanceof Uint8Array)) throw new TypeError('bitmap must be a Uint8Array');
  const expected = bitmapLength(signers);
  if (bitmap.length !== expected) {
    throw new BlsError({
      code: 'bls/invalid-length',
      what: 'bitmap',
      expected,
      actual: bitmap.length,
    });
  }
  const used = signers & 7;
  if (padding === 'reject' && used !== 0 && bitmap[expected - 1]! >> used !== 0) {
    throw new BlsError({ code: 'bls/bitmap-padding', signers });
  }
}

/**
 * Indices of the committee members whose bit is set.
 *
 * @param bitmap - `ceil(signers / 8)` bytes.
 * @param signers - Committee size, in committee order.
 * @returns Ascending member indices, all below `signers`.
 * @throws {@link BlsError} `bls/invalid-length`, `bls/bitmap-padding`, `bls/out-of-range`.
 * @source harmony/crypto/bls/mask.go: SetMask, GetPubKeyFromMask
 * @example bitmapIndices(Uint8Array.of(0b101, 1), 9)  // [0, 2, 8]
 */
export function bitmapIndices(
  bitmap: Uint8Array,
  signers: number,
  options: BitmapOptions = {},
): number[] {
  assertValidBitmap(bitmap, signers, options);
  const indices: number[] = [];
  for (let i = 0; i < signers; i++) {
    if ((bitmap[i >> 3]! >> (i & 7)) & 1) indices.push(i);
  }
  return indices;
}

/**
 * A bitmap with the bits of some members set.
 *
 * @param indices - Each from 0 to `signers - 1`, in any order; a repeat sets the same bit.
 * @throws {@link BlsError} `bls/out-of-range`.
 * @example bitmapFromIndices([0, 2, 8], 9)  // 05 01
 */
export function bitmapFromIndices(indices: Iterable<number>, signers: number): Uint8Array {
  const bitmap = new Uint8Array(bitmapLength(signers));
  for (const index of indices) {
    if (!Number.isInteger(index) || index < 0 || index >= signers) {
      throw new BlsError({
        code: 'bls/out-of-range',
        what: 'signer index',
        reason: `must be an integer from 0 to ${signers - 1}, got ${index}`,
      });
    }
    bitmap[index >> 3]! |= 1 << (index & 7);
  }
  return bitmap;
}

/**
 * The members of either bitmap.
 *
 * @returns A new bitmap; with `padding: 'ignore'` its padding bits are clear.
 * @throws {@link BlsError} `bls/invalid-length`, `bls/bitmap-padding`, `bls/out-of-range`.
 */
export function mergeBitmaps(
  a: Uint8Array,
  b: Uint8Array,
  signers: number,
  options: BitmapOptions = {},
): Uint8Array {
  assertValidBitmap(a, signers, options);
  assertValidBitmap(b, signers, options);
  const merged = a.map((byte, i) => byte | b[i]!);
  const used = signers & 7;
  if (used !== 0) merged[merged.length - 1]! &= (1 << used) - 1;
  return merged;
}

/**
 * How many members' bits are set.
 *
 * @throws {@link BlsError} `bls/invalid-length`, `bls/bitmap-padding`, `bls/out-of-range`.
 * @source harmony/crypto/bls/mask.go: CountEnabled
 */
export function countBits(
  bitmap: Uint8Array,
  signers: number,
  options: BitmapOptions = {},
): number {
  return bitmapIndices(bitmap, signers, options).length;
}

/**
 * Whether one member's bit is set.
 *
 * @throws {@link BlsError} `bls/out-of-range` for an index that is not a member, `bls/invalid-length`,
 *   `bls/bitmap-padding`.
 * @source harmony/crypto/bls/mask.go: IndexEnabled
 */
export function hasBit(
  bitmap: Uint8Array,
  index: number,
  signers: number,
  options: BitmapOptions = {},
): boolean {
  assertValidBitmap(bitmap, signers, options);
  if (!Number.isInteger(index) || index < 0 || index >= signers) {
    throw new BlsError({
      code: 'bls/out-of-range',
      what: 'signer index',
      reason: `must be an integer from 0 to ${signers - 1}, got ${index}`,
    });
  }
  return ((bitmap[index >> 3]! >> (index & 7)) & 1) === 1;
}
