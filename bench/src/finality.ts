/**
 * Finality between ten regions in virtual time: what a leader takes from its announcement to a final
 * block beside the least the distances allow.
 *
 * Latency and round count are exact and equal in every run. The time that signatures take is measured
 * here and charged to each node's own processor: a vote costs its share of a
 * batch, a message of the leader one check for its sender and one for its seal. Execution and disks
 * take no time.
 */
import type { Bls } from '@polyphony/bls';
import { createBlstBls } from '@polyphony/bls/blst';
import { createWasmBls } from '@polyphony/bls/wasm';
import { quorumOf } from './event-queue.js';
import { type Costs, createWorld } from './fbft-world.js';
import { spread } from './harness.js';
import { REGIONS, roundTrip, twoRoundTrips } from './regions.js';

const MEMBERS = 250;
const GOAL = 1.25;

/** CPU milliseconds of one call, the median of five. */
function measure(run: () => unknown): number {
  const samples = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return spread(samples).median;
}

/** What signatures of an engine cost here, in milliseconds. */
function measureCosts(bls: Bls): Costs & { readonly text: string } {
  const message = new Uint8Array(48).fill(7);
  const secretKeys = Array.from({ length: 128 }, (_, i) =>
    new Uint8Array(32).fill(i % 113).fill(1, 9, 10 + (i >> 6)),
  );
  const keys = secretKeys.map((secretKey) => bls.getPublicKey(secretKey));
  const signatures = secretKeys.map((secretKey) => bls.sign(message, secretKey));
  const entries = keys.map((publicKey, i) => ({ publicKey, signature: signatures[i]! }));
  const weights = crypto.getRandomValues(new Uint8Array(8 * entries.length));
  const sign = measure(() => bls.sign(message, secretKeys[0]!));
  const check = measure(() => bls.verify(signatures[0]!, message, keys[0]!));
  const vote = measure(() => bls.verifyBatch(message, entries, weights)) / entries.length;
  return {
    sign,
    verify: ({ item, checks }) =>
      item.type === 'vote' || item.type === 'late-vote' ? vote : check * checks.length,
    text: `sign ${sign.toFixed(2)} ms, check ${check.toFixed(2)} ms, vote in a batch ${vote.toFixed(2)} ms`,
  };
}

/** One height of each region's leader. */
export interface Finality {
  readonly leader: number;
  /** Least time for the leader to know the block final. */
  readonly floor: number;
  /** What the leader took. */
  readonly commit: number;
  /** Until the last member knew. */
  readonly everywhere: number;
}

/** Runs a block of a leader in each region. */
export function measureFinality(members: number, costs?: Costs): Finality[] {
  const world = createWorld({
    members,
    route: 'everyone',
    seed: 1,
    latency: (from, to) => roundTrip(from, to) / 2,
    ...(costs && { costs }),
  });
  world.runRounds(REGIONS.length);
  if (new Set(world.heads()).size !== 1) throw new Error('the members decided different blocks');
  return [...world.announcedAt].map(([height, { by, at }]) => {
    const same = world.decided.filter((decided) => decided.height === height);
    return {
      leader: by,
      floor: twoRoundTrips(by, members, quorumOf(members)),
      commit: same.find((decided) => decided.by === by)!.at - at,
      everywhere: Math.max(...same.map((decided) => decided.at)) - at,
    };
  });
}

/** The lines of the report. */
export async function report(): Promise<string[]> {
  const caches = { cachedPublicKeys: MEMBERS };
  const engines = [
    { name: 'no signatures', costs: undefined },
    { name: 'ietf, blst', costs: measureCosts(await createBlstBls(caches)) },
    { name: 'harmony, mcl-wasm', costs: measureCosts(await createWasmBls(caches)) },
  ];
  const lines = [
    `Finality, ${MEMBERS} members over ${REGIONS.length} regions: virtual milliseconds to the leader's commit (and to the last member's)`,
  ];
  for (const { name, costs } of engines) {
    const heights = measureFinality(MEMBERS, costs);
    const ratios = heights.map(({ commit, floor }) => commit / floor);
    const all = heights.map(({ leader, commit, everywhere, floor }) => {
      const place = REGIONS[leader % REGIONS.length]!;
      return `${place} ${commit.toFixed(0)} (${everywhere.toFixed(0)}) of ${floor}`;
    });
    const middle = spread(ratios).median;
    lines.push(
      `  ${middle <= GOAL ? 'met   ' : 'MISSED'} ${name}: ${middle.toFixed(2)}x the floor of two round trips, worst ${Math.max(...ratios).toFixed(2)}x; goal ${GOAL}x`,
      ...(costs ? [`         charged: ${costs.text}`] : []),
      `         ${all.join(', ')}`,
    );
  }
  return lines;
}
