/** `net_version`: the Ethereum chain id as decimal text. */
import { type CallOptions, type Rpc, request } from '../client.js';
import { readText } from '../decode.js';
import { invalidReply } from '../errors.js';

/**
 * The network's Ethereum chain id.
 *
 * @throws {@link RpcError}
 * @source harmony/rpc/harmony/net.go: Version
 */
export async function getNetVersion(rpc: Rpc, options: CallOptions = {}): Promise<bigint> {
  const { signal, timeoutMs } = options;
  const result = await request(rpc, 'net_version', [], { idempotent: true, signal, timeoutMs });
  const text = readText(result, 'net version');
  if (!/^\d{1,78}$/.test(text)) throw invalidReply('net version', 'must be a decimal number');
  return BigInt(text);
}
