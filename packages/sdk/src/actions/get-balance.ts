/** What an account holds: on one shard, or on every shard the client knows. */
import { parseAddress } from '@polyphony/primitives';
import { type BlockTag, type CallOptions, getBalance as rpcGetBalance } from '@polyphony/rpc';
import type { Client } from '../client.js';

/** Arguments of {@link getBalance}. */
export interface GetBalanceOptions extends CallOptions {
  /** `one1…` or `0x…`. */
  readonly address: string;
  /** Default 0. */
  readonly shardId?: number;
  /** Default the newest. */
  readonly block?: BlockTag;
}

/**
 * Balance of an account on a shard, in atto.
 *
 * @throws {@link SdkError} `sdk/unknown-shard`; `primitives/invalid-address`; {@link RpcError}.
 * @example formatOne(await getBalance(client, { address: 'one1…' }))
 */
export async function getBalance(client: Client, options: GetBalanceOptions): Promise<bigint> {
  const { shardId = 0, block = 'latest', signal, timeoutMs } = options;
  const address = parseAddress(options.address);
  return rpcGetBalance(client.shard(shardId), { address, block, signal, timeoutMs });
}

/** A balance and its shard. */
export interface ShardBalance {
  readonly shardId: number;
  /** Atto. */
  readonly balance: bigint;
}

/**
 * Balances of an account on every shard of the client, ascending by shard.
 *
 * @throws as {@link getBalance}, when one of the shards does not answer.
 */
export async function getBalances(
  client: Client,
  options: Omit<GetBalanceOptions, 'shardId' | 'block'>,
): Promise<readonly ShardBalance[]> {
  return Promise.all(
    client.shardIds.map(async (shardId) => ({
      shardId,
      balance: await getBalance(client, { ...options, shardId }),
    })),
  );
}
