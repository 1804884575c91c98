/** `blockNumber`: the height of the node's chain. */
import { type CallOptions, type Rpc, read } from '../client.js';
import { readQuantity } from '../decode.js';

/**
 * Number of the newest block the node has.
 *
 * @throws {@link RpcError}
 * @source harmony/rpc/harmony/blockchain.go: BlockNumber
 */
export async function getBlockNumber(rpc: Rpc, options: CallOptions = {}): Promise<bigint> {
  return readQuantity(await read(rpc, 'blockNumber', [], options), 'block number');
}
