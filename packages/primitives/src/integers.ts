/**
 * Unsigned integers as bytes and back, at every size: amounts, keys and block numbers are a few
 * words long, hostile RLP integers may be megabytes, so the time must grow with the length only.
 */
import { PrimitivesError } from './errors.js';
import { bytesToHex, hexToBytes } from './hex.js';

/** Longer integers go through hexadecimal text: shifting words together is quadratic. */
const LONG = 256;

/** An integer that fits `i` bytes is below entry `i`. */
const BYTE_LIMITS: readonly bigint[] = Array.from({ length: 33 }, (_, i) => 1n << BigInt(8 * i));

function refuse(reason: string): never {
  throw new PrimitivesError({ code: 'primitives/out-of-range', what: 'integer', reason });
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * The bytes from `start` to `end`, bounds inside the array, as an unsigned big-endian integer.
 *
 * @param view - Over all of `bytes`; made here for more than 6 bytes when left out.
 */
export function readBigEndian(
  bytes: Uint8Array,
  start: number,
  end: number,
  view: DataView | undefined,
): bigint {
  const size = end - start;
  if (size <= 6) {
    let value = 0;
    for (let at = start; at < end; at++) value = value * 256 + bytes[at]!;
    return BigInt(value);
  }
  if (size > LONG) return BigInt(bytesToHex(bytes.subarray(start, end)));
  const words = view ?? viewOf(bytes);
  if (size === 7) {
    return (BigInt(words.getUint32(start)) << 24n) | BigInt(words.getUint32(start + 3) & 0xffffff);
  }
  // The first word holds what is left over when 8 does not divide size.
  const over = size & 7;
  let value = words.getBigUint64(start);
  let at = start + 8;
  if (over !== 0) {
    value >>= BigInt(64 - 8 * over);
    at = start + over;
  }
  for (; at < end; at += 8) value = (value << 64n) | words.getBigUint64(at);
  return value;
}

/** The fewest bytes that hold a non-negative integer: none for 0. */
export function byteLengthOf(value: bigint): number {
  if (value < BYTE_LIMITS[6]!) {
    let size = 0;
    for (let rest = Number(value); rest >= 1; rest /= 256) size++;
    return size;
  }
  if (value >= BYTE_LIMITS[31]!) {
    return value < BYTE_LIMITS[32]! ? 32 : Math.ceil(value.toString(16).length / 2);
  }
  let low = 7;
  let high = 31;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value < BYTE_LIMITS[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Writes a safe integer to the bytes from `first` to `last`. */
function writeNumber(value: number, out: Uint8Array, first: number, last: number): void {
  let rest = value;
  for (let i = last; i >= first; i--) {
    out[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

/**
 * Writes a non-negative integer of {@link byteLengthOf} `size` to `out` from `at`.
 *
 * @param view - Over all of `out`; made here for more than 8 bytes when left out.
 */
export function writeBigEndian(
  value: bigint,
  size: number,
  out: Uint8Array,
  at: number,
  view: DataView | undefined,
): void {
  if (size <= 6) {
    writeNumber(Number(value), out, at, at + size - 1);
    return;
  }
  if (size <= 8 && view === undefined) {
    // Without a view: making one costs more, as it moves a short array out of the engine's heap.
    writeNumber(Number(value >> 32n), out, at, at + size - 5);
    writeNumber(Number(value & 0xffffffffn), out, at + size - 4, at + size - 1);
    return;
  }
  if (size > LONG) {
    out.set(hexToBytes(value.toString(16).padStart(2 * size, '0')), at);
    return;
  }
  const words = view ?? viewOf(out);
  if (size === 7) {
    words.setUint32(at, Number(value >> 24n));
    words.setUint32(at + 3, Number(value & 0xffffffffn));
    return;
  }
  // From the end in words of 64 bits; the first word overlaps the second when 8 does not divide size.
  let rest = value;
  for (let i = at + size - 8; i > at; i -= 8) {
    words.setBigUint64(i, rest);
    rest >>= 64n;
  }
  words.setBigUint64(at, value >> BigInt(8 * (size - 8)));
}

/** Unsigned big-endian bytes as an integer; no bytes are 0. */
export function bytesToBigInt(bytes: Uint8Array): bigint {
  return readBigEndian(bytes, 0, bytes.length, undefined);
}

/**
 * A non-negative integer as big-endian bytes.
 *
 * @param length - Fixed length; the fewest bytes (none for 0) when left out.
 * @throws {@link PrimitivesError} `primitives/out-of-range` when negative or too large for `length`.
 */
export function bigIntToBytes(value: bigint, length?: number): Uint8Array {
  if (value < 0n) refuse('must not be negative');
  const size = byteLengthOf(value);
  if (length !== undefined && size > length) refuse(`must fit ${length} bytes, needs ${size}`);
  const bytes = new Uint8Array(length ?? size);
  writeBigEndian(value, size, bytes, bytes.length - size, undefined);
  return bytes;
}

/**
 * A u64 as eight little-endian bytes: block numbers and view ids in commit payloads.
 *
 * @throws {@link PrimitivesError} `primitives/out-of-range`.
 */
export function uint64ToBytesLE(value: bigint): Uint8Array {
  return bigIntToBytes(value, 8).reverse();
}

/** Little-endian bytes as an unsigned integer. */
export function bytesToBigIntLE(bytes: Uint8Array): bigint {
  return bytesToBigInt(Uint8Array.from(bytes).reverse());
}

/**
 * A u32 as four big-endian bytes.
 *
 * @throws {@link PrimitivesError} `primitives/out-of-range`.
 */
export function uint32ToBytes(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
    refuse(`must be an unsigned 32-bit integer, got ${value}`);
  }
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}
