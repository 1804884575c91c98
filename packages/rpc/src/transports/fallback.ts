/**
 * Several ways to the same shard, tried in order. A call that only reads goes on to the next
 * transport when one fails on the way; a node's refusal is an answer and is not asked for again
 * elsewhere. A call that changes something goes once, to the transport that worked last.
 */
import { RpcError } from '../errors.js';
import type { JsonValue } from '../json.js';
import type { RpcCall, Transport } from '../transport.js';
import { isTransient } from './attempts.js';

/**
 * One transport out of several.
 *
 * Its time limit per attempt is that of each transport in turn.
 *
 * @param transports - Nodes of one shard, the preferred one first; at least one.
 * @throws {@link RpcError} `rpc/invalid-option`.
 * @example fallback([http('https://a.example'), http('https://b.example')])
 */
export function fallback(transports: readonly Transport[]): Transport {
  if (transports.length === 0) {
    throw new RpcError({
      code: 'rpc/invalid-option',
      reason: 'fallback needs at least one transport',
    });
  }
  const ways = [...transports];
  let preferred = 0;
  return {
    async request(call: RpcCall): Promise<JsonValue> {
      if (!call.idempotent) return ways[preferred]!.request(call);
      const first = preferred;
      for (let step = 0; ; step++) {
        const index = (first + step) % ways.length;
        try {
          const result = await ways[index]!.request(call);
          preferred = index;
          return result;
        } catch (error) {
          if (step + 1 >= ways.length || !leadsElsewhere(error)) throw error;
        }
      }
    },
    close(): void {
      for (const way of ways) way.close?.();
    },
  };
}

/** Failures of one node that another node need not share. */
function leadsElsewhere(error: unknown): boolean {
  if (isTransient(error)) return true;
  if (!(error instanceof RpcError)) return false;
  switch (error.code) {
    case 'rpc/http-status':
    case 'rpc/invalid-json':
    case 'rpc/invalid-reply':
    case 'rpc/reply-too-large':
    case 'rpc/closed':
      return true;
    default:
      return false;
  }
}
