/**
 * Random schedules: a time of faults drawn from the seed, then a time without, in which the network
 * has to go on.
 */
import { refuseCommit } from '../invariants.js';
import { quiet, type Simulation } from './world.js';

/** How a run ended; a broken invariant is thrown. */
export interface Verdict {
  /** `Released`: members held on to different blocks, and operators had to step in. */
  readonly verdict: 'Pass' | 'Released' | 'NoProgress';
  readonly heights: readonly number[];
  readonly steps: number;
  readonly messages: number;
  readonly simulatedMs: number;
  /** A hash over all effects: equal for equal runs. */
  readonly trace: string;
  readonly description: string;
}

/** How long the parts of a schedule are. */
export interface ScheduleOptions {
  /** 4000 by default. */
  readonly faultyMs?: number;
  /** Most time for the network to go on afterwards. 60,000 by default. */
  readonly recoveryMs?: number;
  /** Cuts members off right when a block is prepared or final at some of them only. */
  readonly wrongMoments?: boolean;
}

/**
 * Starts a world and runs it through crashes, restarts and partitions; then everybody is up, the
 * network is {@link quiet}, and three more heights have to be decided.
 *
 * @throws `Diverged` when an invariant breaks.
 * @example
 * runSchedule(createSimulation({ seed: 7, nodes: 4 })).verdict  // 'Pass'
 */
export function runSchedule(sim: Simulation, options: ScheduleOptions = {}): Verdict {
  const { random } = sim;
  const recoveryMs = options.recoveryMs ?? 60_000;
  sim.start();
  if (options.wrongMoments) cutAtWrongMoments(sim);
  const until = sim.now + (options.faultyMs ?? 4000);
  while (sim.now < until) {
    sim.run(50 + random.below(600));
    disturb(sim);
  }
  sim.faults = quiet;
  sim.link = () => true;
  sim.filter = () => true;
  for (const node of sim.nodes) if (!node.alive) sim.start(node.id);
  const target = Math.max(...sim.heights()) + 3;
  const done = (): boolean => sim.reached(target);
  let verdict: Verdict['verdict'] = sim.runUntil(done, recoveryMs) ? 'Pass' : 'NoProgress';
  if (verdict === 'NoProgress' && isDeadlocked(sim)) {
    releaseEverywhere(sim);
    if (sim.runUntil(done, recoveryMs)) verdict = 'Released';
  }
  return {
    verdict,
    heights: sim.heights(),
    ...sim.counts,
    trace: sim.trace,
    simulatedMs: sim.now - sim.startedAt,
    description: sim.describe(),
  };
}

/** Operators found that the height is final nowhere, and release it on all nodes. */
function releaseEverywhere(sim: Simulation): void {
  for (const node of sim.nodes) {
    const { height } = node.state;
    sim.released.add(height);
    sim.input(node, { type: 'release', now: sim.clock(node), height });
  }
}

/**
 * Lets a block be prepared or final at a few members only, which then hear nothing of the others
 * until these have changed the view: the moment at which the voting rules matter.
 */
function cutAtWrongMoments(sim: Simulation): void {
  const { random } = sim;
  sim.filter = (node, effect) => {
    if (effect.type !== 'broadcast') return true;
    if (effect.message !== 'prepared' && effect.message !== 'committed') return true;
    if (random.below(4) > 0) return true;
    const others = sim.nodes.filter((other) => other !== node);
    const reached = others.filter(() => random.below(sim.nodes.length) === 0);
    for (const other of reached) sim.send(node.id, other, effect.payload);
    const side = new Set([node, ...reached].map(({ id }) => id));
    sim.at(60, () => {
      sim.link = (from, to) => side.has(from) === side.has(to);
    });
    sim.at(400 + random.below(1200), () => {
      sim.link = () => true;
    });
    return false;
  };
}

/**
 * Whether the voting rules leave no way out: everybody is up, the height is final nowhere, some
 * block has a prepare certificate, and none of these blocks can get a quorum's commit votes.
 */
export function isDeadlocked(sim: Simulation): boolean {
  const { height, head } = sim.nodes[0]!.state;
  const final = sim.nodes.some((node) => BigInt(node.chain.length) >= height);
  if (final || sim.nodes.some(({ state }) => state.height !== height)) return false;
  const certified = new Map(
    sim.nodes.flatMap(({ state }) =>
      state.certificate ? [[state.certificate.blockHash, state.certificate] as const] : [],
    ),
  );
  return (
    certified.size > 0 &&
    [...certified.values()].every((block) => {
      const willing = sim.nodes.filter(
        ({ state }) =>
          refuseCommit(state.mark, height, block, state.mark.viewId + 1n) === undefined,
      );
      return !head!.committee.hasQuorum(willing.flatMap(({ state }) => state.ownSlots));
    })
  );
}

/** One random act: a crash, a restart, a partition, or its end. */
function disturb(sim: Simulation): void {
  const { random } = sim;
  const node = sim.nodes[random.below(sim.nodes.length)]!;
  switch (random.below(8)) {
    case 0:
    case 1:
      if (node.alive) sim.crash(node.id);
      return;
    case 2:
    case 3:
      for (const other of sim.nodes) if (!other.alive) sim.start(other.id);
      return;
    case 4: {
      const side = new Set(sim.nodes.filter(() => random.below(2) === 0).map(({ id }) => id));
      sim.link = (from, to) => side.has(from) === side.has(to);
      return;
    }
    case 5:
      // One node hears and cannot speak.
      sim.link = (from) => from !== node.id;
      return;
    case 6:
      sim.link = () => true;
      return;
    default:
      if (random.below(4) === 0) {
        sim.crash(...sim.nodes.map(({ id }) => id));
        sim.start();
      }
  }
}
