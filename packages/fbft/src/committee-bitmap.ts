/** The shape of a committee's bitmap. */
import { bitmapLength } from '@polyphony/bls/bitmap';

/** Whether a bitmap has the length for a committee and no bits past its last member. */
export function fitsCommittee(bitmap: Uint8Array, signers: number): boolean {
  if (bitmap.length !== bitmapLength(signers)) return false;
  const used = signers & 7;
  return used === 0 || bitmap[bitmap.length - 1]! >> used === 0;
}
