/**
 * Messages of the stream protocols `sync` and `epochsync`: what is asked of a peer and answered, in protobuf.
 *
 * Blocks and seals are bytes here; what is in them belongs to the caller. The requests for state, receipts
 * and trie nodes pass through unread, as `other`. Nothing of a message is hashed or signed, so any form
 * that protobuf allows is read, unknown fields inside a question or answer are skipped, and one form is written.
 *
 * @source harmony/p2p/stream/protocols/sync/message/msg.proto; harmony/p2p/stream/protocols/sync/const.go
 */
import { bytesToHex, type Hash, hexToBytes, joinBytes, utf8ToBytes } from '@polyphony/primitives';
import { P2pError } from './errors.js';

/** How much one request may ask for. @source harmony/p2p/stream/protocols/sync/const.go */
export const SYNC_LIMITS = {
  /** Hashes of blocks. */
  hashes: 50,
  /** Blocks, by number or by hash. */
  blocks: 10,
} as const;

/** Longest text of an error, in bytes. Own bound. */
const MAX_ERROR_BYTES = 4096;
/** More fields than this in one message are refused: room for the lists above, and for later versions. */
const MAX_FIELDS = 256;
const U64_LIMIT = 1n << 64n;
const EMPTY = new Uint8Array(0);

/** A block as its bytes, empty where the peer has none, and the seal of its committee: `signature | bitmap`. */
export interface SyncBlock {
  readonly block: Uint8Array;
  readonly seal: Uint8Array;
}

/** A kind that is not read here: its field number, 6 and above, and its bytes. */
export interface OtherSyncBody {
  readonly kind: 'other';
  readonly field: number;
  readonly body: Uint8Array;
}

/** What is asked. */
export type SyncQuestion =
  /** The number of the last block. */
  | { readonly kind: 'block-number' }
  /** Hashes of blocks by number, at most 50. */
  | { readonly kind: 'block-hashes'; readonly numbers: readonly bigint[] }
  /** At most 10. */
  | { readonly kind: 'blocks-by-number'; readonly numbers: readonly bigint[] }
  /** At most 10. */
  | { readonly kind: 'blocks-by-hash'; readonly hashes: readonly Hash[] }
  | OtherSyncBody;

/** What is answered. Lists are in the order of the request. */
export type SyncAnswer =
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'block-number'; readonly number: bigint }
  | { readonly kind: 'block-hashes'; readonly hashes: readonly Hash[] }
  | { readonly kind: 'blocks-by-number'; readonly blocks: readonly SyncBlock[] }
  | { readonly kind: 'blocks-by-hash'; readonly blocks: readonly SyncBlock[] }
  | OtherSyncBody;

/** One message of a stream. A response has the id of its request, 64 bits that the asker chooses. */
export type SyncMessage =
  | { readonly type: 'request'; readonly id: bigint; readonly question: SyncQuestion }
  | { readonly type: 'response'; readonly id: bigint; readonly answer: SyncAnswer };

function invalid(reason: string): never {
  throw new P2pError({ code: 'p2p/invalid-sync-message', reason });
}

// --- Protobuf -----------------------------------------------------------------------------------

interface Field {
  readonly number: number;
  /** The value of a varint; undefined for a byte string. */
  readonly varint: bigint | undefined;
  readonly bytes: Uint8Array;
}

function readVarint(bytes: Uint8Array, offset: number): { value: bigint; next: number } {
  let value = 0n;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[offset + i];
    if (byte === undefined) return invalid('an integer runs past the end');
    if (i === 9 && byte > 1) break;
    value |= BigInt(byte & 127) << BigInt(7 * i);
    if (byte < 128) return { value, next: offset + i + 1 };
  }
  return invalid('an integer exceeds 64 bits');
}

function slice(bytes: Uint8Array, start: number, length: bigint): Uint8Array {
  if (length > BigInt(bytes.length - start)) return invalid('a field runs past the end');
  return bytes.subarray(start, start + Number(length));
}

