/** The one error class of this package: bytes that are no shard state, committees that cannot vote. */
import { ProtocolError } from '@polyphony/primitives';

/** Details of {@link ShardingError}. */
export type ShardingErrorDetails =
  | { readonly code: 'sharding/invalid-shard-state'; readonly reason: string }
  | { readonly code: 'sharding/invalid-committee'; readonly reason: string }
  | { readonly code: 'sharding/unknown-shard'; readonly shardId: number }
  | {
      /** The committees of the epoch are elected, so account lists do not determine them. */
      readonly code: 'sharding/elected-epoch';
      readonly network: string;
      readonly epoch: bigint;
    }
  | {
      readonly code: 'sharding/account-list-too-short';
      readonly list: 'harmony' | 'external';
      readonly needed: number;
      readonly actual: number;
    }
  | { readonly code: 'sharding/no-stake'; readonly reason: string }
  | {
      /** A shard would have no seat. */
      readonly code: 'sharding/too-few-seats';
      readonly needed: number;
      readonly actual: number;
    }
  | { readonly code: 'sharding/out-of-range'; readonly what: string; readonly reason: string };

/** Thrown by every function of `@polyphony/sharding` on bad input. */
export class ShardingError extends ProtocolError<ShardingErrorDetails> {
  override readonly name = 'ShardingError';

  constructor(details: ShardingErrorDetails, options?: ErrorOptions) {
    super(details, describe(details), options);
  }
}

function describe(details: ShardingErrorDetails): string {
  switch (details.code) {
    case 'sharding/invalid-shard-state':
      return `invalid shard state: ${details.reason}`;
    case 'sharding/invalid-committee':
      return `invalid committee: ${details.reason}`;
    case 'sharding/unknown-shard':
      return `the shard state has no committee of shard ${details.shardId}`;
    case 'sharding/elected-epoch':
      return `the committees of epoch ${details.epoch} of ${details.network} are elected, not fixed by account lists`;
    case 'sharding/account-list-too-short':
      return `the ${details.list} account list must have ${details.needed} accounts, got ${details.actual}`;
    case 'sharding/no-stake':
      return details.reason;
    case 'sharding/too-few-seats':
      return `there must be at least ${details.needed} seats, one for each shard, got ${details.actual}`;
    case 'sharding/out-of-range':
      return `${details.what} ${details.reason}`;
  }
}
