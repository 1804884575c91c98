/**
 * The port between calls and the way to a node. A transport carries one call and gives its
 * result, already read without loss; a refusal by the node or a failure on the way rejects with
 * an {@link RpcError}. Implementations are in `./transports`; a function over recorded replies is
 * enough for a test.
 */
import type { JsonInput, JsonValue } from './json.js';

/** One call, as a transport gets it. */
export interface RpcCall {
  /** With its namespace, for example `hmyv2_blockNumber`. */
  readonly method: string;
  readonly params: readonly JsonInput[];
  /** Whether the call only reads: a transport may send it again after a failure on the way. */
  readonly idempotent: boolean;
  /** Ends the call early with `rpc/aborted`. */
  readonly signal?: AbortSignal | undefined;
  /** Overrides the transport's time limit for each attempt, in milliseconds. */
  readonly timeoutMs?: number | undefined;
}

/** A way to one node, or to several that serve the same shard. */
export interface Transport {
  /** Carries one call. Rejects with {@link RpcError}. */
  request(call: RpcCall): Promise<JsonValue>;
  /** Frees sockets; later calls reject with `rpc/closed`. */
  close?(): void;
}
