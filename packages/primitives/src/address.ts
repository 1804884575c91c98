/** Account addresses inside the packages. Parsing and formatting live in `address-text.ts`. */
import { assertLength } from './bytes.js';
import { bytesToHex, type Hex, hexToBytes } from './hex.js';

/** A 20-byte account address as lower-case {@link Hex}: `0x` and 40 digits. */
export type Address = Hex;

/** The address of 20 zero bytes. */
export const ZERO_ADDRESS: Address = '0x0000000000000000000000000000000000000000';

/**
 * 20 bytes as an address.
 *
 * @throws {@link PrimitivesError} `primitives/invalid-length`.
 */
export function addressFromBytes(bytes: Uint8Array): Address {
  return bytesToHex(assertLength(bytes, 20, 'address'));
}

/** The 20 bytes of an address. */
export function addressToBytes(address: Address): Uint8Array {
  return hexToBytes(address, 20);
}
