/** Changes to valid bytes that decoders get wrong. A mutation is plain data, so a failure shrinks. */

/** One change: which kind, where, and with what. Numbers of any size are taken modulo what fits. */
export interface Mutation {
  readonly kind: number;
  readonly place: number;
  readonly value: number;
}

/** Bytes at the borders of RLP forms, of signs and of ASCII. */
const EXTREMES = [
  0, 1, 0x20, 0x22, 0x30, 0x39, 0x7b, 0x7f, 0x80, 0x81, 0xb7, 0xb8, 0xbb, 0xbf, 0xc0, 0xc1, 0xf7,
  0xf8, 0xfb, 0xfe, 0xff,
];

function replaced(bytes: Uint8Array, from: number, to: number, by: Uint8Array): Uint8Array {
  const result = new Uint8Array(from + by.length + bytes.length - to);
  result.set(bytes.subarray(0, from));
  result.set(by, from);
  result.set(bytes.subarray(to), from + by.length);
  return result;
}

function changedByte(bytes: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  if (bytes.length === 0) return bytes;
  const copy = Uint8Array.from(bytes);
  copy[at] = change(copy[at]!);
  return copy;
}

type Change = (bytes: Uint8Array, at: number, value: number, other: Uint8Array) => Uint8Array;

const CHANGES: readonly Change[] = [
  // A bit.
  (bytes, at, value) => changedByte(bytes, at, (byte) => byte ^ (1 << (value % 8))),
  // A byte at a border.
  (bytes, at, value) => changedByte(bytes, at, () => EXTREMES[value % EXTREMES.length]!),
  // A length prefix, a digit or a letter beside its neighbour.
  (bytes, at, value) => changedByte(bytes, at, (byte) => byte + (value % 2 === 0 ? 1 : -1)),
  // Any byte.
  (bytes, at, value) => changedByte(bytes, at, () => value),
  // Cut.
  (bytes, at) => bytes.slice(0, at),
  // Cut at the front.
  (bytes, at) => bytes.slice(at),
  // Something behind.
  (bytes, _at, value) =>
    replaced(bytes, bytes.length, bytes.length, new Uint8Array(1 + (value % 8)).fill(value >> 8)),
  // Something in between.
  (bytes, at, value) => replaced(bytes, at, at, new Uint8Array(1 + (value % 4)).fill(value >> 8)),
  // Something gone.
  (bytes, at, value) =>
    replaced(bytes, at, Math.min(bytes.length, at + 1 + (value % 40)), new Uint8Array(0)),
  // A part twice.
  (bytes, at, value) => replaced(bytes, at, at, bytes.subarray(at, at + 1 + (value % 70))),
  // A part of another sample in its place, of the same length.
  (bytes, at, value, other) => {
    const length = Math.min(1 + (value % 97), other.length, bytes.length - at);
    const from = Math.min(at, other.length - length);
    return replaced(bytes, at, at + length, other.subarray(from, from + length));
  },
  // The head of one sample, the tail of another.
  (bytes, at, value, other) =>
    replaced(bytes, at, bytes.length, other.subarray(value % (other.length + 1))),
  // A run of zeros or ones.
  (bytes, at, value) => {
    const length = Math.min(1 + (value % 33), bytes.length - at);
    const byte = value % 2 === 0 ? 0 : 0xff;
    return replaced(bytes, at, at + length, new Uint8Array(length).fill(byte));
  },
];

/** A changed copy of valid bytes; `other` gives parts. */
export function mutate(
  bytes: Uint8Array,
  other: Uint8Array,
  mutations: readonly Mutation[],
): Uint8Array {
  let result = bytes;
  for (const { kind, place, value } of mutations) {
    const at = result.length === 0 ? 0 : place % result.length;
    result = CHANGES[kind % CHANGES.length]!(result, at, value, other);
  }
  return result;
}
