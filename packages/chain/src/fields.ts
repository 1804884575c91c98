/**
 * How single fields of the chain's structures are written and read: ranges and lengths, nothing
 * about any one structure. Internal.
 */
import {
  type Address,
  addressFromBytes,
  bytesToHex,
  type Hash,
  type Hex,
  hexToBytes,
  type RlpReader,
} from '@polyphony/primitives';
import { ChainError } from './errors.js';

/** The largest u64. */
export const MAX_U64 = 0xffffffffffffffffn;

const MAX_U256 = (1n << 256n) - 1n;

/** The empty byte string. */
export const EMPTY_BYTES: Uint8Array = new Uint8Array(0);

function outOfRange(what: string, reason: string): never {
  throw new ChainError({ code: 'chain/out-of-range', what, reason });
}

/** A value that must be an unsigned integer of at most `bits` bits. */
export function uintField(value: bigint, bits: number, what: string): bigint {
  if (typeof value !== 'bigint') throw new TypeError(`${what} must be a bigint`);
  const limit = bits === 64 ? MAX_U64 : bits === 256 ? MAX_U256 : (1n << BigInt(bits)) - 1n;
  if (value < 0n || value > limit) {
    outOfRange(what, `must be an unsigned integer of at most ${bits} bits, got ${value}`);
  }
  return value;
}

/** A value that must be an unsigned 32-bit integer. */
export function uint32Field(value: number, what: string): number {
  if (typeof value !== 'number') throw new TypeError(`${what} must be a number`);
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
    outOfRange(what, `must be an unsigned 32-bit integer, got ${value}`);
  }
  return value;
}

/** Bytes that must have one length. */
export function fixedField(value: Uint8Array, length: number, what: string): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${what} must be a Uint8Array`);
  if (value.length !== length) {
    outOfRange(what, `must be ${length} bytes, got ${value.length}`);
  }
  return value;
}

/** Bytes of any length. */
export function bytesField(value: Uint8Array, what: string): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${what} must be a Uint8Array`);
  return value;
}

/** The bytes of a hex value of one length. */
export function hexField(value: Hex, length: number, what: string): Uint8Array {
  if (typeof value !== 'string') throw new TypeError(`${what} must be hex text`);
  if (value.length !== 2 + 2 * length || !value.startsWith('0x')) {
    outOfRange(what, `must be 0x and ${2 * length} digits`);
  }
  try {
    return hexToBytes(value, length);
  } catch (cause) {
    const reason = `must be 0x and ${2 * length} digits`;
    throw new ChainError({ code: 'chain/out-of-range', what, reason }, { cause });
  }
}

/** Reads 32 bytes as a hash. */
export function readHash(reader: RlpReader): Hash {
  return bytesToHex(reader.readFixed(32));
}

/** Reads 20 bytes as an address. */
export function readAddress(reader: RlpReader): Address {
  return addressFromBytes(reader.readFixed(20));
}

/** Reads a string of any length into fresh bytes. */
export function readOwnBytes(reader: RlpReader): Uint8Array {
  return reader.readBytes().slice();
}
