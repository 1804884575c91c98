/**
 * The draw behind a resharding: which seats give up their shard, and where they and the newcomers go.
 *
 * Members are numbers here, their ranks by key; `resharding.ts` says what they are. The rule:
 *
 * 1. A member that holds more seats than it is due loses seats drawn at random; one that holds fewer
 *    joins with the rest.
 * 2. One number, the level, bounds how many seats every shard keeps. Seats above it are drawn and
 *    evicted. The level is the highest at which at least the wanted number is evicted and every shard
 *    has room up to its new size.
 * 3. New sizes differ by at most one; which shards are larger is drawn.
 * 4. Evicted seats and newcomers are shuffled together and dealt into the free places.
 *
 * All shards keep equally many where they can, so each place in the deal is in each shard with the
 * same probability, whoever left from where.
 */
import type { Fraction } from './fraction.js';
import type { RandomStream } from './random-stream.js';

/** How much a resharding moves. */
export interface ReshardingParameters {
  /** From 1 to 65536. */
  readonly shardCount: number;
  /** Part of the staying seats that is evicted in every epoch, from 0 to 1. */
  readonly evictionRate: Fraction;
  /** Seats evicted for each seat that joins, if this makes more: 0 or more. */
  readonly evictionsPerJoin: number;
}

/** What a member has and is due. */
export interface Member {
  /** The shard of each seat it holds. */
  readonly held: readonly number[];
  /** Seats it is to hold. */
  readonly seats: number;
}

/** A seat that stays in the network and changes its shard. */
export interface DealtMove {
  readonly member: number;
  readonly from: number;
  readonly to: number;
}

/** The outcome of a draw. */
export interface Deal {
  /** The members in each shard in the order of their seats, one entry for each seat. */
  readonly shards: readonly (readonly number[])[];
  /** Ascending by member. */
  readonly moves: readonly DealtMove[];
  /** Seats that were not there before. */
  readonly joined: number;
  /** Seats of these members that ended. */
  readonly left: number;
  /** Seats drawn to be dealt again; some come back to their shard, the others are the moves. */
  readonly evicted: number;
}

/** A seat on its way: `from` is -1 for a newcomer. */
interface Loose {
  readonly member: number;
  readonly from: number;
}

/** What to evict: the fixed part rounded up, or as many as the newcomers demand, but not more than all. */
function wantedEvictions(
  staying: number,
  joined: number,
  parameters: ReshardingParameters,
): number {
  const { numerator, denominator } = parameters.evictionRate;
  const fixed = (BigInt(staying) * numerator + denominator - 1n) / denominator;
  return Math.min(staying, Math.max(Number(fixed), parameters.evictionsPerJoin * joined));
}

/** The highest level, at most `most`, at which the shards evict at least `wanted` seats. */
function levelFor(sizes: readonly number[], wanted: number, most: number): number {
  let level = most;
  let evicted = sizes.reduce((sum, size) => sum + Math.max(size - level, 0), 0);
  while (evicted < wanted) {
    level -= 1;
    for (const size of sizes) if (size > level) evicted += 1;
  }
  return level;
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/**
 * Draws a new assignment.
 *
 * @param members - By rank. The outcome does not depend on the order of what they hold.
 */
export function deal(
  members: readonly Member[],
  parameters: ReshardingParameters,
  random: RandomStream,
): Deal {
  const { shardCount } = parameters;
  const kept: number[][] = Array.from({ length: shardCount }, () => []);
  const loose: Loose[] = [];
  let joined = 0;
  let left = 0;
  let total = 0;
  members.forEach(({ held, seats }, member) => {
    let stays = held;
    if (held.length > seats) {
      const drawn = [...held].sort((a, b) => a - b);
      random.drawToFront(drawn, seats);
      stays = drawn.slice(0, seats);
      left += held.length - seats;
    }
    for (const shard of stays) {
      if (shard < shardCount) kept[shard]!.push(member);
      else loose.push({ member, from: shard });
    }
    for (let seat = held.length; seat < seats; seat++) loose.push({ member, from: -1 });
    joined += Math.max(seats - held.length, 0);
    total += seats;
  });

  // Seats of shards that are given up are loose already and count towards what is to be evicted.
  const homeless = loose.length - joined;
  const wanted = wantedEvictions(total - joined, joined, parameters) - homeless;
  const smaller = Math.floor(total / shardCount);
  const level = levelFor(
    kept.map((seats) => seats.length),
    wanted,
    smaller,
  );
  kept.forEach((seats, shard) => {
    const over = seats.length - level;
    if (over <= 0) return;
    random.drawToFront(seats, over);
    for (const member of seats.splice(0, over)) loose.push({ member, from: shard });
  });

  const order = upTo(shardCount);
  random.drawToFront(order, total % shardCount);
  const larger = new Set(order.slice(0, total % shardCount));
  loose.sort((a, b) => a.member - b.member || a.from - b.from);
  random.drawToFront(loose, loose.length);
  const moves: DealtMove[] = [];
  let next = 0;
  kept.forEach((seats, shard) => {
    const size = larger.has(shard) ? smaller + 1 : smaller;
    while (seats.length < size) {
      const { member, from } = loose[next]!;
      next += 1;
      seats.push(member);
      if (from >= 0 && from !== shard) moves.push({ member, from, to: shard });
    }
    seats.sort((a, b) => a - b);
    random.drawToFront(seats, seats.length);
  });
  moves.sort((a, b) => a.member - b.member || a.from - b.from || a.to - b.to);
  return { shards: kept, moves, joined, left, evicted: loose.length - joined };
}
