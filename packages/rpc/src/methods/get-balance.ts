/** `getBalance` and `getBalanceByBlockNumber`: what an account holds on this shard. */
import type { Address } from '@polyphony/primitives';
import { type BlockTag, blockParam, tagParam } from '../block-tag.js';
import { type CallOptions, type Rpc, read } from '../client.js';
import { readQuantity } from '../decode.js';

/** Arguments of {@link getBalance}. */
export interface GetBalanceOptions extends CallOptions {
  readonly address: Address;
  /** State after this block. Default the newest. */
  readonly block?: BlockTag;
}

/**
 * Balance of an account on the client's shard, in atto, exact.
 *
 * @throws {@link RpcError}
 * @source harmony/rpc/harmony/v2/legacy.go: GetBalance; blockchain.go: GetBalanceByBlockNumber
 * @example await getBalance(rpc, { address })  // 10000000000000000000001n
 */
export async function getBalance(rpc: Rpc, options: GetBalanceOptions): Promise<bigint> {
  const { address, block = 'latest' } = options;
  if (rpc.namespace === 'hmy')
    return readQuantity(
      await read(rpc, 'getBalance', [address, tagParam(block)], options),
      'balance',
    );
  if (block === 'latest')
    return readQuantity(await read(rpc, 'getBalance', [address], options), 'balance');
  const params = [address, blockParam(rpc.namespace, block)];
  return readQuantity(await read(rpc, 'getBalanceByBlockNumber', params, options), 'balance');
}
