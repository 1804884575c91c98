/**
 * The part of the protobuf encoding that consensus messages need: varints and byte strings.
 *
 * Writes the canonical form (ascending fields, zero and empty values left out, minimal varints),
 * reads it quickly, and reads any form, field by field. What the fields mean is `wire.ts`. Groups
 * (wire types 3 and 4) are refused; so are messages of more than {@link MAX_FIELDS} fields.
 *
 * @source protobuf.dev, "Encoding"
 */
import { FbftError } from './errors.js';

/** More fields than this in one message are refused. */
export const MAX_FIELDS = 64;

/** One field as read. */
export interface Field {
  readonly number: number;
  /** 0 varint, 1 eight bytes, 2 byte string, 5 four bytes. */
  readonly wireType: 0 | 1 | 2 | 5;
  /** The value of a varint, else zero. */
  readonly varint: bigint;
  /** The value of any other type, else empty. */
  readonly bytes: Uint8Array;
  /** Tag and value as they were received. */
  readonly raw: Uint8Array;
}

const EMPTY = new Uint8Array(0);
const U64 = (1n << 64n) - 1n;

function fail(reason: string, offset: number): never {
  throw new FbftError({ code: 'fbft/invalid-protobuf', reason, offset });
}

function readVarint(bytes: Uint8Array, offset: number): { value: bigint; next: number } {
  let value = 0n;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[offset + i];
    if (byte === undefined) return fail('varint runs past the end', offset);
    if (i === 9 && byte > 1) return fail('varint exceeds 64 bits', offset);
    value |= BigInt(byte & 127) << BigInt(7 * i);
    if (byte < 128) return { value, next: offset + i + 1 };
  }
  return fail('varint exceeds 64 bits', offset);
}

function slice(bytes: Uint8Array, start: number, length: bigint): Uint8Array {
  if (length > BigInt(bytes.length - start)) return fail('value runs past the end', start);
  return bytes.subarray(start, start + Number(length));
}

/**
 * The fields of an encoded message in their order. Views into `bytes`, nothing is copied.
 *
 * @throws {@link FbftError} `fbft/invalid-protobuf`.
 */
export function readFields(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (fields.length === MAX_FIELDS) fail(`more than ${MAX_FIELDS} fields`, at);
    const start = at;
    const tag = readVarint(bytes, at);
    const number = tag.value >> 3n;
    if (number < 1n || number >= 1n << 29n) fail('field number out of range', start);
    const wireType = Number(tag.value & 7n);
    let varint = 0n;
    let value: Uint8Array = EMPTY;
    at = tag.next;
    if (wireType === 0) {
      const read = readVarint(bytes, at);
      varint = read.value;
      at = read.next;
    } else if (wireType === 1 || wireType === 5) {
      value = slice(bytes, at, wireType === 1 ? 8n : 4n);
      at += value.length;
    } else if (wireType === 2) {
      const length = readVarint(bytes, at);
      value = slice(bytes, length.next, length.value);
      at = length.next + value.length;
    } else {
      return fail(`wire type ${wireType}`, start);
    }
    const raw = bytes.subarray(start, at);
    fields.push({ number: Number(number), wireType, varint, bytes: value, raw });
  }
  return fields;
}

/** A varint: a safe integer from 0 on, or, slower, any number of 64 bits. */
export type Varint = number | bigint;

/** What a field holds: a varint, or a byte string. */
export type FieldValue = Varint | Uint8Array;

/** A number of 64 bits in the form that is written faster. */
export function varintOf(value: bigint): Varint {
  const number = Number(value);
  return number >= 0 && number <= Number.MAX_SAFE_INTEGER ? number : value;
}

/** Bytes of a varint; negative numbers are taken modulo 2^64. */
function varintLength(value: Varint): number {
  let length = 1;
  if (typeof value === 'number') {
    for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) length++;
    return length;
  }
  for (let rest = value & U64; rest > 127n; rest >>= 7n) length++;
  return length;
}

function writeVarint(out: Uint8Array, start: number, value: Varint): number {
  let at = start;
  if (typeof value === 'number') {
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) out[at++] = (rest & 127) | 128;
    out[at++] = rest;
    return at;
  }
  let rest = value & U64;
  for (; rest > 127n; rest >>= 7n) out[at++] = Number(rest & 127n) | 128;
  out[at++] = Number(rest);
  return at;
}

