/**
 * Voting shares: bids cut into equal parts, which the design assigns to shards instead of nodes.
 *
 * A share costs total stake / (shards × shares per shard). The live network does not use them: there a
 * key is a seat, with an effective stake. Where the shares go is decided in `resharding.ts`.
 *
 * @source Harmony's white paper 2.0, sharding by voting shares; no code of the node
 */
import { ShardingError } from './errors.js';

/** Shares per shard in Harmony's white paper. */
export const PAPER_SHARES_PER_SHARD = 600;

/** What a sale of shares gives. */
export interface VotingShares {
  /** Shares of each bid, in the order of the bids: its stake over the price, rounded down. */
  readonly shares: readonly number[];
  /** Price of a share in atto, rounded down: what one share weighs. */
  readonly price: bigint;
  /** Sum of the shares: at most shards × shares per shard, less by what the bids' ends do not reach. */
  readonly sold: number;
}

/**
 * Cuts bids into voting shares. Exact: a bid has floor(stake × shards × sharesPerShard / total) shares,
 * so that never more than shards × sharesPerShard are sold.
 *
 * @param bids - Stakes in atto, not negative.
 * @param sharesPerShard - λ of the white paper, there {@link PAPER_SHARES_PER_SHARD}.
 * @throws {@link ShardingError} `sharding/out-of-range` for a negative stake or a count that is not a
 * positive integer; `sharding/no-stake` when a share would cost less than one atto.
 * @example votingShares([300n, 500n, 205n], { shardCount: 2, sharesPerShard: 5 })
 * // shares [2, 4, 2] at 100 atto: 8 of 10
 */
export function votingShares(
  bids: readonly bigint[],
  options: { readonly shardCount: number; readonly sharesPerShard: number },
): VotingShares {
  const { shardCount, sharesPerShard } = options;
  const seats = shardCount * sharesPerShard;
  if (
    !(Number.isSafeInteger(seats) && shardCount > 0 && Number.isInteger(shardCount) && seats > 0)
  ) {
    throw new ShardingError({
      code: 'sharding/out-of-range',
      what: 'number of shares',
      reason: `must be a positive integer for each of some shards, got ${shardCount} × ${sharesPerShard}`,
    });
  }
  let total = 0n;
  for (const stake of bids) {
    if (stake < 0n) {
      throw new ShardingError({
        code: 'sharding/out-of-range',
        what: 'stake of a bid',
        reason: `must not be negative, got ${stake}`,
      });
    }
    total += stake;
  }
  const price = total / BigInt(seats);
  if (price === 0n) {
    throw new ShardingError({
      code: 'sharding/no-stake',
      reason: `a stake of ${total} atto cannot be cut into ${seats} shares`,
    });
  }
  const shares = bids.map((stake) => Number((stake * BigInt(seats)) / total));
  return { shares, price, sold: shares.reduce((sum, count) => sum + count, 0) };
}
