/** Events in the order of their time; events of one time in the order they were put in. */

/** Something that happens at a time. */
export interface SimEvent {
  readonly at: number;
  readonly run: () => void;
}

/** A queue of events: a binary heap. */
export interface EventQueue {
  /** Time of the next event, or undefined. */
  next(): number | undefined;
  push(at: number, run: () => void): void;
  /** The next event; the queue must not be empty. */
  pop(): SimEvent;
  readonly size: number;
}

interface Entry extends SimEvent {
  readonly order: number;
}

/** An empty queue. */
export function createEventQueue(): EventQueue {
  const heap: Entry[] = [];
  let count = 0;
  const before = (a: Entry, b: Entry): boolean =>
    a.at < b.at || (a.at === b.at && a.order < b.order);
  return {
    get size() {
      return heap.length;
    },
    next: () => heap[0]?.at,
    push: (at, run) => {
      const entry: Entry = { at, run, order: count++ };
      let index = heap.length;
      heap.push(entry);
      while (index > 0) {
        const parent = (index - 1) >> 1;
        const above = heap[parent]!;
        if (!before(entry, above)) break;
        heap[index] = above;
        index = parent;
      }
      heap[index] = entry;
    },
    pop: () => {
      const first = heap[0]!;
      const last = heap.pop()!;
      if (heap.length === 0) return first;
      let index = 0;
      for (;;) {
        let child = 2 * index + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
        const below = heap[child]!;
        if (!before(below, last)) break;
        heap[index] = below;
        index = child;
      }
      heap[index] = last;
      return first;
    },
  };
}
