/**
 * A network in memory: gossip and requests between peers of one process, with seeded faults.
 *
 * Every message takes a fate from the dice (lost, late, doubled, out of order), passes the walls
 * between peers (partitions, isolation) and waits in the bounded queue of its receiver: the wires'
 * part. Here is who subscribes, serves and answers. Time comes from the scheduler, so equal seeds and
 * equal calls give equal runs under a virtual one. It does not decide what messages mean.
 */
import { P2pError } from './errors.js';
import type { Delay, Faults } from './faults.js';
import type { NetworkEvent } from './network-event.js';
import type { Gossip, GossipHandler, PeerId, PeerRequests, RequestHandler } from './ports.js';
import {
  type Scheduler,
  type VirtualScheduler,
  type VirtualSchedulerOptions,
  virtualScheduler,
} from './scheduler.js';
import { type Endpoint, Wires } from './wires.js';

export type { Delay, Faults, NetworkEvent, Scheduler, VirtualScheduler, VirtualSchedulerOptions };
export { virtualScheduler };

/** Options of {@link memoryNetwork}. */
export interface MemoryNetworkOptions {
  /** Seed of the dice, a 32-bit integer. */
  readonly seed: number;
  /** Time: {@link virtualScheduler}, or the platform's timers. */
  readonly scheduler: Scheduler;
  /** Faults of every link. Default: none, and no delay. */
  readonly faults?: Faults;
  /** Largest message, request or answer in bytes. Default 2 MiB, as on Harmony's gossip. */
  readonly maxMessageBytes?: number;
  /** Most messages under way to one peer; more are dropped. Default 8192. */
  readonly maxQueuedMessages?: number;
  /** Most bytes under way to one peer; more are dropped. Default 64 MiB. */
  readonly maxQueuedBytes?: number;
  /** Most requests one peer serves at a time; more are refused with `p2p/overloaded`. Default 256. */
  readonly maxOpenRequests?: number;
  /** Told what happens. Must not throw. */
  readonly onEvent?: (event: NetworkEvent) => void;
}

/** One peer of a memory network. */
export interface MemoryPeer extends Gossip, PeerRequests {
  /** Leaves: subscriptions and services end, open requests reject. May be repeated. */
  leave(): void;
}

/** A network in memory, and what a test may do to it. */
export interface MemoryNetwork {
  /**
   * Adds a peer; one that left may join again under its old id, as after a restart.
   *
   * @throws {@link P2pError} `p2p/peer-exists`.
   */
  join(peer: PeerId): MemoryPeer;
  /** The peers that have joined. */
  peers(): readonly PeerId[];
  /** Replaces the faults of all links. @throws {@link P2pError} `p2p/invalid-argument`. */
  setFaults(faults: Faults): void;
  /** Faults of one direction between two peers instead of the common ones; undefined ends that. */
  setLinkFaults(from: PeerId, to: PeerId, faults: Faults | undefined): void;
  /**
   * Lets messages pass only within a group; peers that are not named form one more group. Replaces
   * an earlier partition. Messages under way across the new walls are lost.
   */
  partition(groups: readonly (readonly PeerId[])[]): void;
  /** Ends the partition and every isolation. */
  heal(): void;
  /** Cuts one peer off from all others. */
  isolate(peer: PeerId): void;
  /** Ends the isolation of a peer. */
  reconnect(peer: PeerId): void;
  /** Holds back what arrives at a peer, up to the bounds of its queue. */
  clog(peer: PeerId): void;
  /** Hands over in order what a clogged peer missed. */
  unclog(peer: PeerId): void;
}

type Answer =
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'unsupported' | 'failed' | 'overloaded' };

interface OpenRequest {
  readonly peer: Session;
  readonly protocol: string;
  settle(outcome: Uint8Array | P2pError): void;
}

/** A peer from joining to leaving. */
interface Session extends Endpoint {
  readonly topics: Map<string, Set<GossipHandler>>;
  readonly services: Map<string, RequestHandler>;
  readonly requests: Set<OpenRequest>;
  serving: number;
}

class Network implements MemoryNetwork {
  readonly #scheduler: Scheduler;
  readonly #wires: Wires;
  readonly #maxMessageBytes: number;
  readonly #maxOpenRequests: number;
  readonly #onEvent: ((event: NetworkEvent) => void) | undefined;
  readonly #sessions = new Map<PeerId, Session>();

