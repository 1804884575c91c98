/**
 * Weights as digits, for sums that also prove that every point is in the subgroup.
 *
 * Signatures are points of a curve over Fp2 whose order is r times a cofactor, and the pairing says
 * something about those in the subgroup of order r only. A check of each point alone costs a
 * multiplication by 64 bits. One check of a weighted sum would not do: 13 divides the cofactor, so
 * an error of order 13 passes when its weight happens to be a multiple of 13.
 *
 * Weights are therefore written in base 13 with digits 0 .. 12 or -6 .. 6, and the points are summed once for
 * each digit place: W_j is the sum of `digit_j(weight_i) * P_i`, and the weighted sum is the sum of
 * `13^j W_j`. **If all W_j are in the subgroup, all points are, but for a chance of 2^-64.** Proof: let
 * the part of P_i outside the subgroup be T, other than zero, and fix the weights of all other
 * points. W_j is in the subgroup only if `digit_j T` is one certain value. Two digits differ by at most 12,
 * and T has an order of at least 13, since 13 is the least prime that divides the cofactor; so at most one
 * digit fits in each place. Digits determine the weight: at most one of the 2^64 weights fits. (A caller that
 * replaces a weight of zero makes it two.)
 *
 * @source eprint.iacr.org/2019/403 section 4.2 for the cofactor 13^2 23^2 2713 11953 262069 ...
 */

/** Largest digit where points are cheap to negate: the others are down to -6. */
export const BALANCED = 6;
/** Largest digit without negative ones. */
export const POSITIVE = 12;
/** Least prime factor of the cofactor of G2, so that digits differ modulo every order outside it. */
export const DIGIT_BASE = 13;
/** Places of a 64-bit weight: (13^18 - 1) / 2 is above 2^64. */
export const DIGIT_PLACES = 18;

/**
 * The digits of a big-endian 64-bit weight, least significant first.
 *
 * @param largest - {@link BALANCED} or {@link POSITIVE}.
 * @param digits - {@link DIGIT_PLACES} places to write to.
 */
export function writeDigits(weight: Uint8Array, largest: number, digits: Int8Array): void {
  // Halves of 32 bits; a remainder times 2^32 stays below 2^36.
  let high = ((weight[0]! << 24) | (weight[1]! << 16) | (weight[2]! << 8) | weight[3]!) >>> 0;
  let low = ((weight[4]! << 24) | (weight[5]! << 16) | (weight[6]! << 8) | weight[7]!) >>> 0;
  let carry = 0;
  for (let place = 0; place < DIGIT_PLACES; place++) {
    const rest = (high % DIGIT_BASE) * 0x1_0000_0000 + low;
    high = Math.floor(high / DIGIT_BASE);
    low = Math.floor(rest / DIGIT_BASE);
    const digit = (rest % DIGIT_BASE) + carry;
    carry = digit > largest ? 1 : 0;
    digits[place] = digit - carry * DIGIT_BASE;
  }
}
