/**
 * A seeded network without anybody in it: the floor of what carrying messages costs.
 *
 * Events wait in a binary heap in the order of their time, those of one time in the order they were
 * put in. {@link carryRounds} sends the messages of consensus rounds through it and does nothing
 * with them but count; `fbft-world.ts` puts machines at the ends of the same queue.
 */
import { createRandom, type Random } from '@polyphony/fbft/simulator';

/** A message on its way. */
export interface Parcel<T> {
  readonly at: number;
  readonly order: number;
  readonly from: number;
  readonly to: number;
  readonly what: T;
}

/** Parcels by time. */
export interface ParcelQueue<T> {
  push(at: number, from: number, to: number, what: T): void;
  pop(): Parcel<T> | undefined;
  /** When the next one arrives. */
  nextAt(): number | undefined;
}

/** An empty queue. */
export function createParcelQueue<T>(): ParcelQueue<T> {
  const heap: Parcel<T>[] = [];
  let count = 0;
  const isBefore = (a: Parcel<T>, b: Parcel<T>): boolean =>
    a.at < b.at || (a.at === b.at && a.order < b.order);
  return {
    push: (at, from, to, what) => {
      const parcel = { at, order: count++, from, to, what };
      let index = heap.length;
      heap.push(parcel);
      while (index > 0) {
        const parent = (index - 1) >> 1;
        const above = heap[parent]!;
        if (!isBefore(parcel, above)) break;
        heap[index] = above;
        index = parent;
      }
      heap[index] = parcel;
    },
    nextAt: () => heap[0]?.at,
    pop: () => {
      const first = heap[0];
      const last = heap.pop();
      if (first === undefined || last === undefined || heap.length === 0) return first;
      let index = 0;
      for (;;) {
        let child = 2 * index + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
        const below = heap[child]!;
        if (!isBefore(below, last)) break;
        heap[index] = below;
        index = child;
      }
      heap[index] = last;
      return first;
    },
  };
}

/** Who hears votes: every member, as on a gossip topic, or only the leader. */
export type VoteRoute = 'everyone' | 'leader';

/**
 * Shortest and longest delay of a message in virtual milliseconds. No leader's message overtakes
 * its last one, so every member sends both votes and rounds always have as many messages.
 */
const DELAY = [20, 40] as const;

/** A delay drawn from the seed. */
export function drawDelay(random: Random): number {
  return DELAY[0] + random.below(DELAY[1] - DELAY[0] + 1);
}

/** Votes beyond two thirds of a committee of equals. */
export function quorumOf(members: number): number {
  return Math.floor((2 * members) / 3) + 1;
}

const ANNOUNCE = 0;
const PREPARE = 1;
const PREPARED = 2;
const COMMIT = 3;
const COMMITTED = 4;
/** COMMITTED once more, with the seal of all. */
const IMPROVED = 5;

/**
 * Carries the messages of rounds through an otherwise empty queue, each when its cause arrives.
 *
 * Round `r` is led by member `r mod members`. The leader announces to all others, each of whom votes when
 * it hears of it; the leader's own vote counts without a message. Once all commit votes are in, the
 * leader sends the seal of all members.
 *
 * @returns How many messages were delivered.
 */
export function carryRounds(
  members: number,
  rounds: number,
  route: VoteRoute,
  seed: number,
): number {
  const random = createRandom(seed);
  const queue = createParcelQueue<number>();
  const quorum = quorumOf(members);
  let now = 0;
  let delivered = 0;
  const toAll = (from: number, what: number): void => {
    for (let to = 0; to < members; to++)
      if (to !== from) queue.push(now + drawDelay(random), from, to, what);
  };
  for (let round = 1; round <= rounds; round++) {
    const leader = round % members;
    const votes = [0, 1, 0, 1];
    const vote = (from: number, what: number): void => {
      if (route === 'everyone') toAll(from, what);
      else queue.push(now + drawDelay(random), from, leader, what);
    };
    toAll(leader, ANNOUNCE);
    for (let parcel = queue.pop(); parcel !== undefined; parcel = queue.pop()) {
      const { at, to, what } = parcel;
      now = at;
      delivered++;
      if (what === ANNOUNCE) vote(to, PREPARE);
      else if (what === PREPARED) vote(to, COMMIT);
      else if (to === leader && (what === PREPARE || what === COMMIT)) {
        const count = ++votes[what]!;
        if (count === quorum) toAll(leader, what === PREPARE ? PREPARED : COMMITTED);
        if (count === members && what === COMMIT) toAll(leader, IMPROVED);
      }
    }
  }
  return delivered;
}
