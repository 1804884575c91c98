/** `getShardID`: which shard the node serves. */
import { type CallOptions, type Rpc, read } from '../client.js';
import { readUint32 } from '../decode.js';

/**
 * The shard the node serves, which may not be the one the client was made for.
 *
 * @throws {@link RpcError}
 * @source harmony/rpc/harmony/blockchain.go: GetShardID
 */
export async function getShardId(rpc: Rpc, options: CallOptions = {}): Promise<number> {
  return readUint32(await read(rpc, 'getShardID', [], options), 'shard id');
}
