/**
 * What a block costs its leader, through the driver as embedders run it: votes of all other members
 * are decoded, weighed, verified, counted and summed, and its five messages and votes signed.
 *
 * The votes are signed beforehand. Two blocks take turns, so that no signature is remembered from
 * the last time.
 */
import type { Bls } from '@polyphony/bls';
import { createWasmBls } from '@polyphony/bls/wasm';
import { ownNetworkTiming, roundRobinLeaders } from '@polyphony/fbft';
import { createBlsSigner, createDriver, memoryMarkStore } from '@polyphony/fbft/driver';
import { commitPayload, preparePayload } from '@polyphony/fbft/seal';
import { encodeSimBlock } from '@polyphony/fbft/simulator';
import { encodeGossip, encodeMessage, type Message } from '@polyphony/fbft/wire';
import { hexToBytes } from '@polyphony/primitives';
import { emptyBlocks, genesisOf, type Keyring, makeKeyring } from './fbft-committee.js';
import { type BenchRow, row } from './harness.js';

const MEMBERS = 250;
/** Leads the first view of the first height. */
const LEADER = 1;
const START = 1_700_000_000_000;
const NOTHING = new Uint8Array(0);

/** A block and what the other members vote on it. */
interface Fixture {
  readonly nonce: bigint;
  readonly prepares: readonly Uint8Array[];
  readonly commits: readonly Uint8Array[];
}

function makeFixture(bls: Bls, { secretKeys, committee }: Keyring, nonce: bigint): Fixture {
  const parentHash = genesisOf(committee, START).hash;
  const { hash } = encodeSimBlock({ height: 1n, viewId: 1n, parentHash, nonce, bad: false });
  const blockHash = hexToBytes(hash);
  const votes = (type: 'prepare' | 'commit', bytes: Uint8Array): Uint8Array[] =>
    committee.keys.flatMap((senderKey, slot) => {
      if (slot === LEADER) return [];
      const message: Message = {
        type,
        viewId: 1n,
        height: 1n,
        shardId: 0,
        blockHash,
        block: NOTHING,
        senderKey,
        payload: bls.sign(bytes, secretKeys[slot]!),
        senderBitmap: NOTHING,
        signature: NOTHING,
      };
      return [encodeGossip({ category: 'consensus', message: encodeMessage(message) })];
    });
  return {
    nonce,
    prepares: votes('prepare', preparePayload(blockHash)),
    commits: votes('commit', commitPayload(1n, hash, 1n, true)),
  };
}

/** A clock that stands still until it is moved to the next timer. */
function manualClock() {
  let now = START;
  let timers: { readonly due: number; readonly run: () => void }[] = [];
  return {
    clock: {
      now: () => now,
      setTimer: (delayMs: number, run: () => void) => {
        const timer = { due: now + delayMs, run };
        timers.push(timer);
        return () => {
          timers = timers.filter((other) => other !== timer);
        };
      },
    },
    /** Runs the earliest timer that is due within some time; false if there is none. */
    ring: (withinMs: number): boolean => {
      const next = timers.reduce<(typeof timers)[number] | undefined>(
        (first, timer) => (first === undefined || timer.due < first.due ? timer : first),
        undefined,
      );
      if (next === undefined || next.due > now + withinMs) return false;
      timers = timers.filter((timer) => timer !== next);
      now = next.due;
      next.run();
      return true;
    },
  };
}

const settle = (): Promise<void> => new Promise((done) => setImmediate(done));

/** Leads one block from its proposal to the seal of all members; gives the block's hash and that seal. */
async function leadBlock(
  bls: Bls,
  keyring: Keyring,
  fixture: Fixture,
  batched: boolean,
): Promise<Uint8Array[]> {
  const { clock, ring } = manualClock();
  const genesis = genesisOf(keyring.committee, START);
  const application = emptyBlocks(genesis, () => fixture.nonce);
  const sent: number[] = [];
  let bestSeal: Uint8Array | undefined;
  const driver = createDriver({
    bls,
    shardId: 0,
    signer: createBlsSigner(bls, [keyring.secretKeys[LEADER]!]),
    marks: memoryMarkStore(),
    leaders: roundRobinLeaders,
    timing: ownNetworkTiming,
    ...(batched && { randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)) }),
    clock,
    broadcast: { publish: (payload) => sent.push(payload.length) },
    application: {
      ...application,
      improveSeal: (_height, _hash, { signature }) => {
        bestSeal = signature;
      },
    },
  });
  const until = async (done: () => boolean, withinMs: number): Promise<void> => {
    for (let turns = 0; !done(); turns++) {
      if (turns > 10_000) throw new Error('the leader does not get on');
      await settle();
      if (!done()) ring(withinMs);
    }
  };
  await driver.start(genesis);
  await until(() => sent.length === 1, 5000); // ANNOUNCE
  fixture.prepares.forEach((vote, i) => {
    driver.receive(`member ${i}`, vote);
  });
  await until(() => sent.length === 2, 0); // PREPARED
  fixture.commits.forEach((vote, i) => {
    driver.receive(`member ${i}`, vote);
  });
  await until(() => bestSeal !== undefined && sent.length === 4, 1000); // COMMITTED, twice
  await driver.stop();
  return [hexToBytes(application.chain[0]!), bestSeal!];
}

/** One block of a leader at 250 members, votes in batches and one by one. */
export async function leaderRow(): Promise<BenchRow> {
  const caches = { cachedPublicKeys: MEMBERS, cachedSignatures: 2 * MEMBERS, cachedMessages: 8 };
  const batching = await createWasmBls(caches);
  const single = await createWasmBls(caches);
  const keyring = makeKeyring(batching, MEMBERS, 0);
  const fixtures = [1n, 2n].map((nonce) => makeFixture(batching, keyring, nonce));
  const contender = (name: string, bls: Bls, batched: boolean) => {
    let turn = 0;
    return {
      name,
      run: () => leadBlock(bls, keyring, fixtures[turn++ % fixtures.length]!, batched),
      output: () => leadBlock(bls, keyring, fixtures[0]!, batched),
    };
  };
  const IN_BATCHES = 'votes in batches (mcl-wasm)';
  const ONE_BY_ONE = 'votes one by one (mcl-wasm)';
  return row({
    name: `FBFT leader, one block with real signatures, ${MEMBERS} members`,
    unit: 'blocks',
    maxRounds: 3,
    contenders: [contender(IN_BATCHES, batching, true), contender(ONE_BY_ONE, single, false)],
    baseline: ONE_BY_ONE,
    targets: [{ contender: IN_BATCHES, perSecond: 4 }],
  });
}
