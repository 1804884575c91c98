/**
 * Consensus messages and the gossip envelope as bytes, equal to those of the Go node.
 *
 * Layers, from outside: envelope `0x11 | BE32(length) | content`; content `0x00 | protobuf` for
 * consensus, `0x01 | type | subtype | body` for node messages. Two decoders: `decodeMessage` takes
 * only the one canonical encoding, `decodeMessageLenient` takes what a Go receiver takes and keeps
 * unknown fields, so that the sender's signature over the re-encoded message still verifies.
 * Whether a message is believed is not decided here.
 *
 * @source harmony/p2p/host.go: ConstructMessage; harmony/api/proto/common.go;
 *   harmony/api/proto/message/harmonymessage.proto; harmony/api/proto/node/node.go
 */
import { concatBytes, equalBytes, keccak256, uint32ToBytes } from '@polyphony/primitives';
import { FbftError } from './errors.js';
import { isViewMessage, MESSAGE_TYPES, type Message, type MessageType } from './messages.js';
import { bytesField, bytesFieldHead, type Field, readFields, varintField } from './protobuf.js';

export {
  isViewMessage,
  MESSAGE_TYPES,
  type Message,
  type MessageType,
  type PhaseMessage,
  type SignPowerMessage,
  type ViewMessage,
} from './messages.js';

export type {
  ReportGroup,
  StrictAnnounce,
  StrictCertificate,
  StrictCommitted,
  StrictMessage,
  StrictNewView,
  StrictPrepared,
  StrictSeal,
  StrictViewChange,
  StrictVote,
} from './strict/messages.js';
export { decodeStrictMessage, encodeStrictMessage, hashUnsigned } from './strict/wire.js';

/** Largest gossip payload, 2 MiB. @source harmony/p2p/host.go: MaxMessageSize */
export const MAX_GOSSIP_BYTES: number = 1 << 21;
/** A node message's content must be shorter. @source harmony/core/types/tx_pool.go: MaxP2PNodeDataSize */
export const MAX_NODE_CONTENT_BYTES = 1_310_720;

const HASH_LENGTH = 32;
const KEY_LENGTH = 48;
const SIGNATURE_LENGTH = 96;
const EMPTY = new Uint8Array(0);
const U64_LIMIT = 1n << 64n;
const ENVELOPE_TAG = 0x11;
const ENVELOPE_HEAD = 5;
/** Category byte of wire version 2. */
const CONSENSUS_2 = 4;

// --- Envelope -----------------------------------------------------------------------------------

/** Kinds of node messages and their type and subtype bytes. @source harmony/api/proto/node/node.go */
export const NODE_MESSAGES: {
  readonly transactions: readonly [0, 0];
  readonly 'staking-transactions': readonly [6, 0];
  readonly blocks: readonly [1, 0];
  readonly 'cross-links': readonly [1, 1];
  readonly receipt: readonly [1, 2];
  readonly slash: readonly [1, 3];
  readonly 'cross-link-heartbeat': readonly [1, 4];
  readonly 'epoch-block': readonly [1, 5];
} = {
  transactions: [0, 0],
  'staking-transactions': [6, 0],
  blocks: [1, 0],
  'cross-links': [1, 1],
  receipt: [1, 2],
  slash: [1, 3],
  'cross-link-heartbeat': [1, 4],
  'epoch-block': [1, 5],
};

/** What a node message carries. */
export type NodeMessageKind = keyof typeof NODE_MESSAGES;

/** The content of one gossip payload. */
export type GossipContent =
  | { readonly category: 'consensus'; readonly message: Uint8Array }
  /** Wire version 2: a message of the profile `strict`. Go nodes refuse the category. */
  | { readonly category: 'consensus-2'; readonly message: Uint8Array }
  | { readonly category: 'node'; readonly kind: NodeMessageKind; readonly body: Uint8Array };

