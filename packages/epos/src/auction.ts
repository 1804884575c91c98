/**
 * The auction: which bids win a slot, and how much of their stake counts.
 *
 * A validator's stake is spread evenly over its keys; the richest keys win. What counts of a winning
 * stake is kept near the median of the winners, so that nobody gains by putting much on few keys. Who
 * may bid, and where the winners sit, is decided in `election.ts`.
 *
 * @source harmony/staking/effective/calculate.go: Compute, Apply, Median
 */
import { isActive, type Network } from '@polyphony/networks';
import {
  type Address,
  addDec,
  DEC_ONE,
  DEC_ZERO,
  type Dec,
  decFromBigInt,
  decFromBigIntWithPrecision,
  maxDec,
  minDec,
  mulDec,
  quoDec,
  quoIntDec,
  subDec,
} from '@polyphony/primitives';
import type { Purchase } from '@polyphony/sharding';

/** What a validator bids: its stake, spread over its keys. */
export interface SlotOrder {
  readonly address: Address;
  /** Atto. */
  readonly stake: bigint;
  /** 48 bytes each. An order without keys wins nothing. */
  readonly blsPublicKeys: readonly Uint8Array[];
}

/** A slot that was won. */
export interface Winner extends Purchase {
  /** The stake behind the key, in atto as a decimal. */
  readonly rawStake: Dec;
}

/** What an auction came to. */
export interface AuctionResult {
  /** Of the raw stakes of the winners; 0 without any. */
  readonly median: Dec;
  /** By raw stake, the greatest first; then by address, then in the validator's order of keys. */
  readonly winners: readonly Winner[];
}

const BOUND_15: Dec = decFromBigIntWithPrecision(15n, 2);
const BOUND_35: Dec = decFromBigIntWithPrecision(35n, 2);
const TWO: Dec = decFromBigInt(2n);

/**
 * How far from the median a stake may count, as a part of the median: 0.15, from `eposBound35` 0.35.
 *
 * @param epoch - The epoch elected for.
 * @source harmony/staking/effective/calculate.go: Apply
 */
export function stakeBoundAt(network: Network, epoch: bigint): Dec {
  return isActive(network, 'eposBound35', epoch) ? BOUND_35 : BOUND_15;
}

function middle(ascendingOrDescending: readonly Dec[]): Dec {
  const size = ascendingOrDescending.length;
  if (size === 0) return DEC_ZERO;
  const half = size >> 1;
  const upper = ascendingOrDescending[half]!;
  if (size % 2 === 1) return upper;
  return quoDec(addDec(ascendingOrDescending[half - 1]!, upper), TWO);
}

/**
 * The median of stakes in any order: the middle one, or the mean of the middle two with half an atto's
 * last digit to the even neighbour; 0 of none.
 *
 * @source harmony/staking/effective/calculate.go: Median
 * @example medianStake([3n, 1n, 2n].map(decFromBigInt))  // 2
 */
export function medianStake(stakes: readonly Dec[]): Dec {
  return middle([...stakes].sort((a, b) => (a < b ? 1 : a > b ? -1 : 0)));
}

/**
 * What counts of a stake: itself, but no more than `(1 + bound)` and no less than `(1 - bound)` times
 * the median.
 *
 * @param rawStake - Atto as a decimal, like the median.
 * @param bound - See {@link stakeBoundAt}.
 * @source harmony/staking/effective/calculate.go: effectiveStake
 */
export function effectiveStake(rawStake: Dec, median: Dec, bound: Dec): Dec {
  const highest = mulDec(addDec(DEC_ONE, bound), median);
  const lowest = mulDec(subDec(DEC_ONE, bound), median);
  return maxDec(minDec(highest, rawStake), lowest);
}

/** An order that may win, with the stake per key exactly and as a double. */
interface Bid {
  readonly order: SlotOrder;
  readonly rough: number;
  readonly rawStake: Dec;
}

/** Doubles of stakes are off by less than this part of them. */
const DOUBLE_ERROR = 2 ** -48;

/**
 * Stakes per key as doubles, and the least that one can be and still win. Exact integers of 30 digits
 * are compared only where doubles are too near to tell.
 */
function roughStakes(orders: readonly SlotOrder[], slots: number) {
  const rough = new Float64Array(orders.length);
  let bids = 0;
  orders.forEach(({ stake, blsPublicKeys }, i) => {
    bids += blsPublicKeys.length;
    rough[i] = blsPublicKeys.length === 0 ? -1 : Number(stake) / blsPublicKeys.length;
  });
  if (bids <= slots || slots === 0) return { rough, least: slots === 0 ? Infinity : 0 };
  const all = new Float64Array(bids);
  let at = 0;
  orders.forEach(({ blsPublicKeys }, i) => {
    all.fill(rough[i]!, at, at + blsPublicKeys.length);
    at += blsPublicKeys.length;
  });
  all.sort();
  return { rough, least: all[bids - slots]! * (1 - 4 * DOUBLE_ERROR) };
}

/** By stake per key, the greatest first, then by address. */
function compareBids(a: Bid, b: Bid): number {
  const gap = b.rough - a.rough;
  if (Math.abs(gap) > (a.rough + b.rough) * DOUBLE_ERROR) return gap;
  if (a.rawStake !== b.rawStake) return a.rawStake < b.rawStake ? 1 : -1;
  const first = a.order.address;
  const second = b.order.address;
  return first < second ? -1 : first > second ? 1 : 0;
}

/**
 * Sells slots to the richest keys.
 *
 * The order of the orders does not matter, nor does how many slots a shard gets. Time is that of
 * sorting the bids as doubles and the winners exactly.
 *
 * @param orders - One per validator.
 * @param slots - How many there are over all shards.
 * @param bound - See {@link stakeBoundAt}.
 * @source harmony/staking/effective/calculate.go: Apply
 * @example runAuction(orders, shardingAt(network, epoch).externalSlots, stakeBoundAt(network, epoch))
 */
export function runAuction(orders: readonly SlotOrder[], slots: number, bound: Dec): AuctionResult {
  const { rough, least } = roughStakes(orders, slots);
  const bids: Bid[] = [];
  orders.forEach((order, i) => {
    const keys = order.blsPublicKeys.length;
    if (keys === 0 || rough[i]! < least) return;
    const rawStake = quoIntDec(decFromBigInt(order.stake), BigInt(keys));
    bids.push({ order, rough: rough[i]!, rawStake });
  });
  bids.sort(compareBids);
  const stakes: Dec[] = [];
  const sold: (readonly [bid: Bid, keys: number])[] = [];
  for (const bid of bids) {
    const keys = Math.min(bid.order.blsPublicKeys.length, slots - stakes.length);
    if (keys === 0) break;
    for (let i = 0; i < keys; i++) stakes.push(bid.rawStake);
    sold.push([bid, keys]);
  }
  const median = middle(stakes);
  const winners: Winner[] = [];
  for (const [{ order, rawStake }, keys] of sold) {
    const { address, blsPublicKeys } = order;
    const counted = effectiveStake(rawStake, median, bound);
    for (let i = 0; i < keys; i++) {
      const blsPublicKey = blsPublicKeys[i]!;
      winners.push({ address, blsPublicKey, effectiveStake: counted, rawStake });
    }
  }
  return { median, winners };
}
