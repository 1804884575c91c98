/**
 * JSON-RPC over one WebSocket. The socket opens with the first call, carries calls side by side
 * (each with its own id) and opens again after it was lost. Calls under way when it is lost reject
 * with `rpc/network`; those that only read are sent again by the attempt loop.
 *
 * @source harmony/eth/rpc/websocket.go
 */
import { formatCall, readReply, replyId } from '../envelope.js';
import { invalidReply, RpcError } from '../errors.js';
import { type JsonValue, parseJson } from '../json.js';
import type { RpcCall, Transport } from '../transport.js';
import { attempted, type RetryOptions, replyLimit, retryPolicy, wholeOption } from './attempts.js';
import { platformSocket, type Socket } from './platform.js';

/** Options of {@link webSocket}. */
export interface WebSocketOptions extends RetryOptions {
  /** Opens a socket. Default the platform's `WebSocket`, which Node has from version 22 on. */
  readonly open?: (url: string) => Socket;
  /** Largest message in characters. Default 33,554,432. */
  readonly maxReplyBytes?: number;
  /** Most calls under way at once. Default 1,000. */
  readonly maxPending?: number;
}

interface Pending {
  readonly settle: (reply: JsonValue) => void;
  readonly fail: (error: RpcError) => void;
}

interface Connection {
  readonly socket: Socket;
  readonly opened: Promise<void>;
  readonly pending: Map<number, Pending>;
}

const OPEN = 1;

function openPlatformSocket(url: string): Socket {
  const socket = platformSocket(url);
  if (socket === undefined) {
    throw new RpcError({
      code: 'rpc/invalid-option',
      reason: 'this platform has no WebSocket: give one as the option "open"',
    });
  }
  return socket;
}

/**
 * A transport over a WebSocket.
 *
 * @param url - `ws:` or `wss:`.
 * @throws {@link RpcError} `rpc/invalid-option`.
 * @example webSocket('ws://127.0.0.1:9800', { open: (url) => new WebSocket(url) })
 */
export function webSocket(url: string, options: WebSocketOptions = {}): Transport {
  if (!/^wss?:\/\/[^\s]+$/i.test(url)) {
    throw new RpcError({
      code: 'rpc/invalid-option',
      reason: 'url must begin with ws:// or wss://',
    });
  }
  const policy = retryPolicy(options);
  const maxReplyBytes = replyLimit(options.maxReplyBytes);
  const maxPending = wholeOption('maxPending', options.maxPending, 1_000, 1, 1_000_000);
  const open = options.open ?? openPlatformSocket;
  let connection: Connection | undefined;
  let closed = false;
  let lastId = 0;

  function lose(lost: Connection, error: RpcError): void {
    if (connection === lost) connection = undefined;
    for (const waiting of lost.pending.values()) waiting.fail(error);
    lost.pending.clear();
  }

  /** Whose reply a broken message was cannot be known, so nothing under way can be answered. */
  function giveUp(on: Connection, error: RpcError): void {
    lose(on, error);
    on.socket.close();
  }

  function receive(from: Connection, data: unknown): void {
    if (typeof data !== 'string') {
      giveUp(from, invalidReply('message', 'must be text'));
      return;
    }
    let reply: JsonValue;
    try {
      if (data.length > maxReplyBytes)
        throw new RpcError({ code: 'rpc/reply-too-large', limit: maxReplyBytes });
      reply = parseJson(data, { maxLength: maxReplyBytes });
    } catch (error) {
      giveUp(from, error as RpcError);
      return;
    }
    const id = replyId(reply);
    if (id !== undefined) from.pending.get(id)?.settle(reply);
  }

  function connect(): Connection {
    if (connection !== undefined) return connection;
    const socket = open(url);
    socket.binaryType = 'arraybuffer';
    const made: Connection = {
      socket,
      pending: new Map(),
      opened: new Promise((resolve, reject) => {
        socket.addEventListener('open', () => resolve());
        const onLost = (what: string) => (): void => {
          const error = new RpcError({ code: 'rpc/network', reason: what });
          reject(error);
          lose(made, error);
        };
        socket.addEventListener('error', onLost('the socket failed'));
        socket.addEventListener('close', onLost('the socket was closed'));
      }),
    };
    made.opened.catch(() => undefined);
    socket.addEventListener('message', (event) => receive(made, event.data));
    connection = made;
    return made;
  }

  async function attempt(call: RpcCall, signal: AbortSignal): Promise<JsonValue> {
    const current = connect();
    if (current.pending.size >= maxPending) {
      throw new RpcError({
        code: 'rpc/invalid-option',
        reason: `more than ${maxPending} calls are under way`,
      });
    }
    lastId = (lastId % 0xffffffff) + 1;
    const id = lastId;
    const text = formatCall(id, call.method, call.params);
    const reply = new Promise<JsonValue>((settle, fail) => {
      current.pending.set(id, { settle, fail });
    });
    reply.catch(() => undefined);
    const forget = (): void => {
      current.pending.delete(id);
    };
    signal.addEventListener('abort', forget, { once: true });
    try {
      await current.opened;
      if (signal.aborted) throw signal.reason;
      if (closed) throw new RpcError({ code: 'rpc/closed' });
      if (current.socket.readyState !== OPEN) {
        const error = new RpcError({ code: 'rpc/network', reason: 'the socket is closing' });
        lose(current, error);
        throw error;
      }
      current.socket.send(text);
      return readReply(await reply, id);
    } finally {
      forget();
    }
  }

  return {
    async request(call: RpcCall): Promise<JsonValue> {
      return attempted(call, policy, (signal) => {
        if (closed) throw new RpcError({ code: 'rpc/closed' });
        return attempt(call, signal);
      });
    },
    close(): void {
      closed = true;
      const last = connection;
      if (last === undefined) return;
      lose(last, new RpcError({ code: 'rpc/closed' }));
      last.socket.close();
    },
  };
}
