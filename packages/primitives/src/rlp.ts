/**
 * Recursive length prefix (RLP), canonical form only.
 *
 * Encoding measures the tree, then writes once into one buffer. Decoding is strict: the shortest
 * form of every prefix, no leading zeros in integers, nothing after the item, bounded depth.
 * {@link RlpReader} is a cursor over one list: consensus decoders read field by field without
 * building a tree. Byte strings it returns are views into the input.
 *
 * @source Ethereum yellow paper, appendix B; go-ethereum 1.11.2 rlp
 */
import { bigIntToBytes } from './bytes.js';
import { PrimitivesError } from './errors.js';

/** Bytes that are already RLP and are embedded as they are. */
export interface RawRlp {
  readonly rlp: Uint8Array;
}

/** What can be encoded: a string, an unsigned integer, an encoded item, or a list of these. */
export type RlpInput = Uint8Array | bigint | number | RawRlp | readonly RlpInput[];

/** What a decoded tree is made of: strings and lists. */
export type RlpItem = Uint8Array | readonly RlpItem[];

/** Deepest nesting of lists that {@link decodeRlp} accepts. */
export const MAX_RLP_DEPTH = 64;

function fail(reason: string, offset: number): never {
  throw new PrimitivesError({ code: 'primitives/invalid-rlp', reason, offset });
}

function isList(input: RlpInput): input is readonly RlpInput[] {
  return Array.isArray(input);
}

function lengthSize(length: number): number {
  return length < 0x100 ? 1 : length < 0x10000 ? 2 : length < 0x1000000 ? 3 : 4;
}

function withHeader(length: number): number {
  return length < 56 ? 1 + length : 1 + lengthSize(length) + length;
}

/** Integers become bytes on the way down, in order, so that each is converted once. */
function measure(input: RlpInput, sizes: number[], integers: Uint8Array[]): number {
  if (input instanceof Uint8Array) {
    return input.length === 1 && input[0]! < 0x80 ? 1 : withHeader(input.length);
  }
  if (typeof input === 'bigint' || typeof input === 'number') {
    const bytes = rlpInteger(input);
    integers.push(bytes);
    return bytes.length === 1 && bytes[0]! < 0x80 ? 1 : withHeader(bytes.length);
  }
  if (isList(input)) {
    const at = sizes.push(0) - 1;
    let payload = 0;
    for (const item of input) payload += measure(item, sizes, integers);
    sizes[at] = payload;
    return withHeader(payload);
  }
  return input.rlp.length;
}

/** A non-negative integer as RLP writes it: big-endian without leading zeros, nothing for 0. */
function rlpInteger(value: bigint | number): Uint8Array {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new PrimitivesError({
        code: 'primitives/out-of-range',
        what: 'RLP integer',
        reason: `must be a safe non-negative integer, got ${value}`,
      });
    }
    if (value === 0) return new Uint8Array(0);
    if (value < 0x100) return Uint8Array.of(value);
    return bigIntToBytes(BigInt(value));
  }
  return bigIntToBytes(value);
}

interface Writer {
  readonly out: Uint8Array;
  at: number;
  size: number;
  integer: number;
}

function writeHeader(writer: Writer, length: number, base: number): void {
  const { out } = writer;
  if (length < 56) {
    out[writer.at++] = base + length;
    return;
  }
  const size = lengthSize(length);
  out[writer.at++] = base + 55 + size;
  for (let shift = (size - 1) * 8; shift >= 0; shift -= 8)
    out[writer.at++] = (length >>> shift) & 255;
}

function writeBytes(writer: Writer, bytes: Uint8Array): void {
  if (!(bytes.length === 1 && bytes[0]! < 0x80)) writeHeader(writer, bytes.length, 0x80);
  writer.out.set(bytes, writer.at);
  writer.at += bytes.length;
}

function write(input: RlpInput, writer: Writer, sizes: number[], integers: Uint8Array[]): void {
  if (input instanceof Uint8Array) {
    writeBytes(writer, input);
  } else if (typeof input === 'bigint' || typeof input === 'number') {
    writeBytes(writer, integers[writer.integer++]!);
  } else if (isList(input)) {
    writeHeader(writer, sizes[writer.size++]!, 0xc0);
    for (const item of input) write(item, writer, sizes, integers);
  } else {
    writer.out.set(input.rlp, writer.at);
    writer.at += input.rlp.length;
  }
}

/**
 * Encodes a tree.
 *
 * @throws {@link PrimitivesError} `primitives/out-of-range` for a negative or unsafe integer.
 * @example encodeRlp([1n, new Uint8Array([0x80])])  // c3 01 81 80
 */
export function encodeRlp(input: RlpInput): Uint8Array {
  const sizes: number[] = [];
  const integers: Uint8Array[] = [];
  const writer: Writer = {
    out: new Uint8Array(measure(input, sizes, integers)),
    at: 0,
    size: 0,
    integer: 0,
  };
  write(input, writer, sizes, integers);
  return writer.out;
}

