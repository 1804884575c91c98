/** How long a height takes, by dead leaders in a row, clock skew and delay; as Markdown tables. */
import { ownNetworkTiming } from '@polyphony/fbft';
import type { ProfileName, Span } from '@polyphony/fbft/simulator';
import type { Simulator } from './load.js';

/** One measurement. */
export interface LivenessCase {
  readonly nodes: number;
  readonly profile: ProfileName;
  /** Leaders in a row that are dead. */
  readonly dead: number;
  /** Clocks of a third of the nodes, less one, are ahead by so many milliseconds. */
  readonly skewMs?: number;
  /** One-way delay of messages. */
  readonly delay?: Span;
}

/**
 * The longest that a height may take when so many leaders in a row are dead, by the timing of own
 * networks: the phase timeout of the first, a growing wait for each further one, the wait for reports
 * of the view that decides, which grows as well, and one second of messages.
 */
export function livenessBound({ dead }: LivenessCase, phaseMs = 4000, viewChangeMs = 4000): number {
  if (dead === 0) return 1000;
  let bound = phaseMs;
  for (let failed = 1; failed < dead; failed++) bound += failed * viewChangeMs;
  return bound + Math.min(300 * dead, viewChangeMs / 2) + 1000;
}

/** Milliseconds from when the first of the dead leaders was due until all who live had the block. */
export function measureHeight(simulator: Simulator, wanted: LivenessCase): number {
  const { createSimulation, profileOf, quiet } = simulator;
  const { nodes, profile, dead, skewMs = 0, delay = quiet.delay } = wanted;
  const ahead = Math.floor((nodes - 1) / 3);
  const sim = createSimulation({
    seed: 1,
    nodes,
    profile: profileOf(profile),
    timing: ownNetworkTiming,
    faults: { ...quiet, delay },
    skew: (node) => (node >= nodes - ahead ? skewMs : 0),
  });
  // Round robin: height 1 is led by node 1 in view 1, node 2 in view 2, and so on.
  const gone = Array.from({ length: dead }, (_, i) => (i + 1) % nodes);
  const alive = sim.nodes.map(({ id }) => id).filter((id) => !gone.includes(id));
  sim.start(...alive);
  if (!sim.runUntil(() => sim.reached(1, alive), 600_000)) return Number.POSITIVE_INFINITY;
  return sim.now - sim.startedAt;
}

/** The tables. */
export function* measureLiveness(simulator: Simulator): Generator<string> {
  const profiles = ['guarded', 'strict'] as const;
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
  yield '| dead leaders in a row | nodes | guarded | strict | bound |';
  yield '| --- | --- | --- | --- | --- |';
  for (const nodes of [4, 7, 31, 250])
    for (const dead of [0, 1, 2, 5, 10]) {
      if (dead > Math.floor((nodes - 1) / 3)) continue;
      const times = profiles.map((profile) =>
        seconds(measureHeight(simulator, { nodes, profile, dead })),
      );
      const bound = seconds(livenessBound({ nodes, profile: 'guarded', dead }));
      yield `| ${dead} | ${nodes} | ${times.join(' | ')} | ${bound} |`;
    }
  yield '';
  yield '| one dead leader of 7, and | guarded | strict |';
  yield '| --- | --- | --- |';
  const rows: readonly [string, Partial<LivenessCase>][] = [
    ['nothing else', {}],
    ['two clocks 1 s ahead', { skewMs: 1000 }],
    ['two clocks 30 s ahead', { skewMs: 30_000 }],
    ['delays of 100 to 200 ms', { delay: [100, 200] }],
    ['delays of 300 to 600 ms', { delay: [300, 600] }],
    ['delays of 800 to 1200 ms', { delay: [800, 1200] }],
  ];
  for (const [what, facts] of rows) {
    const times = profiles.map((profile) =>
      seconds(measureHeight(simulator, { nodes: 7, profile, dead: 1, ...facts })),
    );
    yield `| ${what} | ${times.join(' | ')} |`;
  }
}