function isZero(value: Varint): boolean {
  return typeof value === 'number' ? value === 0 : value === 0n;
}

/** Bytes of a field with a number up to 15; none for zero and for an empty string. */
export function fieldLength(value: FieldValue): number {
  if (typeof value !== 'object') return isZero(value) ? 0 : 1 + varintLength(value);
  const { length } = value;
  return length === 0 ? 0 : headLength(length) + length;
}

/** Bytes of fields with the numbers 1, 2 and so on, at most 15. */
export function fieldsLength(values: readonly FieldValue[]): number {
  let length = 0;
  for (let i = 0; i < values.length; i++) length += fieldLength(values[i]!);
  return length;
}

/** Bytes of the tag and length of a byte string with a number up to 15. */
export function headLength(length: number): number {
  return 1 + varintLength(length);
}

/** Writes the tag and length of a byte string with a number up to 15. @returns Where its bytes go. */
export function writeHead(out: Uint8Array, at: number, number: number, length: number): number {
  out[at] = (number << 3) | 2;
  return writeVarint(out, at + 1, length);
}

/** Writes a field as {@link fieldLength} counts it. @returns Where the next one goes. */
export function writeField(out: Uint8Array, at: number, number: number, value: FieldValue): number {
  if (typeof value !== 'object') {
    if (isZero(value)) return at;
    out[at] = number << 3;
    return writeVarint(out, at + 1, value);
  }
  if (value.length === 0) return at;
  const start = writeHead(out, at, number, value.length);
  out.set(value, start);
  return start + value.length;
}

/** Writes fields with the numbers 1, 2 and so on. @returns Where the next byte goes. */
export function writeFields(out: Uint8Array, start: number, values: readonly FieldValue[]): number {
  let at = start;
  for (let i = 0; i < values.length; i++) at = writeField(out, at, i + 1, values[i]!);
  return at;
}

/** A canonical varint that fits 53 bits, and not zero; else 0. Its end is in `cursor`. */
function readSafeVarint(bytes: Uint8Array, start: number, end: number, cursor: Cursor): number {
  let value = 0;
  let scale = 1;
  for (let at = start; at < end && at < start + 7; at++) {
    const byte = bytes[at]!;
    value += (byte & 127) * scale;
    if (byte < 128) {
      cursor.at = at + 1;
      return byte === 0 ? 0 : value;
    }
    scale *= 128;
  }
  return 0;
}

/** A place in some bytes. */
export interface Cursor {
  at: number;
}

/**
 * Reads the head of a byte string with a number up to 15 and a canonical length, perhaps zero.
 *
 * @returns The length, or -1 if there is something else.
 */
export function readHead(bytes: Uint8Array, number: number, end: number, cursor: Cursor): number {
  const { at } = cursor;
  if (at + 1 >= end || bytes[at] !== ((number << 3) | 2)) return -1;
  if (bytes[at + 1] === 0) {
    cursor.at = at + 2;
    return 0;
  }
  const length = readSafeVarint(bytes, at + 1, end, cursor);
  return length > 0 && length <= end - cursor.at ? length : -1;
}

/**
 * Reads what {@link writeFields} wrote, quickly: fields in the order of their numbers, nothing zero
 * or empty, varints below 2^49.
 *
 * @param into - The defaults, of the types expected; overwritten by what is there.
 * @returns False for anything else, which may still be a message in another form.
 */
export function readCanonicalFields(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: FieldValue[],
): boolean {
  const cursor = { at: start };
  let last = 0;
  while (cursor.at < end) {
    const tag = bytes[cursor.at]!;
    const number = tag >> 3;
    if (tag > 127 || number <= last || number > into.length) return false;
    last = number;
    if (typeof into[number - 1] === 'number') {
      if ((tag & 7) !== 0) return false;
      const value = readSafeVarint(bytes, cursor.at + 1, end, cursor);
      if (value === 0) return false;
      into[number - 1] = value;
    } else {
      const length = readHead(bytes, number, end, cursor);
      if (length <= 0) return false;
      into[number - 1] = bytes.subarray(cursor.at, cursor.at + length);
      cursor.at += length;
    }
  }
  return true;
}
