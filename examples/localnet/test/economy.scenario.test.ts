/** Elections, random assignment and rewards in a running network of short epochs. */
import { createWasmEngine } from '@polyphony/crypto/wasm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { registerOperators } from '../src/operators.js';
import { hastyReference, replayEconomy, wholeEpochs } from './economy.js';
import { removeFolder, startTestNetwork, type TestNetwork, temporaryFolder } from './support.js';

const network = hastyReference(6n);
let folder: string;
let running: TestNetwork;

beforeAll(async () => {
  folder = await temporaryFolder();
  running = await startTestNetwork(folder, network);
});
afterAll(async () => {
  await running.network.close();
  await removeFolder(folder);
});

test('registered validators are elected and assigned by the seed; every atto is accounted for', async () => {
  const local = running.network;
  await registerOperators({
    network,
    bls: running.bls,
    httpUrl: local.view().shards[0]!.httpUrl,
    isValidator: (address) => local.isValidator(address),
    onNote: (text) => running.notes.push(text),
  });
  // Hosts come and go: always one that runs a beacon node now.
  const beacon = () => local.nodeOf(0)!;
  const isElected = (): boolean => {
    const { epoch } = beacon().chain.head.block.header;
    const slots =
      beacon()
        .shardStates.find(epoch)
        ?.committees.flatMap((one) => one.slots) ?? [];
    return slots.length > 0 && slots.every((slot) => (slot.effectiveStake ?? 0n) > 10n ** 36n);
  };
  await running.until('an elected epoch', isElected, 90_000);
  const elected = beacon().chain.head.block.header.epoch;
  await running.until(
    'a whole elected epoch on every shard',
    () =>
      wholeEpochs(beacon(), network) > elected &&
      [1, 2, 3].every((shard) => BigInt(local.view().shards[shard]!.epoch) > elected),
    90_000,
  );

  const state = beacon().shardStates.at(elected);
  // On a busy machine some sign too little in so short an epoch and are not elected again.
  const sizes = state.committees.map(({ slots }) => slots.length);
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  const slots = sizes.reduce((sum, size) => sum + size, 0);
  const stakes = state.committees.flatMap(({ slots }) => slots.map((slot) => slot.effectiveStake!));
  // Stakes between 120,000 and 2,700,000 ONE are bound to 35 % around their median.
  const [least, most] = [...stakes]
    .sort((a, b) => (a < b ? -1 : 1))
    .filter((_, i, all) => i === 0 || i === all.length - 1);
  expect(most! * 65n).toBeLessThanOrEqual(least! * 135n + 65n);
  // Chosen by its key, each validator would sit where the last byte says.
  const byKey = state.committees.flatMap(({ shardId, slots }) =>
    slots.filter(({ blsPublicKey }) => blsPublicKey[47]! % 4 === shardId),
  );
  expect(byKey.length).toBeLessThan(slots);

  const {
    epochs,
    accounts,
    state: simulated,
  } = replayEconomy(beacon(), network, await createWasmEngine());
  expect(epochs).toBeGreaterThan(Number(elected));
  expect(accounts).toBeGreaterThanOrEqual(16 + 19);
  expect(simulated.totals.issued).toBeGreaterThan(0n);
}, 240_000);
