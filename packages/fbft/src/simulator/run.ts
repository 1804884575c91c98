/**
 * Runs a plan: a time of faults, then a time without, in which the network has to go on.
 *
 * Verdicts: `pass`; `no-progress`, the network did not go on although nothing hinders it; `diverged`,
 * an invariant broke. A pass says whether operators had to release a height on the way, which only
 * the rules of `guarded` can make necessary.
 */
import { roundRobinLeaders, stableLeaders, uniformCommittee } from '../committee.js';
import { compat, guarded, type Profile, strict } from '../profile.js';
import type { SimApplication } from './application.js';
import { Diverged } from './checks.js';
import { type DrawOptions, drawPlan } from './draw.js';
import { inject } from './inject.js';
import { liarsOf, type Plan, type ProfileName } from './plan.js';
import { createSimulation } from './simulation.js';
import { swiftTiming } from './swift.js';
import { tagKey } from './tag-bls.js';
import type { SimNode, Simulation } from './world.js';

/** How a run ended. */
export interface Outcome {
  readonly plan: Plan;
  readonly verdict: 'pass' | 'no-progress' | 'diverged';
  /** Heights that operators had to release. */
  readonly released: number;
  /** What broke, or where the nodes stood. */
  readonly reason: string;
  readonly heights: readonly number[];
  readonly steps: number;
  readonly messages: number;
  readonly simulatedMs: number;
  /** From the end of the faults until all nodes had three more blocks. */
  readonly recoveryMs: number;
  /** A hash over all effects: equal for equal plans. */
  readonly trace: string;
}

/** What a run may be given besides its plan. */
export interface RunOptions {
  /** Most time for the network to go on after the faults. 60,000 by default. */
  readonly recoveryMs?: number;
  /** The application of a node; simulated blocks by default. */
  readonly application?: (node: number) => SimApplication;
  /** Sees the world before it starts. */
  readonly prepare?: (sim: Simulation) => void;
}

/** The profile of a name. */
export function profileOf(name: ProfileName): Profile {
  return { compat, guarded, strict }[name];
}

/** Draws a seed's plan and runs it. */
export function runSeed(options: DrawOptions, run: RunOptions = {}): Outcome {
  return runPlan(drawPlan(options), run);
}

/** The network of a plan, standing still and without faults. */
export function networkOf(plan: Plan, options: RunOptions = {}): Simulation {
  const spares = Math.round(plan.change * plan.nodes);
  const members = plan.nodes + spares;
  const twins = plan.faults.flatMap((fault) => (fault.fault === 'twin' ? [fault.node] : []));
  const keysOf = (node: number): number[] => {
    const owner = node < members ? node : twins[node - members]!;
    return Array.from({ length: plan.keysPerNode }, (_, i) => owner + 1000 * i);
  };
  const epochOf = (height: bigint): bigint => (height - 1n) / BigInt(plan.epochLength);
  // Each epoch drops as many members as there are spares, and takes the spares in.
  const committees = new Map<number, ReturnType<typeof uniformCommittee>>();
  const committeeAt = (height: bigint) => {
    const first = Number((epochOf(height) * BigInt(spares)) % BigInt(members));
    const known = committees.get(first);
    if (known) return known;
    const ids = Array.from({ length: plan.nodes }, (_, i) => (first + i) % members);
    const committee = uniformCommittee(ids.flatMap((id) => keysOf(id).map(tagKey)));
    committees.set(first, committee);
    return committee;
  };
  return createSimulation({
    seed: plan.seed,
    profile: profileOf(plan.profile),
    nodes: members + twins.length,
    timing: { ...swiftTiming, viewIds: plan.viewIds },
    leaders: plan.leaders === 'stable' ? stableLeaders : roundRobinLeaders,
    keysOf,
    aggregateVotes: plan.aggregateVotes,
    committeeAt,
    epochAt: epochOf,
    // Counted here, so that a wrong count in the machine's own committees is seen.
    isQuorum: (_, signers) => signers.length * 3 > plan.nodes * plan.keysPerNode * 2,
    ...(options.application && { application: options.application }),
  });
}

