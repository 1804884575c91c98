/**
 * The part of the protobuf encoding that consensus messages need: varints and byte strings.
 *
 * Writes the canonical form (fields in the caller's order, zero and empty values left out, minimal
 * varints) and reads any form, field by field. What the fields mean is `wire.ts`. Groups (wire
 * types 3 and 4) are refused; so are messages of more than {@link MAX_FIELDS} fields.
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

function varintBytes(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return bytes;
}

/** A varint field, or nothing for zero. Negative values are taken modulo 2^64. */
export function varintField(number: number, value: bigint | number): Uint8Array {
  const unsigned = BigInt(value) & U64;
  if (unsigned === 0n) return EMPTY;
  return Uint8Array.from([...varintBytes(BigInt(number << 3)), ...varintBytes(unsigned)]);
}

/** The tag and length of a byte string field, to be followed by its bytes. */
export function bytesFieldHead(number: number, length: number): Uint8Array {
  return Uint8Array.from([
    ...varintBytes(BigInt((number << 3) | 2)),
    ...varintBytes(BigInt(length)),
  ]);
}

/** The pieces of a byte string field, none for an empty one. */
export function bytesField(number: number, value: Uint8Array): Uint8Array[] {
  return value.length === 0 ? [] : [bytesFieldHead(number, value.length), value];
}
