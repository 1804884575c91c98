/**
 * Consensus messages from bytes.
 *
 * Two decoders: `decodeMessage` takes only the one canonical encoding, `decodeMessageLenient` takes
 * what a Go receiver takes and keeps unknown fields, so that the sender's signature over the
 * re-encoded message still verifies. Whether a message is believed is not decided here.
 *
 * @source harmony/api/proto/message/harmonymessage.proto
 */
import { concatBytes, equalBytes } from '@polyphony/primitives';
import { holdsMessage, MAX_GOSSIP_BYTES, MESSAGE_AT } from './envelope.js';
import { FbftError } from './errors.js';
import { bodyFieldOf, checkFields, encodeMessage, type UnknownFields } from './message-encoding.js';
import { MESSAGE_TYPES, type Message, type MessageType } from './messages.js';
import {
  type Field,
  type FieldValue,
  readCanonicalFields,
  readFields,
  readHead,
  type Varint,
} from './protobuf.js';

const EMPTY: Uint8Array = new Uint8Array(0);

/** A message together with the fields this version does not know. */
export interface LenientMessage {
  readonly message: Message;
  readonly unknown: UnknownFields;
}

type Schema = Readonly<Record<number, 'varint' | 'bytes'>>;

const OUTER_SCHEMA: Schema = {
  1: 'varint',
  2: 'varint',
  3: 'bytes',
  4: 'bytes',
  5: 'bytes',
  6: 'bytes',
  7: 'bytes',
  8: 'bytes',
  9: 'bytes',
};
const PHASE_SCHEMA: Schema = {
  1: 'varint',
  2: 'varint',
  3: 'varint',
  4: 'bytes',
  5: 'bytes',
  6: 'bytes',
  7: 'bytes',
  8: 'bytes',
};
const VIEW_SCHEMA: Schema = {
  1: 'varint',
  2: 'varint',
  3: 'varint',
  4: 'bytes',
  5: 'bytes',
  6: 'bytes',
  7: 'bytes',
  8: 'bytes',
  9: 'bytes',
  10: 'bytes',
  11: 'bytes',
  12: 'bytes',
  13: 'bytes',
};
const POWER_SCHEMA: Schema = {
  1: 'varint',
  2: 'varint',
  3: 'varint',
  4: 'bytes',
  5: 'varint',
};

/** Splits fields into known ones (the last value counts) and the raw bytes of the others. */
function split(
  fields: readonly Field[],
  schema: Schema,
): { known: Map<number, Field>; unknown: Uint8Array; firstUnknown: number | undefined } {
  const known = new Map<number, Field>();
  const unknown: Uint8Array[] = [];
  let firstUnknown: number | undefined;
  for (const field of fields) {
    const kind = schema[field.number];
    const fits =
      kind === 'varint' ? field.wireType === 0 : kind === 'bytes' && field.wireType === 2;
    if (fits) {
      known.set(field.number, field);
    } else {
      unknown.push(field.raw);
      firstUnknown ??= field.number;
    }
  }
  return { known, unknown: concatBytes(...unknown), firstUnknown };
}

const TYPE_NAMES: ReadonlyMap<number, MessageType> = new Map(
  Object.entries(MESSAGE_TYPES).map(([name, number]) => [number, name as MessageType]),
);

/** Values of the body's fields from number 1 on, where none is there. */
function defaultsOf(type: MessageType): FieldValue[] {
  if (type === 'last-sign-power') return [0, 0, 0, EMPTY, 0];
  if (type !== 'view-change' && type !== 'new-view')
    return [0, 0, 0, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY];
  return [0, 0, 0, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY];
}

/** A message from the values of its body's fields. */
function messageOf(
  type: MessageType,
  signature: Uint8Array,
  values: readonly FieldValue[],
): Message {
  const u64 = (number: number): bigint => BigInt(values[number - 1] as Varint);
  const u32 = (number: number): number => {
    const value = values[number - 1] as Varint;
    return typeof value === 'number' ? value : Number(BigInt.asUintN(32, value));
  };
  const bytes = (number: number): Uint8Array => values[number - 1] as Uint8Array;
  switch (type) {
    case 'last-sign-power':
      return {
        type,
        signature,
        prepare: BigInt.asIntN(64, u64(1)),
        commit: BigInt.asIntN(64, u64(2)),
        change: BigInt.asIntN(64, u64(3)),
        senderKey: bytes(4),
        shardId: u32(5),
      };
    case 'view-change':
    case 'new-view':
      return {
        type,
        signature,
        viewId: u64(1),
        height: u64(2),
        shardId: u32(3),
        senderKey: bytes(4),
        leaderKey: bytes(5),
        payload: bytes(6),
        viewChangeSignature: bytes(7),
        viewIdSignature: bytes(8),
        m2Signature: bytes(9),
        m2Bitmap: bytes(10),
        m3Signature: bytes(11),
        m3Bitmap: bytes(12),
        preparedBlock: bytes(13),
      };
    default:
      return {
        type,
        signature,
        viewId: u64(1),
        height: u64(2),
        shardId: u32(3),
        blockHash: bytes(4),
        block: bytes(5),
        senderKey: bytes(6),
        payload: bytes(7),
        senderBitmap: bytes(8),
      };
  }
}

function schemaOf(type: MessageType): Schema {
  if (type === 'last-sign-power') return POWER_SCHEMA;
  return type === 'view-change' || type === 'new-view' ? VIEW_SCHEMA : PHASE_SCHEMA;
}

