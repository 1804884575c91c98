/**
 * What a seed draws. Each kind of fault is in or out for a seed as a whole (swarm testing), so that
 * a run is bad in few ways at once and every pair of ways meets in some seed.
 */
import type { MessageType } from '../messages.js';
import {
  type FaultKind,
  type FaultPlan,
  mostLiars,
  type Plan,
  type ProfileName,
  STRATEGIES,
} from './plan.js';
import { createRandom, type Random } from './random.js';

/** What a seed is drawn for. */
export interface DrawOptions {
  readonly seed: number;
  readonly nodes: number;
  readonly profile: ProfileName;
  /** How long faults go on; 1600 by default. */
  readonly faultyMs?: number;
}

const KINDS: readonly FaultKind[] = [
  'loss',
  'repeat',
  'delay',
  'tail',
  'regions',
  'partition',
  'flap',
  'blackout',
  'wrong-moment',
  'slow-disk',
  'crash',
  'crash-at-write',
  'torn',
  'forget',
  'restart-all',
  'clock',
  'jump',
  'pause',
  'byzantine',
  'twin',
  'slow-execution',
  'slow-epoch',
];

const LOSSY: readonly MessageType[] = [
  'prepared',
  'committed',
  'view-change',
  'new-view',
  'commit',
];

/** The plan of a seed. Equal options give equal plans. */
export function drawPlan({ seed, nodes, profile, faultyMs = 1600 }: DrawOptions): Plan {
  const random = createRandom(seed, `${profile} ${nodes}`);
  const most = mostLiars(nodes);
  // The ones that may lie, lose their marks or have no idea of the time: never more than allowed.
  const culprits = shuffled(random, nodes).slice(0, most);
  const theme = random.below(100);
  const share = theme < 50 ? 0.1 : 0.05 + random.below(35) / 100;
  const faults: FaultPlan[] = [];
  if (theme < 40) faults.push(...drawTornViews(random));
  if (theme >= 30 && theme < 50) faults.push(...drawHostileLeaders(random, nodes, culprits));
  for (const kind of KINDS)
    if (random.chance(share)) faults.push(...drawFault(kind, random, nodes, culprits, faultyMs));
  const changing = random.chance(0.25);
  return {
    seed,
    nodes,
    profile,
    viewIds: random.chance(0.3) && profile !== 'strict' ? 'clock' : 'count',
    leaders: random.chance(0.6) ? 'round-robin' : 'stable',
    keysPerNode: random.chance(0.2) ? 2 : 1,
    aggregateVotes: random.chance(0.7),
    epochLength: 3 + random.below(4),
    change: changing ? random.pick([0.25, 0.5, 1]) : 0,
    faultyMs,
    faultyHeights: 60,
    faults: withoutClashes(faults),
  };
}

/**
 * Few hear that a block is prepared or final, and their reports get lost too: what the voting rules
 * are for. Seldom met when all faults are drawn alike.
 */
function drawTornViews(random: Random): FaultPlan[] {
  const rate = (least: number, most: number): number => random.between(least, most) / 100;
  return [
    { fault: 'wrong-moment', rate: rate(15, 35) },
    { fault: 'loss', rate: rate(30, 95), of: 'prepared' },
    { fault: 'loss', rate: rate(0, 99), of: 'committed' },
    { fault: 'loss', rate: rate(0, 80), of: 'view-change' },
  ];
}

/** Leaders that tell members different things, some of which restart just then. */
function drawHostileLeaders(
  random: Random,
  nodes: number,
  culprits: readonly number[],
): FaultPlan[] {
  const strategies = ['equivocate', 'hide-reports', 'forge-reports', 'wrong-header'] as const;
  return [
    ...culprits.map((node) => ({
      fault: 'byzantine' as const,
      node,
      strategy: random.pick(strategies),
    })),
    ...several(random, 8, () => ({
      fault: 'crash-at-write' as const,
      node: random.below(nodes),
      nth: 1 + random.below(40),
      after: random.below(2) * random.below(10),
      for: 5 + random.below(60),
    })),
  ];
}

/** A node lies in one way only: with two strategies at once, one would hide the other. */
function withoutClashes(faults: readonly FaultPlan[]): FaultPlan[] {
  const seen = new Set<number>();
  return faults.filter((fault) => {
    if (fault.fault !== 'byzantine' && fault.fault !== 'twin') return true;
    if (seen.has(fault.node)) return false;
    seen.add(fault.node);
    return true;
  });
}

