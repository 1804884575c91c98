/**
 * A run as data: a network, and the faults that befall it. Everything a run does follows from its
 * plan, so a plan can be printed, repeated and made smaller.
 */
import type { MessageType } from '../messages.js';
import type { Span } from './network.js';

/** What a member that breaks the rules does. `byzantine.ts` says how. */
export type Strategy =
  | 'silent'
  | 'selective'
  | 'withhold-prepared'
  | 'withhold-committed'
  | 'equivocate'
  | 'vote-twice'
  | 'impersonate'
  | 'bad-block'
  | 'wrong-header'
  | 'swap-body'
  | 'thin-seal'
  | 'bad-bitmap'
  | 'identity'
  | 'shift-view'
  | 'shift-height'
  | 'replay'
  | 'forge-reports'
  | 'hide-reports'
  | 'garbage'
  | 'forget'
  | 'flood'
  | 'anything';

/** All strategies. */
export const STRATEGIES: readonly Strategy[] = [
  'silent',
  'selective',
  'withhold-prepared',
  'withhold-committed',
  'equivocate',
  'vote-twice',
  'impersonate',
  'bad-block',
  'wrong-header',
  'swap-body',
  'thin-seal',
  'bad-bitmap',
  'identity',
  'shift-view',
  'shift-height',
  'replay',
  'forge-reports',
  'hide-reports',
  'garbage',
  'forget',
  'flood',
  'anything',
];

/** A time after the start, and a length, in milliseconds. */
export interface When {
  readonly at: number;
  readonly for: number;
}

/**
 * One fault. Rates are from 0 to 1, times in milliseconds after the start, nodes by number.
 *
 * - Network, all the time: `loss` (of all messages or of one kind), `repeat`, `delay` (long spans
 *   reorder), `tail` (some messages take many times as long), `regions` (ten regions of the world).
 * - Network, for a while: `partition` of a side from the others, in both directions, outwards or
 *   inwards; `flap`, a partition that comes and goes; `blackout` of one kind of message at some
 *   nodes; `wrong-moment`: with a rate, PREPARED and COMMITTED reach some only, and then they are
 *   cut off from the others.
 * - Disk: `slow-disk`; `crash` at a time; `crash-at-write`, at the n-th of the points around durable
 *   writes; `torn` leaves half a mark behind if a write was on its way; `forget`: an older mark is
 *   restored, which makes the node a liar; `restart-all`.
 * - Clocks: `clock`, an offset and a drift; `jump`; `pause`.
 * - Members: `byzantine`, a strategy; `twin`, a second node with the same keys.
 * - Load: `slow-execution`; `slow-epoch`, the first block of each epoch takes many times as long.
 */
export type FaultPlan =
  | { readonly fault: 'loss'; readonly rate: number; readonly of?: MessageType }
  | { readonly fault: 'repeat'; readonly rate: number }
  | { readonly fault: 'delay'; readonly span: Span }
  | { readonly fault: 'tail'; readonly rate: number }
  | { readonly fault: 'regions' }
  | ({
      readonly fault: 'partition';
      readonly side: readonly number[];
      readonly way: 'both' | 'out' | 'in';
    } & When)
  | ({ readonly fault: 'flap'; readonly side: readonly number[]; readonly every: number } & When)
  | ({
      readonly fault: 'blackout';
      readonly of: MessageType;
      readonly to: readonly number[];
    } & When)
  | { readonly fault: 'wrong-moment'; readonly rate: number }
  | { readonly fault: 'slow-disk'; readonly span: Span }
  | ({ readonly fault: 'crash'; readonly node: number } & When)
  | {
      readonly fault: 'crash-at-write';
      readonly node: number;
      readonly nth: number;
      /** The crash comes so much later. */
      readonly after: number;
      readonly for: number;
    }
  | ({ readonly fault: 'torn'; readonly node: number } & When)
  | ({ readonly fault: 'forget'; readonly node: number } & When)
  | ({ readonly fault: 'restart-all' } & When)
  | {
      readonly fault: 'clock';
      readonly node: number;
      readonly offset: number;
      readonly drift: number;
    }
  | {
      readonly fault: 'jump';
      readonly node: number;
      readonly at: number;
      readonly by: number;
    }
  | ({ readonly fault: 'pause'; readonly node: number } & When)
  | { readonly fault: 'byzantine'; readonly node: number; readonly strategy: Strategy }
  | { readonly fault: 'twin'; readonly node: number }
  | { readonly fault: 'slow-execution'; readonly span: Span }
  | { readonly fault: 'slow-epoch'; readonly factor: number };

/** The kind of a fault. */
export type FaultKind = FaultPlan['fault'];

/** A whole run. */
export interface Plan {
  readonly seed: number;
  /** Members of each committee. */
  readonly nodes: number;
  readonly profile: ProfileName;
  readonly viewIds: 'count' | 'clock';
  readonly leaders: 'round-robin' | 'stable';
  readonly keysPerNode: number;
  readonly aggregateVotes: boolean;
  /** Heights of an epoch. */
  readonly epochLength: number;
  /** Share of the committee that leaves with each epoch, from 0 to 1. */
  readonly change: number;
  /** How long faults go on. They end sooner when some node has this many blocks. */
  readonly faultyMs: number;
  readonly faultyHeights: number;
  readonly faults: readonly FaultPlan[];
}

/** Names of profiles. */
export type ProfileName = 'compat' | 'guarded' | 'strict';

/** Most members that may lie: less than a third. */
export function mostLiars(nodes: number): number {
  return Math.floor((nodes - 1) / 3);
}

/** Nodes of a plan whose promises are not checked. */
export function liarsOf(plan: Plan): Set<number> {
  const liars = new Set<number>();
  for (const fault of plan.faults)
    if (fault.fault === 'byzantine' || fault.fault === 'twin' || fault.fault === 'forget')
      liars.add(fault.node);
  return liars;
}

/** One line for a fault. */
export function describeFault(plan: FaultPlan): string {
  const { fault, ...facts } = plan;
  const parts = Object.entries(facts).map(([name, value]) => {
    const text = Array.isArray(value) ? value.join('+') : String(value);
    return `${name} ${text}`;
  });
  return parts.length === 0 ? fault : `${fault} (${parts.join(', ')})`;
}
