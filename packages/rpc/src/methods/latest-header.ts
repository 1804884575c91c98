/** `latestHeader`: the newest block in brief. */
import { decodeHeader, type RpcHeader } from '../block.js';
import { type CallOptions, type Rpc, read } from '../client.js';

/**
 * The newest header the node has.
 *
 * @throws {@link RpcError}
 * @source harmony/rpc/harmony/blockchain.go: LatestHeader
 */
export async function getLatestHeader(rpc: Rpc, options: CallOptions = {}): Promise<RpcHeader> {
  return decodeHeader(await read(rpc, 'latestHeader', [], options));
}
