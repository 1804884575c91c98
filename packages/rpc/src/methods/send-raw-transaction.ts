/**
 * `sendRawTransaction`: hands signed bytes to a node's pool. It is sent once: a transport does not
 * repeat it. Sending the same bytes again is harmless, since a node answers that it knows them and
 * that counts as success here.
 */
import { decodeEthereumTransaction, decodeTransaction } from '@polyphony/chain/transaction';
import { bytesToHex, type Hash, keccak256, openRlpList } from '@polyphony/primitives';
import { type CallOptions, type Rpc, request } from '../client.js';
import { readHash } from '../decode.js';
import { RpcError } from '../errors.js';
import type { JsonValue } from '../json.js';

/** Arguments of {@link sendRawTransaction}. */
export interface SendRawTransactionOptions extends CallOptions {
  /** A signed transaction in the Harmony form (11 items) or the Ethereum form (9). */
  readonly raw: Uint8Array;
}

/** Number of items of the list that the bytes are; 0 for anything else. */
function itemCount(raw: Uint8Array): number {
  const reader = openRlpList(raw);
  let count = 0;
  for (; !reader.done && count <= 11; count++) reader.readRaw();
  return count;
}

/**
 * Broadcasts a signed transaction. The namespace follows from its form.
 *
 * @returns The Harmony hash of the Harmony form, the Ethereum hash of the Ethereum form, computed
 * here and compared with the node's answer.
 * @throws {@link RpcError} a refusal by the pool such as `rpc/nonce-too-low` or `rpc/underpriced`;
 * `rpc/hash-mismatch`; after `rpc/timeout` or `rpc/network` the transaction may have been taken.
 * Bytes that are no transaction throw the error of `@polyphony/chain`.
 * @source harmony/rpc/harmony/pool.go: SendRawTransaction
 */
export async function sendRawTransaction(
  rpc: Rpc,
  options: SendRawTransactionOptions,
): Promise<Hash> {
  const { raw, signal, timeoutMs } = options;
  const ethereum = itemCount(raw) === 9;
  if (ethereum) decodeEthereumTransaction(raw, rpc.shardId);
  else decodeTransaction(raw);
  const expected = bytesToHex(keccak256(raw));
  const method = ethereum ? 'eth_sendRawTransaction' : `${rpc.namespace}_sendRawTransaction`;
  let result: JsonValue;
  try {
    result = await request(rpc, method, [bytesToHex(raw)], { signal, timeoutMs });
  } catch (error) {
    if (error instanceof RpcError && error.code === 'rpc/known-transaction') return expected;
    throw error;
  }
  const actual = readHash(result, 'transaction hash');
  if (actual !== expected) throw new RpcError({ code: 'rpc/hash-mismatch', expected, actual });
  return expected;
}
