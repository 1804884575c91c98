/**
 * Speed of a block of 400 transfers on both engines, and of the trie beside @ethereumjs/mpt.
 *
 * Results are compared before they are timed. Figures are work per CPU-second, the best of some
 * rounds; the limits are far below what a quiet machine reaches, so that only a fall shows.
 */
import { createMPT } from '@ethereumjs/mpt';
import { defaultHasher, EMPTY_ROOT, type SignedTransaction } from '@polyphony/chain';
import { type Engine, nobleEngine } from '@polyphony/crypto';
import { reference } from '@polyphony/networks';
import { bytesToHex } from '@polyphony/primitives';
import { memoryStore } from '@polyphony/storage';
import { seededRandom } from '@polyphony/testkit';
import { expect, test } from 'vitest';
import { buildBlock, createStateDatabase, genesisState, validateBlock } from '../src/index.js';
import { NodeStore } from '../src/trie/nodes.js';
import { Trie } from '../src/trie/trie.js';
import {
  LEADER,
  ONE,
  referenceChain,
  testAccount,
  transaction,
  engine as wasm,
} from './support.js';

/** CPU milliseconds of the best of some runs. */
async function best(rounds: number, run: () => unknown): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < rounds; i++) {
    const start = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

const TRANSFERS = 400;
const SENDERS = 100;

test('a block of 400 transfers, senders recovered, on both engines', {
  timeout: 600_000,
}, async () => {
  const accounts = Array.from({ length: SENDERS }, (_, i) => testAccount(`sender ${i}`));
  const transactions = Array.from({ length: TRANSFERS }, (_, i): SignedTransaction => {
    const to = `0x${(i + 1).toString(16).padStart(40, 'a')}` as const;
    return transaction(accounts[i % SENDERS]!, reference, {
      nonce: BigInt(Math.floor(i / SENDERS)),
      to,
      value: ONE,
    });
  });
  // 20,000 accounts beside those that take part, so that the trie has the depth of a real one.
  const random = seededRandom(1);
  const others = Array.from({ length: 20_000 }, () => ({
    address: bytesToHex(random.bytes(20)),
    balance: ONE,
  }));
  const rich = accounts.map(({ address }) => ({ address, balance: 1000n * ONE }));
  const store = memoryStore();
  const first = genesisState(createStateDatabase(store, { hasher: wasm }), reference, 0, [
    ...rich,
    ...others,
  ]).commit();
  await store.write(first.operations);
  const { genesis, environment } = await referenceChain();
  const parent = { ...genesis, stateRoot: first.root };
  const run = async (engine: Engine, senders: boolean): Promise<string> => {
    const states = createStateDatabase(store, { hasher: engine });
    const state = states.openState(parent.stateRoot);
    const result = await validateBlock(
      { ...environment, engine },
      {
        block,
        parent,
        state,
        ...(senders ? { senders: known } : {}),
      },
    );
    return `${result.stateRoot} ${state.commit().operations.length}`;
  };
  const { block, result } = await buildBlock(environment, {
    parent,
    state: createStateDatabase(store, { hasher: wasm }).openState(parent.stateRoot),
    transactions,
    timestamp: parent.timestamp + 2n,
    viewId: 1n,
    coinbase: LEADER,
    lastCommitSignature: new Uint8Array(96),
    lastCommitBitmap: new Uint8Array(),
  });
  const known = result.results.map(({ sender }) => sender);
  expect(block.transactions).toHaveLength(TRANSFERS);
  expect(await run(nobleEngine, false)).toBe(await run(wasm, true));
  const figures: Record<string, number> = {};
  for (const [name, engine, senders, rounds] of [
    ['noble', nobleEngine, false, 3],
    ['wasm', wasm, false, 9],
    ['noble, senders known', nobleEngine, true, 5],
    ['wasm, senders known', wasm, true, 9],
  ] as const) {
    figures[name] = (TRANSFERS / (await best(rounds, () => run(engine, senders)))) * 1000;
    console.log(`${TRANSFERS} transfers, ${name}: ${figures[name].toFixed(0)} per CPU-second`);
  }
  expect(figures.wasm!).toBeGreaterThan(500);
  expect(figures.noble!).toBeGreaterThan(100);
});

test('inserting into the trie beside @ethereumjs/mpt', { timeout: 600_000 }, async () => {
  const random = seededRandom(2);
  const entries = Array.from({ length: 5000 }, () => [random.bytes(32), random.bytes(70)] as const);
  const ours = (keccak: { keccak256(data: Uint8Array): Uint8Array }): string => {
    const nodes = new NodeStore(memoryStore(), {
      hasher: keccak,
      prefix: new Uint8Array(),
      cacheNodes: 0,
      verifyNodes: true,
    });
    let trie = Trie.open(nodes, EMPTY_ROOT);
    for (const [key, value] of entries) trie = trie.put(key, value);
    return trie.rootHash();
  };
  const theirs = async (useKeccak?: (data: Uint8Array) => Uint8Array): Promise<string> => {
    const trie = await createMPT(
      useKeccak === undefined ? {} : { useKeyHashingFunction: useKeccak },
    );
    for (const [key, value] of entries) await trie.put(key, value);
    return bytesToHex(trie.root());
  };
  const fast = (data: Uint8Array): Uint8Array => wasm.keccak256(data);
  expect(ours(defaultHasher)).toBe(await theirs());
  expect(ours(wasm)).toBe(await theirs(fast));
  const noble = await best(3, () => ours(defaultHasher));
  const quick = await best(5, () => ours(wasm));
  const peer = await best(1, () => theirs());
  const peerQuick = await best(2, () => theirs(fast));
  const rate = (ms: number): string => ((entries.length / ms) * 1000).toFixed(0);
  console.log(
    `trie inserts per CPU-second: noble ${rate(noble)}, wasm ${rate(quick)}; @ethereumjs/mpt ${rate(peer)}, with wasm keccak ${rate(peerQuick)}`,
  );
  expect(peer / noble).toBeGreaterThan(2);
  expect(peerQuick / quick).toBeGreaterThan(2);
});
