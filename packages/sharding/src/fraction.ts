/** Fractions of bigints: parts and probabilities that must not depend on rounding. */
import { ShardingError } from './errors.js';

/** A fraction, not necessarily in lowest terms. */
export interface Fraction {
  readonly numerator: bigint;
  /** Above 0. */
  readonly denominator: bigint;
}

/**
 * Refuses what is no fraction from 0 to 1.
 *
 * @throws {@link ShardingError} `sharding/out-of-range`.
 */
export function assertPart(what: string, { numerator, denominator }: Fraction): void {
  if (denominator > 0n && numerator >= 0n && numerator <= denominator) return;
  throw new ShardingError({
    code: 'sharding/out-of-range',
    what,
    reason: `must be from 0 to 1 with a positive denominator, got ${numerator}/${denominator}`,
  });
}
