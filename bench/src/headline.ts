/**
 * Four shards of 250 validators with real signatures in one process and one thread: the time between
 * blocks, in real time, where every shard starts its next block as soon as all four are done.
 *
 * Each validator is a driver of its own with its own machine, keys, mark and application. What it does
 * for a block: it signs a prepare and a commit vote and verifies ANNOUNCE (one signature), PREPARED (sender
 * and seal), COMMITTED (sender and seal) and COMMITTED once more with the seal of all; its leader verifies
 * the votes of all others in weighted batches and signs its messages. All 250 of a shard are sent the same bytes, so
 * the process can look at each signature once and remember the answer:
 *
 * - `shared`: the drivers of a shard share a memory of checks. Leaders' batches are not remembered.
 *   1,000 validators on one machine can do this, 1,000 machines cannot.
 * - `apart`: every validator verifies everything itself, as 1,000 machines would, on this one thread.
 *
 * Votes go to the leader and not to everyone, in bundles; blocks are empty, marks are in memory.
 */
import type { Bls } from '@polyphony/bls';
import { createBlstBls } from '@polyphony/bls/blst';
import { createWasmBls } from '@polyphony/bls/wasm';
import { type HeadInfo, ownNetworkTiming, roundRobinLeaders, type Timing } from '@polyphony/fbft';
import {
  createBlsSigner,
  createDriver,
  type Driver,
  memoryMarkStore,
} from '@polyphony/fbft/driver';
import { bytesToPlainHex, equalBytes } from '@polyphony/primitives';
import { emptyBlocks, genesisOf, type MemberApplication, makeKeyring } from './fbft-committee.js';
import { spread } from './harness.js';

const SHARDS = 4;
const MEMBERS = 250;
const GOAL_SECONDS = 2;
const LIMIT_SECONDS = 8;
/** How long votes wait for each other on their way. */
const GATHER_MS = 50;
/** Nothing waits for its time but late votes; no view is given up however slow the machine is. */
const TIMING: Timing = {
  ...ownNetworkTiming,
  blockPeriodMs: 0,
  gracePeriodMs: 0,
  graceMarginMs: 0,
  phaseTimeoutMs: 600_000,
  maxTimeoutMs: 600_000,
  resendTimes: 0,
};

/** A suite that remembers which single and summed signatures were right and wrong. */
function rememberChecks(bls: Bls): Bls {
  type Keys = readonly Uint8Array[];
  const known = new Map<string, { readonly keys: Keys; readonly right: boolean }[]>();
  // Members hold the same committee, so its keys are mostly the same values.
  const same = (a: Keys, b: Keys): boolean =>
    a.length === b.length && a.every((key, i) => key === b[i] || equalBytes(key, b[i]!));
  const ask = (
    signature: Uint8Array,
    message: Uint8Array,
    keys: Keys,
    check: () => boolean,
  ): boolean => {
    const name = `${bytesToPlainHex(signature)} ${bytesToPlainHex(message)}`;
    const before = known.get(name) ?? [];
    const found = before.find((entry) => same(entry.keys, keys));
    if (found !== undefined) return found.right;
    const right = check();
    if (known.size >= 256) known.clear();
    known.set(name, [...before, { keys, right }]);
    return right;
  };
  return {
    ...bls,
    verify: (signature, message, key) =>
      ask(signature, message, [key], () => bls.verify(signature, message, key)),
    verifyAggregate: (signature, message, keys) =>
      ask(signature, message, keys, () => bls.verifyAggregate(signature, message, keys)),
  };
}

/** Whether a gossip payload is a vote: `10 <type>` follows the envelope and the category. */
const isVote = (payload: Uint8Array): boolean => payload[7] === 2 || payload[7] === 4;

/** One shard: its drivers, and what they decided. */
interface Shard {
  readonly genesis: HeadInfo;
  readonly drivers: readonly Driver[];
  readonly applications: readonly MemberApplication[];
}

/**
 * Builds a shard.
 *
 * @param mayStart - Proposers wait for it.
 * @param onCommit - Hears of each final block at each member.
 */
