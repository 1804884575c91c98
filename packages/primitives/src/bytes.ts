/** Byte strings. Functions never change their arguments and return fresh bytes. */
import { PrimitivesError } from './errors.js';

/** Joins byte strings in order: a few that are known. A list that someone else made: {@link joinBytes}. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return joinBytes(parts);
}

/** Joins a list of byte strings in order, however long the list is. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
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

const ENCODER: { encode(text: string): Uint8Array } = new TextEncoder();

/** Text as UTF-8 bytes. */
export function utf8ToBytes(text: string): Uint8Array {
  return ENCODER.encode(text);
}
