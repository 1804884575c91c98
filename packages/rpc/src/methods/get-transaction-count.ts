/** `getTransactionCount`: the next nonce of an account. */
import type { Address } from '@polyphony/primitives';
import { type BlockTag, tagParam } from '../block-tag.js';
import { type CallOptions, type Rpc, read } from '../client.js';
import { readQuantity } from '../decode.js';

/** Arguments of {@link getTransactionCount}. */
export interface GetTransactionCountOptions extends CallOptions {
  readonly address: Address;
  /** Default `latest`; `pending` counts what waits in the node's pool too. */
  readonly block?: BlockTag;
}

/**
 * Number of transactions an account has sent on the client's shard: its next nonce.
 *
 * @throws {@link RpcError}
 * @source harmony/rpc/harmony/transaction.go: GetTransactionCount
 */
export async function getTransactionCount(
  rpc: Rpc,
  options: GetTransactionCountOptions,
): Promise<bigint> {
  const params = [options.address, tagParam(options.block ?? 'latest')];
  return readQuantity(await read(rpc, 'getTransactionCount', params, options), 'transaction count');
}