/** Options of {@link decodeEnvelope} and {@link decodeGossip}. */
export interface EnvelopeOptions {
  /** `check` (the default) demands tag and length; `skip` ignores the five bytes, as Go does. */
  readonly head?: 'check' | 'skip';
}

function badEnvelope(reason: string): never {
  throw new FbftError({ code: 'fbft/invalid-envelope', reason });
}

function assertBytes(value: Uint8Array, what: string): void {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${what} must be a Uint8Array`);
}

/**
 * Wraps content for gossip: `0x11`, the length as 32 bits big-endian, the content.
 *
 * @throws {@link FbftError} `fbft/invalid-envelope` for empty content or more than 2 MiB in all.
 * @source harmony/p2p/host.go: ConstructMessage
 */
export function encodeEnvelope(content: Uint8Array): Uint8Array {
  assertBytes(content, 'content');
  if (content.length === 0) badEnvelope('content is empty');
  if (content.length > MAX_GOSSIP_BYTES - ENVELOPE_HEAD) badEnvelope('longer than 2 MiB');
  return concatBytes(Uint8Array.of(ENVELOPE_TAG), uint32ToBytes(content.length), content);
}

/**
 * The content of a gossip payload, a view into it.
 *
 * A payload of exactly five bytes is always refused: the pinned Go node fails on it.
 *
 * @throws {@link FbftError} `fbft/invalid-envelope`.
 * @source harmony/node/harmony/node.go: StartPubSub
 */
export function decodeEnvelope(payload: Uint8Array, options: EnvelopeOptions = {}): Uint8Array {
  assertBytes(payload, 'payload');
  if (payload.length <= ENVELOPE_HEAD) badEnvelope(`${payload.length} bytes have no content`);
  if (payload.length > MAX_GOSSIP_BYTES) badEnvelope('longer than 2 MiB');
  if (options.head !== 'skip') {
    if (payload[0] !== ENVELOPE_TAG) badEnvelope(`first byte is ${payload[0]}, not 17`);
    const length = new DataView(payload.buffer, payload.byteOffset).getUint32(1);
    if (length !== payload.length - ENVELOPE_HEAD)
      badEnvelope(`says ${length} bytes, has ${payload.length - ENVELOPE_HEAD}`);
  }
  return payload.subarray(ENVELOPE_HEAD);
}

/**
 * A whole gossip payload from its content.
 *
 * @throws {@link FbftError} `fbft/invalid-envelope` for a body that is empty or too long.
 * @example encodeGossip({ category: 'consensus', message: encodeMessage(message) })
 */
export function encodeGossip(content: GossipContent): Uint8Array {
  if (content.category === 'consensus')
    return encodeEnvelope(concatBytes(Uint8Array.of(0), content.message));
  if (content.category === 'consensus-2')
    return encodeEnvelope(concatBytes(Uint8Array.of(CONSENSUS_2), content.message));
  const [type, subtype] = NODE_MESSAGES[content.kind];
  if (content.body.length === 0) badEnvelope('node message has no body');
  if (content.body.length + 3 >= MAX_NODE_CONTENT_BYTES) badEnvelope('node message is too long');
  return encodeEnvelope(concatBytes(Uint8Array.of(1, type, subtype), content.body));
}

/**
 * The content of a gossip payload, split by category; parts are views into `payload`.
 *
 * @throws {@link FbftError} `fbft/invalid-envelope`, also for an unknown category or node message.
 * @source harmony/node/harmony/node.go: StartPubSub, validateNodeMessage
 */
export function decodeGossip(payload: Uint8Array, options: EnvelopeOptions = {}): GossipContent {
  const content = decodeEnvelope(payload, options);
  if (content[0] === 0 || content[0] === CONSENSUS_2) {
    if (content.length === 1) badEnvelope('consensus message is empty');
    const category = content[0] === 0 ? 'consensus' : 'consensus-2';
    return { category, message: content.subarray(1) };
  }
  if (content[0] !== 1) badEnvelope(`category ${content[0]}`);
  if (content.length < 4) badEnvelope('node message has no body');
  if (content.length >= MAX_NODE_CONTENT_BYTES) badEnvelope('node message is too long');
  for (const [kind, [type, subtype]] of Object.entries(NODE_MESSAGES)) {
    if (content[1] === type && content[2] === subtype)
      return { category: 'node', kind: kind as NodeMessageKind, body: content.subarray(3) };
  }
  return badEnvelope(`node message type ${content[1]}.${content[2]}`);
}

// --- Encoding messages --------------------------------------------------------------------------

/** Fields a lenient decoder met and does not know, as received, in their order. */
export interface UnknownFields {
  /** In the message itself. */
  readonly outer: Uint8Array;
  /** In its body. */
  readonly body: Uint8Array;
}

const NO_UNKNOWN: UnknownFields = { outer: EMPTY, body: EMPTY };

function checkFields(message: Message): void {
  const bad = (field: string, reason: string): never => {
    throw new FbftError({ code: 'fbft/invalid-message', field, reason });
  };
  const length = (field: string, bytes: Uint8Array, ...allowed: number[]): void => {
    if (!(bytes instanceof Uint8Array)) throw new TypeError(`${field} must be a Uint8Array`);
    if (!allowed.includes(bytes.length))
      bad(field, `must be ${allowed.join(' or ')} bytes, got ${bytes.length}`);
  };
  const u64 = (field: string, value: bigint): void => {
    if (typeof value !== 'bigint') throw new TypeError(`${field} must be a bigint`);
    if (value < 0n || value >= U64_LIMIT) bad(field, 'must fit 64 bits');
  };
  if (!Number.isInteger(message.shardId) || message.shardId < 0 || message.shardId > 0xffffffff)
    bad('shardId', 'must fit 32 bits');
  length('signature', message.signature, 0, SIGNATURE_LENGTH);
  length('senderKey', message.senderKey, 0, KEY_LENGTH);
  if (message.type === 'last-sign-power') return;
  u64('viewId', message.viewId);
  u64('height', message.height);
  if (isViewMessage(message)) {
    length('leaderKey', message.leaderKey, 0, KEY_LENGTH);
    length('viewChangeSignature', message.viewChangeSignature, 0, SIGNATURE_LENGTH);
    length('viewIdSignature', message.viewIdSignature, 0, SIGNATURE_LENGTH);
    length('m2Signature', message.m2Signature, 0, SIGNATURE_LENGTH);
    length('m3Signature', message.m3Signature, 0, SIGNATURE_LENGTH);
  } else {
    length('blockHash', message.blockHash, HASH_LENGTH);
  }
}

function bodyParts(message: Message): { field: number; parts: Uint8Array[] } {
  switch (message.type) {
    case 'last-sign-power':
      return {
        field: 9,
        parts: [
          varintField(1, message.prepare),
          varintField(2, message.commit),
          varintField(3, message.change),
          ...bytesField(4, message.senderKey),
          varintField(5, message.shardId),
        ],
      };
    case 'view-change':
    case 'new-view':
      return {
        field: 7,
        parts: [
          varintField(1, message.viewId),
          varintField(2, message.height),
          varintField(3, message.shardId),
          ...bytesField(4, message.senderKey),
          ...bytesField(5, message.leaderKey),
          ...bytesField(6, message.payload),
          ...bytesField(7, message.viewChangeSignature),
          ...bytesField(8, message.viewIdSignature),
          ...bytesField(9, message.m2Signature),
          ...bytesField(10, message.m2Bitmap),
          ...bytesField(11, message.m3Signature),
          ...bytesField(12, message.m3Bitmap),
          ...bytesField(13, message.preparedBlock),
        ],
      };
    default:
      return {
        field: 5,
        parts: [
          varintField(1, message.viewId),
          varintField(2, message.height),
          varintField(3, message.shardId),
          ...bytesField(4, message.blockHash),
          ...bytesField(5, message.block),
          ...bytesField(6, message.senderKey),
          ...bytesField(7, message.payload),
          ...bytesField(8, message.senderBitmap),
        ],
      };
  }
}

/**
 * The protobuf bytes of a message: ascending fields, nothing for zero or empty values, the body
 * even if empty.
 *
 * @param unknown - Fields of a later schema, written after the known ones as Go does.
 * @throws {@link FbftError} `fbft/invalid-message` for a length or number out of range.
 * @source harmony/consensus/construct.go: construct; harmony/consensus/view_change_msg.go
 */
export function encodeMessage(message: Message, unknown: UnknownFields = NO_UNKNOWN): Uint8Array {
  checkFields(message);
  const { field, parts } = bodyParts(message);
  const body = concatBytes(...parts, unknown.body);
  return concatBytes(
    varintField(2, MESSAGE_TYPES[message.type]),
    ...bytesField(3, message.signature),
    bytesFieldHead(field, body.length),
    body,
    unknown.outer,
  );
}

/**
 * The 32 bytes a sender signs: keccak-256 of the message encoded without its signature.
 *
 * @throws {@link FbftError} `fbft/invalid-message`.
 * @source harmony/consensus/consensus_service.go: signConsensusMessage; harmony/consensus/checks.go: verifyMessageSig
 */
export function computeSenderDigest(
  message: Message,
  unknown: UnknownFields = NO_UNKNOWN,
): Uint8Array {
  return keccak256(encodeMessage({ ...message, signature: EMPTY }, unknown));
}

// --- Decoding messages --------------------------------------------------------------------------

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

function bodyFieldOf(type: MessageType): number {
  if (type === 'last-sign-power') return 9;
  return type === 'view-change' || type === 'new-view' ? 7 : 5;
}

function readBody(
  type: MessageType,
  signature: Uint8Array,
  fields: ReadonlyMap<number, Field>,
): Message {
  const u64 = (number: number): bigint => fields.get(number)?.varint ?? 0n;
  const u32 = (number: number): number => Number(BigInt.asUintN(32, u64(number)));
  const bytes = (number: number): Uint8Array => fields.get(number)?.bytes ?? EMPTY;
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
  const { message } = decode(bytes, true);
  if (!equalBytes(encodeMessage(message), bytes))
    throw new FbftError({ code: 'fbft/non-canonical-message' });
  return message;
}

function decode(bytes: Uint8Array, strict: boolean): LenientMessage {
  assertBytes(bytes, 'message');
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
  const message = readBody(type, outer.known.get(3)?.bytes ?? EMPTY, body.known);
  checkFields(message);
  return { message, unknown: { outer: outer.unknown, body: body.unknown } };
}

// --- Names of messages --------------------------------------------------------------------------

/**
 * The key of a message in a Go node's log: type, view id, block hash, sender; 92 bytes. Useful to
 * tell repeats apart.
 *
 * @param sender - The key, 48 bytes; or the bitmap of several senders, at most 48 bytes.
 * @throws {@link FbftError} `fbft/out-of-range`.
 * @source harmony/consensus/fbft_log.go: FBFTMessage.id
 */
export function computeMessageKey(
  type: MessageType,
  viewId: bigint,
  blockHash: Uint8Array,
  sender: Uint8Array,
): Uint8Array {
  const range = (what: string, reason: string): never => {
    throw new FbftError({ code: 'fbft/out-of-range', what, reason });
  };
  if (viewId < 0n || viewId >= U64_LIMIT) range('view id', 'must fit 64 bits');
  if (blockHash.length !== HASH_LENGTH) range('block hash', 'must be 32 bytes');
  if (sender.length > KEY_LENGTH) range('sender', 'must be at most 48 bytes');
  const key = new Uint8Array(12 + HASH_LENGTH + KEY_LENGTH);
  const view = new DataView(key.buffer);
  view.setUint32(0, MESSAGE_TYPES[type], true);
  view.setBigUint64(4, viewId, true);
  key.set(blockHash, 12);
  key.set(sender, 12 + HASH_LENGTH);
  return key;
}
