/**
 * The two ports between nodes: gossip on topics, and requests to one peer.
 *
 * They decide who may rely on what; payloads are bytes and their meaning belongs to the caller.
 * Nothing is promised about delivery: a gossip message may come late, out of order, more than once
 * or never, and a request may time out. `./conformance` checks the rest.
 */

/** Names a peer within one network, as its transport does. */
export type PeerId = string;

/** A message that came on a topic. */
export interface GossipMessage {
  /** The peer that published it. */
  readonly from: PeerId;
  /** Its bytes; they belong to the handler. */
  readonly data: Uint8Array;
}

/** Called for each message of a topic. What it throws is reported and breaks nothing. */
export type GossipHandler = (message: GossipMessage) => void;

/** Publish and subscribe. */
export interface Gossip {
  /** The own peer id. */
  readonly self: PeerId;
  /** Receives what others publish on a topic. The answer ends the subscription; it may be repeated. */
  subscribe(topic: string, handler: GossipHandler): () => void;
  /**
   * Sends to all subscribers of a topic but oneself. The bytes may be changed after the call.
   *
   * @throws {@link P2pError} `p2p/message-too-large`, `p2p/left`.
   */
  publish(topic: string, data: Uint8Array): void;
}

/** Answers one request. Rejecting or throwing answers with a failure without its text. */
export type RequestHandler = (from: PeerId, request: Uint8Array) => Promise<Uint8Array>;

/** How long a request may take. */
export interface RequestOptions {
  /** Milliseconds until the request rejects with `p2p/timeout`. */
  readonly timeoutMs: number;
}

/** Request and response between two peers. */
export interface PeerRequests {
  /**
   * Serves a protocol; one handler per protocol. The answer ends the service.
   *
   * @throws {@link P2pError} `p2p/protocol-taken`, `p2p/left`.
   */
  handle(protocol: string, handler: RequestHandler): () => void;
  /**
   * Asks a peer.
   *
   * @throws {@link P2pError} (rejects) `p2p/unknown-peer`, `p2p/timeout`, `p2p/disconnected`,
   * `p2p/unsupported-protocol`, `p2p/request-failed`, `p2p/overloaded`, `p2p/message-too-large`,
   * `p2p/invalid-argument` for a timeout that is not a positive number, `p2p/left`.
   */
  request(
    peer: PeerId,
    protocol: string,
    data: Uint8Array,
    options: RequestOptions,
  ): Promise<Uint8Array>;
  /** The peers one is connected to, without oneself. */
  peers(): readonly PeerId[];
}
