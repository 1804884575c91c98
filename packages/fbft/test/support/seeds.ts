/** Runs the seeds that every change must pass, and says what repeats one that fails. */
import { propertyRuns } from '@polyphony/testkit';
import { expect } from 'vitest';
import type { ProfileName } from '../../src/simulator/plan.js';
import { type Outcome, runSeed } from '../../src/simulator/run.js';

/** How often runs of a suite ended with a release, and what they took. */
export interface SeedFigures {
  readonly runs: number;
  readonly released: number;
  readonly steps: number;
}

/** Runs seeds `first … first + count − 1`; `SEED` and `RUNS` say otherwise. */
export function passSeeds(
  profile: ProfileName,
  nodes: number,
  count: number,
  first = 1,
): SeedFigures {
  const { numRuns, seed = first } = propertyRuns(count);
  let released = 0;
  let steps = 0;
  for (let i = 0; i < numRuns; i++) {
    const outcome = runSeed({ seed: seed + i, nodes, profile });
    if (outcome.verdict !== 'pass') expect.fail(explain(outcome));
    if (outcome.released > 0) released++;
    steps += outcome.steps;
  }
  return { runs: numRuns, released, steps };
}

/** What failed and how to see it again. */
export function explain({ plan, verdict, reason }: Outcome): string {
  const { seed, nodes, profile } = plan;
  return `${verdict}: ${reason}\nrepeat: pnpm simulate --seed ${seed} --nodes ${nodes} --profile ${profile}`;
}
