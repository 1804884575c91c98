/**
 * Random assignment to shards by a seed, with bounded moves: the design that the live network never
 * had, where a key's bytes choose its shard (`shardOfKey`).
 *
 * A seat is what is assigned: an elected key, or each of its voting shares. In each epoch newcomers
 * and a bounded part of the others are dealt to the shards anew (`deal.ts`). The rule is ours, after
 * the bounded Cuckoo rule: docs/decisions says why, docs/security-of-sharding.md what it measures.
 * Who is elected and where the seed comes from is decided elsewhere: whoever is elected must be fixed
 * before anybody can know the seed.
 *
 * @source Harmony's white paper 2.0, resharding (the idea); the rule itself is of this repository
 */
import { bytesToHex, compareBytes } from '@polyphony/primitives';
import { BLS_PUBLIC_KEY_LENGTH } from './committee.js';
import { type Deal, deal, type Member, type ReshardingParameters } from './deal.js';
import { ShardingError } from './errors.js';
import { assertPart } from './fraction.js';
import { epochBytes, randomStream } from './random-stream.js';

/** The keys of a shard: one entry for each seat, in the order of the committee. */
export interface AssignedShard {
  readonly shardId: number;
  readonly keys: readonly Uint8Array[];
}

/** Which seats are where. */
export type Assignment = readonly AssignedShard[];

/** A key that is to have seats. */
export interface ElectedKey {
  /** 48 bytes. */
  readonly blsPublicKey: Uint8Array;
  /** How many: 1 when left out, 0 for none. */
  readonly seats?: number;
}

/** What a resharding depends on, and nothing else. */
export interface ReshardingInput {
  /** The assignment that ends; empty before the first one. */
  readonly previous: Assignment;
  /** In any order. */
  readonly elected: readonly ElectedKey[];
  /** The epoch the new assignment serves in. */
  readonly epoch: bigint;
  /** 32 bytes that nobody knew when the elected keys were fixed. */
  readonly seed: Uint8Array;
  readonly parameters: ReshardingParameters;
}

