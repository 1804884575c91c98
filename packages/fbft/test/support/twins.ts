/** Twins scenarios that every change must pass. */

import type { ProfileName } from '../../src/simulator/plan.js';
import { createRandom } from '../../src/simulator/random.js';
import type { CutFrom } from '../../src/simulator/twins.js';
import { everyRound, exploreTwins, type TwinsReport } from '../../src/simulator/twins.js';

const CUTS: readonly CutFrom[] = ['view-change', 'announce', 'prepared', 'committed'];

/**
 * Some of the scenarios of four members and one twin: at each node of the tree as many of the 244
 * rounds as `widths` says, chosen by seed.
 */
export function sampleTwins(
  profile: ProfileName,
  seed: number,
  widths: readonly number[],
): TwinsReport {
  const rounds = everyRound(4, CUTS);
  return exploreTwins({
    members: 4,
    profile,
    rounds,
    depth: widths.length,
    choose: (path) => {
      const random = createRandom(seed, path.join());
      const choices = new Set<number>();
      while (choices.size < widths[path.length]!) choices.add(random.below(rounds.length));
      return choices;
    },
  });
}

/** All scenarios of some views, with cuts from the first message of a view on. */
export function allTwins(profile: ProfileName, depth: number): TwinsReport {
  return exploreTwins({ members: 4, profile, rounds: everyRound(4, ['view-change']), depth });
}
