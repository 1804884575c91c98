/**
 * How likely a random assignment loses a shard, and how large a shard must be.
 *
 * A shard is lost when malicious seats reach a threshold: with a third of them it can be stopped, and
 * two committees of two thirds can be signed that have no honest member in common. `binomial` draws each seat on
 * its own, the white paper's figure and an upper bound; `hypergeometric` deals the seats of all shards
 * without putting back, which is what `reshard` does.
 *
 * @source Harmony's white paper 2.0, security of shards (the question); the answers are exact arithmetic
 */
import { ShardingError } from '../errors.js';
import { assertPart, type Fraction } from '../fraction.js';
import { binomialTail, hypergeometricTail } from './probability.js';

/** A third. */
export const ONE_THIRD: Fraction = { numerator: 1n, denominator: 3n };

/** A question about shards of some size. */
export interface TakeoverQuestion {
  readonly model: 'binomial' | 'hypergeometric';
  /** Seats of one shard. */
  readonly shardSize: number;
  /** Part of all seats that is malicious, from 0 to 1; of a number of seats it is rounded down. */
  readonly malicious: Fraction;
  /** Number of shards the seats are dealt to; only `hypergeometric` depends on it, 1 when left out. */
  readonly shards?: number;
  /** Part of a shard's seats at which it is lost; {@link ONE_THIRD} when left out. */
  readonly threshold?: Fraction;
  /** Whether the threshold must be exceeded; when left out, reaching it is enough. */
  readonly strict?: boolean;
}

/**
 * The least number of seats with which a shard of some size is lost.
 *
 * @throws {@link ShardingError} `sharding/out-of-range` for a threshold outside 0 to 1.
 * @example losingSeats(250)  // 84
 */
export function losingSeats(
  shardSize: number,
  threshold: Fraction = ONE_THIRD,
  strict = false,
): number {
  assertPart('threshold', threshold);
  const { numerator, denominator } = threshold;
  const seats = BigInt(shardSize) * numerator;
  return Number(strict ? seats / denominator + 1n : (seats + denominator - 1n) / denominator);
}

/**
 * The probability that one given shard is lost in one draw.
 *
 * @throws {@link ShardingError} `sharding/out-of-range` for parts outside 0 to 1 and sizes above 65536.
 * @example
 * const quarter = { numerator: 1n, denominator: 4n }
 * formatScientific(takeoverProbability({ model: 'binomial', shardSize: 600, malicious: quarter }))  // '2.97e-6'
 */
export function takeoverProbability(question: TakeoverQuestion): Fraction {
  const { model, shardSize, malicious, shards = 1, threshold, strict } = question;
  const losing = losingSeats(shardSize, threshold, strict);
  if (model === 'binomial') return binomialTail(shardSize, losing, malicious);
  assertPart('malicious part', malicious);
  const population = shardSize * shards;
  const marked = Number((BigInt(population) * malicious.numerator) / malicious.denominator);
  return hypergeometricTail({ population, marked, draws: shardSize }, losing);
}

/**
 * An upper bound on the probability that any of some shards is lost in one draw: the sum over the
 * shards (union bound), at most 1.
 */
export function anyShard({ numerator, denominator }: Fraction, shards: number): Fraction {
  const sum = numerator * BigInt(shards);
  return sum > denominator ? { numerator: 1n, denominator: 1n } : { numerator: sum, denominator };
}

/**
 * The years until an event is expected that has a probability at each draw.
 *
 * @param drawsPerYear - 365 when left out: one draw a day.
 * @returns `undefined` for an event that cannot happen.
 */
export function yearsToFailure(probability: Fraction, drawsPerYear = 365): Fraction | undefined {
  if (probability.numerator === 0n) return undefined;
  return {
    numerator: probability.denominator,
    denominator: probability.numerator * BigInt(drawsPerYear),
  };
}

/** How large a shard must be. */
export interface SizeQuestion extends Omit<TakeoverQuestion, 'shardSize'> {
  /** The probability that must not be exceeded in one draw. */
  readonly margin: Fraction;
  /** Whether the margin is for any of the shards together, by the union bound; when left out for one. */
  readonly forAnyShard?: boolean;
}

