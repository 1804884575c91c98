/** Byte strings a peer could send to break a decoder, and a mutator for valid ones. */
import type { SeededRandom } from './random.js';

const fill = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

/** Named hostile inputs: wrong lengths, extreme values, lying length prefixes, deep nesting. */
export const hostileBytes: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ['nothing', new Uint8Array(0)],
  ['one zero byte', fill(1, 0)],
  ['one 0xff byte', fill(1, 0xff)],
  ['empty RLP string', Uint8Array.of(0x80)],
  ['empty RLP list', Uint8Array.of(0xc0)],
  ['20 zero bytes', fill(20, 0)],
  ['32 zero bytes', fill(32, 0)],
  ['32 0xff bytes', fill(32, 0xff)],
  ['48 zero bytes', fill(48, 0)],
  ['48 0xff bytes', fill(48, 0xff)],
  ['96 zero bytes', fill(96, 0)],
  ['96 0xff bytes', fill(96, 0xff)],
  ['RLP string that claims 4 GiB', Uint8Array.of(0xbb, 0xff, 0xff, 0xff, 0xff)],
  [
    'RLP string that claims 2^64 bytes',
    Uint8Array.of(0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
  ],
  ['RLP list that claims 4 GiB', Uint8Array.of(0xfb, 0xff, 0xff, 0xff, 0xff)],
  ['RLP long form of a short string', Uint8Array.of(0xb8, 1, 0x80)],
  ['RLP length with a leading zero', Uint8Array.of(0xb9, 0, 56, ...fill(56, 1))],
  ['RLP lists nested 10,000 deep', nestedLists(10_000)],
  ['protobuf varint of 11 bytes', fill(11, 0xff)],
  ['protobuf field with a length past the end', Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f)],
  ['1 MiB of 0xc1', fill(1 << 20, 0xc1)],
];

function nestedLists(depth: number): Uint8Array {
  // Built from the inside: each level adds a prefix of one to four bytes.
  const prefixes: number[] = [];
  let length = 0;
  for (let i = 0; i < depth; i++) {
    if (length < 56) {
      prefixes.push(0xc0 + length);
      length += 1;
    } else if (length < 0x100) {
      prefixes.push(length, 0xf8);
      length += 2;
    } else if (length < 0x10000) {
      prefixes.push(length & 255, length >> 8, 0xf9);
      length += 3;
    } else {
      prefixes.push(length & 255, (length >> 8) & 255, length >> 16, 0xfa);
      length += 4;
    }
  }
  return Uint8Array.from(prefixes.reverse());
}

/** A changed copy of valid bytes: flipped, cut, repeated, grown, or with an extreme byte. */
export function mutateBytes(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const at = random.below(Math.max(1, copy.length));
  switch (random.below(6)) {
    case 0:
      if (copy.length > 0) copy[at]! ^= 1 << random.below(8);
      return copy;
    case 1:
      return copy.slice(0, at);
    case 2:
      return Uint8Array.from([...copy.slice(0, at), ...copy.slice(Math.floor(at / 2))]);
    case 3:
      return Uint8Array.from([...copy, ...random.bytes(1 + random.below(8))]);
    case 4:
      if (copy.length > 0)
        copy[at] = random.pick([0, 1, 0x7f, 0x80, 0xb7, 0xb8, 0xbf, 0xc0, 0xf7, 0xf8, 0xff]);
      return copy;
    default:
      return Uint8Array.from([
        ...copy.slice(0, at),
        ...random.bytes(1 + random.below(4)),
        ...copy.slice(at),
      ]);
  }
}
