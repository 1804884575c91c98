/** Figures and networks that the suites share. */
import { seededRandom } from '@polyphony/testkit';
import { roundRobinLeaders, stableLeaders, uniformCommittee } from '../../src/committee.js';
import { runSchedule, type Verdict } from '../../src/simulator/schedule.js';
import { createSimulation } from '../../src/simulator/simulation.js';
import { tagKey } from '../../src/simulator/tag-bls.js';
import type { Faults, Simulation } from '../../src/simulator/world.js';
import type { Timing } from '../../src/timing.js';

/** Own-network figures, many times faster. */
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

/** The network that a seed draws. */
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
  // Every four heights another member is left out.
  const committeeAt = (height: bigint) => {
    const identities = Array.from({ length: nodes }, (_, id) => (several ? [id, 100 + id] : [id]));
    const absent = changing && nodes > 4 ? Number((height / 4n) % BigInt(nodes)) : -1;
    return uniformCommittee(
      identities.flatMap((keys, id) => (id === absent ? [] : keys.map(tagKey))),
    );
  };
  return createSimulation({
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

/** The whole run of a seed. */
export function runSeed(seed: number, nodes: number, faultyMs?: number): Verdict {
  const sim = drawSimulation(seed, nodes);
  return runSchedule(sim, { wrongMoments: seed % 2 === 0, ...(faultyMs && { faultyMs }) });
}
