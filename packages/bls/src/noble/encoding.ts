/**
 * The two byte forms of points, as coordinates: x and which of the two y is meant.
 *
 * Nothing here knows the curve. `harmony` is little-endian with the parity of y (of y.c0 in G2) in
 * the top bit and infinity as all zeros; `ietf` is big-endian, c1 before c0, with three flag bits:
 * compressed, infinity, and whether y is the larger of the two.
 *
 * @source harmony-one/mcl include/mcl/ec.hpp: EcT::save, EcT::load
 * @source draft-irtf-cfrg-pairing-friendly-curves-11 appendix C
 */
import {
  bigIntToBytes,
  bytesToBigInt,
  bytesToBigIntLE,
  concatBytes,
  isZeroBytes,
} from '@polyphony/primitives';
import { BlsError } from '../errors.js';
import { type Fp2, P } from './field.js';

/** What an encoding says: infinity, or an x and a flag that selects y. */
export type Compressed<X> = { readonly x: X; readonly flag: boolean } | 'infinity';

/** One suite's byte forms. */
export interface Encoding {
  decodePublicKey(bytes: Uint8Array): Compressed<bigint>;
  encodePublicKey(point: Compressed<bigint>): Uint8Array;
  /** Whether the flag of a point with this y is set. */
  publicKeyFlag(y: bigint): boolean;
  decodeSignature(bytes: Uint8Array): Compressed<Fp2>;
  encodeSignature(point: Compressed<Fp2>): Uint8Array;
  signatureFlag(y: Fp2): boolean;
}

type What = 'public key' | 'signature';

function coordinate(value: bigint, what: What): bigint {
  if (value >= P) {
    throw new BlsError({
      code: 'bls/invalid-encoding',
      what,
      reason: 'has a coordinate that is not below the field modulus',
    });
  }
  return value;
}

const littleEndian = (value: bigint): Uint8Array => bigIntToBytes(value, 48).reverse();

/** Takes the top bit of the last byte off a copy. */
function splitTopBit(bytes: Uint8Array): readonly [rest: Uint8Array, flag: boolean] {
  const rest = new Uint8Array(bytes);
  const last = rest.length - 1;
  const flag = rest[last]! >= 0x80;
  rest[last]! &= 0x7f;
  return [rest, flag];
}

function withTopBit(bytes: Uint8Array, flag: boolean): Uint8Array {
  if (flag) bytes[bytes.length - 1]! |= 0x80;
  return bytes;
}

/** The network's byte forms. */
export const harmonyEncoding: Encoding = {
  decodePublicKey(bytes) {
    if (isZeroBytes(bytes)) return 'infinity';
    const [rest, flag] = splitTopBit(bytes);
    return { x: coordinate(bytesToBigIntLE(rest), 'public key'), flag };
  },
  encodePublicKey: (point) =>
    point === 'infinity' ? new Uint8Array(48) : withTopBit(littleEndian(point.x), point.flag),
  publicKeyFlag: (y) => (y & 1n) === 1n,
  decodeSignature(bytes) {
    if (isZeroBytes(bytes)) return 'infinity';
    const [rest, flag] = splitTopBit(bytes);
    const c0 = coordinate(bytesToBigIntLE(rest.subarray(0, 48)), 'signature');
    const c1 = coordinate(bytesToBigIntLE(rest.subarray(48)), 'signature');
    return { x: { c0, c1 }, flag };
  },
  encodeSignature: (point) =>
    point === 'infinity'
      ? new Uint8Array(96)
      : withTopBit(concatBytes(littleEndian(point.x.c0), littleEndian(point.x.c1)), point.flag),
  signatureFlag: (y) => (y.c0 & 1n) === 1n,
};

const COMPRESSED = 0x80;
const INFINITY = 0x40;
const LARGER = 0x20;

const isLarger = (y: bigint): boolean => 2n * y > P;

/** Checks and takes off the three flag bits; `undefined` for infinity. */
function splitFlags(
  bytes: Uint8Array,
  what: What,
): readonly [rest: Uint8Array, flag: boolean] | undefined {
  const flags = bytes[0]! & 0xe0;
  const rest = new Uint8Array(bytes);
  rest[0]! &= 0x1f;
  const fail = (reason: string): never => {
    throw new BlsError({ code: 'bls/invalid-encoding', what, reason });
  };
  if ((flags & COMPRESSED) === 0) fail('lacks the bit of the compressed form');
  if ((flags & INFINITY) !== 0) {
    if ((flags & LARGER) !== 0 || !isZeroBytes(rest)) {
      fail('has the bit of infinity and other bits');
    }
    return undefined;
  }
  return [rest, (flags & LARGER) !== 0];
}

function withFlags(bytes: Uint8Array, flag: boolean): Uint8Array {
  bytes[0]! |= COMPRESSED | (flag ? LARGER : 0);
  return bytes;
}

function infinity(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes[0] = COMPRESSED | INFINITY;
  return bytes;
}

/** The compressed forms of the CFRG draft, as Ethereum and Zcash use them. */
export const ietfEncoding: Encoding = {
  decodePublicKey(bytes) {
    const split = splitFlags(bytes, 'public key');
    if (split === undefined) return 'infinity';
    return { x: coordinate(bytesToBigInt(split[0]), 'public key'), flag: split[1] };
  },
  encodePublicKey: (point) =>
    point === 'infinity' ? infinity(48) : withFlags(bigIntToBytes(point.x, 48), point.flag),
  publicKeyFlag: isLarger,
  decodeSignature(bytes) {
    const split = splitFlags(bytes, 'signature');
    if (split === undefined) return 'infinity';
    const c1 = coordinate(bytesToBigInt(split[0].subarray(0, 48)), 'signature');
    const c0 = coordinate(bytesToBigInt(split[0].subarray(48)), 'signature');
    return { x: { c0, c1 }, flag: split[1] };
  },
  encodeSignature: (point) =>
    point === 'infinity'
      ? infinity(96)
      : withFlags(
          concatBytes(bigIntToBytes(point.x.c1, 48), bigIntToBytes(point.x.c0, 48)),
          point.flag,
        ),
  signatureFlag: (y) => isLarger(y.c1 !== 0n ? y.c1 : y.c0),
};
