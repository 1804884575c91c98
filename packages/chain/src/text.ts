/**
 * Text that must survive as the bytes it came in. Internal.
 *
 * The node keeps any bytes in a text field. Valid UTF-8 becomes text; a byte that is not part of
 * valid UTF-8 becomes one lone surrogate, U+DC00 plus the byte, and goes back to that byte.
 */
import { utf8ToBytes } from '@polyphony/primitives';
import { ChainError } from './errors.js';

const UTF8: { decode(bytes: Uint8Array): string } = new TextDecoder('utf-8', { ignoreBOM: true });

/** Length of the valid UTF-8 character at a place, 0 when there is none. */
function characterLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  // The second byte excludes overlong forms, surrogates and what is above U+10FFFF.
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  const second = bytes[at + 1];
  if (second === undefined || second < low || second > high) return 0;
  for (let i = 2; i < length; i++) {
    const next = bytes[at + i];
    if (next === undefined || next < 0x80 || next > 0xbf) return 0;
  }
  return length;
}

/** Bytes as text, without loss. */
export function bytesToText(bytes: Uint8Array): string {
  let text = '';
  let start = 0;
  let at = 0;
  while (at < bytes.length) {
    const length = characterLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    if (at > start) text += UTF8.decode(bytes.subarray(start, at));
    text += String.fromCharCode(0xdc00 + bytes[at]!);
    start = ++at;
  }
  return text + UTF8.decode(bytes.subarray(start));
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Writes one character as UTF-8 and returns where it ends. */
function writeCharacter(bytes: Uint8Array, start: number, code: number): number {
  let at = start;
  if (code < 0x80) {
    bytes[at++] = code;
  } else if (code < 0x800) {
    bytes[at++] = 0xc0 | (code >> 6);
    bytes[at++] = 0x80 | (code & 63);
  } else if (code < 0x10000) {
    bytes[at++] = 0xe0 | (code >> 12);
    bytes[at++] = 0x80 | ((code >> 6) & 63);
    bytes[at++] = 0x80 | (code & 63);
  } else {
    bytes[at++] = 0xf0 | (code >> 18);
    bytes[at++] = 0x80 | ((code >> 12) & 63);
    bytes[at++] = 0x80 | ((code >> 6) & 63);
    bytes[at++] = 0x80 | (code & 63);
  }
  return at;
}

/**
 * Text as bytes.
 *
 * @throws {@link ChainError} `chain/out-of-range` for a lone surrogate that stands for no byte.
 */
export function textToBytes(text: string, what: string): Uint8Array {
  if (typeof text !== 'string') throw new TypeError(`${what} must be a string`);
  if (!LONE_SURROGATE.test(text)) return utf8ToBytes(text);
  const bytes = new Uint8Array(text.length * 3);
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code < 0xd800 || code > 0xdfff) {
      length = writeCharacter(bytes, length, code);
    } else if (code >= 0xdc80 && code <= 0xdcff) {
      bytes[length++] = code - 0xdc00;
    } else {
      const reason = 'has a surrogate without its partner';
      throw new ChainError({ code: 'chain/out-of-range', what, reason });
    }
  }
  return bytes.slice(0, length);
}