/** A seat that stays in the network and changes its shard: who holds it needs another state. */
export interface SeatMove {
  readonly blsPublicKey: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/** How much a resharding changed, in seats. */
export interface ReshardingSummary {
  /** By ascending key. Together never more than `evicted`. */
  readonly moves: readonly SeatMove[];
  readonly joined: number;
  readonly left: number;
  /**
   * Seats that stayed in the network and were dealt anew. At most the larger of what the parameters
   * want and what keeping the sizes equal needs, plus one less than the number of shards.
   */
  readonly evicted: number;
}

/** A new assignment. */
export interface Resharding extends ReshardingSummary {
  /** By ascending shard id; sizes differ by at most one seat. */
  readonly assignment: Assignment;
}

const SEED_LENGTH = 32;
/** Bounds on what an input can make us allocate. */
const MAX_SHARDS = 2 ** 16;
const MAX_SEATS = 2 ** 24;
const MAX_EVICTIONS_PER_JOIN = 2 ** 20;

/**
 * Parameters for a number of shards: a tenth of the seats in each epoch, and nine for each seat that
 * joins, the fewest that hold an attacker with a quarter of the seats below a third of any shard on
 * average (`evictionsPerJoinNeeded` of `./security`).
 *
 * @example defaultResharding(shardingAt(reference, epoch).shardCount)
 */
export function defaultResharding(shardCount: number): ReshardingParameters {
  return {
    shardCount,
    evictionRate: { numerator: 1n, denominator: 10n },
    evictionsPerJoin: 9,
  };
}

function outOfRange(what: string, reason: string): never {
  throw new ShardingError({ code: 'sharding/out-of-range', what, reason });
}

function invalid(reason: string): never {
  throw new ShardingError({ code: 'sharding/invalid-committee', reason });
}

function assertInteger(what: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  outOfRange(what, `must be an integer from ${least} to ${most}, got ${value}`);
}

function assertInput({ epoch, seed, parameters }: ReshardingInput): void {
  assertInteger('shard count', parameters.shardCount, 1, MAX_SHARDS);
  assertInteger('evictions per join', parameters.evictionsPerJoin, 0, MAX_EVICTIONS_PER_JOIN);
  assertPart('eviction rate', parameters.evictionRate);
  if (seed.length !== SEED_LENGTH) {
    outOfRange('seed', `must be ${SEED_LENGTH} bytes, got ${seed.length}`);
  }
  if (epoch < 0n || epoch >> 64n !== 0n) outOfRange('epoch', `must fit 64 bits, got ${epoch}`);
}

function assertKey(key: Uint8Array): Uint8Array {
  if (key.length === BLS_PUBLIC_KEY_LENGTH) return key;
  return invalid(`a BLS public key must be ${BLS_PUBLIC_KEY_LENGTH} bytes, got ${key.length}`);
}

/** Elected keys by rank: ascending bytes, so that the order of the input does not matter. */
function ranked(elected: readonly ElectedKey[]): readonly Required<ElectedKey>[] {
  const keys = elected
    .map(({ blsPublicKey, seats = 1 }) => {
      assertInteger('seats of a key', seats, 0, MAX_SEATS);
      return { blsPublicKey: assertKey(blsPublicKey), seats };
    })
    .sort((a, b) => compareBytes(a.blsPublicKey, b.blsPublicKey));
  for (let rank = 1; rank < keys.length; rank++) {
    if (compareBytes(keys[rank - 1]!.blsPublicKey, keys[rank]!.blsPublicKey) === 0) {
      invalid('a key is elected twice; give it more seats instead');
    }
  }
  return keys;
}

/**
 * Assigns the seats of an epoch.
 *
 * Pure and deterministic: the same keys, seats, seed, epoch and parameters give the same assignment in
 * the same order, whatever the order of the input. Time grows with the number of seats.
 *
 * @throws {@link ShardingError} `sharding/too-few-seats` with fewer seats than shards;
 * `sharding/invalid-committee` for a key of a wrong length or elected twice, or a shard that is named
 * twice; `sharding/out-of-range` for parameters, seats, seed or epoch outside their bounds.
 * @example
 * const { assignment, moves } = reshard({
 *   previous: assignmentOf(state), elected, epoch, seed, parameters: defaultResharding(4),
 * })
 */
export function reshard(input: ReshardingInput): Resharding {
  assertInput(input);
  const { previous, elected, epoch, seed, parameters } = input;
  const keys = ranked(elected);
  const seats = keys.reduce((sum, key) => sum + key.seats, 0);
  if (seats > MAX_SEATS)
    outOfRange('number of seats', `must be at most ${MAX_SEATS}, got ${seats}`);
  if (seats < parameters.shardCount) {
    throw new ShardingError({
      code: 'sharding/too-few-seats',
      needed: parameters.shardCount,
      actual: seats,
    });
  }
  const ranks = new Map(keys.map(({ blsPublicKey }, rank) => [bytesToHex(blsPublicKey), rank]));
  const members = keys.map((key) => ({ held: [] as number[], seats: key.seats }) satisfies Member);
  const named = new Set<number>();
  let gone = 0;
  for (const shard of previous) {
    if (named.has(shard.shardId)) invalid(`shard ${shard.shardId} is named twice`);
    named.add(shard.shardId);
    for (const key of shard.keys) {
      const rank = ranks.get(bytesToHex(assertKey(key)));
      if (rank === undefined) gone += 1;
      else members[rank]!.held.push(shard.shardId);
    }
  }
  const random = randomStream('polyphony/resharding/1', seed, epochBytes(epoch));
  return withKeys(deal(members, parameters, random), keys, gone);
}

/** A draw with keys for ranks. */
function withKeys(drawn: Deal, keys: readonly ElectedKey[], gone: number): Resharding {
  const keyOf = (member: number): Uint8Array => keys[member]!.blsPublicKey;
  return {
    assignment: drawn.shards.map((members, shardId) => ({ shardId, keys: members.map(keyOf) })),
    moves: drawn.moves.map(({ member, from, to }) => ({ blsPublicKey: keyOf(member), from, to })),
    joined: drawn.joined,
    left: drawn.left + gone,
    evicted: drawn.evicted,
  };
}
