/**
 * Address text at the edges: `one1…` (bech32, BIP-173) and `0x…` (EIP-55), to and from {@link Address}.
 *
 * Strict where a typing error could send money elsewhere: a bad checksum, mixed case, another
 * prefix or another length is refused, never repaired. Decides no protocol rule.
 */
import { bech32 } from '@scure/base';
import { type Address, addressToBytes } from './address.js';
import { PrimitivesError } from './errors.js';
import { bytesToHex } from './hex.js';
import { keccak256 } from './keccak.js';

/**
 * The readable first part of a bech32 address. `one` is used on every network; `tone` was meant for
 * test networks and is only recognised.
 */
export type AddressPrefix = 'one' | 'tone';

/** Longest bech32 text that a decoder reads. */
const BECH32_LIMIT = 90;

const LOWER_HEX = /^0x[0-9a-f]{40}$/;
const UPPER_HEX = /^0x[0-9A-F]{40}$/;
const ANY_HEX = /^0x[0-9a-fA-F]{40}$/;
const ONE_ADDRESS = /^one1/i;

function refuse(reason: string): never {
  throw new PrimitivesError({ code: 'primitives/invalid-address', reason });
}

function decodeBech32(text: string): { readonly prefix: string; readonly bytes: Uint8Array } {
  const decoded = bech32.decodeUnsafe(text, BECH32_LIMIT);
  const bytes = decoded && bech32.fromWordsUnsafe(decoded.words);
  if (!bytes) refuse('address is not valid bech32 text: wrong characters, mixed case or checksum');
  if (bytes.length !== 20) refuse(`bech32 address must hold 20 bytes, got ${bytes.length}`);
  return { prefix: decoded.prefix, bytes };
}

/**
 * Reads a `one1…` address: 42 characters, all lower or all upper case, with a right checksum.
 *
 * @param prefix - The readable part that is insisted on.
 * @throws {@link PrimitivesError} `primitives/invalid-address`.
 * @source BIP-173; harmony/internal/common/address.go: Bech32ToAddress
 * @example parseOneAddress('one1a50tun737ulcvwy0yvve0pvu5skq0kjargvhwe')  // 0xed1ebe4fd1…
 */
export function parseOneAddress(text: string, prefix: AddressPrefix = 'one'): Address {
  const decoded = decodeBech32(text);
  if (decoded.prefix !== prefix) {
    refuse(`bech32 address must begin with ${prefix}1, got ${decoded.prefix}1`);
  }
  return bytesToHex(decoded.bytes);
}

/**
 * An address as lower-case bech32 text: 42 characters with the prefix `one`.
 *
 * @throws {@link PrimitivesError} `primitives/invalid-length`, `primitives/invalid-hex`.
 * @source BIP-173; harmony/internal/common/address.go: AddressToBech32
 */
export function formatOneAddress(address: Address, prefix: AddressPrefix = 'one'): string {
  return bech32.encode(prefix, bech32.toWords(addressToBytes(address)), BECH32_LIMIT);
}

/**
 * Whether a text is a bech32 address of either prefix. Conversions insist on one of them.
 *
 * @source harmony/internal/common/address.go: IsBech32Address
 */
export function isBech32Address(text: string): boolean {
  const decoded = bech32.decodeUnsafe(text, BECH32_LIMIT);
  if (!decoded || (decoded.prefix !== 'one' && decoded.prefix !== 'tone')) return false;
  return bech32.fromWordsUnsafe(decoded.words)?.length === 20;
}

/**
 * An address as `0x` text with the capitals of EIP-55: a digit is a capital when the same digit of
 * the Keccak-256 hash of the 40 lower-case digits is 8 or more.
 *
 * @throws {@link PrimitivesError} `primitives/invalid-length`, `primitives/invalid-hex`.
 * @source EIP-55
 * @example checksumAddress('0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359')  // 0xfB6916095ca1df60bB79…
 */
export function checksumAddress(address: Address): string {
  const lower = bytesToHex(addressToBytes(address));
  const digits = new Uint8Array(40);
  for (let i = 0; i < 40; i++) digits[i] = lower.charCodeAt(i + 2);
  const hash = keccak256(digits);
  let text = '0x';
  for (let i = 0; i < 40; i++) {
    const digit = lower.charAt(i + 2);
    const nibble = (hash[i >> 1]! >> (i % 2 === 0 ? 4 : 0)) & 15;
    text += nibble >= 8 ? digit.toUpperCase() : digit;
  }
  return text;
}

/**
 * Reads an address in any form a user may paste: `one1…`, or `0x` and 40 digits that are all lower
 * case, all upper case, or mixed with a right EIP-55 checksum.
 *
 * @throws {@link PrimitivesError} `primitives/invalid-address`.
 * @source EIP-55; BIP-173
 */
export function parseAddress(text: string): Address {
  if (typeof text !== 'string') throw new TypeError('address text must be a string');
  if (ONE_ADDRESS.test(text)) return parseOneAddress(text);
  if (!ANY_HEX.test(text)) refuse('address must be one1… or 0x and 40 hexadecimal digits');
  const address = text.toLowerCase() as Address;
  if (!LOWER_HEX.test(text) && !UPPER_HEX.test(text) && checksumAddress(address) !== text) {
    refuse('address has mixed case but its EIP-55 checksum is wrong');
  }
  return address;
}
