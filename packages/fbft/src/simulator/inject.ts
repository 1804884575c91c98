/** Carries out the faults of a plan in a simulation. */
import { encodeSignedMark } from '../mark.js';
import type { Effect } from '../types.js';
import { misbehave, noteBlock, type Overheard, overhear } from './byzantine.js';
import { regionLatency } from './network.js';
import { type FaultPlan, liarsOf, type Plan } from './plan.js';
import { createRandom, type Random } from './random.js';
import { type Faults, quiet, type SimNode, type Simulation, type WritePoint } from './world.js';

/** Faults at work. */
export interface Injection {
  /** Ends all of them: the network is quiet, and nobody misbehaves any more. */
  end(): void;
}

type Cut = (from: number, to: number) => boolean;
type Filter = (node: SimNode, effect: Effect) => boolean;

/** What the faults of one run share. */
interface Work {
  readonly sim: Simulation;
  readonly plan: Plan;
  readonly cuts: Set<Cut>;
  readonly filters: Filter[];
  readonly writes: ((node: SimNode, point: WritePoint) => void)[];
  readonly known: Overheard;
  over: boolean;
}

/** Starts the faults of a plan; the nodes may start before or after. */
export function inject(sim: Simulation, plan: Plan): Injection {
  const work: Work = {
    sim,
    plan,
    cuts: new Set(),
    filters: [],
    writes: [],
    known: { payloads: [], hashes: [] },
    over: false,
  };
  for (const liar of liarsOf(plan)) sim.liars.add(liar);
  sim.faults = networkOf(plan);
  const seen = new Map<string, number>();
  for (const fault of plan.faults) {
    // Named by kind and count within the kind, so that dropping another fault changes no draw here.
    const count = seen.get(fault.fault) ?? 0;
    seen.set(fault.fault, count + 1);
    apply(work, fault, createRandom(plan.seed, `${fault.fault} ${count}`));
  }
  const { cuts, filters, writes } = work;
  sim.link = (from, to) => {
    for (const cut of cuts) if (cut(from, to)) return false;
    return true;
  };
  if (filters.length > 0)
    sim.filter = (node, effect) => {
      for (const filter of filters) if (!filter(node, effect)) return false;
      return true;
    };
  if (writes.length > 0)
    sim.atWrite = (node, point) => {
      for (const write of writes) write(node, point);
    };
  return {
    end: () => {
      work.over = true;
      cuts.clear();
      sim.faults = quiet;
      sim.link = () => true;
      sim.filter = () => true;
      sim.atWrite = () => undefined;
      for (const node of sim.nodes) node.pausedUntil = Math.min(node.pausedUntil, sim.now);
    },
  };
}

/** The faults of the network and of the load that last for the whole run. */
function networkOf(plan: Plan): Faults {
  const faults = { ...quiet } as { -readonly [K in keyof Faults]: Faults[K] };
  for (const fault of plan.faults) {
    switch (fault.fault) {
      case 'loss':
        if (fault.of) faults.lossOf = { ...faults.lossOf, [fault.of]: fault.rate };
        else faults.loss = fault.rate;
        break;
      case 'repeat':
        faults.repeat = fault.rate;
        break;
      case 'delay':
        faults.delay = fault.span;
        break;
      case 'tail':
        faults.tail = fault.rate;
        break;
      case 'regions':
        faults.latency = regionLatency;
        break;
      case 'slow-disk':
        faults.disk = fault.span;
        break;
      case 'slow-execution':
        faults.validate = fault.span;
        faults.propose = fault.span;
        break;
      case 'slow-epoch': {
        const { factor } = fault;
        const length = BigInt(plan.epochLength);
        faults.executionFactor = (height) => ((height - 1n) % length === 0n ? factor : 1);
        break;
      }
    }
  }
  return faults;
}

/** Cuts links for a while. */
function cutFor(work: Work, at: number, forMs: number, cut: Cut): void {
  const { sim, cuts } = work;
  sim.at(at, () => {
    if (work.over) return;
    cuts.add(cut);
    sim.at(forMs, () => cuts.delete(cut));
  });
}

/** Lets a node be down for a while. */
function downFor(work: Work, node: SimNode, forMs: number, before?: () => void): void {
  const { sim } = work;
  if (work.over || !node.alive) return;
  before?.();
  sim.crash(node.id);
  sim.at(forMs, () => {
    if (!node.alive) sim.start(node.id);
  });
}

function sideCut(side: readonly number[], way: 'both' | 'out' | 'in'): Cut {
  const inside = new Set(side);
  return (from, to) => {
    const crosses = inside.has(from) !== inside.has(to);
    return crosses && (way === 'both' || (way === 'out') === inside.has(from));
  };
}

