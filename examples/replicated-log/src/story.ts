/**
 * The proof, as a program: kill any one, kill the leader, kill all, and compare the logs.
 *
 * While members die, clients go on appending; what was acknowledged must be in every log, once, in
 * one order. Throws when it is not, or when the log does not go on in time.
 */
import type { Cluster, LoggedEntry } from './cluster.js';
import type { Status } from './server.js';

/** What a story came to. */
export interface StoryResult {
  /** Texts that a member acknowledged as final. */
  readonly acknowledged: number;
  readonly entries: number;
  readonly height: number;
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Clients that append without pause at members that run, until they are stopped. */
function startClients(cluster: Cluster, label: string) {
  const acknowledged = new Map<string, number>();
  let stopped = false;
  async function client(name: number): Promise<void> {
    for (let n = 0; !stopped; n++) {
      const running = cluster.running();
      const member = running[(n + name) % running.length];
      const text = `${label}: client ${name}, text ${n}`;
      const position = member === undefined ? undefined : await cluster.append(member, text);
      if (position === undefined) await pause(20);
      else acknowledged.set(text, position);
    }
  }
  const done = Promise.all([client(0), client(1)]);
  return {
    acknowledged,
    stop: async () => {
      stopped = true;
      await done;
    },
  };
}

/** Waits until a question is answered with something. */
async function until<T>(
  what: string,
  question: () => Promise<T | undefined>,
  timeoutMs: number,
): Promise<T> {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await pause(25)) {
    const answer = await question();
    if (answer !== undefined) return answer;
  }
  throw new Error(`${what}: not within ${timeoutMs} ms`);
}

/** The leader as the member with the highest view sees it. */
async function findLeader(cluster: Cluster): Promise<number> {
  const answers = await Promise.all(cluster.running().map((member) => cluster.status(member)));
  const known = answers.filter((status): status is Status => status !== undefined);
  return known.reduce((best, one) => (one.view > best.view ? one : best)).leader;
}

/** Throws unless each log begins with the shorter ones. Returns the longest. */
export async function compareLogs(cluster: Cluster): Promise<readonly LoggedEntry[]> {
  const logs = await Promise.all(cluster.running().map((member) => cluster.log(member)));
  const longest = logs.reduce((best, log) => (log.length > best.length ? log : best));
  for (const log of logs)
    log.forEach((entry, at) => {
      if (entry.id !== longest[at]!.id || entry.text !== longest[at]!.text)
        throw new Error(`the logs differ at ${at}: "${entry.text}", "${longest[at]!.text}"`);
    });
  return longest;
}

/**
 * Plays it on a cluster none of whose members runs.
 *
 * @param timeoutMs - For each step; more than a few view changes.
 */
export async function playStory(
  cluster: Cluster,
  tell: (line: string) => void,
  timeoutMs: number,
): Promise<StoryResult> {
  const all = cluster.network.members.map((_, member) => member);
  const acknowledged = new Map<string, number>();

  /** Runs an act under load, and waits until texts are acknowledged that were sent after it. */
  async function underLoad(label: string, act: () => Promise<void>): Promise<void> {
    const clients = startClients(cluster, label);
    try {
      await act();
      const before = clients.acknowledged.size;
      const more = async () => (clients.acknowledged.size >= before + 4 ? true : undefined);
      await until(`${label}: the log goes on`, more, timeoutMs);
    } finally {
      await clients.stop();
    }
    for (const [text, position] of clients.acknowledged) acknowledged.set(text, position);
    const log = await compareLogs(cluster);
    tell(`${label}: ${clients.acknowledged.size} texts final, ${log.length} in the log`);
  }

  await Promise.all(all.map(cluster.start));
  await underLoad('all run', async () => undefined);

  const leader = await findLeader(cluster);
  const other = all.find((member) => member !== leader)!;
  await underLoad(`member ${other} killed`, () => cluster.stop(other));
  await underLoad(`member ${other} back`, () => cluster.start(other));
  await caughtUp(cluster, timeoutMs);

  const next = await findLeader(cluster);
  await underLoad(`leader ${next} killed`, () => cluster.stop(next));
  await underLoad(`member ${next} back`, () => cluster.start(next));

  await underLoad('all killed at once and started again', async () => {
    await pause(100); // texts are on their way
    await cluster.close('SIGKILL');
    await Promise.all(all.map(cluster.start));
  });

  const height = await caughtUp(cluster, timeoutMs);
  const log = await compareLogs(cluster);
  for (const [text, position] of acknowledged)
    if (log[position]?.text !== text)
      throw new Error(`"${text}" was final at ${position}; there is "${log[position]?.text}"`);
  if (new Set(log.map(({ id }) => id)).size !== log.length) throw new Error('an entry twice');
  return { acknowledged: acknowledged.size, entries: log.length, height };
}

/** Waits until all members have equally many entries; returns the height of the lowest. */
async function caughtUp(cluster: Cluster, timeoutMs: number): Promise<number> {
  return until(
    'all members have the whole log',
    async () => {
      const answers = await Promise.all(cluster.network.members.map((_, i) => cluster.status(i)));
      const known = answers.filter((status): status is Status => status !== undefined);
      const equal = new Set(known.map(({ entries }) => entries)).size === 1;
      if (known.length < answers.length || !equal) return undefined;
      return Math.min(...known.map(({ height }) => height));
    },
    timeoutMs,
  );
}
