/** Looks for a failure as the tests of every change do: seeds and Twins scenarios in turn. */
import type { Outcome } from '@polyphony/fbft/simulator';
import type { Simulator } from './load.js';

/** Where to look. */
export interface SearchOptions {
  readonly profile: 'guarded' | 'strict';
  /** Members, in turn; 4 and 7 by default. */
  readonly nodes?: readonly number[];
  /** Most seeds; 1000 by default, which is what a change is judged by for each profile. */
  readonly seeds?: number;
}

/** What was found, and what it took. */
export interface Finding {
  readonly what: string;
  readonly seeds: number;
  readonly twins: number;
}

/** Scenarios after every 25 seeds: with 1000 seeds, 10,000 in all. */
const TWINS_EACH = 250;

/** Looks until something fails; undefined if nothing does. */
export function search(simulator: Simulator, options: SearchOptions): Finding | undefined {
  const { profile, nodes = [4, 4, 4, 7], seeds = 1000 } = options;
  const { runSeed } = simulator;
  let twins = 0;
  let released = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const found = (what: string): Finding => ({ what, seeds: seed, twins });
    const plan = { seed, nodes: nodes[seed % nodes.length]!, profile };
    let outcome: Outcome;
    try {
      outcome = runSeed(plan);
    } catch (error) {
      return found(`threw: ${String(error)}`);
    }
    if (outcome.verdict !== 'pass') return found(`${outcome.verdict}: ${outcome.reason}`);
    if (seed <= 4 && runSeed(plan).trace !== outcome.trace) return found('I13: another trace');
    if (outcome.released > 0) released++;
    if (seed >= 50 && released > 2 + seed / 10) return found(`stuck in ${released} runs`);
    if (seed % 25 !== 0) continue;
    try {
      twins += sampleTwins(simulator, profile, seed);
    } catch (error) {
      return found(`twins: ${String(error)}`);
    }
  }
  return undefined;
}

/** Some scenarios of four views. */
function sampleTwins(simulator: Simulator, profile: 'guarded' | 'strict', seed: number): number {
  const { createRandom, everyRound, exploreTwins } = simulator;
  const rounds = everyRound(4, ['view-change', 'announce', 'prepared', 'committed']);
  const widths = [5, 5, 5, 4];
  const report = exploreTwins({
    members: 4,
    profile,
    rounds,
    depth: widths.length,
    most: TWINS_EACH,
    choose: (path) => {
      const random = createRandom(seed, path.join());
      return Array.from({ length: widths[path.length]! }, () => random.below(rounds.length));
    },
  });
  return report.scenarios;
}
