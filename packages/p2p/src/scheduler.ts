/**
 * Time for the memory network: a port, and a virtual implementation for tests and simulations.
 *
 * A caller that wants real time passes two lines over its platform's timers. Nothing here reads a
 * clock of its own.
 */
import { P2pError } from './errors.js';

/** Milliseconds and delayed actions. */
export interface Scheduler {
  /** Milliseconds since any fixed moment; never goes back. */
  now(): number;
  /** Runs an action after a delay; the answer cancels it and may be repeated. */
  schedule(delayMs: number, action: () => void): () => void;
}

/** Time that passes only when told to. */
export interface VirtualScheduler extends Scheduler {
  /**
   * Lets time pass and runs what falls due, in order of time, then of scheduling. After each action
   * it waits for `settle`, so that promises started by it go on before the next.
   */
  advance(ms: number): Promise<void>;
  /** Runs the next action at once, moving time to it. False when nothing is scheduled. */
  step(): boolean;
  /** How many actions are scheduled. */
  readonly pending: number;
}

/** Options of {@link virtualScheduler}. */
export interface VirtualSchedulerOptions {
  /** Milliseconds at the start. Default 0. */
  readonly startMs?: number;
  /**
   * Waits until promises have done what they can. Default: 16 turns of the microtask queue, enough
   * for a chain of 16 `await`s; pass one over the platform's timers for longer chains.
   */
  readonly settle?: () => Promise<void>;
}

interface Task {
  readonly dueMs: number;
  readonly order: number;
  action: (() => void) | undefined;
}

function before(a: Task, b: Task): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}

/** A binary heap; the root is the task that is due first. */
function push(heap: Task[], task: Task): void {
  let at = heap.push(task) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!before(task, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = task;
}

function pop(heap: Task[]): Task | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = at * 2 + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
    if (!before(heap[child]!, last)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
  return first;
}

async function microtasks(): Promise<void> {
  for (let turn = 0; turn < 16; turn++) await undefined;
}

/**
 * A scheduler whose time stands still between calls of `advance` and `step`.
 *
 * @example
 * const scheduler = virtualScheduler()
 * scheduler.schedule(100, () => console.log(scheduler.now()))  // 100
 * await scheduler.advance(1000)
 */
export function virtualScheduler(options: VirtualSchedulerOptions = {}): VirtualScheduler {
  const settle = options.settle ?? microtasks;
  const heap: Task[] = [];
  let nowMs = options.startMs ?? 0;
  let order = 0;
  let live = 0;

  const take = (untilMs: number): Task | undefined => {
    while (heap.length > 0 && heap[0]!.dueMs <= untilMs) {
      const task = pop(heap)!;
      if (task.action !== undefined) return task;
    }
    return undefined;
  };
  const run = (task: Task): void => {
    const action = task.action!;
    task.action = undefined;
    live--;
    nowMs = Math.max(nowMs, task.dueMs);
    action();
  };

  return {
    now: () => nowMs,
    schedule: (delayMs, action) => {
      if (!(delayMs >= 0 && delayMs < Number.POSITIVE_INFINITY)) {
        const reason = `must be a number of milliseconds, got ${delayMs}`;
        throw new P2pError({ code: 'p2p/invalid-argument', what: 'delay', reason });
      }
      const task: Task = { dueMs: nowMs + delayMs, order: order++, action };
      push(heap, task);
      live++;
      return () => {
        if (task.action === undefined) return;
        task.action = undefined;
        live--;
      };
    },
    advance: async (ms) => {
      const untilMs = nowMs + ms;
      await settle();
      for (let task = take(untilMs); task !== undefined; task = take(untilMs)) {
        run(task);
        await settle();
      }
      nowMs = untilMs;
    },
    step: () => {
      const task = take(Number.POSITIVE_INFINITY);
      if (task === undefined) return false;
      run(task);
      return true;
    },
    get pending() {
      return live;
    },
  };
}
