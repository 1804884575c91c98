/**
 * What a link may do to a message, as data, and the seeded dice that decide.
 *
 * It decides how long one message takes and whether it is lost or doubled. Who may talk to whom
 * (partitions, isolation, clogs) is kept by the network.
 */
import { P2pError } from './errors.js';

/** How long messages take. */
export type Delay =
  | { readonly kind: 'constant'; readonly ms: number }
  | { readonly kind: 'uniform'; readonly minMs: number; readonly maxMs: number }
  /** Mostly near `minMs`, seldom long: `minMs` plus an exponential with the given mean, at most `maxMs`. */
  | {
      readonly kind: 'exponential';
      readonly minMs: number;
      readonly meanMs: number;
      readonly maxMs: number;
    };

/** Faults of a link, each decided anew for every message. */
export interface Faults {
  /** Probability that a message is lost. Default 0. */
  readonly drop?: number;
  /** Probability that a gossip message comes twice. Default 0. */
  readonly duplicate?: number;
  /**
   * Probability that a message leaves the order of its link and takes up to three times its delay
   * (at least up to 2 ms more), so that others overtake it. Without it a link keeps order. Default 0.
   */
  readonly reorder?: number;
  /** Default: 0 ms. */
  readonly delay?: Delay;
}

/** What happens to one message: the delays of its copies, none when it is lost. */
export interface Fate {
  readonly delaysMs: readonly number[];
  /** Whether it ignores the order of its link. */
  readonly unordered: boolean;
}

/** Uniform numbers in [0, 1). */
export type Dice = () => number;

/** A stream of numbers from a 32-bit seed: equal seeds give equal streams. */
export function seededDice(seed: number): Dice {
  let state = seed | 0;
  return () => {
    // A counter through an integer hash (the finalizer of MurmurHash3).
    state = (state + 0x6d2b79f5) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return ((z ^ (z >>> 16)) >>> 0) / 0x100000000;
  };
}

function invalid(what: string, reason: string): never {
  throw new P2pError({ code: 'p2p/invalid-argument', what, reason });
}

/**
 * Checks faults.
 *
 * @throws {@link P2pError} `p2p/invalid-argument` for a probability outside 0..1 or a delay that is
 * negative, infinite or upside down.
 */
export function assertFaults(faults: Faults): Faults {
  for (const what of ['drop', 'duplicate', 'reorder'] as const) {
    const value = faults[what] ?? 0;
    if (!(value >= 0 && value <= 1)) invalid(what, `must be from 0 to 1, got ${value}`);
  }
  const { delay } = faults;
  if (delay === undefined) return faults;
  const figures =
    delay.kind === 'constant'
      ? [delay.ms]
      : delay.kind === 'uniform'
        ? [delay.minMs, delay.maxMs]
        : [delay.minMs, delay.meanMs, delay.maxMs];
  for (const ms of figures) {
    if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) {
      invalid('delay', `must be a number of milliseconds, got ${ms}`);
    }
  }
  if (delay.kind !== 'constant' && delay.minMs > delay.maxMs) {
    invalid('delay', `minMs ${delay.minMs} is above maxMs ${delay.maxMs}`);
  }
  return faults;
}

function drawDelay(delay: Delay | undefined, dice: Dice): number {
  if (delay === undefined) return 0;
  switch (delay.kind) {
    case 'constant':
      return delay.ms;
    case 'uniform':
      return delay.minMs + dice() * (delay.maxMs - delay.minMs);
    case 'exponential':
      return Math.min(delay.maxMs, delay.minMs - Math.log(1 - dice()) * delay.meanMs);
  }
}

/** Draws the fate of one message. */
export function drawFate(faults: Faults, dice: Dice): Fate {
  if ((faults.drop ?? 0) > dice()) return { delaysMs: [], unordered: false };
  const unordered = (faults.reorder ?? 0) > dice();
  const copies = (faults.duplicate ?? 0) > dice() ? 2 : 1;
  const delaysMs: number[] = [];
  for (let copy = 0; copy < copies; copy++) {
    const delayMs = drawDelay(faults.delay, dice);
    delaysMs.push(unordered ? delayMs + 2 * dice() * Math.max(1, delayMs) : delayMs);
  }
  return { delaysMs, unordered };
}
