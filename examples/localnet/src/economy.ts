/**
 * The economy of a running network as its page shows it: who stakes what, who sits where, what was
 * earned, issued and burnt. Read from a beacon node and the counts of all shards.
 */
import { nakamotoCoefficient, type StakingView, totalDelegation } from '@polyphony/epos';
import { lastBlockOfEpoch, type Network } from '@polyphony/networks';
import {
  type Address,
  addDec,
  bytesToHex,
  DEC_ZERO,
  type Dec,
  formatOne,
  formatOneAddress,
  truncateIntDec,
} from '@polyphony/primitives';
import type { ReferenceNode } from '@polyphony/reference-node';
import type { ShardState } from '@polyphony/sharding';
import type { EconomyView, StakerView } from './dashboard/protocol.js';

interface Seat {
  readonly shards: readonly number[];
  readonly effectiveStake: Dec;
}

/** Where the keys of each account sit, and what counts of its stake there. */
function seatsOf(state: ShardState | undefined): ReadonlyMap<Address, Seat> {
  const seats = new Map<Address, Seat>();
  for (const { shardId, slots } of state?.committees ?? []) {
    for (const { address, effectiveStake } of slots) {
      const known = seats.get(address);
      const shards = known?.shards ?? [];
      seats.set(address, {
        shards: shards.includes(shardId) ? shards : [...shards, shardId],
        effectiveStake: addDec(known?.effectiveStake ?? DEC_ZERO, effectiveStake ?? DEC_ZERO),
      });
    }
  }
  return seats;
}

/** The economy at a beacon node's head; undefined for a node of another shard. */
export function economyOf(
  network: Network,
  beacon: ReferenceNode,
  nodes: readonly ReferenceNode[],
): EconomyView | undefined {
  const { header } = beacon.chain.head.block;
  const view = beacon.stakingAfter(header);
  if (view === undefined) return undefined;
  const { epoch } = header;
  const seats = seatsOf(beacon.shardStates.find(epoch));
  const before = seatsOf(epoch > 0n ? beacon.shardStates.find(epoch - 1n) : undefined);
  const stakers = view
    .validators()
    .flatMap((address) => stakerOf(address, view, epoch, seats, before));
  stakers.sort((a, b) => compare(b.effective, a.effective) || compare(b.stake, a.stake));
  const totals = nodes.map(({ supply }) => supply.totals);
  const sum = (of: (one: (typeof totals)[number]) => bigint): bigint =>
    totals.reduce((all, one) => all + of(one), 0n);
  const issued = sum((one) => one.issued);
  const burntFees = sum((one) => one.burntFees);
  const burntStake = sum((one) => one.burntStake);
  const { randomness } = beacon;
  const coefficient = (amounts: readonly bigint[]): number | null =>
    amounts.some((amount) => amount > 0n) ? nakamotoCoefficient(amounts) : null;
  return {
    epoch: epoch.toString(),
    lastBlock: lastBlockOfEpoch(network, epoch).toString(),
    seed: randomness === undefined ? null : bytesToHex(randomness.current.seed),
    seedOrigin: randomness?.current.origin ?? null,
    nextSeed: randomness?.next === undefined ? null : bytesToHex(randomness.next.seed),
    validators: stakers.map(({ shown }) => shown),
    issued: formatOne(issued),
    burntFees: formatOne(burntFees),
    burntStake: formatOne(burntStake),
    netIssuance: formatOne(issued - burntFees - burntStake),
    nakamotoStake: coefficient(stakers.map(({ stake }) => stake)),
    nakamotoEffective: coefficient(stakers.map(({ effective }) => effective)),
  };
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

function stakerOf(
  address: Address,
  view: StakingView,
  epoch: bigint,
  seats: ReadonlyMap<Address, Seat>,
  before: ReadonlyMap<Address, Seat>,
): readonly { shown: StakerView; stake: bigint; effective: bigint }[] {
  const wrapper = view.wrapperOf(address);
  if (wrapper === undefined) return [];
  const seat = seats.get(address);
  const start = view.snapshotOf(address, epoch)?.counters ?? wrapper.counters;
  const stake = totalDelegation(wrapper);
  const effective = seat === undefined ? 0n : truncateIntDec(seat.effectiveStake);
  const place = (of: Seat | undefined): string => [...(of?.shards ?? [])].sort().join();
  const shown: StakerView = {
    account: formatOneAddress(address),
    name: wrapper.description.name,
    status: wrapper.status,
    shards: seat?.shards ?? [],
    moved: seat !== undefined && before.has(address) && place(seat) !== place(before.get(address)),
    stake: formatOne(stake),
    effectiveStake: seat === undefined ? null : formatOne(effective),
    rewards: formatOne(wrapper.blockReward),
    toSign: (wrapper.counters.toSign - start.toSign).toString(),
    signed: (wrapper.counters.signed - start.signed).toString(),
  };
  return [{ shown, stake, effective }];
}
