/**
 * JSON-RPC 2.0 as the Go node's server speaks it, with a cap on batches that it lacks.
 *
 * Parses a message, calls the methods one after another, answers in the order of the calls.
 * Transport (HTTP, WebSocket) and the methods themselves live elsewhere.
 *
 * @source harmony/eth/rpc/handler.go, json.go, errors.go
 */
import { type JsonValue, stringifyJson } from './json.js';

/** Most calls in one batch; the Go node has no limit but the body's size. */
const MAX_BATCH = 100;

/** An answer that is an error: `{ code, message }`, nothing else, as upstream. */
export class RpcFault extends Error {
  override readonly name = 'RpcFault';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** The error of a service: every failure that is not a malformed call has code -32000. */
export function serviceFault(message: string): RpcFault {
  return new RpcFault(-32000, message);
}

/** The error of a bad argument, counted from 0. */
export function argumentFault(index: number, cause: string): RpcFault {
  return new RpcFault(-32602, `invalid argument ${index}: ${cause}`);
}

/** One method: its parameter count limits and what it does. */
export interface RpcMethod {
  /** Parameters that must be there. */
  readonly required: number;
  /** Most parameters it takes. */
  readonly most: number;
  call(params: readonly unknown[]): Promise<JsonValue> | JsonValue;
}

/** Methods by full name, as `eth_blockNumber`. */
export type RpcMethods = ReadonlyMap<string, RpcMethod>;

/** Known upstream, not served by this node: named so that a client learns why. */
export type UnsupportedMethods = ReadonlySet<string>;

type Id = string | number | boolean | null;

interface Call {
  readonly id: Id | undefined;
  readonly method: string;
  readonly params: unknown;
}

function failure(id: Id, fault: RpcFault): JsonValue {
  return { jsonrpc: '2.0', id, error: { code: fault.code, message: fault.message } };
}

function readCall(value: unknown): Call | RpcFault {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return new RpcFault(-32600, 'invalid request');
  }
  const { id, method, params } = value as Record<string, unknown>;
  if (typeof method !== 'string' || (typeof id === 'object' && id !== null)) {
    return new RpcFault(-32600, 'invalid request');
  }
  return { id: id as Id | undefined, method, params };
}

/** Answers JSON-RPC messages. */
export interface Dispatcher {
  /** The answer as text, or nothing for notifications. Never rejects. */
  handle(text: string): Promise<string | undefined>;
}

/**
 * A dispatcher over some methods.
 *
 * @param onError - Told of a method that threw something other than an {@link RpcFault}.
 */
export function createDispatcher(
  methods: RpcMethods,
  unsupported: UnsupportedMethods,
  onError: (method: string, error: unknown) => void,
): Dispatcher {
  const invoke = async (call: Call): Promise<JsonValue> => {
    const method = methods.get(call.method);
    if (method === undefined) {
      const name = call.method.slice(0, 100);
      const reason = unsupported.has(call.method) ? ': this node does not serve it yet' : '';
      throw new RpcFault(-32601, `the method ${name} does not exist/is not available${reason}`);
    }
    const params = call.params ?? [];
    if (!Array.isArray(params)) throw new RpcFault(-32602, 'non-array args');
    if (params.length > method.most) {
      throw new RpcFault(-32602, `too many arguments, want at most ${method.most}`);
    }
    if (params.length < method.required) {
      throw new RpcFault(-32602, `missing value for required argument ${params.length}`);
    }
    try {
      return await method.call(params);
    } catch (error) {
      if (error instanceof RpcFault) throw error;
      onError(call.method, error);
      throw serviceFault('method handler crashed');
    }
  };

  const answer = async (value: unknown): Promise<JsonValue | undefined> => {
    const call = readCall(value);
    if (call instanceof RpcFault) return failure(null, call);
    try {
      const result = await invoke(call);
      return call.id === undefined ? undefined : { jsonrpc: '2.0', id: call.id, result };
    } catch (error) {
      return call.id === undefined ? undefined : failure(call.id, error as RpcFault);
    }
  };

  return {
    async handle(text) {
      let message: unknown;
      try {
        message = JSON.parse(text);
      } catch {
        return stringifyJson(failure(null, new RpcFault(-32700, 'parse error')));
      }
      if (!Array.isArray(message)) {
        const one = await answer(message);
        return one === undefined ? undefined : stringifyJson(one);
      }
      if (message.length === 0) {
        return stringifyJson(failure(null, new RpcFault(-32600, 'empty batch')));
      }
      if (message.length > MAX_BATCH) {
        const fault = new RpcFault(
          -32600,
          `batch of ${message.length} calls is over the limit of ${MAX_BATCH}`,
        );
        return stringifyJson(failure(null, fault));
      }
      const answers: JsonValue[] = [];
      for (const value of message) {
        const one = await answer(value);
        if (one !== undefined) answers.push(one);
      }
      return answers.length === 0 ? undefined : stringifyJson(answers);
    },
  };
}