const MAX_SIZE = 2 ** 14;

/**
 * The smallest size of a shard that keeps a margin.
 *
 * The probability falls with the size, but not evenly: a size that the threshold divides (a multiple of
 * 3 for a third) is worse than the ones just below it. The size given keeps the margin, and so do those
 * from it up to the next such multiple.
 *
 * @throws {@link ShardingError} `sharding/out-of-range` when shards of 16384 seats do not keep it, as
 * always when the malicious part reaches the threshold.
 * @example committeeSizeFor({ model: 'binomial', malicious: quarter, margin })  // 598 for 3 × 10^-6
 */
export function committeeSizeFor(question: SizeQuestion): number {
  const { margin, forAnyShard = false, threshold = ONE_THIRD, shards = 1 } = question;
  assertPart('margin', margin);
  assertPart('threshold', threshold);
  const keeps = (shardSize: number): boolean => {
    const one = takeoverProbability({ ...question, shardSize });
    const { numerator, denominator } = forAnyShard ? anyShard(one, shards) : one;
    return numerator * margin.denominator <= margin.numerator * denominator;
  };
  const period = Number(threshold.denominator);
  // Between two multiples the threshold's seats are the same or more for fewer seats, so multiples
  // are the worst: find the first that keeps the margin, then go down from it.
  let bad = 0;
  let good = 1;
  while (!keeps(good * period)) {
    bad = good;
    good *= 2;
    if (good * period > MAX_SIZE) {
      throw new ShardingError({
        code: 'sharding/out-of-range',
        what: 'margin',
        reason: `cannot be kept by shards of up to ${MAX_SIZE} seats`,
      });
    }
  }
  while (good - bad > 1) {
    const middle = (good + bad) >> 1;
    if (keeps(middle * period)) good = middle;
    else bad = middle;
  }
  let size = good * period;
  while (size - 1 > bad * period && keeps(size - 1)) size -= 1;
  return size;
}

/**
 * The part of each shard that an attacker tends to who leaves and joins at will, when every join evicts
 * k seats: places are filled by j joins, all his, and k × j evicted seats, of which his part is that of
 * the whole. The average, around which a shard's seats still vary.
 *
 * @returns (1 + k × malicious) / (1 + k).
 * @throws {@link ShardingError} `sharding/out-of-range` for parts outside 0 to 1 or a negative k.
 */
export function attackedPart(malicious: Fraction, evictionsPerJoin: number): Fraction {
  assertPart('malicious part', malicious);
  if (!Number.isSafeInteger(evictionsPerJoin) || evictionsPerJoin < 0) {
    throw new ShardingError({
      code: 'sharding/out-of-range',
      what: 'evictions per join',
      reason: `must be a non-negative integer, got ${evictionsPerJoin}`,
    });
  }
  const k = BigInt(evictionsPerJoin);
  return {
    numerator: malicious.denominator + k * malicious.numerator,
    denominator: (1n + k) * malicious.denominator,
  };
}

/**
 * The fewest evictions per join that hold an attacker who leaves and joins at will below the threshold
 * in every shard, on average: see {@link attackedPart}. A margin against chance needs more.
 *
 * @returns k, the least integer above (1 - threshold) / (threshold - malicious).
 * @throws {@link ShardingError} `sharding/out-of-range` when the malicious part reaches the threshold.
 * @example evictionsPerJoinNeeded({ numerator: 1n, denominator: 4n })  // 9
 */
export function evictionsPerJoinNeeded(
  malicious: Fraction,
  threshold: Fraction = ONE_THIRD,
): number {
  assertPart('malicious part', malicious);
  assertPart('threshold', threshold);
  const gap =
    threshold.numerator * malicious.denominator - malicious.numerator * threshold.denominator;
  if (gap <= 0n) {
    throw new ShardingError({
      code: 'sharding/out-of-range',
      what: 'malicious part',
      reason: 'must be below the threshold',
    });
  }
  return Number(((threshold.denominator - threshold.numerator) * malicious.denominator) / gap) + 1;
}
