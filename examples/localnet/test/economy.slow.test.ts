/**
 * Twenty epochs of the running reference network: validators move by the seed, one stops signing, one
 * is proved to have signed twice, and at the end every atto is where a simulation puts it.
 */
import { createWasmEngine } from '@polyphony/crypto/wasm';
import { createStakingLedger, totalHoldings } from '@polyphony/epos';
import { genesisBalances, lastBlockOfEpoch } from '@polyphony/networks';
import { referenceTestKeys } from '@polyphony/networks/genesis/reference';
import { type Address, bytesToPlainHex } from '@polyphony/primitives';
import type { ShardState } from '@polyphony/sharding';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  blocksLeft,
  type Economy,
  firstSlash,
  hastyReference,
  replayEconomy,
  signTwice,
  startEconomy,
  wholeEpochs,
} from './economy.js';

const EPOCHS = 22n;
const network = hastyReference(8n);
const members = referenceTestKeys();
let economy: Economy;

beforeAll(async () => {
  economy = await startEconomy(network);
});
afterAll(() => economy.close());

const shards = [0, 1, 2, 3];
const minutes = (count: number): number => count * 60_000;

/** Shard by account. */
function placesOf(state: ShardState): Map<Address, number> {
  return new Map(
    state.committees.flatMap(({ shardId, slots }) =>
      slots.map(({ address }) => [address, shardId] as const),
    ),
  );
}

test('twenty epochs with an absent and a double-signing validator', async () => {
  const { running } = economy;
  const local = running.network;
  const engine = await createWasmEngine();
  const beacon = () => local.nodeOf(0)!;
  const epochNow = (): bigint => beacon().chain.head.block.header.epoch;
  const untilEpoch = (epoch: bigint): Promise<void> =>
    running.until(
      `epoch ${epoch} on every shard`,
      () => shards.every((shard) => BigInt(local.view().shards[shard]!.epoch) >= epoch),
      minutes(8),
    );
  const staking = () => beacon().stakingAfter(beacon().chain.head.block.header)!;

  await economy.registerOperators();
  await untilEpoch(4n);

  // The one with the least stake outside the beacon goes away for good: its shard has a quorum without it.
  const current = beacon().shardStates.at(epochNow());
  const places = placesOf(current);
  const outside = current.committees.slice(1).flatMap(({ slots }) => slots);
  const least = outside.reduce((a, b) => (a.effectiveStake! <= b.effectiveStake! ? a : b));
  const absent = members.find(({ address }) => address === least.address)!;
  const absentShard = places.get(absent.address)!;
  const slot = current.committees[absentShard]!.slots.findIndex(
    ({ address }) => address === absent.address,
  );
  await local.setRunning(absentShard, slot, false);

  // One of the beacon's committee signs two blocks of one height and view: the others report it.
  await untilEpoch(5n);
  await running.until('time for it', () => blocksLeft(beacon(), network) >= 4n, minutes(1));
  const committee = beacon().shardStates.at(epochNow()).committees[0]!;
  const offender = members.find(
    ({ address }) =>
      address !== absent.address && committee.slots.some((one) => one.address === address),
  )!;
  const stakeBefore = staking().wrapperOf(offender.address)!.delegations[0]!.amount;
  const paidBefore = new Map(
    members.map(({ address }) => [address, staking().balanceOf(address)] as const),
  );
  const witness = local.join(0, 'witness');
  let tried = 0n;
  await running.until(
    'the ban',
    () => {
      const { number } = beacon().chain.head.block.header;
      if (number > tried) {
        signTwice(beacon(), network, { bls: running.bls, peer: witness, member: offender });
      }
      tried = number;
      return staking().wrapperOf(offender.address)!.status === 'banned';
    },
    minutes(1),
  );
  witness.leave();
  const { reporter } = firstSlash(beacon(), network)!.record;
  expect(staking().wrapperOf(offender.address)!.delegations[0]!.amount).toBeLessThan(stakeBefore);
  expect(staking().balanceOf(reporter)).toBeGreaterThan(paidBefore.get(reporter)!);

  await untilEpoch(EPOCHS);
  const node = beacon();
  expect(wholeEpochs(node, network)).toBeGreaterThanOrEqual(20n);

  // Members moved, by a seed that came from a delay nearly always, and sizes stayed equal.
  let moves = 0;
  let delayed = 0;
  for (let epoch = 3n; epoch < EPOCHS; epoch++) {
    const [before, after] = [epoch - 1n, epoch].map((e) => placesOf(node.shardStates.at(e)));
    for (const [address, shard] of after!) {
      if (before!.has(address) && before!.get(address) !== shard) moves += 1;
    }
    const sizes = node.shardStates.at(epoch).committees.map(({ slots }) => slots.length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    const last = node.chain.blockAt(lastBlockOfEpoch(network, epoch - 1n))!.block.header;
    expect(last.shardState.length).toBeGreaterThan(0);
  }
  for (let number = 1n; number <= node.chain.head.block.header.number; number++) {
    if (node.chain.blockAt(number)!.block.header.vdf[0] === 3) delayed += 1;
  }
  expect(moves).toBeGreaterThan(5);
  expect(delayed).toBeGreaterThan(10);

  // Who is away or banned is not elected.
  const newest = node.shardStates.at(epochNow());
  const seated = new Set(
    newest.committees.flatMap(({ slots }) => slots.map((one) => bytesToPlainHex(one.blsPublicKey))),
  );
  expect(staking().wrapperOf(absent.address)!.status).toBe('inactive');
  expect(seated.has(absent.blsPublicKey.slice(2))).toBe(false);
  expect(seated.has(offender.blsPublicKey.slice(2))).toBe(false);

  // Every record and balance, and the whole supply.
  const { epochs, accounts, state } = replayEconomy(node, network, engine);
  const ledger = createStakingLedger(state.ledger);
  const held = ledger.accounts().reduce((sum, address) => sum + ledger.balanceOf(address), 0n);
  const staked = ledger
    .validators()
    .reduce((sum, address) => sum + totalHoldings(ledger.wrapperOf(address)!), 0n);
  const genesis = genesisBalances(network, 0).reduce((sum, { balance }) => sum + balance, 0n);
  const { issued, burntFees, burntStake } = state.totals;
  expect(held + staked).toBe(genesis + issued - burntFees - burntStake);
  expect(burntStake).toBeGreaterThan(0n);
  console.log(
    `${epochs} epochs, ${moves} moves, ${delayed} delayed seeds, ${accounts} records and balances equal, ` +
      `issued ${issued}, burnt ${burntFees} in fees and ${burntStake} of stake`,
  );
}, 900_000);
