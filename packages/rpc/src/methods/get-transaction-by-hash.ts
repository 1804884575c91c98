/** `getTransactionByHash`: a plain transaction, waiting or in a block. */
import type { Hash } from '@polyphony/primitives';
import { type CallOptions, type Rpc, read } from '../client.js';
import { RpcError } from '../errors.js';
import { decodeTransaction, type RpcTransaction } from '../transaction.js';

/** Arguments of {@link getTransactionByHash}. */
export interface GetTransactionByHashOptions extends CallOptions {
  /** Harmony hash, or, once it is in a block, Ethereum hash. */
  readonly hash: Hash;
}

/**
 * A transaction by one of its hashes; `undefined` when the node does not know it.
 *
 * @throws {@link RpcError} also `rpc/hash-mismatch` when the answer is another transaction.
 * @source harmony/rpc/harmony/transaction.go: GetTransactionByHash
 */
export async function getTransactionByHash(
  rpc: Rpc,
  options: GetTransactionByHashOptions,
): Promise<RpcTransaction | undefined> {
  const result = await read(rpc, 'getTransactionByHash', [options.hash], options);
  if (result === null) return undefined;
  const transaction = decodeTransaction(result);
  if (transaction.hash !== options.hash && transaction.ethereumHash !== options.hash) {
    throw new RpcError({
      code: 'rpc/hash-mismatch',
      expected: options.hash,
      actual: transaction.hash,
    });
  }
  return transaction;
}
