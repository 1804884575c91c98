/**
 * What users talk to: HTTP with three requests.
 *
 * - `POST /` with a text: answers when the text is final, with its position. Repeating it with the
 *   same `entry-id` header (16 bytes of hex), at any member, never appends it twice.
 * - `GET /log?from=0`: the entries from a position on.
 * - `GET /status`: where the member stands.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Entry, MAX_TEXT_BYTES } from './application.js';

/** Where a member stands. */
export interface Status {
  readonly member: number;
  readonly pid: number;
  readonly running: boolean;
  readonly mode: string;
  /** Of the last final block. */
  readonly height: number;
  readonly hash: string;
  readonly view: number;
  /** Who leads that view. */
  readonly leader: number;
  /** How many members sealed the last block that came by consensus. */
  readonly signers: number;
  readonly entries: number;
  readonly last: string;
  readonly peers: readonly number[];
  readonly viewChanges: number;
}

/** An entry on its way; without a position there was no room for it. */
export interface Accepted {
  readonly position: Promise<number> | undefined;
  forget(): void;
}

/** What the server asks of the member. */
export interface Service {
  append(text: string, id?: string): Accepted;
  status(): Status;
  readonly log: readonly Entry[];
}

/** How long a client waits for its text to become final. */
const APPEND_TIMEOUT_MS = 30_000;
const MAX_LISTED = 10_000;

/** Listens until it is closed. Rejects when the port is taken. */
export async function startServer(
  host: string,
  port: number,
  service: Service,
): Promise<{ close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(service, request, response).catch((error) => {
      if (!response.headersSent) send(response, 500, { error: String(error) });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function send(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}

async function answer(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://member');
  if (request.method === 'POST' && url.pathname === '/') return append(service, request, response);
  if (request.method !== 'GET') return send(response, 405, { error: 'GET or POST' });
  if (url.pathname === '/status') return send(response, 200, service.status());
  if (url.pathname !== '/log') return send(response, 404, { error: '/log, /status or POST /' });
  const from = Number(url.searchParams.get('from') ?? 0);
  if (!Number.isInteger(from) || from < 0)
    return send(response, 400, { error: 'from is a position, 0 or more' });
  const entries = service.log.slice(from, from + MAX_LISTED);
  send(
    response,
    200,
    entries.map(({ id, text }, i) => ({ position: from + i, id, text })),
  );
}

async function readText(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_TEXT_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function append(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const id = request.headers['entry-id'];
  if (id !== undefined && !(typeof id === 'string' && /^[0-9a-f]{32}$/.test(id)))
    return send(response, 400, { error: 'entry-id is 32 digits of lower-case hex' });
  const text = await readText(request);
  if (!text || Buffer.byteLength(text) > MAX_TEXT_BYTES)
    return send(response, 400, { error: `a text has 1 to ${MAX_TEXT_BYTES} bytes` });
  const { position, forget } = service.append(text, id);
  if (position === undefined) return send(response, 503, { error: 'too many texts wait' });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), APPEND_TIMEOUT_MS);
    response.once('close', () => resolve(undefined));
  });
  const result = await Promise.race([position, late]);
  clearTimeout(timer);
  forget();
  if (result !== undefined) send(response, 200, { position: result });
  else if (!response.destroyed) send(response, 504, { error: 'not final yet; it may become so' });
}