/** The fields of an encoded message, without those of fixed width, which no message here has. */
function readFields(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  for (let count = 0; at < bytes.length; count++) {
    if (count === MAX_FIELDS) invalid(`more than ${MAX_FIELDS} fields`);
    const tag = readVarint(bytes, at);
    const number = Number(tag.value >> 3n);
    if (number < 1 || number >= 2 ** 29) invalid('a field number is out of range');
    const wireType = Number(tag.value & 7n);
    at = tag.next;
    if (wireType === 0) {
      const { value, next } = readVarint(bytes, at);
      fields.push({ number, varint: value, bytes: EMPTY });
      at = next;
    } else if (wireType === 2) {
      const length = readVarint(bytes, at);
      const value = slice(bytes, length.next, length.value);
      fields.push({ number, varint: undefined, bytes: value });
      at = length.next + value.length;
    } else if (wireType === 1 || wireType === 5) {
      at += slice(bytes, at, wireType === 1 ? 8n : 4n).length;
    } else {
      invalid(`wire type ${wireType}`);
    }
  }
  return fields;
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

/** A byte string field, also when empty. */
function bytesField(number: number, value: Uint8Array): Uint8Array {
  return joinBytes([varint(BigInt(number * 8 + 2)), varint(BigInt(value.length)), value]);
}

function uintField(number: number, value: bigint): Uint8Array {
  return value === 0n ? EMPTY : joinBytes([varint(BigInt(number * 8)), varint(value)]);
}

function lastVarint(fields: readonly Field[], number: number): bigint {
  return (
    fields.findLast((field) => field.number === number && field.varint !== undefined)?.varint ?? 0n
  );
}

function byteStrings(fields: readonly Field[], number: number, limit: number): Uint8Array[] {
  const values = fields.filter((field) => field.number === number && field.varint === undefined);
  assertCount(values.length, limit);
  return values.map(({ bytes }) => bytes);
}

function assertCount(count: number, limit: number): void {
  if (count > limit) invalid(`a list may have ${limit} entries, got ${count}`);
}

/** Repeated integers, packed or one by one. */
function readNumbers(bytes: Uint8Array, limit: number): bigint[] {
  const numbers: bigint[] = [];
  const add = (value: bigint): void => {
    assertCount(numbers.length + 1, limit);
    numbers.push(value);
  };
  for (const field of readFields(bytes)) {
    if (field.number !== 1) continue;
    if (field.varint !== undefined) add(field.varint);
    for (let at = 0; at < field.bytes.length; ) {
      const { value, next } = readVarint(field.bytes, at);
      add(value);
      at = next;
    }
  }
  return numbers;
}

function readHashes(bytes: Uint8Array, limit: number): Hash[] {
  return byteStrings(readFields(bytes), 1, limit).map((hash) => {
    if (hash.length !== 32) invalid(`a hash has 32 bytes, got ${hash.length}`);
    return bytesToHex(hash);
  });
}

function readBlocks(bytes: Uint8Array): SyncBlock[] {
  const fields = readFields(bytes);
  const blocks = byteStrings(fields, 1, SYNC_LIMITS.blocks);
  const seals = byteStrings(fields, 2, SYNC_LIMITS.blocks);
  if (blocks.length !== seals.length) invalid(`${blocks.length} blocks, but ${seals.length} seals`);
  return blocks.map((block, i) => ({ block, seal: seals[i]! }));
}

// --- Writing ------------------------------------------------------------------------------------

function uint64(value: bigint, what: string): bigint {
  if (typeof value !== 'bigint') throw new TypeError(`${what} must be a bigint`);
  if (value < 0n || value >= U64_LIMIT) invalid(`the ${what} must be an unsigned 64-bit integer`);
  return value;
}

function numbersBody(numbers: readonly bigint[], limit: number): Uint8Array {
  assertCount(numbers.length, limit);
  if (numbers.length === 0) return EMPTY;
  return bytesField(1, joinBytes(numbers.map((number) => varint(uint64(number, 'block number')))));
}

function hashesBody(hashes: readonly Hash[], limit: number): Uint8Array {
  assertCount(hashes.length, limit);
  return joinBytes(
    hashes.map((hash) => {
      const bytes = hexToBytes(hash);
      if (bytes.length !== 32) invalid(`a hash has 32 bytes, got ${bytes.length}`);
      return bytesField(1, bytes);
    }),
  );
}

function blocksBody(blocks: readonly SyncBlock[]): Uint8Array {
  assertCount(blocks.length, SYNC_LIMITS.blocks);
  return joinBytes([
    ...blocks.map(({ block }) => bytesField(1, block)),
    ...blocks.map(({ seal }) => bytesField(2, seal)),
  ]);
}

function otherField({ field, body }: OtherSyncBody, first: number): [number, Uint8Array] {
  if (!Number.isInteger(field) || field < first || field >= 2 ** 29) {
    invalid(`the field of another kind must be ${first} or more, got ${field}`);
  }
  return [field, body];
}

function questionField(question: SyncQuestion): [number, Uint8Array] {
  switch (question.kind) {
    case 'block-number':
      return [2, EMPTY];
    case 'block-hashes':
      return [3, numbersBody(question.numbers, SYNC_LIMITS.hashes)];
    case 'blocks-by-number':
      return [4, numbersBody(question.numbers, SYNC_LIMITS.blocks)];
    case 'blocks-by-hash':
      return [5, hashesBody(question.hashes, SYNC_LIMITS.blocks)];
    case 'other':
      return otherField(question, 6);
  }
}

function errorBody(message: string): Uint8Array {
  const bytes = utf8ToBytes(message);
  if (bytes.length > MAX_ERROR_BYTES) invalid(`an error has at most ${MAX_ERROR_BYTES} bytes`);
  return bytes.length === 0 ? EMPTY : bytesField(1, bytes);
}

function answerField(answer: SyncAnswer): [number, Uint8Array] {
  switch (answer.kind) {
    case 'error':
      return [2, errorBody(answer.message)];
    case 'block-number':
      return [3, uintField(1, uint64(answer.number, 'block number'))];
    case 'block-hashes':
      return [4, hashesBody(answer.hashes, SYNC_LIMITS.hashes)];
    case 'blocks-by-number':
      return [5, blocksBody(answer.blocks)];
    case 'blocks-by-hash':
      return [6, blocksBody(answer.blocks)];
    case 'other':
      return otherField(answer, 7);
  }
}

/**
 * A message as the Go node writes it: fields in ascending order, zero values left out. Put it into a
 * frame ({@link encodeFrame}) to send it.
 *
 * @throws {@link P2pError} `p2p/invalid-sync-message` for a list that is too long, a number above 64 bits,
 * or another kind whose field has a meaning here.
 */
export function encodeSyncMessage(message: SyncMessage): Uint8Array {
  const request = message.type === 'request';
  const [number, body] = request ? questionField(message.question) : answerField(message.answer);
  const inner = joinBytes([uintField(1, uint64(message.id, 'id')), bytesField(number, body)]);
  return bytesField(request ? 1 : 2, inner);
}

// --- Reading ------------------------------------------------------------------------------------

function readQuestion({ number, bytes }: Field): SyncQuestion {
  switch (number) {
    case 2:
      return { kind: 'block-number' };
    case 3:
      return { kind: 'block-hashes', numbers: readNumbers(bytes, SYNC_LIMITS.hashes) };
    case 4:
      return { kind: 'blocks-by-number', numbers: readNumbers(bytes, SYNC_LIMITS.blocks) };
    case 5:
      return { kind: 'blocks-by-hash', hashes: readHashes(bytes, SYNC_LIMITS.blocks) };
    default:
      return { kind: 'other', field: number, body: bytes };
  }
}

function readErrorText(bytes: Uint8Array): string {
  const text = byteStrings(readFields(bytes), 1, MAX_FIELDS).at(-1) ?? EMPTY;
  if (text.length > MAX_ERROR_BYTES) invalid(`an error has at most ${MAX_ERROR_BYTES} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text);
  } catch {
    return invalid('the text of an error is not UTF-8');
  }
}

function readAnswer({ number, bytes }: Field): SyncAnswer {
  switch (number) {
    case 2:
      return { kind: 'error', message: readErrorText(bytes) };
    case 3:
      return { kind: 'block-number', number: lastVarint(readFields(bytes), 1) };
    case 4:
      return { kind: 'block-hashes', hashes: readHashes(bytes, SYNC_LIMITS.hashes) };
    case 5:
      return { kind: 'blocks-by-number', blocks: readBlocks(bytes) };
    case 6:
      return { kind: 'blocks-by-hash', blocks: readBlocks(bytes) };
    default:
      return { kind: 'other', field: number, body: bytes };
  }
}

/** The one byte string among some fields that says what a message is. */
function onlyField(fields: readonly Field[], least: number, most: number, what: string): Field {
  const found = fields.filter(
    ({ number, varint }) => varint === undefined && number >= least && number <= most,
  );
  if (found.length !== 1) invalid(`expected one ${what}, got ${found.length}`);
  return found[0]!;
}

/**
 * Reads the message of a frame. Byte strings are views into `bytes`.
 *
 * @throws {@link P2pError} `p2p/invalid-sync-message` for what is no message or both kinds, a question or answer
 * that is missing or double, a hash that does not have 32 bytes, blocks without seals, or lists above
 * {@link SYNC_LIMITS}.
 */
export function decodeSyncMessage(bytes: Uint8Array): SyncMessage {
  if (!(bytes instanceof Uint8Array)) throw new TypeError('bytes must be a Uint8Array');
  const outer = onlyField(readFields(bytes), 1, 2, 'request or response');
  const fields = readFields(outer.bytes);
  const id = lastVarint(fields, 1);
  const body = onlyField(fields, 2, Number.POSITIVE_INFINITY, 'question or answer');
  if (outer.number === 1) return { type: 'request', id, question: readQuestion(body) };
  return { type: 'response', id, answer: readAnswer(body) };
}