function apply(work: Work, fault: FaultPlan, random: Random): void {
  const { sim } = work;
  switch (fault.fault) {
    case 'partition':
      cutFor(work, fault.at, fault.for, sideCut(fault.side, fault.way));
      break;
    case 'flap': {
      const cut = sideCut(fault.side, 'both');
      for (let at = 0; at < fault.for; at += 2 * fault.every)
        cutFor(work, fault.at + at, fault.every, cut);
      break;
    }
    case 'blackout': {
      const deaf = new Set(fault.to);
      const [from, until] = [sim.now + fault.at, sim.now + fault.at + fault.for];
      work.filters.push((node, effect) => {
        if (effect.type !== 'broadcast' || effect.message !== fault.of) return true;
        if (sim.now < from || sim.now >= until) return true;
        for (const other of sim.nodes)
          if (other !== node && !deaf.has(other.id)) sim.send(node.id, other, effect.payload);
        return false;
      });
      break;
    }
    case 'wrong-moment':
      work.filters.push(cutAtWrongMoments(work, fault.rate, random));
      break;
    case 'crash':
      sim.at(fault.at, () => downFor(work, sim.nodes[fault.node]!, fault.for));
      break;
    case 'crash-at-write': {
      let left = fault.nth;
      work.writes.push((node) => {
        if (node.id !== fault.node || --left !== 0) return;
        if (fault.after === 0) downFor(work, node, fault.for);
        else sim.at(fault.after, () => downFor(work, node, fault.for));
      });
      break;
    }
    case 'torn':
      sim.at(fault.at, () => {
        const node = sim.nodes[fault.node]!;
        downFor(work, node, fault.for, () => {
          if (node.writing === undefined) return;
          const whole = encodeSignedMark(node.writing);
          node.mark = whole.slice(0, 1 + random.below(whole.length - 1));
        });
      });
      break;
    case 'forget':
      forgetLater(work, fault, random);
      break;
    case 'restart-all':
      sim.at(fault.at, () => {
        for (const node of sim.nodes) downFor(work, node, fault.for);
      });
      break;
    case 'clock': {
      const node = sim.nodes[fault.node]!;
      node.clockOffset += fault.offset;
      node.clockDrift = fault.drift;
      break;
    }
    case 'jump':
      sim.at(fault.at, () => {
        if (!work.over) sim.nodes[fault.node]!.clockOffset += fault.by;
      });
      break;
    case 'pause':
      sim.at(fault.at, () => {
        if (!work.over) sim.pause(fault.node, fault.for);
      });
      break;
    case 'byzantine':
      work.filters.push((node, effect) => {
        overhear(work.known, effect, random);
        if (effect.type === 'event' && effect.event.type === 'block-announced')
          noteBlock(work.known, effect.event.height, effect.event.blockHash);
        if (node.id !== fault.node) return true;
        return misbehave(sim, node, effect, fault.strategy, work.known, random);
      });
      break;
    default:
      break;
  }
}

/** A node comes back with the mark it had some time ago, or with none. */
function forgetLater(work: Work, fault: FaultPlan & { fault: 'forget' }, random: Random): void {
  const { sim } = work;
  const node = sim.nodes[fault.node]!;
  let snapshot: Uint8Array | undefined;
  sim.at(random.below(Math.max(1, fault.at)), () => {
    snapshot = node.mark;
  });
  sim.at(fault.at, () =>
    downFor(work, node, fault.for, () => {
      node.mark = snapshot;
    }),
  );
}

/**
 * Lets a block be prepared or final at a few members only, which then hear nothing of the others
 * until these have changed the view: the moment at which the voting rules matter.
 */
function cutAtWrongMoments(work: Work, rate: number, random: Random): Filter {
  const { sim, cuts } = work;
  return (node, effect) => {
    if (effect.type !== 'broadcast') return true;
    if (effect.message !== 'prepared' && effect.message !== 'committed') return true;
    if (!random.chance(rate)) return true;
    const others = sim.nodes.filter((other) => other !== node);
    const reached = others.filter(() => random.below(sim.nodes.length) === 0);
    for (const other of reached) sim.send(node.id, other, effect.payload);
    const cut = sideCut(
      [node, ...reached].map(({ id }) => id),
      'both',
    );
    sim.at(60, () => {
      if (!work.over) cuts.add(cut);
    });
    // Now and then some of them restart meanwhile, and must remember.
    for (const other of sim.nodes)
      if (random.below(4) === 0) sim.at(random.below(500), () => downFor(work, other, 10));
    sim.at(400 + random.below(1200), () => cuts.delete(cut));
    return false;
  };
}