function shuffled(random: Random, count: number): number[] {
  const values = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const other = random.below(i + 1);
    [values[i], values[other]] = [values[other]!, values[i]!];
  }
  return values;
}

/** Some of the nodes: now and then exactly as many as may fail, or one more. */
function drawSide(random: Random, nodes: number): number[] {
  const most = mostLiars(nodes);
  const count = random.pick([1, most, most + 1, Math.max(1, nodes >> 1)]);
  return shuffled(random, nodes)
    .slice(0, Math.max(1, count))
    .sort((a, b) => a - b);
}

function several<T>(random: Random, most: number, draw: () => T): T[] {
  return Array.from({ length: 1 + random.below(most) }, draw);
}

function drawFault(
  kind: FaultKind,
  random: Random,
  nodes: number,
  culprits: readonly number[],
  faultyMs: number,
): FaultPlan[] {
  const at = (): number => random.below(faultyMs);
  const node = (): number => random.below(nodes);
  const rate = (most: number): number => (1 + random.below(most)) / 100;
  const liars = culprits.length === 0 ? [] : culprits.slice(0, 1 + random.below(culprits.length));
  switch (kind) {
    case 'loss':
      return several(random, 2, () =>
        random.chance(0.4)
          ? { fault: 'loss', rate: rate(25) }
          : { fault: 'loss', rate: rate(90), of: random.pick(LOSSY) },
      );
    case 'repeat':
      return [{ fault: 'repeat', rate: rate(30) }];
    case 'delay':
      return [{ fault: 'delay', span: [1 + random.below(20), 30 + random.below(300)] }];
    case 'tail':
      return [{ fault: 'tail', rate: rate(10) }];
    case 'regions':
      return [{ fault: 'regions' }];
    case 'partition':
      return several(random, 3, () => ({
        fault: 'partition',
        side: drawSide(random, nodes),
        way: random.pick(['both', 'both', 'out', 'in'] as const),
        at: at(),
        for: 50 + random.below(1500),
      }));
    case 'flap':
      return [
        {
          fault: 'flap',
          side: drawSide(random, nodes),
          every: 20 + random.below(200),
          at: at(),
          for: 200 + random.below(1500),
        },
      ];
    case 'blackout':
      return several(random, 2, () => ({
        fault: 'blackout',
        of: random.pick(LOSSY),
        to: drawSide(random, nodes),
        at: at(),
        for: 50 + random.below(800),
      }));
    case 'wrong-moment':
      return [{ fault: 'wrong-moment', rate: rate(30) }];
    case 'slow-disk':
      return [{ fault: 'slow-disk', span: [1, 10 + random.below(120)] }];
    case 'crash':
      return several(random, 4, () => ({
        fault: 'crash',
        node: node(),
        at: at(),
        for: random.below(600),
      }));
    case 'crash-at-write':
      return several(random, 3, () => ({
        fault: 'crash-at-write',
        node: node(),
        nth: 1 + random.below(60),
        after: random.below(2) * random.below(10),
        for: random.below(300),
      }));
    case 'torn':
      return liars.map((liar) => ({ fault: 'torn', node: liar, at: at(), for: random.below(400) }));
    case 'forget':
      return liars.flatMap((liar) =>
        several(random, 3, () => ({
          fault: 'forget' as const,
          node: liar,
          at: at(),
          for: random.below(200),
        })),
      );
    case 'restart-all':
      return several(random, 2, () => ({
        fault: 'restart-all',
        at: at(),
        for: random.below(200),
      }));
    case 'clock':
      return liars.map((liar) => ({
        fault: 'clock',
        node: liar,
        offset: random.pick([1, 60]) * random.between(-500, 500),
        drift: random.between(-50, 50) / 1000,
      }));
    case 'jump':
      return liars.map((liar) => ({
        fault: 'jump',
        node: liar,
        at: at(),
        by: random.pick([1, 60]) * random.between(-500, 50),
      }));
    case 'pause':
      return [{ fault: 'pause', node: node(), at: at(), for: random.pick([200, 800, 2500]) }];
    case 'byzantine':
      return liars.map((liar) => ({
        fault: 'byzantine',
        node: liar,
        strategy: random.chance(0.5) ? ('anything' as const) : random.pick(STRATEGIES),
      }));
    case 'twin':
      return liars.slice(0, 1).map((liar) => ({ fault: 'twin', node: liar }));
    case 'slow-execution':
      return [{ fault: 'slow-execution', span: [1, 10 + random.below(150)] }];
    case 'slow-epoch':
      return [{ fault: 'slow-epoch', factor: 1 + random.below(30) }];
  }
}
