/**
 * The resharding code that Harmony's repository held in 2019, as an exact replay.
 *
 * It was never in use on mainnet: committees came from fixed lists, then from auctions. Its seed was a
 * mock, and its Cuckoo rule moves the last nodes of a list, the newcomers before all others. It stays
 * here so that old fixtures can be recomputed. Our own rule is in `resharding.ts`.
 *
 * @source harmony/core/resharding.go at 97efce2^ (2019): Reshard
 */
import { bytesToHex, compareBytes } from '@polyphony/primitives';
import { ShardingError } from '../errors.js';
import { type GoRandom, goRandom } from './go-random.js';

/** A shard with its nodes by key, the leader first. */
export interface Shard2019 {
  readonly shardId: number;
  readonly keys: readonly Uint8Array[];
}

/** What the 2019 code reshards. */
export interface Resharding2019 {
  readonly shards: readonly Shard2019[];
  /** Nodes that join. */
  readonly newKeys: readonly Uint8Array[];
  /** Seed of Go's generator. */
  readonly seed: bigint;
  /** Part of a larger shard that is moved, 0 to 1, as the double that Go computes with. */
  readonly percent: number;
}

interface Working {
  readonly shardId: number;
  keys: Uint8Array[];
}

/** Sorts by key, then shuffles: the same result for every order of the input. */
function shuffle(keys: Uint8Array[], random: GoRandom): void {
  keys.sort(compareBytes);
  random.shuffle(keys);
}

/** Larger shards first. Go's sort keeps the order of equals up to 12 shards, this one always. */
function sortBySize(shards: Working[]): void {
  shards.sort((a, b) => b.keys.length - a.keys.length);
}

function assertInput({ shards, newKeys, percent }: Resharding2019): void {
  if (!(percent >= 0 && percent <= 1)) {
    throw new ShardingError({
      code: 'sharding/out-of-range',
      what: 'moved part',
      reason: `must be from 0 to 1, got ${percent}`,
    });
  }
  const refuse = (reason: string): never => {
    throw new ShardingError({ code: 'sharding/invalid-committee', reason });
  };
  if (shards.length === 0) refuse('there must be at least one shard');
  const seen = new Set<string>();
  for (const key of [...shards.flatMap(({ keys }) => keys), ...newKeys]) {
    const text = bytesToHex(key);
    if (seen.has(text)) refuse(`key ${text} occurs twice`);
    seen.add(text);
  }
  for (const { shardId, keys } of shards) {
    if (keys.length === 0) refuse(`shard ${shardId} has no nodes, so no leader`);
  }
}

/** Newcomers go to the larger half, in turn. */
function admit(shards: Working[], newKeys: Uint8Array[], active: number, random: GoRandom): void {
  sortBySize(shards);
  shuffle(newKeys, random);
  newKeys.forEach((key, index) => {
    shards[active > 0 ? index % active : 0]!.keys.push(key);
  });
}

/** The ends of the larger half's lists go to the smaller half, in turn. At least one of a list. */
function evict(shards: Working[], percent: number, active: number, random: GoRandom): void {
  const moved: Uint8Array[] = [];
  for (const shard of shards.slice(0, active)) {
    const count = Math.max(Math.trunc(percent * shard.keys.length), 1);
    if (count < shard.keys.length) moved.push(...shard.keys.splice(shard.keys.length - count));
  }
  shuffle(moved, random);
  moved.forEach((key, index) => {
    shards[active + (index % (shards.length - active))]!.keys.push(key);
  });
}

/**
 * The shards after the resharding of 2019, by ascending shard id. Leaders keep shard and place; all
 * other lists are sorted by key and shuffled; newcomers go to the larger half of the shards, and the
 * ends of these go to the smaller half.
 *
 * @throws {@link ShardingError} `sharding/invalid-committee` for a key that occurs twice, no shard, or a
 * shard without nodes, on which the node panicked; `sharding/out-of-range` for a part outside 0 to 1.
 * @source harmony/core/resharding.go at 97efce2^: Reshard, assignNewNodes, cuckooResharding, Shuffle
 */
export function reshard2019(input: Resharding2019): readonly Shard2019[] {
  assertInput(input);
  const random = goRandom(input.seed);
  const active = Math.floor(input.shards.length / 2);
  const shards = input.shards.map(({ shardId, keys }): Working => ({ shardId, keys: [...keys] }));
  sortBySize(shards);
  const leaders = new Map<number, Uint8Array>();
  for (const shard of shards) {
    leaders.set(shard.shardId, shard.keys.shift()!);
    shuffle(shard.keys, random);
  }
  admit(shards, [...input.newKeys], active, random);
  evict(shards, input.percent, active, random);
  return shards
    .map(({ shardId, keys }) => ({ shardId, keys: [leaders.get(shardId)!, ...keys] }))
    .sort((a, b) => a.shardId - b.shardId);
}
