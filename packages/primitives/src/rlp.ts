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
import { PrimitivesError } from './errors.js';
import { byteLengthOf, readBigEndian, writeBigEndian } from './integers.js';

/** Bytes that are already RLP and are embedded as they are. */
export interface RawRlp {
  readonly rlp: Uint8Array;
}

/** What can be encoded: a string, an unsigned integer, an encoded item, or a list of these. */
export type RlpInput = Uint8Array | bigint | number | RawRlp | readonly RlpInput[];

/** What a decoded tree is made of: strings and lists. */
export type RlpItem = Uint8Array | readonly RlpItem[];

/** Deepest nesting of lists that {@link encodeRlp} writes and {@link decodeRlp} reads. */
export const MAX_RLP_DEPTH = 64;

/** Shorter strings are copied byte by byte, which is faster than a call into the engine. */
const SHORT_COPY = 24;

/** One greater than the longest item: lengths have at most 4 bytes. */
const LENGTH_LIMIT = 0x100000000;

function fail(reason: string, offset: number): never {
  throw new PrimitivesError({ code: 'primitives/invalid-rlp', reason, offset });
}

function refuse(reason: string): never {
  throw new PrimitivesError({ code: 'primitives/out-of-range', what: 'RLP input', reason });
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

/** Lengths found on the way down, in order of first visit: payloads of lists, sizes of integers. */
type Lengths = number[];

function measure(input: RlpInput, lengths: Lengths, depth: number): number {
  if (typeof input === 'bigint') {
    if (input < 0x80n) {
      if (input < 0n) refuse('has a negative integer');
      return 1;
    }
    const size = byteLengthOf(input);
    lengths.push(size);
    return withHeader(size);
  }
  if (typeof input === 'number') {
    if (!Number.isSafeInteger(input) || input < 0) {
      refuse(`has a number that is not a safe non-negative integer: ${input}`);
    }
    return input < 0x80 ? 1 : 1 + numberSize(input);
  }
  if (input instanceof Uint8Array) {
    return input.length === 1 && input[0]! < 0x80 ? 1 : withHeader(input.length);
  }
  if (isList(input)) {
    if (depth >= MAX_RLP_DEPTH) refuse(`has lists nested deeper than ${MAX_RLP_DEPTH}`);
    const at = lengths.push(0) - 1;
    const payload = measureItems(input, lengths, depth + 1);
    lengths[at] = payload;
    return withHeader(payload);
  }
  if (!(input?.rlp instanceof Uint8Array)) {
    throw new TypeError('RLP input must be bytes, an unsigned integer, { rlp } or a list of these');
  }
  return input.rlp.length;
}

function measureItems(items: readonly RlpInput[], lengths: Lengths, depth: number): number {
  let payload = 0;
  for (let i = 0; i < items.length; i++) payload += measure(items[i]!, lengths, depth);
  return payload;
}

function numberSize(value: number): number {
  let size = 1;
  for (let rest = Math.floor(value / 256); rest > 0; rest = Math.floor(rest / 256)) size++;
  return size;
}

/** What both passes share: lengths found by the first, and how far the second has come in them. */
interface Plan {
  readonly lengths: number[];
  next: number;
  /** Over the output; made for the first integer of more than 8 bytes. */
  view: DataView | undefined;
}

/** The functions below write at `at` and return where the next byte goes. */
function writeHeader(out: Uint8Array, at: number, length: number, base: number): number {
  if (length < 56) {
    out[at] = base + length;
    return at + 1;
  }
  const size = lengthSize(length);
  out[at] = base + 55 + size;
  for (let i = size, rest = length; i > 0; i--, rest >>>= 8) out[at + i] = rest;
  return at + 1 + size;
}

function copy(out: Uint8Array, at: number, bytes: Uint8Array): number {
  const { length } = bytes;
  if (length < SHORT_COPY) for (let i = 0; i < length; i++) out[at + i] = bytes[i]!;
  else out.set(bytes, at);
  return at + length;
}

function write(out: Uint8Array, start: number, input: RlpInput, plan: Plan): number {
  if (typeof input === 'bigint') return writeBigInt(out, start, input, plan);
  if (typeof input === 'number') return writeNumber(out, start, input);
  if (input instanceof Uint8Array) {
    const at =
      input.length === 1 && input[0]! < 0x80 ? start : writeHeader(out, start, input.length, 0x80);
    return copy(out, at, input);
  }
  if (!isList(input)) return copy(out, start, input.rlp);
  const at = writeHeader(out, start, plan.lengths[plan.next++]!, 0xc0);
  return writeItems(out, at, input, plan);
}

function writeItems(
  out: Uint8Array,
  start: number,
  items: readonly RlpInput[],
  plan: Plan,
): number {
  let at = start;
  for (let i = 0; i < items.length; i++) at = write(out, at, items[i]!, plan);
  return at;
}

function writeBigInt(out: Uint8Array, start: number, value: bigint, plan: Plan): number {
  if (value < 0x80n) {
    out[start] = value === 0n ? 0x80 : Number(value);
    return start + 1;
  }
  const size = plan.lengths[plan.next++]!;
  const at = writeHeader(out, start, size, 0x80);
  if (size > 8) plan.view ??= new DataView(out.buffer);
  writeBigEndian(value, size, out, at, plan.view);
  return at + size;
}

function writeNumber(out: Uint8Array, start: number, value: number): number {
  if (value < 0x80) {
    out[start] = value === 0 ? 0x80 : value;
    return start + 1;
  }
  const size = numberSize(value);
  out[start] = 0x80 + size;
  for (let i = size, rest = value; i > 0; i--, rest = Math.floor(rest / 256)) {
    out[start + i] = rest % 256;
  }
  return start + 1 + size;
}

/**
 * Encodes a tree.
 *
 * @throws {@link PrimitivesError} `primitives/out-of-range` for a negative or unsafe integer, for
 * lists nested deeper than {@link MAX_RLP_DEPTH}, and from 2^32 bytes on.
 * @example encodeRlp([1n, new Uint8Array([0x80])])  // c3 01 81 80
 */
export function encodeRlp(input: RlpInput): Uint8Array {
  // The outermost list keeps its length here: a flat list then needs no list of lengths.
  const plan: Plan = { lengths: [], next: 0, view: undefined };
  const list = isList(input);
  const payload = list ? measureItems(input, plan.lengths, 1) : measure(input, plan.lengths, 0);
  const length = list ? withHeader(payload) : payload;
  if (length >= LENGTH_LIMIT) refuse('needs more than 4 bytes for its length');
  const out = new Uint8Array(length);
  if (list) writeItems(out, writeHeader(out, 0, payload, 0xc0), input, plan);
  else write(out, 0, input, plan);
  return out;
}

/**
 * A cursor over the items of one list, or over one item, of canonical RLP.
 *
 * Every method that reads throws {@link PrimitivesError} `primitives/invalid-rlp` when the next item
 * is missing, of the other kind, not canonical or too long. A refused item is not consumed, except
 * by `readItem`, after whose error the cursor is spent.
 */
export class RlpReader {
  private readonly bytes: Uint8Array;
  private readonly buffer: ArrayBufferLike;
  private readonly base: number;
  private view: DataView | undefined;
  private end: number;
  private at: number;
  /** End of the payload whose header was read last. */
  private payloadEnd = 0;

  /**
   * @param start - Where the first item begins.
   * @param end - Where the last item ends.
   */
  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    if (!(bytes instanceof Uint8Array)) throw new TypeError('RLP must be a Uint8Array');
    if (!(start >= 0 && start <= end && end <= bytes.length)) {
      refuse(`bounds ${start} to ${end} do not lie inside ${bytes.length} bytes`);
    }
    this.bytes = bytes;
    this.buffer = bytes.buffer;
    this.base = bytes.byteOffset;
    this.at = start;
    this.end = end;
  }

  /** Whether all items were read. */
  get done(): boolean {
    return this.at >= this.end;
  }

  /** Byte position of the next item in the input. */
  get offset(): number {
    return this.at;
  }

  /** Whether the next item is a list. */
  get nextIsList(): boolean {
    return this.at < this.end && this.bytes[this.at]! >= 0xc0;
  }

  /** Start of the payload; its end is left in `payloadEnd`. */
  private header(list: boolean): number {
    const { bytes, at, end } = this;
    if (at >= end) fail('an item is missing', at);
    const prefix = bytes[at]!;
    if (prefix >= 0xc0 !== list) {
      fail(list ? 'expected a list, got a string' : 'expected a string, got a list', at);
    }
    if (prefix < 0x80) {
      this.payloadEnd = at + 1;
      return at;
    }
    let length = prefix - (list ? 0xc0 : 0x80);
    let start = at + 1;
    if (length > 55) {
      const size = length - 55;
      if (size > 4) fail('length prefix is longer than 4 bytes', at);
      if (start + size > end) fail('length prefix runs past the end', at);
      if (bytes[start] === 0) fail('length prefix has a leading zero', at);
      length = 0;
      for (let i = 0; i < size; i++) length = length * 256 + bytes[start + i]!;
      if (length < 56) fail('long form used for a short item', at);
      start += size;
    } else if (length === 1 && !list && start < end && bytes[start]! < 0x80) {
      fail('single byte below 0x80 has a prefix', at);
    }
    if (start + length > end) fail(`item of ${length} bytes runs past the end`, at);
    this.payloadEnd = start + length;
    return start;
  }

  /** The next item, a string, as a view. */
  readBytes(): Uint8Array {
    const start = this.header(false);
    this.at = this.payloadEnd;
    return new Uint8Array(this.buffer, this.base + start, this.payloadEnd - start);
  }

  /** The next item, a string of exactly `length` bytes, as a view. */
  readFixed(length: number): Uint8Array {
    const { at } = this;
    const start = this.header(false);
    const size = this.payloadEnd - start;
    if (size !== length) fail(`expected ${length} bytes, got ${size}`, at);
    this.at = this.payloadEnd;
    return new Uint8Array(this.buffer, this.base + start, size);
  }

  /**
   * The next item, an unsigned integer.
   *
   * @param bits - The most it may need, in whole bytes.
   */
  readBigInt(bits = 256): bigint {
    const { at } = this;
    const start = this.header(false);
    const end = this.payloadEnd;
    if (end > start && this.bytes[start] === 0) fail('integer has a leading zero', at);
    if ((end - start) * 8 > bits) {
      fail(`integer of ${end - start} bytes does not fit ${bits} bits`, at);
    }
    this.at = end;
    if (end - start > 6) this.view ??= new DataView(this.buffer, this.base, this.bytes.length);
    return readBigEndian(this.bytes, start, end, this.view);
  }

  /** The next item, an unsigned integer of at most 32 bits. */
  readUint32(): number {
    const { at, bytes } = this;
    const start = this.header(false);
    const end = this.payloadEnd;
    if (end > start && bytes[start] === 0) fail('integer has a leading zero', at);
    if (end - start > 4) fail(`integer of ${end - start} bytes does not fit 32 bits`, at);
    this.at = end;
    let value = 0;
    for (let i = start; i < end; i++) value = value * 256 + bytes[i]!;
    return value;
  }

  /** The next item, a list, as a cursor over its items. */
  readList(): RlpReader {
    const start = this.header(true);
    this.at = this.payloadEnd;
    return new RlpReader(this.bytes, start, this.payloadEnd);
  }

  /** The next item of either kind with its prefix, as a view; its inside is not checked. */
  readRaw(): Uint8Array {
    const { at } = this;
    this.header(this.nextIsList);
    this.at = this.payloadEnd;
    return new Uint8Array(this.buffer, this.base + at, this.payloadEnd - at);
  }

  /** The next item of either kind as a tree; strings are views. */
  readItem(): RlpItem {
    return this.tree(0);
  }

  private tree(depth: number): RlpItem {
    if (!this.nextIsList) return this.readBytes();
    if (depth >= MAX_RLP_DEPTH) fail(`lists are nested deeper than ${MAX_RLP_DEPTH}`, this.at);
    const outerEnd = this.end;
    const { bytes, buffer, base } = this;
    let at = this.header(true);
    const end = this.payloadEnd;
    this.end = end;
    const items: RlpItem[] = [];
    while (at < end) {
      const prefix = bytes[at]!;
      if (prefix < 0x80) {
        items.push(new Uint8Array(buffer, base + at, 1));
        at += 1;
      } else if (prefix > 0x81 && prefix < 0xb8 && at + prefix - 0x80 < end) {
        // The common case of `header`: a short string that lies inside the list.
        items.push(new Uint8Array(buffer, base + at + 1, prefix - 0x80));
        at += prefix - 0x7f;
      } else {
        this.at = at;
        items.push(this.tree(depth + 1));
        at = this.at;
      }
    }
    this.at = end;
    this.end = outerEnd;
    return items;
  }

  /**
   * Checks that nothing is left.
   *
   * @throws {@link PrimitivesError} `primitives/invalid-rlp`.
   */
  assertDone(what = 'list'): void {
    if (this.at < this.end) {
      fail(`${what} has ${this.end - this.at} bytes after its last item`, this.at);
    }
  }
}

/**
 * Decodes one item into a tree; strings are views into `bytes`.
 *
 * @throws {@link PrimitivesError} `primitives/invalid-rlp` for anything that is not the canonical
 * form of exactly one item, or is nested deeper than {@link MAX_RLP_DEPTH}.
 */
export function decodeRlp(bytes: Uint8Array): RlpItem {
  const reader = new RlpReader(bytes);
  const item = reader.readItem();
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
