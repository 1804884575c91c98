/**
 * Four shards of 250 validators with real signatures in one process: the time between
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
 * With `threads`, all validators sign and the leaders verify and add up votes in as many threads as the machine
 * has cores, two shards to a thread on two cores; machines, messages and all other checks stay in the process's own thread.
 *
 * Votes go to the leader and not to everyone, in bundles; blocks are empty, marks are in memory.
 */
import { availableParallelism } from 'node:os';
import type { Bls } from '@polyphony/bls';
import { createBlstBls } from '@polyphony/bls/blst';
import { type BlsThread, type BlsThreadOptions, startBlsThread } from '@polyphony/bls/thread';
import { createWasmBls } from '@polyphony/bls/wasm';
import { type HeadInfo, ownNetworkTiming, roundRobinLeaders, type Timing } from '@polyphony/fbft';
import {
  createBlsSigner,
  createDriver,
  type Driver,
  memoryMarkStore,
  type Signer,
} from '@polyphony/fbft/driver';
import { bytesToPlainHex, equalBytes } from '@polyphony/primitives';
import { emptyBlocks, genesisOf, type MemberApplication, makeKeyring } from './fbft-committee.js';
import { spread } from './harness.js';

const SHARDS = 4;
const MEMBERS = 250;
/** Blocks before the counted ones. */
const WARM_UP = 2;
const CACHES = { cachedPublicKeys: MEMBERS, cachedSignatures: 2 * MEMBERS, cachedMessages: 8 };
/** Threads run the sources, as this file does. */
const THREAD_ARGUMENTS: readonly string[] = [
  '--import',
  new URL('../../scripts/typescript-thread.mjs', import.meta.url).href,
  '--conditions=@polyphony/source',
];
const GOAL_SECONDS = 2;
const LIMIT_SECONDS = 8;
/** Votes wait for each other on their way until none has come for so long. */
const PAUSE_MS = 80;
/** Or until the first of them has waited for so long. */
const LONGEST_MS = 300;
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

/** How the work is divided. */
interface Setting {
  readonly name: string;
  readonly make: () => Promise<Bls>;
  /** Members of a shard remember each other's checks. */
  readonly shared: boolean;
  /** The engine of threads that sign, verify batches and add up. */
  readonly threads?: BlsThreadOptions['engine'];
  readonly blocks: number;
}

