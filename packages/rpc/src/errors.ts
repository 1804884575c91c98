/**
 * The error of this package. Details say what happened at which layer: the caller's arguments,
 * the way to the node, the reply's form, or an answer of the node. Answers of the node carry its
 * own number and text beside the stable code, because nodes put almost every refusal under one
 * number (see `node-error.ts` for the table of texts).
 */
import { type Hash, type Hex, ProtocolError } from '@polyphony/primitives';

/** What every refusal by the node has: its JSON-RPC error number and its text. */
export interface NodeAnswer {
  readonly nodeCode: bigint;
  readonly nodeMessage: string;
}

/** Codes of refusals by the node that carry nothing but the node's own number and text. */
export type NodeErrorCode =
  | 'rpc/parse-error'
  | 'rpc/invalid-request'
  | 'rpc/method-not-found'
  | 'rpc/invalid-params'
  | 'rpc/limit-exceeded'
  | 'rpc/rate-limited'
  | 'rpc/nonce-too-low'
  | 'rpc/replacement-underpriced'
  | 'rpc/insufficient-funds'
  | 'rpc/intrinsic-gas-too-low'
  | 'rpc/exceeds-block-gas-limit'
  | 'rpc/gas-exceeds-allowance'
  | 'rpc/known-transaction'
  | 'rpc/oversized-data'
  | 'rpc/invalid-sender'
  | 'rpc/invalid-shard'
  | 'rpc/negative-value'
  | 'rpc/pool-full'
  | 'rpc/account-not-allowed'
  | 'rpc/directive-mismatch'
  | 'rpc/invalid-epoch'
  | 'rpc/invalid-chain-id'
  | 'rpc/not-beacon'
  | 'rpc/block-too-high'
  | 'rpc/range-too-large'
  | 'rpc/explorer-off'
  | 'rpc/execution-timeout'
  | 'rpc/not-found'
  | 'rpc/node-error';

/** Details of {@link RpcError}. */
export type RpcErrorDetails =
  | { readonly code: 'rpc/invalid-option'; readonly reason: string }
  | { readonly code: 'rpc/invalid-json'; readonly reason: string; readonly offset: number }
  | { readonly code: 'rpc/invalid-reply'; readonly what: string; readonly reason: string }
  | { readonly code: 'rpc/reply-too-large'; readonly limit: number }
  | { readonly code: 'rpc/http-status'; readonly status: number }
  | { readonly code: 'rpc/network'; readonly reason: string }
  | { readonly code: 'rpc/timeout'; readonly timeoutMs: number }
  | { readonly code: 'rpc/aborted' }
  | { readonly code: 'rpc/closed' }
  | {
      readonly code: 'rpc/hash-mismatch';
      readonly expected: Hash;
      readonly actual: Hash;
    }
  | {
      readonly code: 'rpc/wrong-network';
      readonly what: 'chain id' | 'shard id';
      readonly expected: bigint;
      readonly actual: bigint;
    }
  | ({
      readonly code: 'rpc/underpriced';
      /** Lowest gas price the node takes, in atto, when its text says so. */
      readonly minimumGasPrice: bigint | undefined;
    } & NodeAnswer)
  | ({
      readonly code: 'rpc/reverted';
      /** The contract's reason, when it gave one. */
      readonly reason: string | undefined;
      /** The revert bytes, when the node sends them. */
      readonly data: Hex | undefined;
    } & NodeAnswer)
  | ({ readonly code: NodeErrorCode } & NodeAnswer);

/** Thrown, or rejected with, by every function of `@polyphony/rpc` on bad input or a failed call. */
export class RpcError extends ProtocolError<RpcErrorDetails> {
  override readonly name = 'RpcError';

  constructor(details: RpcErrorDetails, options?: ErrorOptions) {
    super(details, describe(details), options);
  }
}

/** A reply that does not have the form it should have. */
export function invalidReply(what: string, reason: string): RpcError {
  return new RpcError({ code: 'rpc/invalid-reply', what, reason });
}

function describe(details: RpcErrorDetails): string {
  switch (details.code) {
    case 'rpc/invalid-option':
      return details.reason;
    case 'rpc/invalid-json':
      return `invalid JSON at character ${details.offset}: ${details.reason}`;
    case 'rpc/invalid-reply':
      return `${details.what} ${details.reason}`;
    case 'rpc/reply-too-large':
      return `reply is larger than ${details.limit} bytes`;
    case 'rpc/http-status':
      return `HTTP status must be 200, got ${details.status}`;
    case 'rpc/network':
      return `the node could not be reached: ${details.reason}`;
    case 'rpc/timeout':
      return `no reply within ${details.timeoutMs} ms`;
    case 'rpc/aborted':
      return 'the call was aborted';
    case 'rpc/closed':
      return 'the transport is closed';
    case 'rpc/hash-mismatch':
      return `the node answered with the hash ${details.actual} for the transaction ${details.expected}`;
    case 'rpc/wrong-network':
      return `${details.what} of the node must be ${details.expected}, got ${details.actual}`;
    default:
      return `the node answered ${details.nodeCode}: ${details.nodeMessage.slice(0, 1_000)}`;
  }
}