/** A cursor over the items of one list, or over one item, of canonical RLP. */
export class RlpReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;
  #payloadEnd = 0;

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** Whether all items were read. */
  get done(): boolean {
    return this.#at >= this.#end;
  }

  /** Byte position of the next item in the input. */
  get offset(): number {
    return this.#at;
  }

  /** Whether the next item is a list. */
  get nextIsList(): boolean {
    return this.#at < this.#end && this.#bytes[this.#at]! >= 0xc0;
  }

  /** Start of the payload; its end is left in `#payloadEnd`. */
  #header(list: boolean): number {
    const bytes = this.#bytes;
    const at = this.#at;
    if (at >= this.#end) fail('an item is missing', at);
    const prefix = bytes[at]!;
    if (prefix >= 0xc0 !== list)
      fail(list ? 'expected a list, got a string' : 'expected a string, got a list', at);
    if (prefix < 0x80) {
      this.#payloadEnd = at + 1;
      return at;
    }
    const base = list ? 0xc0 : 0x80;
    let length = prefix - base;
    let start = at + 1;
    if (length > 55) {
      const size = length - 55;
      if (size > 4) fail('length prefix is longer than 4 bytes', at);
      if (start + size > this.#end) fail('length prefix runs past the end', at);
      if (bytes[start] === 0) fail('length prefix has a leading zero', at);
      length = 0;
      for (let i = 0; i < size; i++) length = length * 256 + bytes[start + i]!;
      if (length < 56) fail('long form used for a short item', at);
      start += size;
    } else if (!list && length === 1 && start < this.#end && bytes[start]! < 0x80) {
      fail('single byte below 0x80 has a prefix', at);
    }
    if (start + length > this.#end) fail(`item of ${length} bytes runs past the end`, at);
    this.#payloadEnd = start + length;
    return start;
  }

  /** The next item, a string, as a view. */
  readBytes(): Uint8Array {
    const start = this.#header(false);
    this.#at = this.#payloadEnd;
    return this.#bytes.subarray(start, this.#payloadEnd);
  }

  /** The next item, a string of exactly `length` bytes, as a view. */
  readFixed(length: number): Uint8Array {
    const at = this.#at;
    const bytes = this.readBytes();
    if (bytes.length !== length) fail(`expected ${length} bytes, got ${bytes.length}`, at);
    return bytes;
  }

  /** The next item, an unsigned integer of at most `bits` bits. */
  readBigInt(bits = 256): bigint {
    const at = this.#at;
    const start = this.#header(false);
    const end = this.#payloadEnd;
    this.#at = end;
    const bytes = this.#bytes;
    const size = end - start;
    if (size === 0) return 0n;
    if (bytes[start] === 0) fail('integer has a leading zero', at);
    if (size * 8 > bits) fail(`integer of ${size} bytes does not fit ${bits} bits`, at);
    if (size <= 6) {
      let value = 0;
      for (let i = start; i < end; i++) value = value * 256 + bytes[i]!;
      return BigInt(value);
    }
    let value = 0n;
    let i = start;
    for (; i + 6 <= end; i += 6) {
      const high = (bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!;
      const low = (bytes[i + 3]! << 16) | (bytes[i + 4]! << 8) | bytes[i + 5]!;
      value = (value << 48n) | BigInt(high * 0x1000000 + low);
    }
    for (; i < end; i++) value = (value << 8n) | BigInt(bytes[i]!);
    return value;
  }

  /** The next item, an unsigned integer of at most 32 bits. */
  readUint32(): number {
    const at = this.#at;
    const start = this.#header(false);
    const end = this.#payloadEnd;
    this.#at = end;
    if (end - start > 4) fail(`integer of ${end - start} bytes does not fit 32 bits`, at);
    if (end > start && this.#bytes[start] === 0) fail('integer has a leading zero', at);
    let value = 0;
    for (let i = start; i < end; i++) value = value * 256 + this.#bytes[i]!;
    return value;
  }

  /** The next item, a list, as a cursor over its items. */
  readList(): RlpReader {
    const start = this.#header(true);
    this.#at = this.#payloadEnd;
    return new RlpReader(this.#bytes, start, this.#payloadEnd);
  }

  /** The next item of either kind with its prefix, as a view; its inside is not checked. */
  readRaw(): Uint8Array {
    const at = this.#at;
    this.#header(this.nextIsList);
    this.#at = this.#payloadEnd;
    return this.#bytes.subarray(at, this.#payloadEnd);
  }

  /**
   * Checks that nothing is left.
   *
   * @throws {@link PrimitivesError} `primitives/invalid-rlp`.
   */
  assertDone(what = 'list'): void {
    if (this.#at < this.#end)
      fail(`${what} has ${this.#end - this.#at} bytes after its last item`, this.#at);
  }
}

function readItem(reader: RlpReader, depth: number): RlpItem {
  if (!reader.nextIsList) return reader.readBytes();
  if (depth >= MAX_RLP_DEPTH) fail(`lists are nested deeper than ${MAX_RLP_DEPTH}`, reader.offset);
  const list = reader.readList();
  const items: RlpItem[] = [];
  while (!list.done) items.push(readItem(list, depth + 1));
  return items;
}

/**
 * Decodes one item into a tree; strings are views into `bytes`.
 *
 * @throws {@link PrimitivesError} `primitives/invalid-rlp` for anything that is not the canonical
 * form of exactly one item, or is nested deeper than {@link MAX_RLP_DEPTH}.
 */
export function decodeRlp(bytes: Uint8Array): RlpItem {
  const reader = new RlpReader(bytes);
  const item = readItem(reader, 0);
  reader.assertDone('input');
  return item;
}

/**
 * A cursor over the fields of one encoded list that must be the whole input.
 *
 * @throws {@link PrimitivesError} `primitives/invalid-rlp`.
 * @example
 * const fields = openRlpList(bytes)
 * const nonce = fields.readBigInt(64)
 * fields.assertDone()
 */
export function openRlpList(bytes: Uint8Array): RlpReader {
  const reader = new RlpReader(bytes);
  const list = reader.readList();
  reader.assertDone('input');
  return list;
}