function createShard(
  bls: Bls,
  shardId: number,
  mayStart: (height: bigint) => Promise<void>,
  onCommit: (height: bigint) => void,
): Shard {
  const { secretKeys, committee } = makeKeyring(bls, MEMBERS, shardId);
  const genesis = genesisOf(committee, Date.now());
  const applications: MemberApplication[] = [];
  const drivers: Driver[] = [];
  let leader = 0;
  let votes: { readonly from: string; readonly payload: Uint8Array }[] = [];
  /** Hands votes to the leader in bundles: one by one they would be verified one by one here. */
  const gather = (vote: (typeof votes)[number]): void => {
    if (votes.push(vote) > 1) return;
    setTimeout(() => {
      const bundle = votes;
      votes = [];
      for (const { from, payload } of bundle) drivers[leader]!.receive(from, payload);
    }, GATHER_MS);
  };
  secretKeys.forEach((secretKey, me) => {
    const blocks = emptyBlocks(genesis, (height) => height, onCommit);
    applications.push(blocks);
    const application = {
      ...blocks,
      propose: async (context: Parameters<typeof blocks.propose>[0]) => {
        await mayStart(context.height);
        leader = me;
        return blocks.propose(context);
      },
    };
    const driver = createDriver({
      bls,
      shardId,
      signer: createBlsSigner(bls, [secretKey]),
      marks: memoryMarkStore(),
      leaders: roundRobinLeaders,
      timing: TIMING,
      randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
      clock: {
        now: () => Date.now(),
        setTimer: (delayMs, run) => {
          const timer = setTimeout(run, delayMs);
          return () => clearTimeout(timer);
        },
      },
      broadcast: {
        publish: (payload) => {
          if (isVote(payload)) gather({ from: `member ${me}`, payload });
          else
            drivers.forEach((other, id) => {
              if (id !== me) setImmediate(() => other.receive(`member ${me}`, payload));
            });
        },
      },
      application,
      onEvent: (event) => {
        if (event.type === 'port-failed') throw event.error;
        if (event.type === 'view-change-started') throw new Error('a view was given up');
      },
    });
    drivers.push(driver);
  });
  return { genesis, drivers, applications };
}

/** Seconds of wall and of CPU time from block to block. */
interface BlockTimes {
  readonly wall: readonly number[];
  readonly cpu: readonly number[];
}

/** Runs a shard on each suite for some blocks and one more before, which is not counted. */
async function runShards(suites: readonly Bls[], blocks: number): Promise<BlockTimes> {
  const last = blocks + 1;
  const wall: number[] = [];
  const cpu: number[] = [];
  const opens: (() => void)[] = [];
  const gates = Array.from({ length: last + 2 }, (_, height) => {
    return new Promise<void>((done) => {
      opens[height] = done;
    });
  });
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((done) => {
    finish = done;
  });
  let missing = suites.length * MEMBERS;
  let startedAt = performance.now();
  let cpuBefore = process.cpuUsage();
  const onCommit = (height: bigint): void => {
    if (--missing > 0) return;
    const { user, system } = process.cpuUsage(cpuBefore);
    if (height > 1n) {
      wall.push((performance.now() - startedAt) / 1000);
      cpu.push((user + system) / 1e6);
    }
    missing = suites.length * MEMBERS;
    startedAt = performance.now();
    cpuBefore = process.cpuUsage();
    if (height < last) opens[Number(height) + 1]!();
    else finish();
  };
  const shards = suites.map((bls, id) =>
    createShard(bls, id, (height) => gates[Number(height)]!, onCommit),
  );
  for (const { drivers, genesis } of shards)
    for (const driver of drivers) await driver.start(genesis);
  opens[1]!();
  await finished;
  for (const { drivers, applications } of shards) {
    for (const driver of drivers) await driver.stop();
    const chains = new Set(applications.map(({ chain }) => chain.join()));
    if (chains.size !== 1) throw new Error('the members of a shard decided different blocks');
  }
  return { wall, cpu };
}

/** The lines of the report. */
export async function report(): Promise<string[]> {
  const caches = { cachedPublicKeys: MEMBERS, cachedSignatures: 2 * MEMBERS, cachedMessages: 8 };
  const engines = [
    { name: 'ietf, blst', make: () => createBlstBls(caches), apart: true },
    { name: 'harmony, mcl-wasm', make: () => createWasmBls(caches), apart: false },
  ];
  const lines = [
    `${SHARDS} shards of ${MEMBERS} validators, real signatures, one process, one thread: seconds from block to block, all shards`,
  ];
  for (const { name, make, apart } of engines) {
    for (const shared of apart ? [true, false] : [true]) {
      const suites: Bls[] = [];
      for (let shard = 0; shard < SHARDS; shard++) {
        const bls = await make();
        suites.push(shared ? rememberChecks(bls) : bls);
      }
      const { wall, cpu } = await runShards(suites, apart ? (shared ? 5 : 2) : 3);
      const { median, max } = spread(wall);
      const words = median <= GOAL_SECONDS ? 'met   ' : max <= LIMIT_SECONDS ? 'SLOW  ' : 'MISSED';
      lines.push(
        `  ${words} ${name}, checks ${shared ? 'shared' : 'apart '}: p50 ${median.toFixed(2)} s, max ${max.toFixed(2)} s, CPU ${spread(cpu).median.toFixed(2)} s`,
      );
    }
  }
  lines.push(`  goal: at most ${GOAL_SECONDS} s, never above ${LIMIT_SECONDS} s (SLOW is between)`);
  return lines;
}
