/**
 * What lies between the peers of a memory network: dice, walls and queues.
 *
 * It decides which message arrives at whom, when, how often and in which order. What a message is
 * and what its arrival leads to is the caller's.
 */
import { P2pError } from './errors.js';
import { assertFaults, type Dice, drawFate, type Fate, type Faults, seededDice } from './faults.js';
import type { NetworkEvent } from './network-event.js';
import type { PeerId } from './ports.js';
import type { Scheduler } from './scheduler.js';

/** Messages that keep their order; each arrival hands over the oldest. */
interface Link {
  lastDueMs: number;
  readonly waiting: (() => void)[];
}

/** Where a peer's messages arrive, from its joining to its leaving. */
export interface Endpoint {
  readonly id: PeerId;
  left: boolean;
  readonly links: Map<Endpoint, Link>;
  /** What arrived while it was clogged. */
  readonly held: (() => void)[];
  queuedMessages: number;
  queuedBytes: number;
}

/** What wires are made with. */
export interface WiresOptions {
  readonly seed: number;
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  /** Most messages and bytes under way to one peer. */
  readonly maxQueuedMessages: number;
  readonly maxQueuedBytes: number;
  readonly onEvent: ((event: NetworkEvent) => void) | undefined;
}

/** The wires of one network. */
export class Wires {
  readonly #scheduler: Scheduler;
  readonly #dice: Dice;
  readonly #maxQueuedMessages: number;
  readonly #maxQueuedBytes: number;
  readonly #onEvent: ((event: NetworkEvent) => void) | undefined;
  readonly #linkFaults = new Map<PeerId, Map<PeerId, Faults>>();
  readonly #isolated = new Set<PeerId>();
  readonly #clogged = new Set<PeerId>();
  #groups: ReadonlyMap<PeerId, number> | undefined;
  #faults: Faults;

  constructor(options: WiresOptions) {
    this.#scheduler = options.scheduler;
    this.#dice = seededDice(options.seed);
    this.#faults = assertFaults(options.faults);
    this.#maxQueuedMessages = options.maxQueuedMessages;
    this.#maxQueuedBytes = options.maxQueuedBytes;
    this.#onEvent = options.onEvent;
  }

  setFaults(faults: Faults): void {
    this.#faults = assertFaults(faults);
  }

  setLinkFaults(from: PeerId, to: PeerId, faults: Faults | undefined): void {
    let byReceiver = this.#linkFaults.get(from);
    if (byReceiver === undefined) {
      byReceiver = new Map();
      this.#linkFaults.set(from, byReceiver);
    }
    if (faults === undefined) byReceiver.delete(to);
    else byReceiver.set(to, assertFaults(faults));
  }

  partition(groups: readonly (readonly PeerId[])[]): void {
    const byPeer = new Map<PeerId, number>();
    for (const [index, group] of groups.entries()) {
      for (const peer of group) {
        if (byPeer.has(peer)) {
          const reason = `must not name ${peer} twice`;
          throw new P2pError({ code: 'p2p/invalid-argument', what: 'partition', reason });
        }
        byPeer.set(peer, index);
      }
    }
    this.#groups = byPeer;
  }

  heal(): void {
    this.#groups = undefined;
    this.#isolated.clear();
  }

  isolate(peer: PeerId): void {
    this.#isolated.add(peer);
  }

  reconnect(peer: PeerId): void {
    this.#isolated.delete(peer);
  }

  clog(peer: PeerId): void {
    this.#clogged.add(peer);
  }

  /** Hands over in order what was held back. @param endpoint - Of the peer, if it has joined. */
  unclog(peer: PeerId, endpoint: Endpoint | undefined): void {
    this.#clogged.delete(peer);
    const held = endpoint?.held;
    while (held !== undefined && held.length > 0 && !this.#clogged.has(peer)) held.shift()!();
  }

  #separated(a: PeerId, b: PeerId): boolean {
    if (this.#isolated.has(a) || this.#isolated.has(b)) return true;
    return this.#groups !== undefined && this.#groups.get(a) !== this.#groups.get(b);
  }

  #drop(
    from: Endpoint,
    to: Endpoint,
    channel: string,
    reason: 'fault' | 'separated' | 'queue-full' | 'left',
  ): void {
    this.#onEvent?.({ type: 'dropped', from: from.id, to: to.id, channel, reason });
  }

  /**
   * Takes one message from peer to peer through dice, walls and queue.
   *
   * @param mayDouble - Whether the dice may deliver it twice.
   */
  send(
    from: Endpoint,
    to: Endpoint,
    channel: string,
    bytes: number,
    mayDouble: boolean,
    deliver: () => void,
  ): void {
    if (this.#separated(from.id, to.id)) {
      this.#drop(from, to, channel, 'separated');
      return;
    }
    const faults = this.#linkFaults.get(from.id)?.get(to.id) ?? this.#faults;
    const fate: Fate = drawFate(mayDouble ? faults : { ...faults, duplicate: 0 }, this.#dice);
    if (fate.delaysMs.length === 0) this.#drop(from, to, channel, 'fault');
    for (const delayMs of fate.delaysMs) {
      if (
        to.queuedMessages >= this.#maxQueuedMessages ||
        to.queuedBytes + bytes > this.#maxQueuedBytes
      ) {
        this.#drop(from, to, channel, 'queue-full');
        continue;
      }
      to.queuedMessages++;
      to.queuedBytes += bytes;
      const handOver = (): void => {
        to.queuedMessages--;
        to.queuedBytes -= bytes;
        if (to.left) {
          this.#drop(from, to, channel, 'left');
          return;
        }
        this.#onEvent?.({ type: 'delivered', from: from.id, to: to.id, channel, bytes });
        deliver();
      };
      const arrive = (): void => {
        if (this.#separated(from.id, to.id)) {
          to.queuedMessages--;
          to.queuedBytes -= bytes;
          this.#drop(from, to, channel, 'separated');
        } else if (this.#clogged.has(to.id) && !to.left) {
          to.held.push(handOver);
        } else {
          handOver();
        }
      };
      if (fate.unordered) this.#scheduler.schedule(delayMs, arrive);
      else this.#sendInOrder(from, to, delayMs, arrive);
    }
  }

  #sendInOrder(from: Endpoint, to: Endpoint, delayMs: number, arrive: () => void): void {
    let link = to.links.get(from);
    if (link === undefined) {
      link = { lastDueMs: 0, waiting: [] };
      to.links.set(from, link);
    }
    const { waiting } = link;
    const nowMs = this.#scheduler.now();
    const dueMs =
      waiting.length === 0 ? nowMs + delayMs : Math.max(nowMs + delayMs, link.lastDueMs);
    link.lastDueMs = dueMs;
    waiting.push(arrive);
    this.#scheduler.schedule(dueMs - nowMs, () => waiting.shift()?.());
  }
}
