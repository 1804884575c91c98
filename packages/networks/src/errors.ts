/**
 * The one error class of this package. It is thrown while a network is defined (a table that breaks
 * a constraint) and by the arithmetic when a block, epoch or shard number is out of range.
 */
import { ProtocolError } from '@polyphony/primitives';

/** Details of {@link NetworksError}. */
export type NetworksErrorDetails =
  | {
      /** Two activation epochs are in an order in which the rules cannot work. */
      readonly code: 'networks/activation-order';
      readonly network: string;
      readonly activation: string;
      readonly epoch: bigint;
      readonly relation: 'at or after' | 'after';
      readonly other: string;
      readonly otherEpoch: bigint | undefined;
    }
  | {
      readonly code: 'networks/unknown-activation';
      readonly network: string;
      readonly activation: string;
    }
  | {
      readonly code: 'networks/invalid-schedule';
      readonly network: string;
      readonly reason: string;
    }
  | {
      readonly code: 'networks/invalid-sharding';
      readonly network: string;
      readonly fromEpoch: bigint;
      readonly reason: string;
    }
  | {
      readonly code: 'networks/invalid-network';
      readonly network: string;
      readonly reason: string;
    }
  | { readonly code: 'networks/out-of-range'; readonly what: string; readonly reason: string };

/** Thrown by every function of `@polyphony/networks` on bad input. */
export class NetworksError extends ProtocolError<NetworksErrorDetails> {
  override readonly name = 'NetworksError';

  constructor(details: NetworksErrorDetails, options?: ErrorOptions) {
    super(details, describe(details), options);
  }
}

function describe(details: NetworksErrorDetails): string {
  switch (details.code) {
    case 'networks/activation-order': {
      const other =
        details.otherEpoch === undefined ? 'which is never active' : `epoch ${details.otherEpoch}`;
      return `${details.network}: ${details.activation} (epoch ${details.epoch}) must come ${details.relation} ${details.other} (${other})`;
    }
    case 'networks/unknown-activation':
      return `${details.network}: there is no activation called ${details.activation}`;
    case 'networks/invalid-schedule':
      return `${details.network}: the schedule ${details.reason}`;
    case 'networks/invalid-sharding':
      return `${details.network}: the sharding from epoch ${details.fromEpoch} ${details.reason}`;
    case 'networks/invalid-network':
      return `${details.network}: ${details.reason}`;
    case 'networks/out-of-range':
      return `${details.what} ${details.reason}`;
  }
}