/** Runs a plan. Never throws for what a run finds. */
export function runPlan(plan: Plan, options: RunOptions = {}): Outcome {
  const sim = networkOf(plan, options);
  options.prepare?.(sim);
  const outcome = { verdict: 'pass' as Outcome['verdict'], reason: '', recoveryMs: 0 };
  try {
    Object.assign(outcome, live(sim, plan, options.recoveryMs ?? 60_000));
  } catch (error) {
    if (!(error instanceof Diverged)) throw error;
    outcome.verdict = 'diverged';
    outcome.reason = error.message;
  }
  return {
    plan,
    ...outcome,
    released: sim.released.size,
    heights: sim.heights(),
    ...sim.counts,
    simulatedMs: sim.now - sim.startedAt,
    trace: sim.trace,
  };
}

function live(
  sim: Simulation,
  plan: Plan,
  recoveryMs: number,
): Pick<Outcome, 'verdict' | 'reason' | 'recoveryMs'> {
  const injection = inject(sim, plan);
  const twins = plan.faults.filter(({ fault }) => fault === 'twin').length;
  for (const liar of liarsOf(plan))
    for (let id = sim.nodes.length - twins; id < sim.nodes.length; id++)
      if (sim.nodes[id]!.publicKeys[0]!.join() === sim.nodes[liar]!.publicKeys[0]!.join())
        sim.liars.add(id);
  sim.start();
  sim.runUntil(
    () => sim.nodes.some((node) => node.chain.length >= plan.faultyHeights),
    plan.faultyMs,
  );
  injection.end();
  // One of two nodes with the same keys goes for good; the others are all there.
  for (let id = sim.nodes.length - twins; id < sim.nodes.length; id++) sim.crash(id);
  const ids = sim.nodes.slice(0, sim.nodes.length - twins).map(({ id }) => id);
  for (const id of ids) if (!sim.nodes[id]!.alive || sim.nodes[id]!.mute) restart(sim, id);
  const began = sim.now;
  const target = Math.max(...sim.heights()) + 3;
  const done = (): boolean => sim.reached(target, ids);
  // A release frees one height; the next can get stuck as well, though hardly.
  for (let releases = 0; releases < 3; releases++) {
    if (sim.runUntil(done, recoveryMs))
      return { verdict: 'pass', reason: sim.describe(), recoveryMs: sim.now - began };
    if (!isDeadlocked(sim, ids)) break;
    sim.release(sim.nodes[ids[0]!]!.state.height);
  }
  return { verdict: 'no-progress', reason: sim.describe(), recoveryMs: sim.now - began };
}

function restart(sim: Simulation, id: number): void {
  const node = sim.nodes[id]!;
  if (node.alive) sim.crash(id);
  sim.start(id);
}

/**
 * Whether the voting rules leave no way out: everybody is up, the height is final nowhere, some
 * block has a prepare certificate, and none of these blocks can get a quorum's commit votes.
 */
export function isDeadlocked(
  sim: Simulation,
  ids: readonly number[] = sim.nodes.map(({ id }) => id),
): boolean {
  const nodes = ids.map((id) => sim.nodes[id]!);
  const members = nodes.filter(({ state }) => state.ownSlots.length > 0);
  const { height, head, config } = nodes[0]!.state;
  if (!config.profile.canRelease) return false;
  if (nodes.some((node) => BigInt(node.chain.length) >= height)) return false;
  if (nodes.some(({ state }) => state.height !== height)) return false;
  const certified = new Map(
    members.flatMap(({ state }) =>
      state.certificate ? [[state.certificate.blockHash, state.certificate] as const] : [],
    ),
  );
  // Whose clock is further off than a slot never is in the view of the others.
  const { viewIds, viewSlotMs } = config.timing;
  const isInStep = (node: SimNode): boolean =>
    viewIds === 'count' || Math.abs(sim.clock(node) - sim.now) <= viewSlotMs;
  return (
    certified.size > 0 &&
    [...certified.values()].every((block) => {
      const willing = members.filter(
        (node) =>
          isInStep(node) &&
          config.profile.voting.refuseCommit(
            node.state.mark,
            height,
            block,
            node.state.mark.viewId + 1n,
          ) === undefined,
      );
      return !head!.committee.hasQuorum(willing.flatMap(({ state }) => state.ownSlots));
    })
  );
}
