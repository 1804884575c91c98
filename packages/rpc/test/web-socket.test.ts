import { codeOf, rejectedCode } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { formatJson, type JsonObject, parseJson } from '../src/index.js';
import { delay, type RpcCall, type Socket, webSocket } from '../src/transports.js';

const READ: RpcCall = { method: 'hmyv2_blockNumber', params: [], idempotent: true };
const SEND: RpcCall = { method: 'hmyv2_sendRawTransaction', params: [], idempotent: false };

/** A socket in memory with the events of the platform's class. */
class FakeSocket extends EventTarget {
  readyState = 0;
  binaryType = 'blob';
  readonly sent: JsonObject[] = [];
  onSend: (body: JsonObject) => void = () => undefined;

  send(text: string): void {
    if (this.readyState !== 1) throw new Error('not open');
    const body = parseJson(text) as JsonObject;
    this.sent.push(body);
    this.onSend(body);
  }
  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
  }
  message(data: unknown): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data }));
  }
  answer(id: unknown, result: bigint): void {
    this.message(formatJson({ jsonrpc: '2.0', id: id as bigint, result }));
  }
  fail(): void {
    this.dispatchEvent(new Event('error'));
    this.close();
  }
  close(): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.dispatchEvent(new Event('close'));
  }
}

function setUp(options: object = {}) {
  const sockets: FakeSocket[] = [];
  const transport = webSocket('ws://127.0.0.1:9800', {
    retries: 0,
    open: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket as unknown as Socket;
    },
    ...options,
  });
  return { sockets, transport };
}

const turn = () => delay(0);

describe('webSocket', () => {
  test('opens with the first call and answers calls in any order', async () => {
    const { sockets, transport } = setUp();
    expect(sockets).toHaveLength(0);
    const results = [transport.request(READ), transport.request(READ), transport.request(SEND)];
    expect(sockets).toHaveLength(1);
    const [socket] = sockets;
    socket!.open();
    await turn();
    expect(socket!.sent).toHaveLength(3);
    const ids = socket!.sent.map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
    socket!.answer(ids[2], 3n);
    socket!.answer(ids[0], 1n);
    socket!.answer(ids[1], 2n);
    expect(await Promise.all(results)).toEqual([1n, 2n, 3n]);
  });

  test('notifications and answers to nobody are passed over', async () => {
    const { sockets, transport } = setUp();
    const result = transport.request(READ);
    sockets[0]!.open();
    await turn();
    sockets[0]!.message('{"jsonrpc":"2.0","method":"hmy_subscription","params":{}}');
    sockets[0]!.answer(99n, 7n);
    sockets[0]!.answer(sockets[0]!.sent[0]!.id, 5n);
    expect(await result).toBe(5n);
  });

  test('a refusal is its code', async () => {
    const { sockets, transport } = setUp();
    const result = transport.request(READ);
    sockets[0]!.onSend = ({ id }) =>
      sockets[0]!.message(
        formatJson({ jsonrpc: '2.0', id: id as bigint, error: { code: -32601, message: 'x' } }),
      );
    sockets[0]!.open();
    expect(await rejectedCode(result)).toBe('rpc/method-not-found');
  });

  test('a lost socket fails its calls, and the next call opens another', async () => {
    const { sockets, transport } = setUp();
    const results = [transport.request(READ), transport.request(SEND)].map(rejectedCode);
    sockets[0]!.open();
    await turn();
    sockets[0]!.fail();
    expect(await Promise.all(results)).toEqual(['rpc/network', 'rpc/network']);
    const next = transport.request(READ);
    expect(sockets).toHaveLength(2);
    sockets[1]!.onSend = ({ id }) => sockets[1]!.answer(id, 6n);
    sockets[1]!.open();
    expect(await next).toBe(6n);
  });

  test('a socket that never opens', async () => {
    const { sockets, transport } = setUp({ timeoutMs: 30 });
    expect(await rejectedCode(transport.request(READ))).toBe('rpc/timeout');
    const late = rejectedCode(transport.request(READ));
    sockets[0]!.fail();
    expect(await late).toBe('rpc/network');
  });

  test('reads are sent again over a new socket, sends are not', async () => {
    const { sockets, transport } = setUp({ retries: 1, retryDelayMs: 1 });
    const result = transport.request(READ);
    sockets[0]!.open();
    await turn();
    sockets[0]!.close();
    while (sockets.length < 2) await turn();
    sockets[1]!.onSend = ({ id }) => sockets[1]!.answer(id, 8n);
    sockets[1]!.open();
    expect(await result).toBe(8n);
    const send = rejectedCode(transport.request(SEND));
    sockets[1]!.onSend = () => sockets[1]!.close();
    expect(await send).toBe('rpc/network');
    await delay(20);
    expect(sockets).toHaveLength(2);
  });

  test('a call that timed out leaves the socket and the others alone', async () => {
    const { sockets, transport } = setUp();
    const slow = rejectedCode(transport.request({ ...READ, timeoutMs: 20 }));
    const other = transport.request(READ);
    sockets[0]!.open();
    expect(await slow).toBe('rpc/timeout');
    const [first, second] = sockets[0]!.sent;
    sockets[0]!.answer(first!.id, 1n);
    sockets[0]!.answer(second!.id, 2n);
    expect(await other).toBe(2n);
    expect(sockets).toHaveLength(1);
  });

  test('an abort ends a call', async () => {
    const { sockets, transport } = setUp();
    const controller = new AbortController();
    const code = rejectedCode(transport.request({ ...READ, signal: controller.signal }));
    sockets[0]!.open();
    await turn();
    controller.abort();
    expect(await code).toBe('rpc/aborted');
  });

  test.each([
    ['no JSON', 'x', 'rpc/invalid-json'],
    ['bytes', new ArrayBuffer(4), 'rpc/invalid-reply'],
    ['too long', `"${'x'.repeat(1000)}"`, 'rpc/reply-too-large'],
  ])('a message that is %s ends the socket', async (_, data, code) => {
    const { sockets, transport } = setUp({ maxReplyBytes: 500 });
    const result = rejectedCode(transport.request(READ));
    sockets[0]!.open();
    await turn();
    sockets[0]!.message(data);
    expect(await result).toBe(code);
    expect(sockets[0]!.readyState).toBe(3);
  });

  test('more calls than allowed are refused', async () => {
    const { sockets, transport } = setUp({ maxPending: 2 });
    const results = [transport.request(READ), transport.request(READ)];
    expect(await rejectedCode(transport.request(READ))).toBe('rpc/invalid-option');
    sockets[0]!.onSend = ({ id }) => sockets[0]!.answer(id, 1n);
    sockets[0]!.open();
    expect(await Promise.all(results)).toEqual([1n, 1n]);
    expect(await transport.request(READ)).toBe(1n);
  });

  test('closing ends what is under way and what comes', async () => {
    const { sockets, transport } = setUp();
    const result = rejectedCode(transport.request(READ));
    sockets[0]!.open();
    await turn();
    transport.close!();
    expect(await result).toBe('rpc/closed');
    expect(await rejectedCode(transport.request(READ))).toBe('rpc/closed');
    expect(sockets).toHaveLength(1);
    expect(sockets[0]!.readyState).toBe(3);
  });

  test('wrong options', async () => {
    expect(codeOf(() => webSocket('http://x'))).toBe('rpc/invalid-option');
    expect(codeOf(() => webSocket('ws://x', { maxPending: 0 }))).toBe('rpc/invalid-option');
    if (typeof WebSocket === 'undefined')
      expect(await rejectedCode(webSocket('ws://x').request(READ))).toBe('rpc/invalid-option');
  });
});
