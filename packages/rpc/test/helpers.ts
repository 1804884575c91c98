/** What several tests share: values with bigints and bytes as vector files spell them. */
import { mainnet } from '@polyphony/networks';
import { bytesToHex, hexToBytes } from '@polyphony/primitives';
import { formatCall, readReply } from '../src/envelope.js';
import { createRpc, parseJson, type Rpc, type RpcNamespace } from '../src/index.js';
import type { RpcCall, Transport } from '../src/transports.js';

/** A value as vector files spell it: bigints and bytes named, `undefined` left out. */
export function spell(value: unknown): unknown {
  if (typeof value === 'bigint') return { bigint: value.toString() };
  if (value instanceof Uint8Array) return { bytes: bytesToHex(value) };
  if (Array.isArray(value)) return value.map(spell);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .map(([name, member]) => [name, spell(member)]),
    );
  }
  return value;
}

/** The value that a vector file spells. */
export function unspell(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unspell);
  if (typeof value !== 'object' || value === null) return value;
  const { bigint, bytes } = value as { bigint?: string; bytes?: string };
  if (bigint !== undefined) return BigInt(bigint);
  if (bytes !== undefined) return hexToBytes(bytes);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, unspell(member)]));
}

/** A transport that answers every call with one recorded reply and remembers the calls. */
export function recorded(reply: string): Transport & { readonly calls: RpcCall[] } {
  const calls: RpcCall[] = [];
  return {
    calls,
    async request(call) {
      calls.push(call);
      formatCall(1, call.method, call.params);
      return readReply(parseJson(reply), 1);
    },
  };
}

/** A client of mainnet's shard 0 over a transport. */
export function rpcOver(transport: Transport, namespace: RpcNamespace = 'hmyv2'): Rpc {
  return createRpc({ network: mainnet, shardId: 0, transport, namespace });
}
