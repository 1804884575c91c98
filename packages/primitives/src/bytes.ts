/**
 * Byte strings and the integers in them. Functions never change their arguments; results are
 * fresh unless the comment says that they are views.
 */
import { PrimitivesError } from './errors.js';

/** Joins byte strings in order. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const result = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

/** Whether two byte strings are equal. Not constant time: not for secrets. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Lexicographic order: negative when `a` comes first, 0 when equal. A prefix comes first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/**
 * Checks a length and returns the argument.
 *
 * @throws {@link PrimitivesError} `primitives/invalid-length`.
 */
export function assertLength(bytes: Uint8Array, expected: number, what: string): Uint8Array {
  if (bytes.length !== expected) {
    throw new PrimitivesError({
      code: 'primitives/invalid-length',
      what,
      expected,
      actual: bytes.length,
    });
  }
  return bytes;
}

/** Whether every byte is zero (true for no bytes). */
export function isZeroBytes(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** Unsigned big-endian bytes as an integer; no bytes are 0. */
export function bytesToBigInt(bytes: Uint8Array): bigint {
  let value = 0n;
  let at = 0;
  for (; at + 6 <= bytes.length; at += 6) {
    const high = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    const low = (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!;
    value = (value << 48n) | BigInt(high * 0x1000000 + low);
  }
  for (; at < bytes.length; at++) value = (value << 8n) | BigInt(bytes[at]!);
  return value;
}

/**
 * A non-negative integer as big-endian bytes.
 *
 * @param length - Fixed length; the fewest bytes (none for 0) when left out.
 * @throws {@link PrimitivesError} `primitives/out-of-range` when negative or too large for `length`.
 */
export function bigIntToBytes(value: bigint, length?: number): Uint8Array {
  if (value < 0n) {
    throw new PrimitivesError({
      code: 'primitives/out-of-range',
      what: 'integer',
      reason: `must not be negative, got ${value}`,
    });
  }
  let rest = value;
  let size = 0;
  if (length === undefined) {
    for (let probe = value; probe > 0n; probe >>= 8n) size++;
  } else {
    size = length;
  }
  const bytes = new Uint8Array(size);
  let at = size;
  while (rest > 0n && at > 0) {
    let low = Number(rest & 0xffffffffffffn);
    rest >>= 48n;
    for (let i = 0; i < 6 && at > 0; i++) {
      bytes[--at] = low % 256;
      low = Math.floor(low / 256);
    }
    if (at === 0 && low > 0) rest = 1n;
  }
  if (rest > 0n) {
    throw new PrimitivesError({
      code: 'primitives/out-of-range',
      what: 'integer',
      reason: `must fit ${size} bytes`,
    });
  }
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

/** A u32 as four big-endian bytes. */
export function uint32ToBytes(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
    throw new PrimitivesError({
      code: 'primitives/out-of-range',
      what: 'integer',
      reason: `must be an unsigned 32-bit integer, got ${value}`,
    });
  }
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

const ENCODER: { encode(text: string): Uint8Array } = new TextEncoder();

/** Text as UTF-8 bytes. */
export function utf8ToBytes(text: string): Uint8Array {
  return ENCODER.encode(text);
}
