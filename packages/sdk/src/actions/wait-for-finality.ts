/**
 * Waits until a transaction is in a block. Blocks of the network are final when they are made: one
 * block is enough, none is ever taken back.
 */
import type { Hash } from '@polyphony/primitives';
import {
  getTransactionError,
  getTransactionReceipt,
  type Rpc,
  type RpcReceipt,
} from '@polyphony/rpc';
import { isTransient } from '@polyphony/rpc/transports';
import type { Client } from '../client.js';
import { SdkError } from '../errors.js';

/** Options of {@link waitForFinality}. */
export interface WaitForFinalityOptions {
  /** Shard of the sender. Default 0. */
  readonly shardId?: number;
  /** Default 60,000. */
  readonly timeoutMs?: number;
  /** Pause between two looks. Default 1,000. */
  readonly pollMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Longest time for one look. */
const MAX_CALL_MS = 10_000;

async function poolErrorOf(
  rpc: Rpc,
  hash: Hash,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    return await getTransactionError(rpc, { hash, signal });
  } catch {
    // Not every node tells; the wait has failed either way.
    return undefined;
  }
}

/**
 * The receipt of a transaction once it is final.
 *
 * A node that does not answer for a while is asked again until the time is over.
 *
 * @param hash - Harmony or Ethereum hash.
 * @throws {@link SdkError} `sdk/not-final` with the pool's reason when it has one;
 * `sdk/transaction-failed` when it is final but did nothing except cost gas; `sdk/unknown-shard`;
 * {@link RpcError} `rpc/aborted`, and answers that make no sense.
 * @example await waitForFinality(client, hash, { timeoutMs: 20_000, pollMs: 500 })
 */
export async function waitForFinality(
  client: Client,
  hash: Hash,
  options: WaitForFinalityOptions = {},
): Promise<RpcReceipt> {
  const { shardId = 0, timeoutMs = 60_000, pollMs = 1_000, signal } = options;
  for (const [name, ms] of [
    ['timeoutMs', timeoutMs],
    ['pollMs', pollMs],
  ] as const) {
    if (!Number.isFinite(ms) || ms <= 0)
      throw new SdkError({ code: 'sdk/invalid-option', reason: `${name} must be above 0` });
  }
  const rpc = client.shard(shardId);
  const deadline = client.clock.now() + timeoutMs;
  for (;;) {
    let receipt: RpcReceipt | undefined;
    const left = deadline - client.clock.now();
    try {
      receipt = await getTransactionReceipt(rpc, {
        hash,
        signal,
        timeoutMs: Math.max(1, Math.min(MAX_CALL_MS, Math.ceil(left))),
      });
    } catch (error) {
      if (!isTransient(error)) throw error;
    }
    if (receipt !== undefined) {
      if (receipt.status === 'failure')
        throw new SdkError({ code: 'sdk/transaction-failed', hash, receipt });
      return receipt;
    }
    const rest = deadline - client.clock.now();
    if (rest <= 0) {
      const poolError = await poolErrorOf(rpc, hash, signal);
      throw new SdkError({ code: 'sdk/not-final', hash, timeoutMs, poolError });
    }
    await client.clock.sleep(Math.min(pollMs, rest), signal);
  }
}
