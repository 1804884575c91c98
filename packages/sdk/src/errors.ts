/** The error of this package: what went wrong between signing and finality. */
import { type Hash, ProtocolError } from '@polyphony/primitives';
import type { RpcReceipt } from '@polyphony/rpc';

/** Details of {@link SdkError}. */
export type SdkErrorDetails =
  | { readonly code: 'sdk/invalid-option'; readonly reason: string }
  | { readonly code: 'sdk/unknown-shard'; readonly shardId: number }
  | {
      /**
       * The node's answer did not arrive or made no sense: the transaction may or may not be in its
       * pool. The same bytes can be sent again without harm; new ones could pay twice.
       */
      readonly code: 'sdk/broadcast-uncertain';
      readonly hash: Hash;
      readonly ethereumHash: Hash;
      readonly raw: Uint8Array;
      readonly shardId: number;
      readonly nonce: bigint;
    }
  | {
      readonly code: 'sdk/not-final';
      readonly hash: Hash;
      readonly timeoutMs: number;
      /** Why the node's pool dropped it, when it says so. */
      readonly poolError: string | undefined;
    }
  | { readonly code: 'sdk/transaction-failed'; readonly hash: Hash; readonly receipt: RpcReceipt };

/** Thrown by the actions of `@polyphony/sdk`; failures of single calls stay the error of `rpc`. */
export class SdkError extends ProtocolError<SdkErrorDetails> {
  override readonly name = 'SdkError';

  constructor(details: SdkErrorDetails, options?: ErrorOptions) {
    super(details, describe(details), options);
  }
}

function describe(details: SdkErrorDetails): string {
  switch (details.code) {
    case 'sdk/invalid-option':
      return details.reason;
    case 'sdk/unknown-shard':
      return `the client has no transport for shard ${details.shardId}`;
    case 'sdk/broadcast-uncertain':
      return `it is not known whether transaction ${details.hash} was taken`;
    case 'sdk/not-final':
      return details.poolError === undefined
        ? `transaction ${details.hash} is not final after ${details.timeoutMs} ms`
        : `transaction ${details.hash} was dropped: ${details.poolError}`;
    case 'sdk/transaction-failed':
      return `transaction ${details.hash} failed in block ${details.receipt.blockNumber}`;
  }
}