/**
 * Reads a message as a Go receiver does: fields in any order, the last one counts, overlong
 * varints, unknown fields kept. Byte fields are views into `bytes`.
 *
 * Narrower than Go in four points: groups, more than 64 fields, a body that does not belong to the
 * type, and fields of a wrong length are refused.
 *
 * @throws {@link FbftError} `fbft/invalid-protobuf`, `fbft/invalid-message`.
 */
export function decodeMessageLenient(bytes: Uint8Array): LenientMessage {
  return decode(bytes, false);
}

/**
 * Reads a message in its one canonical encoding: known fields only, ascending, no defaults,
 * minimal varints. Byte fields are views into `bytes`.
 *
 * @throws {@link FbftError} `fbft/invalid-protobuf`, `fbft/invalid-message`, `fbft/unknown-field`,
 *   `fbft/non-canonical-message`.
 * @example const message = decodeMessage(bytes); if (message.type === 'commit') message.payload
 */
export function decodeMessage(bytes: Uint8Array): Message {
  const quick = readCanonical(bytes, 0);
  if (quick !== undefined) return quick;
  const { message } = decode(bytes, true);
  if (!equalBytes(encodeMessage(message), bytes))
    throw new FbftError({ code: 'fbft/non-canonical-message' });
  return message;
}

/**
 * A message that is surely in its canonical encoding; undefined for anything else, which the slow
 * way refuses with its reason or, for numbers of 50 bits and more, accepts.
 */
function readCanonical(bytes: Uint8Array, start: number): Message | undefined {
  if (!(bytes instanceof Uint8Array) || bytes.length > MAX_GOSSIP_BYTES) return undefined;
  const end = bytes.length;
  const type = TYPE_NAMES.get(bytes[start + 1] ?? 0);
  if (bytes[start] !== 0x10 || type === undefined) return undefined;
  const cursor = { at: start + 2 };
  let signature = EMPTY;
  let length = readHead(bytes, 3, end, cursor);
  if (length > 0) {
    signature = bytes.subarray(cursor.at, cursor.at + length);
    cursor.at += length;
  } else if (length === 0) {
    return undefined;
  }
  length = readHead(bytes, bodyFieldOf(type), end, cursor);
  if (length < 0 || cursor.at + length !== end) return undefined;
  const values = defaultsOf(type);
  if (!readCanonicalFields(bytes, cursor.at, end, values)) return undefined;
  if ((values[type === 'last-sign-power' ? 4 : 2] as number) > 0xffffffff) return undefined;
  const message = messageOf(type, signature, values);
  checkFields(message);
  return message;
}

/**
 * The message in a gossip payload, where both are surely in the one encoding they have; undefined
 * leaves it to the decoders of each.
 */
export function readMessageGossip(payload: Uint8Array): Message | undefined {
  return holdsMessage(payload) ? readCanonical(payload, MESSAGE_AT) : undefined;
}

function decode(bytes: Uint8Array, strict: boolean): LenientMessage {
  if (!(bytes instanceof Uint8Array)) throw new TypeError('message must be a Uint8Array');
  if (bytes.length > MAX_GOSSIP_BYTES)
    throw new FbftError({ code: 'fbft/invalid-protobuf', reason: 'longer than 2 MiB', offset: 0 });
  const outerFields = readFields(bytes);
  const outer = split(outerFields, OUTER_SCHEMA);
  const refuseUnknown = (where: string, field: number | undefined): void => {
    if (strict && field !== undefined)
      throw new FbftError({ code: 'fbft/unknown-field', where, field });
  };
  refuseUnknown('message', outer.firstUnknown);
  const service = BigInt.asIntN(32, outer.known.get(1)?.varint ?? 0n);
  if (service !== 0n)
    throw new FbftError({ code: 'fbft/invalid-message', field: 'service', reason: 'must be 0' });
  const number = Number(BigInt.asIntN(32, outer.known.get(2)?.varint ?? 0n));
  const type = TYPE_NAMES.get(number);
  if (type === undefined)
    throw new FbftError({ code: 'fbft/invalid-message', field: 'type', reason: `is ${number}` });
  const bodyField = bodyFieldOf(type);
  // Repeats of one body are merged, which for these fields is the same as reading them in a row.
  const bodies: Uint8Array[] = [];
  for (const field of outerFields) {
    if (field.number < 4 || field.number > 9 || field.wireType !== 2) continue;
    if (field.number !== bodyField)
      throw new FbftError({
        code: 'fbft/invalid-message',
        field: 'body',
        reason: `${field.number} does not belong to type ${type}`,
      });
    bodies.push(field.bytes);
  }
  if (bodies.length === 0)
    throw new FbftError({ code: 'fbft/invalid-message', field: 'body', reason: 'is missing' });
  const bodyBytes = bodies.length === 1 ? bodies[0]! : concatBytes(...bodies);
  const body = split(readFields(bodyBytes), schemaOf(type));
  refuseUnknown(`body of ${type}`, body.firstUnknown);
  const values = defaultsOf(type);
  for (const [field, { varint, bytes: value }] of body.known)
    values[field - 1] = typeof values[field - 1] === 'number' ? varint : value;
  const message = messageOf(type, outer.known.get(3)?.bytes ?? EMPTY, values);
  checkFields(message);
  return { message, unknown: { outer: outer.unknown, body: body.unknown } };
}
