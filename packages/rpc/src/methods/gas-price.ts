/** `gasPrice`: what the node suggests to pay. */
import { type CallOptions, type Rpc, read } from '../client.js';
import { readQuantity } from '../decode.js';

/**
 * Suggested gas price in atto per unit of gas.
 *
 * @throws {@link RpcError}
 * @source harmony/rpc/harmony/harmony.go: GasPrice
 */
export async function getGasPrice(rpc: Rpc, options: CallOptions = {}): Promise<bigint> {
  return readQuantity(await read(rpc, 'gasPrice', [], options), 'gas price');
}
