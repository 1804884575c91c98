/**
 * Consensus messages to bytes, equal to those of the Go node: ascending protobuf fields, nothing for
 * zero or empty values, the body even if empty.
 *
 * @source harmony/api/proto/message/harmonymessage.proto
 */
import { keccak256 } from '@polyphony/primitives';
import { MESSAGE_AT, sealEnvelope } from './envelope.js';
import { FbftError } from './errors.js';
import { isViewMessage, MESSAGE_TYPES, type Message } from './messages.js';
import {
  type FieldValue,
  fieldLength,
  fieldsLength,
  headLength,
  varintOf,
  writeField,
  writeFields,
  writeHead,
} from './protobuf.js';

const HASH_LENGTH = 32;
const KEY_LENGTH = 48;
const SIGNATURE_LENGTH = 96;
const EMPTY = new Uint8Array(0);
const U64_LIMIT = 1n << 64n;

/** Fields a lenient decoder met and does not know, as received, in their order. */
export interface UnknownFields {
  /** In the message itself. */
  readonly outer: Uint8Array;
  /** In its body. */
  readonly body: Uint8Array;
}

const NO_UNKNOWN: UnknownFields = { outer: EMPTY, body: EMPTY };

function bad(field: string, reason: string): never {
  throw new FbftError({ code: 'fbft/invalid-message', field, reason });
}

function checkEmptyOr(length: number, field: string, bytes: Uint8Array): void {
  if (!(bytes instanceof Uint8Array)) throw new TypeError(`${field} must be a Uint8Array`);
  if (bytes.length !== length && bytes.length !== 0)
    bad(field, `must be 0 or ${length} bytes, got ${bytes.length}`);
}

function checkU64(field: string, value: bigint): void {
  if (typeof value !== 'bigint') throw new TypeError(`${field} must be a bigint`);
  if (value < 0n || value >= U64_LIMIT) bad(field, 'must fit 64 bits');
}

/** Throws unless every field has a length or size that the schema allows. */
export function checkFields(message: Message): void {
  const { shardId } = message;
  if (!Number.isInteger(shardId) || shardId < 0 || shardId > 0xffffffff)
    bad('shardId', 'must fit 32 bits');
  checkEmptyOr(SIGNATURE_LENGTH, 'signature', message.signature);
  checkEmptyOr(KEY_LENGTH, 'senderKey', message.senderKey);
  if (message.type === 'last-sign-power') return;
  checkU64('viewId', message.viewId);
  checkU64('height', message.height);
  if (isViewMessage(message)) {
    checkEmptyOr(KEY_LENGTH, 'leaderKey', message.leaderKey);
    checkEmptyOr(SIGNATURE_LENGTH, 'viewChangeSignature', message.viewChangeSignature);
    checkEmptyOr(SIGNATURE_LENGTH, 'viewIdSignature', message.viewIdSignature);
    checkEmptyOr(SIGNATURE_LENGTH, 'm2Signature', message.m2Signature);
    checkEmptyOr(SIGNATURE_LENGTH, 'm3Signature', message.m3Signature);
    return;
  }
  const { blockHash } = message;
  if (!(blockHash instanceof Uint8Array)) throw new TypeError('blockHash must be a Uint8Array');
  if (blockHash.length !== HASH_LENGTH)
    bad('blockHash', `must be ${HASH_LENGTH} bytes, got ${blockHash.length}`);
}

/** Number of the body's field in a message of a type. */
export function bodyFieldOf(type: Message['type']): number {
  if (type === 'last-sign-power') return 9;
  return type === 'view-change' || type === 'new-view' ? 7 : 5;
}

/** The fields of the body, from number 1 on. */
function bodyOf(message: Message): FieldValue[] {
  switch (message.type) {
    case 'last-sign-power':
      return [
        varintOf(message.prepare),
        varintOf(message.commit),
        varintOf(message.change),
        message.senderKey,
        message.shardId,
      ];
    case 'view-change':
    case 'new-view':
      return [
        varintOf(message.viewId),
        varintOf(message.height),
        message.shardId,
        message.senderKey,
        message.leaderKey,
        message.payload,
        message.viewChangeSignature,
        message.viewIdSignature,
        message.m2Signature,
        message.m2Bitmap,
        message.m3Signature,
        message.m3Bitmap,
        message.preparedBlock,
      ];
    default:
      return [
        varintOf(message.viewId),
        varintOf(message.height),
        message.shardId,
        message.blockHash,
        message.block,
        message.senderKey,
        message.payload,
        message.senderBitmap,
      ];
  }
}

/** Encodes a message behind some bytes that are left free. */
function encodeAt(
  room: number,
  message: Message,
  signature: Uint8Array,
  unknown: UnknownFields,
): Uint8Array {
  checkFields(message);
  const type = MESSAGE_TYPES[message.type];
  const body = bodyOf(message);
  const bodyLength = fieldsLength(body) + unknown.body.length;
  const head = fieldLength(type) + fieldLength(signature);
  // The body is there even if it is empty.
  const length = head + headLength(bodyLength) + bodyLength + unknown.outer.length;
  const out = new Uint8Array(room + length);
  let at = writeField(out, room, 2, type);
  at = writeField(out, at, 3, signature);
  at = writeHead(out, at, bodyFieldOf(message.type), bodyLength);
  at = writeFields(out, at, body);
  out.set(unknown.body, at);
  out.set(unknown.outer, at + unknown.body.length);
  return out;
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
  return encodeAt(0, message, message.signature, unknown);
}

/** The whole gossip payload of a message, written at once. */
export function encodeMessageGossip(message: Message): Uint8Array {
  return sealEnvelope(encodeAt(MESSAGE_AT, message, message.signature, NO_UNKNOWN), 1);
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
  return keccak256(encodeAt(0, message, EMPTY, unknown));
}
