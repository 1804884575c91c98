/**
 * Random assignments as shard states, the form that headers carry and committees are read from.
 *
 * With one seat for each key, a committee's slots are its seats. With voting shares a key has one slot
 * in each shard where it has seats, and its stake is divided among them. How seats are assigned is
 * decided in `resharding.ts`.
 */
import {
  type Address,
  bytesToHex,
  type Dec,
  decFromBigInt,
  decFromRaw,
} from '@polyphony/primitives';
import type { Purchase } from './assignment.js';
import type { Committee, ShardState, Slot } from './committee.js';
import type { ReshardingParameters } from './deal.js';
import { ShardingError } from './errors.js';
import { type Assignment, type ReshardingSummary, reshard } from './resharding.js';

/** An auction winner: with one seat, or with a seat for each of its voting shares. */
export interface Winner extends Purchase {
  /** How many: 1 when left out, 0 for none. */
  readonly seats?: number;
}

function invalid(reason: string): never {
  throw new ShardingError({ code: 'sharding/invalid-committee', reason });
}

function seatsOf(slot: Slot, price: bigint): number {
  const raw = slot.effectiveStake ?? invalid('a slot without stake has no shares');
  const one = decFromBigInt(price);
  if (raw <= 0n || raw % one !== 0n) {
    invalid(`the stake of a slot must be a multiple of the price of a share, ${price} atto`);
  }
  return Number(raw / one);
}

/**
 * The assignment that a shard state shows.
 *
 * @param seatPrice - Price of a voting share in atto at the time; without it each slot is one seat.
 * @throws {@link ShardingError} `sharding/invalid-committee` for a stake that is no multiple of the
 * price; `sharding/out-of-range` for a price that is not positive.
 */
export function assignmentOf(state: ShardState, seatPrice?: bigint): Assignment {
  if (seatPrice !== undefined && seatPrice <= 0n) {
    throw new ShardingError({
      code: 'sharding/out-of-range',
      what: 'price of a share',
      reason: `must be positive, got ${seatPrice}`,
    });
  }
  return state.committees.map(({ shardId, slots }) => ({
    shardId,
    keys:
      seatPrice === undefined
        ? slots.map(({ blsPublicKey }) => blsPublicKey)
        : slots.flatMap((slot) =>
            Array.from({ length: seatsOf(slot, seatPrice) }, () => slot.blsPublicKey),
          ),
  }));
}

interface Holder {
  readonly address: Address;
  readonly effectiveStake: Dec;
  readonly seats: number;
  /** What is left of the stake after the slots made so far. */
  left: Dec;
  seatsLeft: number;
}

/**
 * The shard state of an assignment. A key's effective stake is divided among its slots by their seats;
 * what rounding leaves goes to the slot in its last shard, so that nothing is lost.
 *
 * @param winners - Whose keys the assignment has, with the same numbers of seats.
 * @param epoch - The epoch the committees serve in.
 * @returns Committees in the order of the assignment. A key's slot stands where its first seat does.
 * @throws {@link ShardingError} `sharding/invalid-committee` when the seats of a key in the assignment
 * are not those of a winner.
 */
export function shardStateOf(
  assignment: Assignment,
  winners: readonly Winner[],
  epoch: bigint,
): ShardState {
  const holders = new Map<string, Holder>(
    winners.map(({ address, blsPublicKey, effectiveStake, seats = 1 }) => [
      bytesToHex(blsPublicKey),
      { address, effectiveStake, seats, left: effectiveStake, seatsLeft: seats },
    ]),
  );
  const committees = assignment.map(({ shardId, keys }): Committee => {
    const here = new Map<string, { key: Uint8Array; seats: number }>();
    for (const key of keys) {
      const text = bytesToHex(key);
      const entry = here.get(text);
      if (entry === undefined) here.set(text, { key, seats: 1 });
      else entry.seats += 1;
    }
    const slots = [...here].map(([text, { key, seats }]): Slot => {
      const holder = holders.get(text) ?? invalid(`key ${text} is assigned but has not won`);
      holder.seatsLeft -= seats;
      if (holder.seatsLeft < 0) invalid(`key ${text} is assigned more seats than it won`);
      const stake =
        holder.seatsLeft === 0
          ? holder.left
          : decFromRaw((holder.effectiveStake * BigInt(seats)) / BigInt(holder.seats));
      holder.left = decFromRaw(holder.left - stake);
      return { address: holder.address, blsPublicKey: key, effectiveStake: stake };
    });
    return { shardId, slots };
  });
  for (const [text, { seatsLeft }] of holders) {
    if (seatsLeft > 0) invalid(`key ${text} is assigned fewer seats than it won`);
  }
  return { epoch, committees };
}

/** What the committees of a randomly sharded epoch depend on. */
export interface AssignedStateInput {
  /** The committees that end; `undefined` or those of the genesis block before the first election. */
  readonly previous: ShardState | undefined;
  /** With voting shares: their price in atto when `previous` was made. Left out, a slot is a seat. */
  readonly previousSeatPrice?: bigint;
  /** In any order. With voting shares, effective stakes that are multiples of the new price. */
  readonly winners: readonly Winner[];
  /** The epoch the committees will serve in. */
  readonly epoch: bigint;
  /** 32 bytes from the randomness beacon, which nobody knew when the winners were fixed. */
  readonly seed: Uint8Array;
  readonly parameters: ReshardingParameters;
}

/** The committees of an epoch and what changed to make them. */
export interface AssignedState extends ReshardingSummary {
  /** In the staking form. */
  readonly state: ShardState;
}

/**
 * The committees of the next epoch: the winners of the auction, assigned to shards by the seed.
 *
 * @throws {@link ShardingError} as `reshard`, `assignmentOf` and `shardStateOf`. Without enough winners
 * (`sharding/too-few-seats`) a network keeps its committees, which is the caller's decision.
 * @example
 * const { state, moves } = assignedShardState({
 *   previous, winners, epoch: 8n, seed, parameters: defaultResharding(4),
 * })
 * encodeShardState(state, 'staking')
 */
export function assignedShardState(input: AssignedStateInput): AssignedState {
  const { previous, previousSeatPrice, winners, epoch, seed, parameters } = input;
  const { assignment, ...summary } = reshard({
    previous: previous === undefined ? [] : assignmentOf(previous, previousSeatPrice),
    elected: winners,
    epoch,
    seed,
    parameters,
  });
  return { state: shardStateOf(assignment, winners, epoch), ...summary };
}
