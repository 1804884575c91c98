/**
 * The client of a whole network: one `rpc` client per shard it was given a transport for, a clock
 * to wait by, and the nonces of its sends. Nothing is connected and nothing is asked before an
 * action is called.
 */
import type { Network } from '@polyphony/networks';
import { createRpc, type Rpc, type RpcNamespace, type Transport } from '@polyphony/rpc';
import { systemClock, type WaitClock } from '@polyphony/rpc/transports';
import { SdkError } from './errors.js';
import { createNonceTracker, type NonceTracker } from './nonces.js';

/** A client of a network. */
export interface Client {
  readonly network: Network;
  /** The shards there are transports for, ascending. */
  readonly shardIds: readonly number[];
  readonly clock: WaitClock;
  readonly nonces: NonceTracker;
  /**
   * The client of one shard, for single calls.
   *
   * @throws {@link SdkError} `sdk/unknown-shard`.
   */
  shard(shardId: number): Rpc;
  /** Closes the transports. */
  close(): void;
}

/** Options of {@link createClient}. */
export interface ClientOptions {
  readonly network: Network;
  /** A transport for each shard that is used. */
  readonly shards: Readonly<Record<number, Transport>>;
  /** Namespace of reads. Default `hmyv2`. */
  readonly namespace?: RpcNamespace;
  /** Default the platform's. */
  readonly clock?: WaitClock;
}

/**
 * A client.
 *
 * @throws {@link SdkError} `sdk/invalid-option` without a transport; `rpc/invalid-option` for a key
 * that is no shard id.
 * @example
 * const client = createClient({ network: localnet, shards: { 0: http('http://127.0.0.1:9500') } })
 */
export function createClient(options: ClientOptions): Client {
  const { network, namespace = 'hmyv2', clock = systemClock } = options;
  const shards = new Map<number, Rpc>();
  for (const [key, transport] of Object.entries(options.shards)) {
    const shardId = Number(key);
    shards.set(shardId, createRpc({ network, shardId, transport, namespace }));
  }
  if (shards.size === 0) {
    throw new SdkError({
      code: 'sdk/invalid-option',
      reason: 'a client needs a transport for at least one shard',
    });
  }
  return Object.freeze({
    network,
    shardIds: Object.freeze([...shards.keys()].sort((a, b) => a - b)),
    clock,
    nonces: createNonceTracker(clock),
    shard(shardId: number): Rpc {
      const rpc = shards.get(shardId);
      if (rpc === undefined) throw new SdkError({ code: 'sdk/unknown-shard', shardId });
      return rpc;
    },
    close(): void {
      for (const rpc of shards.values()) rpc.transport.close?.();
    },
  });
}
