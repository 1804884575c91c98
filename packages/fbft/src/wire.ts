/**
 * Consensus messages and the gossip envelope as bytes, equal to those of the Go node.
 *
 * Layers, from outside: envelope `0x11 | BE32(length) | content`; content `0x00 | protobuf` for
 * consensus, `0x01 | type | subtype | body` for node messages. What peers send is read by one of
 * two decoders, a strict and a lenient one. Whether a message is believed is not decided here.
 *
 * @source harmony/p2p/host.go: ConstructMessage; harmony/api/proto/common.go;
 *   harmony/api/proto/message/harmonymessage.proto; harmony/api/proto/node/node.go
 */
import { FbftError } from './errors.js';
import { MESSAGE_TYPES, type MessageType } from './messages.js';

export {
  decodeEnvelope,
  decodeGossip,
  type EnvelopeOptions,
  encodeEnvelope,
  encodeGossip,
  type GossipContent,
  MAX_GOSSIP_BYTES,
  MAX_NODE_CONTENT_BYTES,
  NODE_MESSAGES,
  type NodeMessageKind,
} from './envelope.js';
export { decodeMessage, decodeMessageLenient, type LenientMessage } from './message-decoding.js';
export { computeSenderDigest, encodeMessage, type UnknownFields } from './message-encoding.js';
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

const HASH_LENGTH = 32;
const KEY_LENGTH = 48;
const U64_LIMIT = 1n << 64n;

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
