/**
 * Serves the page of the local network and its event stream on one loopback port.
 *
 * `GET /` and assets: the built page. `GET /api/state`: a snapshot. `GET /api/events`: a snapshot,
 * then one message per change (server-sent events). `POST /api/validators/<shard>/<index>/stop`
 * and `/start`: for experiments; refused for requests that come from another site.
 */
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import type { DashboardMessage, NetworkView } from './protocol.js';

/** What the page can ask of the network. */
export interface DashboardBackend {
  view(): NetworkView;
  /** Stops or starts one validator; rejects with a sentence when it cannot. */
  setRunning(shardId: number, index: number, running: boolean): Promise<void>;
}

/** A running dashboard. */
export interface Dashboard {
  readonly url: string;
  send(message: DashboardMessage): void;
  close(): Promise<void>;
}

/** A page that does not read its stream is cut off after this many unsent bytes. */
const MAX_UNSENT = 4 * 1024 * 1024;
const MAX_STREAMS = 100;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

function reply(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  type: string,
): void {
  response.writeHead(status, {
    'content-type': type,
    'content-security-policy':
      "default-src 'self'; img-src data:; style-src 'self' 'unsafe-inline'",
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

/** A browser sends the origin of the page that asks; a command-line client sends none. */
function isSameSite(request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  return origin === undefined || origin === `http://${host}`;
}

/** Starts the dashboard over a folder with the built page. */
export async function startDashboard(
  backend: DashboardBackend,
  options: { readonly host: string; readonly port: number; readonly pageFolder: string },
): Promise<Dashboard> {
  const streams = new Set<ServerResponse>();

  async function serveFile(path: string, response: ServerResponse): Promise<void> {
    const file = normalize(join(options.pageFolder, path === '/' ? 'index.html' : path));
    if (!file.startsWith(normalize(options.pageFolder) + sep)) {
      return reply(response, 404, 'not found\n', 'text/plain');
    }
    try {
      reply(
        response,
        200,
        await readFile(file),
        TYPES[extname(file)] ?? 'application/octet-stream',
      );
    } catch {
      reply(response, 404, 'not found\n', 'text/plain');
    }
  }

  function openStream(response: ServerResponse): void {
    if (streams.size >= MAX_STREAMS) {
      reply(response, 503, 'too many streams\n', 'text/plain');
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const snapshot: DashboardMessage = { type: 'snapshot', view: backend.view() };
    response.write(`data: ${JSON.stringify(snapshot)}\n\n`);
    streams.add(response);
    response.on('close', () => streams.delete(response));
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (request.method === 'POST') {
      const order = /^\/api\/validators\/(\d{1,4})\/(\d{1,4})\/(stop|start)$/.exec(path);
      if (order === null) return reply(response, 404, 'not found\n', 'text/plain');
      if (!isSameSite(request)) return reply(response, 403, 'other site\n', 'text/plain');
      try {
        await backend.setRunning(Number(order[1]), Number(order[2]), order[3] === 'start');
        return reply(response, 200, 'ok\n', 'text/plain');
      } catch (error) {
        return reply(response, 409, `${(error as Error).message}\n`, 'text/plain');
      }
    }
    if (request.method !== 'GET') return reply(response, 405, 'method not allowed\n', 'text/plain');
    if (path === '/api/events') return openStream(response);
    if (path === '/api/state') {
      return reply(response, 200, JSON.stringify(backend.view()), 'application/json');
    }
    return serveFile(path, response);
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : options.port);
    });
  });
  return {
    url: `http://${options.host}:${port}`,
    send(message) {
      const text = `data: ${JSON.stringify(message)}\n\n`;
      for (const stream of streams) {
        if (stream.writableLength > MAX_UNSENT) stream.destroy();
        else stream.write(text);
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
