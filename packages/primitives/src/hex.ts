/**
 * Hexadecimal text and bytes. `Hex` is lower case with a `0x` prefix everywhere inside the
 * packages, so equal values are equal strings and can be map keys.
 */
import { PrimitivesError } from './errors.js';

/** Bytes as text: `0x` and an even number of lower-case hexadecimal digits. */
export type Hex = `0x${string}`;

/** A 32-byte hash as {@link Hex}: `0x` and 64 digits. */
export type Hash = Hex;

const DIGITS = '0123456789abcdef';
/** Character codes of the high and of the low digit of each byte. */
const HIGH_CODES: readonly number[] = Array.from({ length: 256 }, (_, i) =>
  DIGITS.charCodeAt(i >> 4),
);
const LOW_CODES: readonly number[] = Array.from({ length: 256 }, (_, i) =>
  DIGITS.charCodeAt(i & 15),
);
/** Bytes per call that turns codes into text: engines limit the number of arguments. */
const CHUNK = 1024;

/** The value of each character code that is a digit of either case; 16 for all others. */
const NIBBLES: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = DIGITS.indexOf(String.fromCharCode(code).toLowerCase());
  return value < 0 ? 16 : value;
});

function nibble(code: number): number {
  return code < 128 ? NIBBLES[code]! : 16;
}

/**
 * Text to bytes.
 *
 * @param hex - An even number of digits of either case, with or without `0x`.
 * @param length - Expected number of bytes, any when left out.
 * @throws {@link PrimitivesError} `primitives/invalid-hex`, `primitives/invalid-length`.
 * @example hexToBytes('0x01ff')  // Uint8Array [1, 255]
 */
export function hexToBytes(hex: string, length?: number): Uint8Array {
  const start = hex.startsWith('0x') || hex.startsWith('0X') ? 2 : 0;
  const digits = hex.length - start;
  if (digits % 2 !== 0) {
    throw new PrimitivesError({
      code: 'primitives/invalid-hex',
      reason: `hex text must have an even number of digits, got ${digits}`,
    });
  }
  const size = digits / 2;
  if (length !== undefined && size !== length) {
    throw new PrimitivesError({
      code: 'primitives/invalid-length',
      what: 'hex text',
      expected: length,
      actual: size,
    });
  }
  const bytes = new Uint8Array(size);
  for (let i = 0, at = start; i < size; i++, at += 2) {
    const high = nibble(hex.charCodeAt(at));
    const low = nibble(hex.charCodeAt(at + 1));
    if ((high | low) > 15) {
      throw new PrimitivesError({
        code: 'primitives/invalid-hex',
        reason: `hex text has a character that is not a digit at position ${high > 15 ? at : at + 1}`,
      });
    }
    bytes[i] = (high << 4) | low;
  }
  return bytes;
}

/** Digits behind a prefix, as one flat text: engines read joined texts more slowly. */
function digitsOf(bytes: Uint8Array, start: number, end: number, prefix: '' | '0x'): string {
  const codes = new Array<number>(prefix.length + 2 * (end - start));
  let at = 0;
  for (; at < prefix.length; at++) codes[at] = prefix.charCodeAt(at);
  for (let i = start; i < end; i++, at += 2) {
    const byte = bytes[i]!;
    codes[at] = HIGH_CODES[byte]!;
    codes[at + 1] = LOW_CODES[byte]!;
  }
  return String.fromCharCode.apply(null, codes);
}

/** Bytes as lower-case hexadecimal text without a prefix: the form of BLS keys in RPC and key files. */
export function bytesToPlainHex(bytes: Uint8Array): string {
  if (bytes.length <= CHUNK) return digitsOf(bytes, 0, bytes.length, '');
  let text = '';
  for (let start = 0; start < bytes.length; start += CHUNK) {
    text += digitsOf(bytes, start, Math.min(start + CHUNK, bytes.length), '');
  }
  return text;
}

/** Bytes as lower-case hexadecimal text with `0x`. */
export function bytesToHex(bytes: Uint8Array): Hex {
  if (bytes.length <= CHUNK) return digitsOf(bytes, 0, bytes.length, '0x') as Hex;
  return `0x${bytesToPlainHex(bytes)}`;
}
