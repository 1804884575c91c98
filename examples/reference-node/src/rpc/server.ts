/**
 * The HTTP and WebSocket listeners of a node's RPC.
 *
 * Owns the transport rules: methods, content types, body limits, timeouts, status codes, CORS and
 * the queue bound of a socket that does not read. What a message means is the dispatcher's.
 *
 * @source harmony/eth/rpc/http.go, websocket.go
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Dispatcher } from './dispatcher.js';

/** Largest body or socket message: 5 MiB. */
const MAX_BODY = 5 * 1024 * 1024;

/** A socket whose unsent answers exceed this many bytes is closed. */
const MAX_UNSENT = 16 * 1024 * 1024;

/** Calls of one socket that may wait at the same time. */
const MAX_WAITING = 256;

const CONTENT_TYPES: ReadonlySet<string> = new Set([
  'application/json',
  'application/json-rpc',
  'application/jsonrequest',
]);

/** Where the listeners are bound. A port of 0 takes a free one. */
export interface RpcListenOptions {
  readonly host: string;
  readonly httpPort: number;
  readonly wsPort: number;
}

/** Running listeners. */
export interface RpcServer {
  readonly httpUrl: string;
  readonly wsUrl: string;
  close(): Promise<void>;
}

function reply(response: ServerResponse, status: number, body: string, type = 'text/plain'): void {
  response.writeHead(status, {
    'content-type': type,
    'access-control-allow-origin': '*',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

function preflight(response: ServerResponse): void {
  response.writeHead(204, {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'POST, GET',
    'access-control-allow-headers': '*',
    'access-control-max-age': '600',
  });
  response.end();
}

/** The body, or undefined once it is over the limit; the rest is then not read. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function serve(
  dispatcher: Dispatcher,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === 'OPTIONS') return preflight(response);
  if (request.method === 'GET' && request.url === '/') return reply(response, 200, '');
  if (request.method !== 'POST') return reply(response, 405, 'method not allowed\n');
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > MAX_BODY) {
    response.setHeader('connection', 'close');
    return reply(response, 413, `content length too large (${length}>${MAX_BODY})\n`);
  }
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (!CONTENT_TYPES.has(type)) {
    return reply(response, 415, 'invalid content type, only application/json is supported\n');
  }
  const body = await readBody(request);
  if (body === undefined) {
    response.setHeader('connection', 'close');
    return reply(response, 413, `content length too large (over ${MAX_BODY})\n`);
  }
  reply(response, 200, (await dispatcher.handle(body)) ?? '', 'application/json');
}

function attach(dispatcher: Dispatcher, socket: WebSocket): void {
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  socket.on('error', () => socket.terminate());
  socket.on('message', (data: Buffer) => {
    if (waiting >= MAX_WAITING) {
      socket.close(1013, 'too many calls waiting');
      return;
    }
    waiting += 1;
    const text = data.toString('utf8');
    last = last.then(async () => {
      const answer = await dispatcher.handle(text);
      waiting -= 1;
      if (answer === undefined || socket.readyState !== socket.OPEN) return;
      socket.send(answer);
      if (socket.bufferedAmount > MAX_UNSENT) socket.terminate();
    });
  });
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** Binds both listeners. Rejects when a port is taken. */
export async function startRpcServer(
  dispatcher: Dispatcher,
  options: RpcListenOptions,
): Promise<RpcServer> {
  const http = createServer((request, response) => {
    serve(dispatcher, request, response).catch(() => response.destroy());
  });
  http.headersTimeout = 10_000;
  http.requestTimeout = 30_000;
  http.keepAliveTimeout = 120_000;
  http.maxConnections = 2_000;
  const wsHttp = createServer((_request, response) => reply(response, 426, 'upgrade required\n'));
  wsHttp.headersTimeout = 10_000;
  wsHttp.maxConnections = 2_000;
  const sockets = new WebSocketServer({ server: wsHttp, maxPayload: MAX_BODY });
  sockets.on('error', () => undefined);
  sockets.on('connection', (socket) => attach(dispatcher, socket));
  const httpPort = await listen(http, options.host, options.httpPort);
  let wsPort: number;
  try {
    wsPort = await listen(wsHttp, options.host, options.wsPort);
  } catch (error) {
    http.close();
    throw error;
  }
  const closed = (server: Server): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    httpUrl: `http://${options.host}:${httpPort}`,
    wsUrl: `ws://${options.host}:${wsPort}`,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      await Promise.all([closed(http), closed(wsHttp)]);
    },
  };
}
