import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { codeOf, rejectedCode } from '@polyphony/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { formatJson, getBlockNumber, type JsonObject, parseJson, RpcError } from '../src/index.js';
import {
  delay,
  fallback,
  http,
  isTransient,
  type RpcCall,
  systemClock,
  type Transport,
} from '../src/transports.js';
import { rpcOver } from './helpers.js';

const READ: RpcCall = { method: 'hmyv2_blockNumber', params: [], idempotent: true };
const SEND: RpcCall = { method: 'hmyv2_sendRawTransaction', params: ['0x'], idempotent: false };

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

interface Recorded {
  readonly url: string;
  readonly bodies: JsonObject[];
}

/** A server on this machine; `answer` gets the number of the request, from 0, and its body. */
async function serve(
  answer: (
    response: ServerResponse,
    index: number,
    body: JsonObject,
    request: IncomingMessage,
  ) => void,
): Promise<Recorded> {
  const bodies: JsonObject[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (piece) => {
      text += piece;
    });
    request.on('end', () => {
      const body = parseJson(text) as JsonObject;
      answer(response, bodies.push(body) - 1, body, request);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies };
}

function reply(response: ServerResponse, body: JsonObject, result: JsonObject | bigint): void {
  response.setHeader('content-type', 'application/json');
  response.end(formatJson({ jsonrpc: '2.0', id: body.id as bigint, result } as never));
}

describe('http', () => {
  test('carries calls, each with its own id, and large integers', async () => {
    const { url, bodies } = await serve((response, _, body, request) => {
      expect(request.method).toBe('POST');
      expect(request.headers['content-type']).toBe('application/json');
      expect(request.headers['x-key']).toBe('k');
      reply(response, body, 10n ** 22n + 1n);
    });
    const transport = http(url, { headers: { 'x-key': 'k' } });
    expect(
      await Promise.all([transport.request(READ), getBlockNumber(rpcOver(transport))]),
    ).toEqual([10n ** 22n + 1n, 10n ** 22n + 1n]);
    expect(new Set(bodies.map(({ id }) => id)).size).toBe(2);
    expect(bodies[0]).toMatchObject({ jsonrpc: '2.0', method: 'hmyv2_blockNumber', params: [] });
  });

  test.each([
    ['no JSON', 'text', 'rpc/invalid-json'],
    ['nothing', '', 'rpc/invalid-json'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'rpc/invalid-json'],
    ['a list', '[]', 'rpc/invalid-reply'],
    ['another id', '{"jsonrpc":"2.0","id":99,"result":1}', 'rpc/invalid-reply'],
    ['an id as text', '{"jsonrpc":"2.0","id":"1","result":1}', 'rpc/invalid-reply'],
    ['no id', '{"jsonrpc":"2.0","result":1}', 'rpc/invalid-reply'],
    ['no version', '{"id":1,"result":1}', 'rpc/invalid-reply'],
    ['neither result nor error', '{"jsonrpc":"2.0","id":1}', 'rpc/invalid-reply'],
    [
      'both',
      '{"jsonrpc":"2.0","id":1,"result":1,"error":{"code":1,"message":""}}',
      'rpc/invalid-reply',
    ],
    [
      'an error without code',
      '{"jsonrpc":"2.0","id":1,"error":{"message":"x"}}',
      'rpc/invalid-reply',
    ],
    ['an error as text', '{"jsonrpc":"2.0","id":1,"error":"x"}', 'rpc/invalid-reply'],
    [
      'an error with the id null',
      '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"parse error"}}',
      'rpc/parse-error',
    ],
    ['a result of the id null', '{"jsonrpc":"2.0","id":null,"result":1}', 'rpc/invalid-reply'],
    ['a name twice', '{"jsonrpc":"2.0","id":1,"result":1,"result":2}', 'rpc/invalid-json'],
  ])('a reply that is %s', async (_, body, code) => {
    const { url, bodies } = await serve((response) => response.end(body));
    expect(await rejectedCode(http(url).request(READ))).toBe(code);
    expect(bodies).toHaveLength(1);
  });

  test('null is a result', async () => {
    const { url } = await serve((response) =>
      response.end('{"jsonrpc":"2.0","id":1,"result":null}'),
    );
    expect(await http(url).request(READ)).toBeNull();
  });

  test('a reply that does not end is cut off at its bound', async () => {
    let sent = 0;
    const { url } = await serve((response) => {
      const write = (): void => {
        if (response.destroyed) return;
        sent += 65_536;
        if (response.write('x'.repeat(65_536))) setImmediate(write);
        else response.once('drain', write);
      };
      write();
    });
    const transport = http(url, { maxReplyBytes: 100_000 });
    expect(await rejectedCode(transport.request(READ))).toBe('rpc/reply-too-large');
    expect(sent).toBeLessThan(50 * 1024 * 1024);
  });

  test('a reply that never comes is given up, for reads after every attempt', async () => {
    const { url, bodies } = await serve(() => undefined);
    const transport = http(url, { timeoutMs: 300, retries: 2, retryDelayMs: 1 });
    expect(await rejectedCode(transport.request(READ))).toBe('rpc/timeout');
    expect(bodies).toHaveLength(3);
    expect(await rejectedCode(transport.request(SEND))).toBe('rpc/timeout');
    expect(bodies).toHaveLength(4);
    expect(await rejectedCode(transport.request({ ...SEND, timeoutMs: 5 }))).toBe('rpc/timeout');
  });

  test('a reply whose end never comes is given up too', async () => {
    const { url } = await serve((response) => {
      response.write('{"jsonrpc"');
    });
    expect(await rejectedCode(http(url, { timeoutMs: 50, retries: 0 }).request(READ))).toBe(
      'rpc/timeout',
    );
  });

  test('reads are sent again after what may pass, a bounded number of times', async () => {
    for (const status of [429, 500, 502, 503]) {
      const { url, bodies } = await serve((response, index, body) => {
        if (index < 2) response.writeHead(status).end();
        else reply(response, body, 5n);
      });
      expect(await http(url, { retryDelayMs: 1 }).request(READ)).toBe(5n);
      expect(bodies).toHaveLength(3);
      expect(new Set(bodies.map(({ id }) => id)).size).toBe(1);
    }
    const { url, bodies } = await serve((response) => response.writeHead(503).end());
    expect(await rejectedCode(http(url, { retries: 1, retryDelayMs: 1 }).request(READ))).toBe(
      'rpc/http-status',
    );
    expect(bodies).toHaveLength(2);
  });

  test('a node that is too busy is asked again, one that refuses is not', async () => {
    const answer = (message: string) => (response: ServerResponse, _: number, body: JsonObject) =>
      response.end(
        formatJson({ jsonrpc: '2.0', id: body.id as bigint, error: { code: -32000, message } }),
      );
    const busy = await serve(answer('rate: Wait(n=1) would exceed context deadline'));
    expect(await rejectedCode(http(busy.url, { retryDelayMs: 1 }).request(READ))).toBe(
      'rpc/rate-limited',
    );
    expect(busy.bodies).toHaveLength(3);
    const strict = await serve(answer('unknown block'));
    expect(await rejectedCode(http(strict.url).request(READ))).toBe('rpc/not-found');
    expect(strict.bodies).toHaveLength(1);
  });

  test.each([400, 401, 404, 413, 415, 503])('status %d ends a send', async (status) => {
    const { url, bodies } = await serve((response) => response.writeHead(status).end('x'));
    expect(await rejectedCode(http(url).request(SEND))).toBe('rpc/http-status');
    expect(bodies).toHaveLength(1);
  });

  test('a redirect is not followed', async () => {
    const { url } = await serve((response) =>
      response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
    );
    expect(await rejectedCode(http(url, { retries: 0 }).request(READ))).toBe('rpc/network');
  });

  test('nobody there', async () => {
    const { url } = await serve(() => undefined);
    servers.splice(0).forEach((server) => {
      server.close();
    });
    const error = await http(url, { retries: 0 })
      .request(READ)
      .catch((caught) => caught);
    expect(error).toBeInstanceOf(RpcError);
    expect(error.code).toBe('rpc/network');
    expect(error.message).toContain('ECONNREFUSED');
  });

  test('an abort ends a call at once, also one that waits to be repeated', async () => {
    const { url, bodies } = await serve((response) => response.writeHead(503).end());
    const transport = http(url, { retries: 5, retryDelayMs: 5_000 });
    const controller = new AbortController();
    const started = performance.now();
    const code = rejectedCode(transport.request({ ...READ, signal: controller.signal }));
    await delay(100);
    controller.abort(new Error('enough'));
    expect(await code).toBe('rpc/aborted');
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(bodies).toHaveLength(1);
    const before = await transport
      .request({ ...READ, signal: controller.signal })
      .catch((error) => error);
    expect(before.code).toBe('rpc/aborted');
    expect(before.cause.message).toBe('enough');
    expect(bodies).toHaveLength(1);
  });

  test('a closed transport carries nothing', async () => {
    const { url, bodies } = await serve(() => undefined);
    const transport = http(url);
    transport.close!();
    expect(await rejectedCode(transport.request(READ))).toBe('rpc/closed');
    expect(bodies).toEqual([]);
  });

  test('a given fetch is used', async () => {
    const seen: string[] = [];
    const transport = http('https://node.example', {
      fetch: async (url, init) => {
        seen.push(`${url} ${init.body}`);
        return new Response('{"jsonrpc":"2.0","id":1,"result":"0x5"}');
      },
    });
    expect(await transport.request(READ)).toBe('0x5');
    expect(seen).toEqual([
      'https://node.example {"jsonrpc":"2.0","id":1,"method":"hmyv2_blockNumber","params":[]}',
    ]);
  });

  test('a request that no node reads is not sent', async () => {
    const { url, bodies } = await serve(() => undefined);
    const call = { ...SEND, params: ['x'.repeat(6 * 1024 * 1024)] };
    expect(await rejectedCode(http(url).request(call))).toBe('rpc/invalid-option');
    expect(bodies).toEqual([]);
  });

  test('wrong options', async () => {
    for (const url of ['', 'node.example', 'ftp://x', 'file:///etc/passwd', 'http://a b'])
      expect(codeOf(() => http(url))).toBe('rpc/invalid-option');
    for (const options of [
      { timeoutMs: 0 },
      { timeoutMs: 1.5 },
      { timeoutMs: 2 ** 31 },
      { retries: -1 },
      { retries: 11 },
      { retryDelayMs: -1 },
      { maxReplyBytes: 0 },
    ])
      expect(codeOf(() => http('http://x', options))).toBe('rpc/invalid-option');
    expect(await rejectedCode(http('http://x').request({ ...READ, timeoutMs: 0 }))).toBe(
      'rpc/invalid-option',
    );
  });
});

describe('fallback', () => {
  function scripted(
    ...answers: (bigint | RpcError)[]
  ): Transport & { readonly calls: RpcCall[]; closed: boolean } {
    const calls: RpcCall[] = [];
    const transport = {
      calls,
      closed: false,
      async request(call: RpcCall) {
        calls.push(call);
        const answer = answers[Math.min(calls.length, answers.length) - 1]!;
        if (answer instanceof RpcError) throw answer;
        return answer;
      },
      close() {
        transport.closed = true;
      },
    };
    return transport;
  }
  const down = new RpcError({ code: 'rpc/network', reason: 'down' });
  const refusal = new RpcError({
    code: 'rpc/nonce-too-low',
    nodeCode: -32000n,
    nodeMessage: 'nonce too low',
  });

  test('goes on to the next and stays with what works', async () => {
    const [a, b] = [scripted(down), scripted(2n)];
    const transport = fallback([a, b]);
    expect(await transport.request(READ)).toBe(2n);
    expect(await transport.request(READ)).toBe(2n);
    expect(await transport.request(SEND)).toBe(2n);
    expect([a.calls.length, b.calls.length]).toEqual([1, 3]);
  });

  test('comes back when that fails', async () => {
    const [a, b] = [scripted(down, 1n), scripted(2n, down)];
    const transport = fallback([a, b]);
    expect([await transport.request(READ), await transport.request(READ)]).toEqual([2n, 1n]);
  });

  test('a refusal is an answer', async () => {
    const [a, b] = [scripted(refusal), scripted(2n)];
    expect(await rejectedCode(fallback([a, b]).request(READ))).toBe('rpc/nonce-too-low');
    expect(b.calls).toEqual([]);
  });

  test('a send goes to one node only', async () => {
    const [a, b] = [scripted(down), scripted(2n)];
    expect(await rejectedCode(fallback([a, b]).request(SEND))).toBe('rpc/network');
    expect(b.calls).toEqual([]);
  });

  test.each([
    ['rpc/invalid-reply', { code: 'rpc/invalid-reply', what: 'x', reason: 'y' }],
    ['rpc/invalid-json', { code: 'rpc/invalid-json', reason: 'y', offset: 0 }],
    ['rpc/reply-too-large', { code: 'rpc/reply-too-large', limit: 1 }],
    ['rpc/http-status', { code: 'rpc/http-status', status: 404 }],
    ['rpc/closed', { code: 'rpc/closed' }],
  ] as const)('%s leads on', async (_, details) => {
    expect(await fallback([scripted(new RpcError(details)), scripted(2n)]).request(READ)).toBe(2n);
  });

  test('an abort does not', async () => {
    const b = scripted(2n);
    const aborted = new RpcError({ code: 'rpc/aborted' });
    expect(await rejectedCode(fallback([scripted(aborted), b]).request(READ))).toBe('rpc/aborted');
    expect(b.calls).toEqual([]);
  });

  test('all down is the last failure', async () => {
    const late = new RpcError({ code: 'rpc/timeout', timeoutMs: 5 });
    expect(await rejectedCode(fallback([scripted(down), scripted(late)]).request(READ))).toBe(
      'rpc/timeout',
    );
  });

  test('closes all, needs one', () => {
    const ways = [scripted(1n), scripted(2n)];
    fallback(ways).close!();
    expect(ways.every(({ closed }) => closed)).toBe(true);
    expect(codeOf(() => fallback([]))).toBe('rpc/invalid-option');
  });
});

describe('waiting', () => {
  test('lasts, and can be ended', async () => {
    const started = systemClock.now();
    await systemClock.sleep(30);
    expect(systemClock.now() - started).toBeGreaterThan(25);
    const controller = new AbortController();
    const waiting = delay(60_000, controller.signal);
    controller.abort();
    expect(await rejectedCode(waiting)).toBe('rpc/aborted');
    expect(await rejectedCode(delay(60_000, controller.signal))).toBe('rpc/aborted');
  });

  test('what may pass', () => {
    expect(isTransient(new RpcError({ code: 'rpc/network', reason: '' }))).toBe(true);
    expect(isTransient(new RpcError({ code: 'rpc/http-status', status: 404 }))).toBe(false);
    expect(isTransient(new RpcError({ code: 'rpc/http-status', status: 503 }))).toBe(true);
    expect(isTransient(new RpcError({ code: 'rpc/aborted' }))).toBe(false);
    expect(isTransient(new Error('x'))).toBe(false);
  });
});
