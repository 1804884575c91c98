/**
 * Makes a failing plan smaller: fewer faults, a plainer network, fewer nodes, fewer heights, less
 * time, as long as it still fails in the same way.
 */
import type { FaultPlan, Plan } from './plan.js';
import { type Outcome, type RunOptions, runPlan } from './run.js';

/** What shrinking may cost. */
export interface ShrinkOptions extends RunOptions {
  /** Most runs; 400 by default. */
  readonly mostRuns?: number;
  /** Whether an outcome is the failure looked for; by default any that is no pass. */
  readonly fails?: (outcome: Outcome) => boolean;
}

/** A smaller plan that still fails, and how it ended. */
export interface Shrunk {
  readonly outcome: Outcome;
  readonly runs: number;
}

/**
 * Shrinks a plan that fails.
 *
 * @returns The plan given if no smaller one was found.
 * @example shrinkPlan(drawPlan({ seed, nodes: 4, profile: 'guarded' })).outcome.plan.faults.length
 */
export function shrinkPlan(plan: Plan, options: ShrinkOptions = {}): Shrunk {
  const { mostRuns = 400, fails = ({ verdict }) => verdict !== 'pass' } = options;
  let best = runPlan(plan, options);
  let runs = 1;
  if (!fails(best)) return { outcome: best, runs };
  const attempt = (smaller: Plan): boolean => {
    if (runs >= mostRuns) return false;
    runs++;
    const outcome = runPlan(smaller, options);
    if (!fails(outcome)) return false;
    best = outcome;
    return true;
  };
  for (let again = true; again && runs < mostRuns; ) {
    again = dropFaults(() => best.plan, attempt);
    for (const change of SMALLER) {
      const smaller = change(best.plan);
      if (smaller && attempt(smaller)) again = true;
    }
  }
  return { outcome: best, runs };
}

type Attempt = (smaller: Plan) => boolean;

/** Drops halves, then quarters, then single faults. */
function dropFaults(current: () => Plan, attempt: Attempt): boolean {
  let any = false;
  for (let size = current().faults.length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < current().faults.length; ) {
      const { faults } = current();
      const left = faults.filter((_, i) => i < at || i >= at + size);
      if (attempt({ ...current(), faults: left })) any = true;
      else at += size;
    }
  }
  return any;
}

const fits =
  (nodes: number) =>
  (fault: FaultPlan): boolean => {
    if ('node' in fault) return fault.node < nodes;
    if ('side' in fault) return fault.side.every((node) => node < nodes);
    return !('to' in fault) || fault.to.every((node) => node < nodes);
  };

/** Ways to a plainer and shorter run on a smaller network; undefined where there is nothing to do. */
const SMALLER: readonly ((plan: Plan) => Plan | undefined)[] = [
  (plan) => (plan.change > 0 ? { ...plan, change: 0 } : undefined),
  (plan) => (plan.keysPerNode > 1 ? { ...plan, keysPerNode: 1 } : undefined),
  (plan) => (plan.viewIds !== 'count' ? { ...plan, viewIds: 'count' } : undefined),
  (plan) => (plan.leaders !== 'round-robin' ? { ...plan, leaders: 'round-robin' } : undefined),
  ...[4, 7, 10].map(
    (nodes) =>
      (plan: Plan): Plan | undefined =>
        nodes < plan.nodes
          ? { ...plan, nodes, faults: plan.faults.filter(fits(nodes)) }
          : undefined,
  ),
  ...[1, 2, 3, 5, 8, 13].map(
    (faultyHeights) =>
      (plan: Plan): Plan | undefined =>
        faultyHeights < plan.faultyHeights ? { ...plan, faultyHeights } : undefined,
  ),
  ...[0.25, 0.5, 0.75].map(
    (share) =>
      (plan: Plan): Plan | undefined =>
        plan.faultyMs > 100 ? { ...plan, faultyMs: Math.ceil(plan.faultyMs * share) } : undefined,
  ),
];
