/**
 * Fields of replies. A quantity is 0x-hex in one namespace and a bare integer in another, an
 * address is `one1…` in one and `0x…` in another; the readers here take both and give one form.
 * A field that is missing or has another shape is `rpc/invalid-reply`, named by its path.
 *
 * @source harmony/rpc/harmony/v1/types.go, v2/types.go
 */
import {
  type Address,
  type Hash,
  type Hex,
  hexToBytes,
  isProtocolError,
  parseAddress,
} from '@polyphony/primitives';
import { invalidReply } from './errors.js';
import { isJsonObject, type JsonObject, type JsonValue } from './json.js';

const QUANTITY = /^0x[0-9a-fA-F]{1,64}$/;
const HASH = /^0x[0-9a-f]{64}$/;
const MAX_UINT256 = (1n << 256n) - 1n;

/** An object. */
export function readObject(value: JsonValue | undefined, what: string): JsonObject {
  if (!isJsonObject(value)) throw invalidReply(what, 'must be an object');
  return value;
}

/** An array, each item read by `read`. */
export function readList<T>(
  value: JsonValue | undefined,
  what: string,
  read: (item: JsonValue, what: string) => T,
): readonly T[] {
  if (!Array.isArray(value)) throw invalidReply(what, 'must be an array');
  return (value as readonly JsonValue[]).map((item, i) => read(item, `${what}[${i}]`));
}

/** An unsigned integer of at most 256 bits: a bare integer, or 0x-hex. */
export function readQuantity(value: JsonValue | undefined, what: string): bigint {
  if (typeof value === 'bigint') {
    if (value < 0n || value > MAX_UINT256)
      throw invalidReply(what, 'must be an unsigned integer of at most 256 bits');
    return value;
  }
  if (typeof value === 'string' && QUANTITY.test(value)) return BigInt(value);
  throw invalidReply(what, 'must be an integer or a 0x quantity');
}

/** A quantity of at most 32 bits. */
export function readUint32(value: JsonValue | undefined, what: string): number {
  const quantity = readQuantity(value, what);
  if (quantity > 0xffffffffn) throw invalidReply(what, 'must be an unsigned 32-bit integer');
  return Number(quantity);
}

/** Text. */
export function readText(value: JsonValue | undefined, what: string): string {
  if (typeof value !== 'string') throw invalidReply(what, 'must be text');
  return value;
}

/** A truth value. */
export function readBoolean(value: JsonValue | undefined, what: string): boolean {
  if (typeof value !== 'boolean') throw invalidReply(what, 'must be true or false');
  return value;
}

/** 32 bytes as 0x-hex. */
export function readHash(value: JsonValue | undefined, what: string): Hash {
  const text = typeof value === 'string' ? value.toLowerCase() : '';
  if (!HASH.test(text)) throw invalidReply(what, 'must be 0x and 64 digits');
  return text as Hash;
}

/** Bytes as 0x-hex; some fields of the node leave the prefix out. */
export function readBytes(
  value: JsonValue | undefined,
  what: string,
  options: { readonly length?: number; readonly prefix?: 'needed' | 'optional' } = {},
): Uint8Array {
  const text = readText(value, what);
  if (options.prefix !== 'optional' && !text.startsWith('0x'))
    throw invalidReply(what, 'must begin with 0x');
  try {
    return hexToBytes(text, options.length);
  } catch (error) {
    if (!isProtocolError(error)) throw error;
    throw invalidReply(what, `must be hexadecimal: ${error.message}`);
  }
}

/** An address in either form. */
export function readAddress(value: JsonValue | undefined, what: string): Address {
  const text = readText(value, what);
  try {
    return parseAddress(text);
  } catch (error) {
    if (!isProtocolError(error)) throw error;
    throw invalidReply(what, `must be an address: ${error.message}`);
  }
}

/** An address, or nothing: null or empty text, as in a contract creation. */
export function readOptionalAddress(
  value: JsonValue | undefined,
  what: string,
): Address | undefined {
  return value === null || value === undefined || value === ''
    ? undefined
    : readAddress(value, what);
}

/** Whether a field is there and not null. */
export function isPresent(value: JsonValue | undefined): value is JsonValue {
  return value !== undefined && value !== null;
}

/** A 0x quantity for a request: no leading zeros. */
export function formatQuantity(value: bigint): Hex {
  return `0x${value.toString(16)}`;
}
