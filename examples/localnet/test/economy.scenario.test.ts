/** Elections, random assignment and rewards in a running network of short epochs. */
import { createWasmEngine } from '@polyphony/crypto/wasm';
import { referenceTestKeys } from '@polyphony/networks/genesis/reference';
import type { Address } from '@polyphony/primitives';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type Economy,
  firstSlash,
  hastyReference,
  replayEconomy,
  signTwice,
  startEconomy,
  wholeEpochs,
} from './economy.js';

const network = hastyReference(6n);
const members = referenceTestKeys();
let economy: Economy;

beforeAll(async () => {
  economy = await startEconomy(network);
});
afterAll(() => economy.close());

test('validators are elected, assigned by the seed, slashed for signing twice; every atto is accounted for', async () => {
  const { running } = economy;
  const local = running.network;
  await economy.registerOperators();
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

  // A member of shard 1 signs twice: the others there report it, and the beacon punishes it.
  const shard = () => local.nodeOf(1)!;
  const committee = () => {
    const { epoch } = shard().chain.head.block.header;
    return beacon().shardStates.find(epoch)?.committees[1]?.slots ?? [];
  };
  const wrapperOf = (address: Address) =>
    beacon().stakingAfter(beacon().chain.head.block.header)!.wrapperOf(address)!;
  const stakeOf = (address: Address): bigint => wrapperOf(address).delegations[0]!.amount;
  const peer = local.join(1, 'somewhere');
  /** Who signed twice, with the stake before; another one when the epoch ends meanwhile. */
  const accused = new Map<Address, bigint>();
  let tried = 0n;
  await running.until(
    'the ban',
    () => {
      const { number } = shard().chain.head.block.header;
      const address = committee().length === 4 ? committee()[1]!.address : undefined;
      if (number > tried && address !== undefined) {
        tried = number;
        if (!accused.has(address)) accused.set(address, stakeOf(address));
        const member = members.find((one) => one.address === address)!;
        signTwice(shard(), network, { bls: running.bls, peer, member });
      }
      return [...accused.keys()].some((one) => wrapperOf(one).status === 'banned');
    },
    60_000,
  );
  peer.leave();
  const { number, record } = firstSlash(beacon(), network)!;
  const { evidence, reporter } = record;
  expect(evidence.shardId).toBe(1);
  expect(stakeOf(evidence.offender)).toBeLessThan(accused.get(evidence.offender)!);
  expect(evidence.firstVote.statement).toMatchObject({ kind: 'commit', viewId: evidence.viewId });
  expect(evidence.secondVote.statement).toMatchObject({ kind: 'commit', viewId: evidence.viewId });
  const reporters = beacon().shardStates.at(evidence.epoch).committees[1]!.slots;
  expect(reporters.map((one) => one.address)).toContain(reporter);
  const { epoch } = beacon().chain.blockAt(number)!.block.header;
  await running.until(
    'the end of that epoch',
    () => wholeEpochs(beacon(), network) > epoch,
    30_000,
  );

  const {
    epochs,
    accounts,
    state: simulated,
  } = replayEconomy(beacon(), network, await createWasmEngine());
  expect(epochs).toBeGreaterThan(Number(elected));
  expect(accounts).toBeGreaterThanOrEqual(16 + 19);
  expect(simulated.totals.issued).toBeGreaterThan(0n);
  expect(simulated.totals.burntStake).toBeGreaterThan(0n);
}, 240_000);