  constructor(options: MemoryNetworkOptions) {
    this.#scheduler = options.scheduler;
    this.#maxMessageBytes = options.maxMessageBytes ?? 2 << 20;
    this.#maxOpenRequests = options.maxOpenRequests ?? 256;
    this.#onEvent = options.onEvent;
    this.#wires = new Wires({
      seed: options.seed,
      scheduler: options.scheduler,
      faults: options.faults ?? {},
      maxQueuedMessages: options.maxQueuedMessages ?? 8192,
      maxQueuedBytes: options.maxQueuedBytes ?? 64 << 20,
      onEvent: options.onEvent,
    });
  }

  join(peer: PeerId): MemoryPeer {
    if (typeof peer !== 'string') throw new TypeError('a peer id must be a string');
    if (this.#sessions.has(peer)) throw new P2pError({ code: 'p2p/peer-exists', peer });
    const session: Session = {
      id: peer,
      left: false,
      topics: new Map(),
      services: new Map(),
      links: new Map(),
      requests: new Set(),
      held: [],
      queuedMessages: 0,
      queuedBytes: 0,
      serving: 0,
    };
    this.#sessions.set(peer, session);
    return {
      self: peer,
      subscribe: (topic, handler) => this.#subscribe(session, topic, handler),
      publish: (topic, data) => this.#publish(session, topic, data),
      handle: (protocol, handler) => this.#handle(session, protocol, handler),
      request: async (to, protocol, data, { timeoutMs }) =>
        this.#request(session, to, protocol, data, timeoutMs),
      peers: () => this.peers().filter((id) => id !== peer && !session.left),
      leave: () => this.#leave(session),
    };
  }

  peers(): readonly PeerId[] {
    return [...this.#sessions.keys()];
  }

  setFaults(faults: Faults): void {
    this.#wires.setFaults(faults);
  }

  setLinkFaults(from: PeerId, to: PeerId, faults: Faults | undefined): void {
    this.#wires.setLinkFaults(from, to, faults);
  }

  partition(groups: readonly (readonly PeerId[])[]): void {
    this.#wires.partition(groups);
  }

  heal(): void {
    this.#wires.heal();
  }

  isolate(peer: PeerId): void {
    this.#wires.isolate(peer);
  }

  reconnect(peer: PeerId): void {
    this.#wires.reconnect(peer);
  }

  clog(peer: PeerId): void {
    this.#wires.clog(peer);
  }

  unclog(peer: PeerId): void {
    this.#wires.unclog(peer, this.#sessions.get(peer));
  }

  #assertSendable(session: Session, data: Uint8Array): void {
    if (!(data instanceof Uint8Array)) throw new TypeError('data must be a Uint8Array');
    if (session.left) throw new P2pError({ code: 'p2p/left' });
    const limit = this.#maxMessageBytes;
    if (data.length > limit) {
      throw new P2pError({ code: 'p2p/message-too-large', limit, actual: data.length });
    }
  }

  #subscribe(session: Session, topic: string, handler: GossipHandler): () => void {
    if (session.left) throw new P2pError({ code: 'p2p/left' });
    let handlers = session.topics.get(topic);
    if (handlers === undefined) {
      handlers = new Set();
      session.topics.set(topic, handlers);
    }
    // An entry of its own, so that one function subscribed twice can be ended once.
    const entry: GossipHandler = (message) => handler(message);
    handlers.add(entry);
    return () => {
      const current = session.topics.get(topic);
      if (current?.delete(entry) && current.size === 0) session.topics.delete(topic);
    };
  }

  #publish(session: Session, topic: string, data: Uint8Array): void {
    this.#assertSendable(session, data);
    const sent = new Uint8Array(data);
    for (const peer of this.#sessions.values()) {
      if (peer === session || !peer.topics.has(topic)) continue;
      this.#wires.send(session, peer, topic, sent.length, true, () => {
        for (const handler of [...(peer.topics.get(topic) ?? [])]) {
          try {
            handler({ from: session.id, data: new Uint8Array(sent) });
          } catch (error) {
            this.#onEvent?.({ type: 'handler-failed', peer: peer.id, channel: topic, error });
          }
        }
      });
    }
  }

  #handle(session: Session, protocol: string, handler: RequestHandler): () => void {
    if (session.left) throw new P2pError({ code: 'p2p/left' });
    if (session.services.has(protocol)) {
      throw new P2pError({ code: 'p2p/protocol-taken', protocol });
    }
    session.services.set(protocol, handler);
    return () => {
      if (session.services.get(protocol) === handler) session.services.delete(protocol);
    };
  }

  #request(
    session: Session,
    peer: PeerId,
    protocol: string,
    data: Uint8Array,
    timeoutMs: number,
  ): Promise<Uint8Array> {
    this.#assertSendable(session, data);
    if (!(timeoutMs > 0 && timeoutMs < Number.POSITIVE_INFINITY)) {
      const reason = `must be a positive number of milliseconds, got ${timeoutMs}`;
      throw new P2pError({ code: 'p2p/invalid-argument', what: 'timeoutMs', reason });
    }
    const to = this.#sessions.get(peer);
    if (to === undefined || to === session) throw new P2pError({ code: 'p2p/unknown-peer', peer });
    const sent = new Uint8Array(data);
    return new Promise((resolve, reject) => {
      let release: (() => void) | undefined;
      const open: OpenRequest = {
        peer: to,
        protocol,
        settle: (outcome) => {
          if (!session.requests.delete(open)) return;
          cancelTimeout();
          release?.();
          if (outcome instanceof P2pError) reject(outcome);
          else resolve(outcome);
        },
      };
      session.requests.add(open);
      const cancelTimeout = this.#scheduler.schedule(timeoutMs, () =>
        open.settle(new P2pError({ code: 'p2p/timeout', peer, timeoutMs })),
      );
      this.#wires.send(session, to, protocol, sent.length, false, () => {
        // A request that was given up on the way is not served.
        if (session.requests.has(open)) release = this.#serve(session, to, open, sent);
      });
    });
  }

  /** Runs the handler and sends its answer back. The result frees the place if it still runs. */
  #serve(
    from: Session,
    to: Session,
    open: OpenRequest,
    request: Uint8Array,
  ): (() => void) | undefined {
    const { protocol } = open;
    const answer = (value: Answer): void => {
      if (to.left || !from.requests.has(open)) return;
      const bytes = value.type === 'bytes' ? value.bytes.length : 0;
      this.#wires.send(to, from, protocol, bytes, false, () => this.#receive(to, open, value));
    };
    const handler = to.services.get(protocol);
    if (handler === undefined || to.serving >= this.#maxOpenRequests) {
      answer({ type: handler === undefined ? 'unsupported' : 'overloaded' });
      return undefined;
    }
    to.serving++;
    let running = true;
    const release = (): void => {
      if (running) to.serving--;
      running = false;
    };
    const run = async (): Promise<void> => {
      try {
        const result = await handler(from.id, new Uint8Array(request));
        if (to.left) return;
        this.#assertSendable(to, result);
        answer({ type: 'bytes', bytes: new Uint8Array(result) });
      } catch (error) {
        this.#onEvent?.({ type: 'handler-failed', peer: to.id, channel: protocol, error });
        answer({ type: 'failed' });
      } finally {
        release();
      }
    };
    void run();
    return release;
  }

  #receive(by: Session, open: OpenRequest, answer: Answer): void {
    const peer = by.id;
    const { protocol } = open;
    const limit = this.#maxOpenRequests;
    switch (answer.type) {
      case 'bytes':
        open.settle(answer.bytes);
        break;
      case 'unsupported':
        open.settle(new P2pError({ code: 'p2p/unsupported-protocol', peer, protocol }));
        break;
      case 'failed':
        open.settle(new P2pError({ code: 'p2p/request-failed', peer, protocol }));
        break;
      case 'overloaded':
        open.settle(new P2pError({ code: 'p2p/overloaded', peer, limit }));
    }
  }

  #leave(session: Session): void {
    if (session.left) return;
    session.left = true;
    this.#sessions.delete(session.id);
    session.topics.clear();
    session.services.clear();
    for (const handOver of session.held.splice(0)) handOver();
    for (const open of [...session.requests]) open.settle(new P2pError({ code: 'p2p/left' }));
    for (const other of this.#sessions.values()) {
      other.links.delete(session);
      for (const open of [...other.requests]) {
        if (open.peer !== session) continue;
        open.settle(new P2pError({ code: 'p2p/disconnected', peer: session.id }));
      }
    }
  }
}

/**
 * An empty network.
 *
 * @throws {@link P2pError} `p2p/invalid-argument` for impossible faults.
 * @example
 * const scheduler = virtualScheduler()
 * const network = memoryNetwork({ seed: 1, scheduler, faults: { drop: 0.01 } })
 * const alice = network.join('alice')
 * const bob = network.join('bob')
 * bob.subscribe('news', ({ from, data }) => console.log(from, data))
 * alice.publish('news', Uint8Array.of(1))
 * await scheduler.advance(1)  // alice Uint8Array [ 1 ]
 */
export function memoryNetwork(options: MemoryNetworkOptions): MemoryNetwork {
  return new Network(options);
}
