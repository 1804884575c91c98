/** `chainId`: the network's own chain id, and that of its Ethereum form. */
import { type CallOptions, type Rpc, read, request } from '../client.js';
import { readQuantity } from '../decode.js';

/**
 * Chain id of Harmony-form transactions, as the node states it.
 *
 * @throws {@link RpcError}
 * @source harmony/rpc/harmony/blockchain.go: ChainId
 */
export async function getChainId(rpc: Rpc, options: CallOptions = {}): Promise<bigint> {
  return readQuantity(await read(rpc, 'chainId', [], options), 'chain id');
}

/**
 * Chain id of Ethereum-form transactions on this shard, as the node states it.
 *
 * @throws {@link RpcError}
 * @source harmony/rpc/harmony/blockchain.go: ChainId
 */
export async function getEthereumChainId(rpc: Rpc, options: CallOptions = {}): Promise<bigint> {
  const { signal, timeoutMs } = options;
  const result = await request(rpc, 'eth_chainId', [], { idempotent: true, signal, timeoutMs });
  return readQuantity(result, 'chain id');
}