/** A signer whose key a thread holds. */
async function threadSigner(thread: BlsThread, secretKey: Uint8Array): Promise<Signer> {
  const publicKey = await thread.holdKey(secretKey);
  return { publicKeys: [publicKey], sign: (key, { bytes }) => thread.sign(key, bytes) };
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
 * @param thread - Signs, and does the leaders' work on many votes.
 * @param mayStart - Proposers wait for it.
 * @param onCommit - Hears of each final block at each member.
 */
async function createShard(
  bls: Bls,
  thread: BlsThread | undefined,
  shardId: number,
  mayStart: (height: bigint) => Promise<void>,
  onCommit: (height: bigint) => void,
): Promise<Shard> {
  const { secretKeys, committee } = makeKeyring(bls, MEMBERS, shardId);
  const genesis = genesisOf(committee, Date.now());
  const applications: MemberApplication[] = [];
  const drivers: Driver[] = [];
  let leader = 0;
  let votes: { readonly from: string; readonly payload: Uint8Array }[] = [];
  let firstAt = 0;
  let leaving: NodeJS.Timeout | undefined;
  /** Hands votes to the leader in bundles: one by one they would be verified one by one here. */
  const gather = (vote: (typeof votes)[number]): void => {
    if (votes.push(vote) === 1) firstAt = performance.now();
    clearTimeout(leaving);
    const longest = LONGEST_MS - (performance.now() - firstAt);
    leaving = setTimeout(
      () => {
        const bundle = votes;
        votes = [];
        for (const { from, payload } of bundle) drivers[leader]!.receive(from, payload);
      },
      Math.min(PAUSE_MS, Math.max(0, longest)),
    );
  };
  for (const [me, secretKey] of secretKeys.entries()) {
    const signer =
      thread === undefined
        ? createBlsSigner(bls, [secretKey])
        : await threadSigner(thread, secretKey);
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
      signer,
      ...(thread && { signatureWork: thread }),
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
  }
  return { genesis, drivers, applications };
}

/** Seconds of wall and of CPU time from block to block. */
interface BlockTimes {
  readonly wall: readonly number[];
  readonly cpu: readonly number[];
}

/** Runs the shards for some blocks and two more before, which are not counted. */
async function runShards({ make, shared, threads, blocks }: Setting): Promise<BlockTimes> {
  const last = blocks + WARM_UP;
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
  let missing = SHARDS * MEMBERS;
  let startedAt = performance.now();
  let cpuBefore = process.cpuUsage();
  const onCommit = (height: bigint): void => {
    if (--missing > 0) return;
    const { user, system } = process.cpuUsage(cpuBefore);
    if (height > WARM_UP) {
      wall.push((performance.now() - startedAt) / 1000);
      cpu.push((user + system) / 1e6);
    }
    missing = SHARDS * MEMBERS;
    startedAt = performance.now();
    cpuBefore = process.cpuUsage();
    if (height < last) opens[Number(height) + 1]!();
    else finish();
  };
  const workers =
    threads === undefined
      ? []
      : Array.from({ length: Math.min(SHARDS, availableParallelism()) }, () =>
          startBlsThread({ engine: threads, ...CACHES, execArgv: THREAD_ARGUMENTS }),
        );
  const shards: Shard[] = [];
  for (let id = 0; id < SHARDS; id++) {
    const bls = await make();
    shards.push(
      await createShard(
        shared ? rememberChecks(bls) : bls,
        workers[id % workers.length],
        id,
        (height) => gates[Number(height)]!,
        onCommit,
      ),
    );
  }
  for (const { drivers, genesis } of shards)
    for (const driver of drivers) await driver.start(genesis);
  opens[1]!();
  await finished;
  for (const { drivers, applications } of shards) {
    for (const driver of drivers) await driver.stop();
    const chains = new Set(applications.map(({ chain }) => chain.join()));
    if (chains.size !== 1) throw new Error('the members of a shard decided different blocks');
    if (applications[0]!.chain.length !== last) throw new Error('a block is missing');
  }
  for (const worker of workers) await worker.close();
  return { wall, cpu };
}

/** The lines of the report. */
export async function report(): Promise<string[]> {
  const blst = { name: 'ietf, blst', make: () => createBlstBls(CACHES) };
  const wasm = { name: 'harmony, mcl-wasm', make: () => createWasmBls(CACHES) };
  const settings: readonly Setting[] = [
    { ...blst, shared: true, threads: 'blst', blocks: 10 },
    { ...blst, shared: true, blocks: 10 },
    { ...blst, shared: false, blocks: 2 },
    { ...wasm, shared: true, threads: 'mcl-wasm', blocks: 5 },
    { ...wasm, shared: true, blocks: 3 },
  ];
  const lines = [
    `${SHARDS} shards of ${MEMBERS} validators, real signatures, one process: seconds from block to block, all shards`,
  ];
  for (const setting of settings) {
    const { wall, cpu } = await runShards(setting);
    const { median, max } = spread(wall);
    const words = median <= GOAL_SECONDS ? 'met   ' : max <= LIMIT_SECONDS ? 'SLOW  ' : 'MISSED';
    lines.push(
      `  ${words} ${setting.name}, checks ${setting.shared ? 'shared' : 'apart '}, ${setting.threads ? 'threads   ' : 'one thread'}: p50 ${median.toFixed(2)} s, max ${max.toFixed(2)} s, CPU ${spread(cpu).median.toFixed(2)} s`,
    );
  }
  lines.push(`  goal: at most ${GOAL_SECONDS} s, never above ${LIMIT_SECONDS} s (SLOW is between)`);
  return lines;
}
