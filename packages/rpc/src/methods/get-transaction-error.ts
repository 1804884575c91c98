/** `getCurrentTransactionErrorSink`: why a node's pool dropped a transaction. */
import type { Hash } from '@polyphony/primitives';
import { type CallOptions, type Rpc, read } from '../client.js';
import { readHash, readList, readObject, readText } from '../decode.js';

/** Arguments of {@link getTransactionError}. */
export interface GetTransactionErrorOptions extends CallOptions {
  /** Harmony hash. */
  readonly hash: Hash;
}

/**
 * The pool's words about a transaction it dropped; `undefined` when it has none. A node keeps the
 * newest 1024.
 *
 * @throws {@link RpcError}
 * @source harmony/rpc/harmony/pool.go: GetCurrentTransactionErrorSink
 */
export async function getTransactionError(
  rpc: Rpc,
  options: GetTransactionErrorOptions,
): Promise<string | undefined> {
  const result = await read(rpc, 'getCurrentTransactionErrorSink', [], options);
  if (result === null) return undefined;
  const entries = readList(result, 'error sink', (item, what) => {
    const fields = readObject(item, what);
    return {
      hash: readHash(fields['tx-hash-id'], `${what}.tx-hash-id`),
      message: readText(fields['error-message'], `${what}.error-message`),
    };
  });
  return entries.findLast((entry) => entry.hash === options.hash)?.message;
}
