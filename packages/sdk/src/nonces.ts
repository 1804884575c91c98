/**
 * The next nonce of each account on each shard. Sends of one account are put in a row: the next
 * begins when the one before was handed to the node, so that nonces neither repeat nor leave gaps.
 * The node's pending count leads; what was sent within the last half minute counts too, because
 * several nodes behind one address do not learn of it at the same moment.
 */
import type { Address } from '@polyphony/primitives';
import { getTransactionCount, type Rpc } from '@polyphony/rpc';
import type { WaitClock } from '@polyphony/rpc/transports';

/** How long a nonce that was sent is remembered. */
const MEMORY_MS = 30_000;

interface Entry {
  /** Settles when the last send in the row is done. */
  tail: Promise<unknown>;
  waiting: number;
  next: bigint;
  /** Clock time until which `next` counts. */
  until: number;
}

/** What became of a nonce: the node took it, refused it, or did not say. */
export type NonceOutcome = 'taken' | 'refused' | 'unknown';

/** Nonces of a client. */
export interface NonceTracker {
  /**
   * Runs one send with its nonce, after the earlier ones of the same account.
   *
   * @param send - Reports what became of the nonce before it settles.
   */
  withNonce<T>(
    rpc: Rpc,
    address: Address,
    options: { readonly signal?: AbortSignal | undefined },
    send: (nonce: bigint, report: (outcome: NonceOutcome) => void) => Promise<T>,
  ): Promise<T>;
}

/** A tracker that starts with what the node says. */
export function createNonceTracker(clock: WaitClock): NonceTracker {
  const entries = new Map<string, Entry>();

  async function run<T>(
    entry: Entry,
    rpc: Rpc,
    address: Address,
    signal: AbortSignal | undefined,
    send: (nonce: bigint, report: (outcome: NonceOutcome) => void) => Promise<T>,
  ): Promise<T> {
    const pending = await getTransactionCount(rpc, { address, block: 'pending', signal });
    const nonce = clock.now() < entry.until && entry.next > pending ? entry.next : pending;
    return send(nonce, (outcome) => {
      if (outcome === 'taken') {
        entry.next = nonce + 1n;
        entry.until = clock.now() + MEMORY_MS;
      } else if (outcome === 'unknown') {
        entry.until = 0;
      }
    });
  }

  return {
    async withNonce(rpc, address, { signal }, send) {
      const key = `${rpc.shardId}:${address}`;
      const entry: Entry = entries.get(key) ?? {
        tail: Promise.resolve(),
        waiting: 0,
        next: 0n,
        until: 0,
      };
      entries.set(key, entry);
      entry.waiting++;
      const result = entry.tail.then(() => run(entry, rpc, address, signal, send));
      entry.tail = result.catch(() => undefined);
      try {
        return await result;
      } finally {
        entry.waiting--;
        if (entry.waiting === 0 && entry.until <= clock.now()) entries.delete(key);
      }
    },
  };
}
