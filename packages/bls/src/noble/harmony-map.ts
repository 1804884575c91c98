/**
 * How the network's signatures turn message bytes into a point of G2, and its generator of G1.
 *
 * The bytes are not hashed: they become a field element directly, and a Fouque-Tibouchi map sends
 * it to the curve. Bytes after the 48th do not count. Callers that need a hash apply it first.
 *
 * @source harmony-bls/src/bls_c_impl.hpp: toG, blsSignHash
 * @source harmony-one/mcl include/mcl/bn.hpp: MapTo::calcBN, MapTo::mulByCofactorBLS12
 */
import { bytesToBigIntLE } from '@polyphony/primitives';
import { type Fp2, invert2, librarySqrt2, mod, mul2, P, rightSide2, sqr2 } from './field.js';

/** (-3)^((p+1)/4). */
const S3 = 0xbe32ce5fbeed9ca374d38c0ed41eefd5bb675277cdf12d11bc2fb026c41400045c03fffffffdfffdn;
/** (S3 - 1) / 2. */
const C2 = 0x5f19672fdf76ce51ba69c6076a0f77eaddb3a93be6f89688de17d813620a00022e01fffffffefffen;

const MASK_381: bigint = (1n << 381n) - 1n;
const MASK_380: bigint = (1n << 380n) - 1n;

/** The encoded generator: the map's image of the field element 1, not the standard generator. */
export const GENERATOR_X =
  0x04f58f3d9ee829f9a853f80b0e32c2981be883a537f0c21ad4af17be22e6e9959915ec21b7f9d8cc4c7315f31f3600e5n;
export const GENERATOR_Y =
  0x1212110eb10dbc575bccc44dcd77400f38282c4728b5efac69c0b4c9011bd27b8ed608acd81f027039216a291ac636a8n;

/**
 * The field element of a message: its first 48 bytes as a little-endian integer, cut to 381 bits,
 * and to 380 bits if it is still not below p. Never reduced.
 *
 * @source harmony-one/mcl src/fp.cpp: copyAndMask
 */
export function messageToField(message: Uint8Array): bigint {
  const value = bytesToBigIntLE(message.subarray(0, 48)) & MASK_381;
  return value < P ? value : value & MASK_380;
}

/** A curve point before its cofactor is cleared, and which of the three candidates it is. */
export interface MappedPoint {
  readonly x: Fp2;
  readonly y: Fp2;
  readonly candidate: 0 | 1 | 2;
}

/**
 * The point of E'(Fp2) for a field element other than zero.
 *
 * With w = S3 t / (t^2 + b + 1), the candidates for x are C2 - t w, then -1 minus that, then
 * 1 + 1 / w^2; the first on the curve is taken, with the library's square root as y.
 */
export function mapToCurve(t: bigint): MappedPoint {
  const w = mul2({ c0: mod(S3 * t), c1: 0n }, invert2({ c0: mod(t * t + 5n), c1: 4n }));
  const x0: Fp2 = { c0: mod(C2 - t * w.c0), c1: mod(-t * w.c1) };
  const y0 = librarySqrt2(rightSide2(x0));
  if (y0 !== undefined) return { x: x0, y: y0, candidate: 0 };
  const x1: Fp2 = { c0: mod(-1n - x0.c0), c1: mod(-x0.c1) };
  const y1 = librarySqrt2(rightSide2(x1));
  if (y1 !== undefined) return { x: x1, y: y1, candidate: 1 };
  const square = invert2(sqr2(w));
  const x2: Fp2 = { c0: mod(1n + square.c0), c1: square.c1 };
  // One of the three is always on the curve: the product of their right sides is a square.
  return { x: x2, y: librarySqrt2(rightSide2(x2))!, candidate: 2 };
}
