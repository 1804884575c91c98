import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createDispatcher, type RpcMethod, serviceFault } from '../src/rpc/dispatcher.js';
import { type RpcServer, startRpcServer } from '../src/rpc/server.js';

const crashes: string[] = [];
const method = (required: number, most: number, call: RpcMethod['call']): RpcMethod => ({
  required,
  most,
  call,
});
const dispatcher = createDispatcher(
  new Map<string, RpcMethod>([
    ['test_echo', method(1, 2, ([value]) => value as string)],
    ['test_big', method(0, 0, () => ({ amount: 10n ** 30n }))],
    [
      'test_refuse',
      method(0, 0, () => {
        throw serviceFault('nonce too low');
      }),
    ],
    [
      'test_crash',
      method(0, 0, () => {
        throw new Error('secret path');
      }),
    ],
  ]),
  new Set(['eth_getLogs']),
  (name) => crashes.push(name),
);

let server: RpcServer;
beforeAll(async () => {
  server = await startRpcServer(dispatcher, { host: '127.0.0.1', httpPort: 0, wsPort: 0 });
});
afterAll(() => server.close());

async function post(body: string, headers: Record<string, string> = {}): Promise<[number, string]> {
  const response = await fetch(server.httpUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return [response.status, await response.text()];
}

const call = (name: string, params?: unknown, id: unknown = 1): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method: name, params });

test('numbers of any size are written as bare digits', async () => {
  expect((await post(call('test_big')))[1]).toBe(
    '{"jsonrpc":"2.0","id":1,"result":{"amount":1000000000000000000000000000000}}',
  );
});

test.each<[string, string, unknown]>([
  ['no JSON', '{', { code: -32700, message: 'parse error' }],
  ['not a request', '7', { code: -32600, message: 'invalid request' }],
  ['an object as id', call('test_echo', ['a'], {}), { code: -32600, message: 'invalid request' }],
  ['an empty batch', '[]', { code: -32600, message: 'empty batch' }],
  [
    'an unknown method',
    call('test_none'),
    { code: -32601, message: 'the method test_none does not exist/is not available' },
  ],
  [
    'a method of the Go node that is not served',
    call('eth_getLogs', [{}]),
    {
      code: -32601,
      message:
        'the method eth_getLogs does not exist/is not available: this node does not serve it yet',
    },
  ],
  ['named arguments', call('test_echo', { a: 1 }), { code: -32602, message: 'non-array args' }],
  [
    'too few arguments',
    call('test_echo', []),
    { code: -32602, message: 'missing value for required argument 0' },
  ],
  [
    'too many arguments',
    call('test_echo', [1, 2, 3]),
    { code: -32602, message: 'too many arguments, want at most 2' },
  ],
  ['a refusal', call('test_refuse'), { code: -32000, message: 'nonce too low' }],
  [
    'a crash, without its text',
    call('test_crash'),
    { code: -32000, message: 'method handler crashed' },
  ],
])('%s', async (_name, body, error) => {
  const [status, text] = await post(body);
  expect(status).toBe(200);
  expect(JSON.parse(text).error).toEqual(error);
});

test('a crash is reported to the operator', () => {
  expect(crashes).toContain('test_crash');
});

test('a batch is answered in order, notifications leave no answer', async () => {
  const batch = [
    call('test_echo', ['a'], 7),
    call('test_echo', ['b'], null),
    '{"method":"test_echo","params":["c"]}',
  ];
  const [, text] = await post(`[${batch.join(',')}]`);
  expect(JSON.parse(text)).toEqual([
    { jsonrpc: '2.0', id: 7, result: 'a' },
    { jsonrpc: '2.0', id: null, result: 'b' },
  ]);
  expect(await post('{"method":"test_echo","params":["c"]}')).toEqual([200, '']);
});

test('hostile bodies: deep, wide, prototype keys, oversized batch, oversized body', async () => {
  const [, deep] = await post(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
  expect(JSON.parse(deep)).toBeTruthy();
  const [, wide] = await post(
    `[${Array(101)
      .fill(call('test_echo', ['a']))
      .join(',')}]`,
  );
  expect(JSON.parse(wide).error.message).toBe('batch of 101 calls is over the limit of 100');
  await post('{"__proto__":{"polluted":true},"method":"test_echo","params":["a"],"id":1}');
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  const [status] = await post('x'.repeat(5 * 1024 * 1024 + 1)).catch(() => [413]);
  expect(status).toBe(413);
});

test('other methods and content types', async () => {
  expect((await fetch(server.httpUrl)).status).toBe(200);
  expect((await fetch(server.httpUrl, { method: 'PUT', body: 'x' })).status).toBe(405);
  expect((await post(call('test_echo', ['a']), { 'content-type': 'text/html' }))[0]).toBe(415);
  const preflight = await fetch(server.httpUrl, { method: 'OPTIONS' });
  expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
});

test('an endless chunked body is cut off', async () => {
  const { hostname, port } = new URL(server.httpUrl);
  const outcome = await new Promise<string>((resolve) => {
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', () => resolve(answer));
    socket.write(
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
    );
    const chunk = `10000\r\n${'y'.repeat(0x10000)}\r\n`;
    const pump = (): void => {
      if (socket.destroyed || answer !== '') {
        socket.destroy();
        return;
      }
      socket.write(chunk, () => setImmediate(pump));
    };
    pump();
  });
  expect(outcome === '' || outcome.startsWith('HTTP/1.1 413')).toBe(true);
});

test('the socket answers in order and the same', async () => {
  const socket = new WebSocket(server.wsUrl);
  await new Promise((resolve) => socket.once('open', resolve));
  const answers: string[] = [];
  const done = new Promise<void>((resolve) => {
    socket.on('message', (data) => {
      answers.push(String(data));
      if (answers.length === 20) resolve();
    });
  });
  for (let i = 0; i < 20; i++) socket.send(call('test_echo', [`${i}`], i));
  await done;
  socket.close();
  expect(answers.map((text) => JSON.parse(text).result)).toEqual(
    Array.from({ length: 20 }, (_, i) => `${i}`),
  );
});
