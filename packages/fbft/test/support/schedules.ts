/**
 * Random schedules: from one seed a network, its faults, and an order of crashes and partitions;
 * then the faults end and the network has to go on.
 */
import { seededRandom } from '@polyphony/testkit';
import { roundRobinLeaders, stableLeaders, uniformCommittee } from '../../src/committee.js';
import { refuseCommit } from '../../src/invariants.js';
import type { Timing } from '../../src/timing.js';
import { type Faults, quiet, Simulation } from './simulator.js';
import { testKey } from './test-only-bls.js';

/** Own-network figures, twenty times faster. */
export const fastTiming: Timing = {
  blockPeriodMs: 100,
  phaseTimeoutMs: 500,
  viewChangeTimeoutMs: 500,
  viewIds: 'count',
  viewSlotMs: 850,
  maxTimeoutMs: 8000,
  gracePeriodMs: 20,
  graceMarginMs: 20,
  newViewWaitMs: 60,
  resendMs: 150,
  resendTimes: 3,
  proposalRetryMs: 50,
};

/** How a run ended. `Diverged` is thrown. */
export interface Verdict {
  /** `Released`: members held on to different blocks, and operators had to step in. */
  readonly verdict: 'Pass' | 'Released' | 'NoProgress';
  readonly heights: readonly number[];
  readonly steps: number;
  readonly messages: number;
  readonly simulatedMs: number;
  readonly trace: number;
  readonly description: string;
}

/** What a seed draws; printed with a failure. */
export function drawSimulation(seed: number, nodes: number): Simulation {
  const random = seededRandom(seed);
  const chance = (percent: number): boolean => random.below(100) < percent;
  const faults: Faults = {
    delay: chance(30) ? [5, 5 + random.below(300)] : [5, 40],
    loss: chance(60) ? random.below(25) / 100 : 0,
    // Few hear that a block is prepared or final, and their reports get lost too.
    ...(chance(60) && {
      lossOf: {
        prepared: 0.3 + random.below(65) / 100,
        committed: random.below(100) / 100,
        'view-change': random.below(80) / 100,
      },
    }),
    repeat: chance(40) ? random.below(30) / 100 : 0,
    disk: chance(30) ? [1, 1 + random.below(120)] : [1, 5],
    validate: chance(30) ? [1, 1 + random.below(150)] : [1, 10],
    propose: chance(30) ? [1, 1 + random.below(150)] : [1, 10],
  };
  const several = chance(30);
  const clock = chance(30);
  const changing = chance(30);
  // Two committees in turn: from height 4 on every second pair of heights lacks one member.
  const committeeAt = (height: bigint) => {
    const identities = Array.from({ length: nodes }, (_, id) => (several ? [id, 100 + id] : [id]));
    const absent = changing && nodes > 4 ? Number((height / 4n) % BigInt(nodes)) : -1;
    return uniformCommittee(
      identities.flatMap((keys, id) => (id === absent ? [] : keys.map(testKey))),
    );
  };
  return new Simulation({
    seed,
    nodes,
    faults,
    timing: { ...fastTiming, viewIds: clock ? 'clock' : 'count' },
    leaders: chance(50) ? roundRobinLeaders : stableLeaders,
    keysOf: (node) => (several ? [node, 100 + node] : [node]),
    aggregateVotes: chance(70),
    committeeAt,
    epochAt: (height) => height / 4n,
  });
}

/** Runs a seed: a time of faults, then a time without, in which the network must move on. */
export function runSchedule(seed: number, nodes: number, faultyMs = 4000): Verdict {
  const sim = drawSimulation(seed, nodes).start();
  const { random } = sim;
  if (seed % 2 === 0) cutAtTheWrongMoment(sim);
  const until = sim.now + faultyMs;
  while (sim.now < until) {
    sim.run(50 + random.below(600));
    disturb(sim);
  }
  // The faults end: everybody is up and every message arrives in time.
  sim.faults = { ...quiet };
  sim.link = () => true;
  sim.filter = () => true;
  for (const node of sim.nodes) if (!node.alive) sim.start(node.id);
  const target = Math.max(...sim.heights()) + 3;
  const done = (): boolean => sim.reached(target);
  let verdict: Verdict['verdict'] = sim.runUntil(done, 60_000) ? 'Pass' : 'NoProgress';
  if (verdict === 'NoProgress' && isDeadlocked(sim)) {
    // Operators found that the height is final nowhere, and release it everywhere.
    for (const node of sim.nodes) {
      sim.released.add(node.state.height);
      sim.input(node, { type: 'release', now: sim.clock(node), height: node.state.height });
    }
    if (sim.runUntil(done, 60_000)) verdict = 'Released';
  }
  return {
    verdict,
    heights: sim.heights(),
    steps: sim.steps,
    messages: sim.messages,
    simulatedMs: sim.now - sim.startedAt,
    trace: sim.trace,
    description: sim.describe(),
  };
}

/**
 * Lets a block be prepared or final at a few members only, which then hear nothing of the others
 * until these have changed the view: the moment at which the voting rules matter.
 */
function cutAtTheWrongMoment(sim: Simulation): void {
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
function isDeadlocked(sim: Simulation): boolean {
  const { height } = sim.nodes[0]!.state;
  const final = sim.nodes.some((node) => BigInt(node.chain.length) >= height);
  if (final || sim.nodes.some(({ state }) => state.height !== height)) return false;
  const certified = new Map(
    sim.nodes.flatMap(({ state }) =>
      state.certificate ? [[state.certificate.blockHash, state.certificate] as const] : [],
    ),
  );
  const { committee } = sim.nodes[0]!.state.head!;
  return (
    certified.size > 0 &&
    [...certified.values()].every((block) => {
      const willing = sim.nodes.filter(({ state }) => {
        const later = state.mark.viewId + 1n;
        return refuseCommit(state.mark, height, block, later) === undefined;
      });
      return !committee.hasQuorum(willing.flatMap(({ state }) => state.ownSlots));
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
    case 5: {
      // One node hears and cannot speak.
      const mute = node.id;
      sim.link = (from) => from !== mute;
      return;
    }
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
