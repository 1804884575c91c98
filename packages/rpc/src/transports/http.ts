/**
 * JSON-RPC over HTTP POST, with the platform's `fetch` or one that is given. One call is one
 * request; the reply is read piece by piece and refused once it exceeds its bound, whatever the
 * node announced.
 *
 * @source harmony/eth/rpc/http.go (status 200 also for refusals, content type, body limit)
 */

import { formatCall, readReply } from '../envelope.js';
import { RpcError } from '../errors.js';
import { type JsonValue, parseJson } from '../json.js';
import type { RpcCall, Transport } from '../transport.js';
import { attempted, type RetryOptions, replyLimit, retryPolicy } from './attempts.js';
import { platformFetch } from './platform.js';

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Options of {@link http}. */
export interface HttpOptions extends RetryOptions {
  /** Sends requests. Default the platform's `fetch`. */
  readonly fetch?: Fetch;
  /** Further request headers, for example an API key. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Largest reply in bytes. Default 33,554,432. */
  readonly maxReplyBytes?: number;
}

/** Largest request body a node reads. */
const MAX_REQUEST_CHARACTERS = 5 * 1024 * 1024;

/**
 * A transport to one URL.
 *
 * @param url - `http:` or `https:`.
 * @throws {@link RpcError} `rpc/invalid-option`.
 * @example http('http://127.0.0.1:9500', { timeoutMs: 5_000 })
 */
export function http(url: string, options: HttpOptions = {}): Transport {
  if (!/^https?:\/\/[^\s]+$/i.test(url)) {
    throw new RpcError({
      code: 'rpc/invalid-option',
      reason: 'url must begin with http:// or https://',
    });
  }
  const policy = retryPolicy(options);
  const maxReplyBytes = replyLimit(options.maxReplyBytes);
  const send: Fetch = options.fetch ?? platformFetch;
  let closed = false;
  let lastId = 0;

  async function attempt(body: string, id: number, signal: AbortSignal): Promise<JsonValue> {
    let response: Response;
    try {
      response = await send(url, {
        method: 'POST',
        headers: {
          accept: 'application/json',
          ...options.headers,
          'content-type': 'application/json',
        },
        body,
        redirect: 'error',
        signal,
      });
    } catch (cause) {
      throw new RpcError({ code: 'rpc/network', reason: reasonOf(cause) }, { cause });
    }
    if (response.status !== 200) {
      response.body?.cancel().catch(() => undefined);
      throw new RpcError({ code: 'rpc/http-status', status: response.status });
    }
    const text = await readBody(response, maxReplyBytes);
    return readReply(parseJson(text, { maxLength: maxReplyBytes }), id);
  }

  return {
    async request(call: RpcCall): Promise<JsonValue> {
      if (closed) throw new RpcError({ code: 'rpc/closed' });
      lastId = (lastId % 0xffffffff) + 1;
      const id = lastId;
      const body = formatCall(id, call.method, call.params);
      if (body.length > MAX_REQUEST_CHARACTERS) {
        throw new RpcError({
          code: 'rpc/invalid-option',
          reason: `a request must not exceed ${MAX_REQUEST_CHARACTERS} characters, got ${body.length}`,
        });
      }
      return attempted(call, policy, (signal) => attempt(body, id, signal));
    },
    close(): void {
      closed = true;
    },
  };
}

async function readBody(response: Response, limit: number): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  let text = '';
  let size = 0;
  for (;;) {
    let piece: Awaited<ReturnType<typeof reader.read>>;
    try {
      piece = await reader.read();
    } catch (cause) {
      throw new RpcError({ code: 'rpc/network', reason: reasonOf(cause) }, { cause });
    }
    if (piece.value !== undefined) {
      size += piece.value.length;
      if (size > limit) {
        reader.cancel().catch(() => undefined);
        throw new RpcError({ code: 'rpc/reply-too-large', limit });
      }
    }
    try {
      text += piece.done ? decoder.decode() : decoder.decode(piece.value, { stream: true });
    } catch (cause) {
      reader.cancel().catch(() => undefined);
      throw new RpcError(
        { code: 'rpc/invalid-json', reason: 'the reply is not UTF-8', offset: text.length },
        { cause },
      );
    }
    if (piece.done) return text;
  }
}

/** The words of a failure on the way; `fetch` hides the useful ones in the cause. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error && cause.cause.message !== ''
    ? `${cause.message} (${cause.cause.message})`
    : cause.message;
}
