/** Four members as child processes: starts them, kills them, asks them. Knows nothing of consensus. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Entry } from './application.js';
import { createNetwork, type NetworkFile, readNetwork } from './network.js';
import type { Status } from './server.js';

/** An entry and where it stands. */
export interface LoggedEntry extends Entry {
  readonly position: number;
}

/** Some members in processes of their own. */
export interface Cluster {
  readonly network: NetworkFile;
  /** Starts a member and resolves when it answers. */
  start(member: number): Promise<void>;
  /** Ends a member, by default with SIGKILL, and resolves when it is gone. */
  stop(member: number, signal?: NodeJS.Signals): Promise<void>;
  /** Members whose process runs. */
  running(): readonly number[];
  /** Undefined while it does not answer. */
  status(member: number): Promise<Status | undefined>;
  log(member: number): Promise<readonly LoggedEntry[]>;
  /** Appends at a member: the position, or undefined when it did not answer that it is final. */
  append(member: number, text: string, id?: string): Promise<number | undefined>;
  /** Ends all members. */
  close(signal?: NodeJS.Signals): Promise<void>;
}

/** How a cluster is made when its folder is new. */
export interface ClusterOptions {
  readonly members?: number;
  /** First of two ports for each member; 0 for any free ones. */
  readonly firstPort?: number;
  readonly timing?: NetworkFile['timing'];
  /** What members print. */
  readonly onOutput?: (text: string) => void;
}

/** For a screen: slow enough to watch. */
const WATCHABLE: NetworkFile['timing'] = { blockPeriodMs: 500, idleMs: 1000, timeoutMs: 3000 };
const START_TIMEOUT_MS = 30_000;
const REQUEST_TIMEOUT_MS = 5_000;

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

async function choosePorts(
  members: number,
  first: number,
): Promise<{ port: number; httpPort: number }[]> {
  const ports: { port: number; httpPort: number }[] = [];
  for (let i = 0; i < members; i++) {
    ports.push(
      first > 0
        ? { port: first + 2 * i, httpPort: first + 2 * i + 1 }
        : { port: await freePort(), httpPort: await freePort() },
    );
  }
  return ports;
}

/** Opens a cluster in a folder, which is made when it is not there. Starts nobody. */
export async function openCluster(folder: string, options: ClusterOptions = {}): Promise<Cluster> {
  const { members = 4, firstPort = 7100, timing = WATCHABLE } = options;
  if (!existsSync(join(folder, 'network.json'))) {
    await mkdir(folder, { recursive: true });
    await createNetwork(folder, await choosePorts(members, firstPort), timing);
  }
  const network = await readNetwork(folder);
  const children = new Map<number, ChildProcess>();
  const program = fileURLToPath(new URL('./member.ts', import.meta.url));

  async function ask(member: number, path: string, init?: RequestInit, ms = REQUEST_TIMEOUT_MS) {
    const { host, httpPort } = network.members[member]!;
    const signal = AbortSignal.timeout(ms);
    const response = await fetch(`http://${host}:${httpPort}${path}`, { ...init, signal });
    return { ok: response.ok, body: (await response.json()) as unknown };
  }

  function start(member: number): Promise<void> {
    if (children.has(member)) throw new Error(`member ${member} runs already`);
    const child = spawn(
      process.execPath,
      ['--conditions=@polyphony/source', '--import', 'tsx', program, folder, String(member)],
      { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
    );
    children.set(member, child);
    let printed = '';
    const print = (data: Buffer): void => {
      printed += data;
      options.onOutput?.(data.toString());
    };
    child.stdout!.on('data', print);
    child.stderr!.on('data', print);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
      child.once('message', () => {
        clearTimeout(timer);
        resolve();
      });
      child.once('exit', (code, signal) => {
        clearTimeout(timer);
        if (children.get(member) === child) children.delete(member);
        reject(new Error(`member ${member} ended with ${code ?? signal}: ${printed.slice(-2000)}`));
      });
    });
  }

  async function stop(member: number, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = children.get(member);
    if (child === undefined) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }

  return {
    network,
    start,
    stop,
    running: () => [...children.keys()].sort((a, b) => a - b),
    status: async (member) => {
      if (!children.has(member)) return undefined;
      try {
        return (await ask(member, '/status')).body as Status;
      } catch {
        return undefined;
      }
    },
    log: async (member) => {
      const entries: LoggedEntry[] = [];
      for (;;) {
        const { body } = await ask(member, `/log?from=${entries.length}`);
        const page = body as readonly LoggedEntry[];
        if (page.length === 0) return entries;
        entries.push(...page);
      }
    },
    append: async (member, text, id) => {
      try {
        const headers: Record<string, string> = id === undefined ? {} : { 'entry-id': id };
        const init = { method: 'POST', body: text, headers };
        const { ok, body } = await ask(member, '/', init, 35_000);
        return ok ? (body as { readonly position: number }).position : undefined;
      } catch {
        return undefined; // gone, or going: not acknowledged is not promised
      }
    },
    close: async (signal = 'SIGTERM') => {
      await Promise.all([...children.keys()].map((member) => stop(member, signal)));
    },
  };
}
