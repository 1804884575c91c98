/** Whether a node serves the network and the shard a client was made for. */
import type { CallOptions, Rpc } from '../client.js';
import { RpcError } from '../errors.js';
import { getChainId } from './chain-id.js';
import { getShardId } from './get-shard-id.js';

/**
 * Asks the node for its chain id and its shard id.
 *
 * @throws {@link RpcError} `rpc/wrong-network` when either differs from the client's.
 */
export async function assertNetwork(rpc: Rpc, options: CallOptions = {}): Promise<void> {
  const [chainId, shardId] = await Promise.all([
    getChainId(rpc, options),
    getShardId(rpc, options),
  ]);
  if (chainId !== rpc.network.chainId) {
    const expected = rpc.network.chainId;
    throw new RpcError({ code: 'rpc/wrong-network', what: 'chain id', expected, actual: chainId });
  }
  if (shardId !== rpc.shardId) {
    const [expected, actual] = [BigInt(rpc.shardId), BigInt(shardId)];
    throw new RpcError({ code: 'rpc/wrong-network', what: 'shard id', expected, actual });
  }
}
