/** `getTransactionReceipt`: what a transaction in a block did. */
import type { Hash } from '@polyphony/primitives';
import { type CallOptions, type Rpc, read } from '../client.js';
import { decodeReceipt, type RpcReceipt } from '../transaction.js';

/** Arguments of {@link getTransactionReceipt}. */
export interface GetTransactionReceiptOptions extends CallOptions {
  /** Harmony or Ethereum hash. */
  readonly hash: Hash;
}

/**
 * The receipt of a transaction; `undefined` while it is not in a block of the node's chain.
 *
 * @throws {@link RpcError}
 * @source harmony/rpc/harmony/transaction.go: GetTransactionReceipt
 */
export async function getTransactionReceipt(
  rpc: Rpc,
  options: GetTransactionReceiptOptions,
): Promise<RpcReceipt | undefined> {
  const result = await read(rpc, 'getTransactionReceipt', [options.hash], options);
  return result === null ? undefined : decodeReceipt(result);
}
