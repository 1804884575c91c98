/**
 * What a gossipsub router needs to join Harmony's mesh: ids of messages, and the figures nodes use.
 *
 * The router itself is an adapter's; here is what makes its choices the same as those of Go nodes.
 */
import { concatBytes } from '@polyphony/primitives';
import { P2pError } from './errors.js';

const U64_LIMIT = 1n << 64n;
/** A peer id is a multihash: an identity of at most 42 bytes, or SHA-256 with its two bytes of head. */
const MAX_PEER_ID_LENGTH = 128;

/**
 * Figures of the gossipsub routers of Harmony's nodes, times in milliseconds. What is not here is the
 * default of go-libp2p-pubsub: strict signing, ids seen are kept for 120 seconds, one heartbeat a second.
 *
 * @source harmony/p2p/host.go: NewHost
 */
export const harmonyGossip = {
  /** Peers of the mesh that a router aims at (`D`). */
  meshPeers: 5,
  /** Fewer make it graft (`Dlo`). */
  minMeshPeers: 4,
  /** More make it prune (`Dhi`). */
  maxMeshPeers: 8,
  /** Peers outside the mesh that hear which ids there are (`Dlazy`). */
  lazyPeers: 4,
  /** Or this part of them, if that is more. */
  lazyFactor: 0.15,
  /** Heartbeats for which messages are kept. */
  historyHeartbeats: 2,
  /** Heartbeats whose ids are told to others. */
  historyGossip: 2,
  /** Times one peer may ask for one message. */
  retransmissions: 2,
  /** How long peers of a topic without own subscription are remembered. */
  fanoutTtlMs: 10_000,
  /** Ids taken from one peer between heartbeats. */
  maxAnnouncedIds: 1000,
  /** Connections that may be opened at once. */
  maxPendingConnections: 32,
  /** Largest message. */
  maxMessageBytes: 2_097_152,
  /** Messages that wait for validation. */
  validationQueue: 512,
  /** Messages that wait for one peer. */
  peerQueue: 64,
  /** Messages in validation at once. */
  validationsAtOnce: 8192,
  /** Node messages being handled at once; what comes on top is dropped. */
  nodeHandlers: 2048,
  /** Time for one validation. */
  validationTimeoutMs: 250,
} as const;

/**
 * The id of a gossip message, as Go nodes compute it: the bytes of the author's peer id, then the
 * sequence number in 8 bytes big-endian. Give it to the router of a JavaScript node: the default there
 * starts with the author's public key instead of its peer id, so ids never match those that Go nodes
 * announce, and lost messages are not repaired.
 *
 * @param author - The author's peer id as bytes (its multihash), 2 to 128 of them.
 * @param sequenceNumber - Of the message, below 2^64.
 * @returns New bytes, 8 longer than `author`.
 * @throws {@link P2pError} `p2p/invalid-argument`.
 * @source go-libp2p-pubsub/pubsub.go: DefaultMsgIdFn, nextSeqno
 */
export function gossipMessageId(author: Uint8Array, sequenceNumber: bigint): Uint8Array {
  if (!(author instanceof Uint8Array)) throw new TypeError('author must be a Uint8Array');
  if (typeof sequenceNumber !== 'bigint') throw new TypeError('sequenceNumber must be a bigint');
  if (author.length < 2 || author.length > MAX_PEER_ID_LENGTH) {
    throw new P2pError({
      code: 'p2p/invalid-argument',
      what: 'author',
      reason: `must have 2 to ${MAX_PEER_ID_LENGTH} bytes, got ${author.length}`,
    });
  }
  if (sequenceNumber < 0n || sequenceNumber >= U64_LIMIT) {
    throw new P2pError({
      code: 'p2p/invalid-argument',
      what: 'sequence number',
      reason: `must be an unsigned 64-bit integer, got ${sequenceNumber}`,
    });
  }
  const tail = new Uint8Array(8);
  new DataView(tail.buffer).setBigUint64(0, sequenceNumber);
  return concatBytes(author, tail);
}
