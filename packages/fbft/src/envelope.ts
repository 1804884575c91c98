/**
 * The gossip envelope: what is around a consensus message or a node message on a topic.
 *
 * @source harmony/p2p/host.go: ConstructMessage; harmony/api/proto/common.go;
 *   harmony/api/proto/node/node.go
 */
import { concatBytes } from '@polyphony/primitives';
import { FbftError } from './errors.js';

/** Largest gossip payload, 2 MiB. @source harmony/p2p/host.go: MaxMessageSize */
export const MAX_GOSSIP_BYTES: number = 1 << 21;
/** A node message's content must be shorter. @source harmony/core/types/tx_pool.go: MaxP2PNodeDataSize */
export const MAX_NODE_CONTENT_BYTES = 1_310_720;

const ENVELOPE_TAG = 0x11;
const ENVELOPE_HEAD = 5;
/** Category byte of wire version 2. */
const CONSENSUS_2 = 4;

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
  const payload = new Uint8Array(ENVELOPE_HEAD + content.length);
  payload.set(content, ENVELOPE_HEAD);
  return writeHead(payload);
}

/** Fills in tag and length of a payload whose content is in its place. */
function writeHead(payload: Uint8Array): Uint8Array {
  if (payload.length > MAX_GOSSIP_BYTES) badEnvelope('longer than 2 MiB');
  const length = payload.length - ENVELOPE_HEAD;
  payload[0] = ENVELOPE_TAG;
  payload[1] = length >>> 24;
  payload[2] = length >>> 16;
  payload[3] = length >>> 8;
  payload[4] = length;
  return payload;
}

/** Bytes before a consensus message in its gossip payload. */
export const MESSAGE_AT: number = ENVELOPE_HEAD + 1;

/** Makes a gossip payload of a buffer that holds a consensus message from {@link MESSAGE_AT} on. */
export function sealEnvelope(buffer: Uint8Array, wire: 1 | 2): Uint8Array {
  buffer[ENVELOPE_HEAD] = wire === 1 ? 0 : CONSENSUS_2;
  return writeHead(buffer);
}

function lengthIn(payload: Uint8Array): number {
  return ((payload[1]! << 24) | (payload[2]! << 16) | (payload[3]! << 8) | payload[4]!) >>> 0;
}

/** Whether a payload is a well-formed one with a consensus message of wire version 1. */
export function holdsMessage(payload: Uint8Array): boolean {
  return (
    payload.length > MESSAGE_AT &&
    payload.length <= MAX_GOSSIP_BYTES &&
    payload[0] === ENVELOPE_TAG &&
    lengthIn(payload) === payload.length - ENVELOPE_HEAD &&
    payload[ENVELOPE_HEAD] === 0
  );
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
    const length = lengthIn(payload);
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
