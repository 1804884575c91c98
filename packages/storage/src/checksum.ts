/**
 * A checksum over an entry: it finds flipped and cut bytes on disk, it does not stop a forger.
 *
 * LevelDB keeps checksums of its own, but its Node binding reads tables without checking them, so
 * a damaged block would be answered as if it were what was written.
 *
 * @source RFC 3720, appendix B.4 (CRC-32C, polynomial 0x1edc6f41, reflected)
 */

const TABLE: Int32Array = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0x82f63b78 : 0);
  return value;
});

function update(state: number, bytes: Uint8Array): number {
  let value = state;
  for (let i = 0; i < bytes.length; i++) value = TABLE[(value ^ bytes[i]!) & 255]! ^ (value >>> 8);
  return value;
}

/** CRC-32C of some byte strings one after the other, 32 bits unsigned. */
export function crc32c(...parts: readonly Uint8Array[]): number {
  let value = -1;
  for (const part of parts) value = update(value, part);
  return ~value >>> 0;
}

/** `value` followed by four bytes: CRC-32C of the key and the value, big-endian. */
export function sealValue(key: Uint8Array, value: Uint8Array): Uint8Array {
  const sealed = new Uint8Array(value.length + 4);
  sealed.set(value);
  new DataView(sealed.buffer).setUint32(value.length, crc32c(key, value));
  return sealed;
}

/** The value in what {@link sealValue} made, as a view; undefined when key and bytes do not fit. */
export function openValue(key: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  const length = sealed.length - 4;
  if (length < 0) return undefined;
  const value = sealed.subarray(0, length);
  const stored = new DataView(sealed.buffer, sealed.byteOffset + length, 4).getUint32(0);
  return crc32c(key, value) === stored ? value : undefined;
}
