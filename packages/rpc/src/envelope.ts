/**
 * The JSON-RPC 2.0 envelope: a call as text, and a reply's result or typed error.
 *
 * The reply must be one object that repeats the call's id and has exactly one of `result` and
 * `error`. Anything else is `rpc/invalid-reply`: a client that guesses would pair answers wrongly.
 *
 * @source JSON-RPC 2.0 sections 4 and 5; harmony/eth/rpc/json.go: jsonrpcMessage
 */
import { bytesToHex, type Hex, hexToBytes } from '@polyphony/primitives';
import { invalidReply } from './errors.js';
import {
  formatJson,
  isJsonObject,
  type JsonInput,
  type JsonObject,
  type JsonValue,
} from './json.js';
import { nodeError } from './node-error.js';

/** One call as JSON text. */
export function formatCall(id: number, method: string, params: readonly JsonInput[]): string {
  return formatJson({ jsonrpc: '2.0', id, method, params });
}

/** The id of a reply, or `undefined` when it has none of ours (a notification, a broken reply). */
export function replyId(reply: JsonValue): number | undefined {
  if (!isJsonObject(reply)) return undefined;
  const id = reply.id;
  return typeof id === 'bigint' && id >= 0n && id <= 0xffffffffn ? Number(id) : undefined;
}

/**
 * The result inside a reply.
 *
 * @throws {@link RpcError} the node's refusal, or `rpc/invalid-reply`.
 */
export function readReply(reply: JsonValue, id: number): JsonValue {
  if (!isJsonObject(reply)) throw invalidReply('reply', 'must be an object');
  if (reply.jsonrpc !== '2.0') throw invalidReply('reply', 'must say jsonrpc 2.0');
  const { result, error } = reply;
  const failed = error !== undefined && error !== null;
  // A request that a node could not read at all is answered with the id null.
  if (replyId(reply) !== id && !(failed && reply.id === null))
    throw invalidReply('reply', 'answers another call');
  if (failed) {
    if (result !== undefined && result !== null)
      throw invalidReply('reply', 'has a result and an error');
    throw readError(error);
  }
  if (result === undefined) throw invalidReply('reply', 'has neither a result nor an error');
  return result;
}

function readError(error: JsonValue): Error {
  if (!isJsonObject(error)) return invalidReply('error of a reply', 'must be an object');
  const { code, message } = error;
  if (typeof code !== 'bigint' || typeof message !== 'string')
    return invalidReply('error of a reply', 'must have a numeric code and a message');
  return nodeError(code, message, revertData(error));
}

function revertData(error: JsonObject): Hex | undefined {
  if (typeof error.data !== 'string' || !error.data.startsWith('0x')) return undefined;
  try {
    return bytesToHex(hexToBytes(error.data));
  } catch {
    return undefined;
  }
}
