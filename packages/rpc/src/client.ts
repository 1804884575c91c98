/**
 * The client: which network, which shard, which way. A client is a plain value; every method is a
 * function that takes it first, so that an application carries only the methods it calls.
 */
import type { Network } from '@polyphony/networks';
import { RpcError } from './errors.js';
import type { JsonInput, JsonValue } from './json.js';
import type { Transport } from './transport.js';

/** Which of the network's two own namespaces reads are sent to. Both decode to the same values. */
export type RpcNamespace = 'hmyv2' | 'hmy';

/** A client of one shard of one network. */
export interface Rpc {
  readonly network: Network;
  readonly shardId: number;
  readonly transport: Transport;
  readonly namespace: RpcNamespace;
}

/** Options of {@link createRpc}. */
export interface RpcOptions {
  readonly network: Network;
  readonly shardId: number;
  /** See `@polyphony/rpc/transports`. */
  readonly transport: Transport;
  /** Default `hmyv2`. */
  readonly namespace?: RpcNamespace;
}

/** What every method takes beside its own arguments. */
export interface CallOptions {
  /** Ends the call early with `rpc/aborted`. */
  readonly signal?: AbortSignal | undefined;
  /** Time limit of one attempt in milliseconds, instead of the transport's own. */
  readonly timeoutMs?: number | undefined;
}

/** Options of {@link request}. */
export interface RequestOptions extends CallOptions {
  /** Whether the method only reads, so that a transport may send it again. Default false. */
  readonly idempotent?: boolean | undefined;
}

/**
 * A client.
 *
 * @throws {@link RpcError} `rpc/invalid-option` for a shard id that is not an unsigned 32-bit integer.
 * @example
 * const rpc = createRpc({ network: localnet, shardId: 0, transport: http('http://127.0.0.1:9500') })
 * await getBalance(rpc, { address: '0x…' })
 */
export function createRpc(options: RpcOptions): Rpc {
  const { network, shardId, transport, namespace = 'hmyv2' } = options;
  if (!Number.isInteger(shardId) || shardId < 0 || shardId > 0xffffffff) {
    throw new RpcError({
      code: 'rpc/invalid-option',
      reason: `shardId must be an unsigned 32-bit integer, got ${shardId}`,
    });
  }
  return Object.freeze({ network, shardId, transport, namespace });
}

/**
 * Any method by its full name, with the result as lossless JSON.
 *
 * @throws {@link RpcError}
 * @example await request(rpc, 'hmyv2_getEpoch', [], { idempotent: true })  // 27n
 */
export function request(
  rpc: Rpc,
  method: string,
  params: readonly JsonInput[] = [],
  options: RequestOptions = {},
): Promise<JsonValue> {
  const { idempotent = false, signal, timeoutMs } = options;
  return rpc.transport.request({ method, params, idempotent, signal, timeoutMs });
}

/** A read in the client's namespace. @internal */
export function read(
  rpc: Rpc,
  method: string,
  params: readonly JsonInput[],
  options: CallOptions,
): Promise<JsonValue> {
  const { signal, timeoutMs } = options;
  return request(rpc, `${rpc.namespace}_${method}`, params, {
    idempotent: true,
    signal,
    timeoutMs,
  });
}
