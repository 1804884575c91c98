/**
 * `npm run log`: four members in four processes, a table that shows them, and commands to append
 * to the log and to kill and start members.
 */
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { type Cluster, openCluster } from './cluster.js';
import { compareLogs, playStory } from './story.js';
import { formatView } from './view.js';

const HELP = `npm run log -- [--story] [--fresh] [--data FOLDER] [--port FIRST]

--story   kills members while clients append, compares the logs, and ends
--fresh   begins a new log
--data    where the network is kept (.polyphony/log)
--port    first of eight ports on 127.0.0.1, for a new network (7100); 0 for any free ones`;

const COMMANDS = `append TEXT · kill N · start N · kill leader · kill all · start all · log · quit`;
const REDRAW_MS = 250;
const PIPE_REDRAW_MS = 10_000;

const { values } = parseArgs({
  options: {
    story: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    data: { type: 'string', default: '.polyphony/log' },
    port: { type: 'string', default: '7100' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(HELP);
else await main();

async function main(): Promise<void> {
  if (values.fresh) await rm(values.data, { recursive: true, force: true });
  const screen = createScreen();
  const cluster = await openCluster(values.data, {
    firstPort: Number(values.port),
    onOutput: screen.note,
  });
  const drawing = startDrawing(cluster, screen);
  const quit = async (code: number): Promise<never> => {
    drawing.stop();
    await cluster.close();
    process.exit(code);
  };
  process.on('SIGINT', () => quit(0));
  process.on('SIGTERM', () => quit(0));
  try {
    if (values.story) {
      const { acknowledged, entries, height } = await playStory(cluster, screen.note, 60_000);
      screen.note(
        `Every one of ${acknowledged} acknowledged texts is in all four logs, at its place, once: ` +
          `${entries} entries, height ${height}.`,
      );
      return await quit(0);
    }
    for (const { httpPort } of cluster.network.members)
      screen.note(`curl -d 'some text' http://127.0.0.1:${httpPort}/`);
    await Promise.all(cluster.network.members.map((_, member) => cluster.start(member)));
    screen.note(COMMANDS);
  } catch (error) {
    screen.note(String(error));
    return quit(1);
  }
  const input = createInterface({ input: process.stdin });
  input.on('line', (line) => {
    if (line.trim() === 'quit') void quit(0);
    else command(cluster, line, screen.note).catch((error) => screen.note(String(error)));
  });
}

async function command(
  cluster: Cluster,
  line: string,
  tell: (text: string) => void,
): Promise<void> {
  const [verb, ...words] = line.trim().split(' ');
  const all = cluster.network.members.map((_, member) => member);
  const choose = async (): Promise<readonly number[]> => {
    if (words[0] === 'all') return all;
    if (words[0] !== 'leader') return all.filter((member) => String(member) === words[0]);
    const answers = await Promise.all(cluster.running().map(cluster.status));
    const newest = answers.reduce((a, b) => ((b?.view ?? -1) > (a?.view ?? -1) ? b : a), undefined);
    return newest === undefined ? [] : [newest.leader];
  };
  if (verb === '') return;
  if (verb === 'append') {
    const member = cluster.running()[0];
    if (member === undefined) return tell('nobody runs');
    const position = await cluster.append(member, words.join(' '));
    return tell(position === undefined ? 'not final in time' : `final at position ${position}`);
  }
  if (verb === 'kill') {
    const running = cluster.running();
    const chosen = (await choose()).filter((member) => running.includes(member));
    await Promise.all(chosen.map((member) => cluster.stop(member)));
    return tell(`killed: ${chosen.join(', ') || 'nobody'}`);
  }
  if (verb === 'start') {
    const running = cluster.running();
    const chosen = (await choose()).filter((member) => !running.includes(member));
    await Promise.all(chosen.map(cluster.start));
    return tell(`started: ${chosen.join(', ') || 'nobody'}`);
  }
  if (verb === 'log') {
    const log = await compareLogs(cluster);
    for (const { position, text } of log.slice(-20)) tell(`${position}  ${text}`);
    return tell(`${log.length} entries, the same at all members that run`);
  }
  tell(COMMANDS);
}

/** Lines that scroll above a table that stays. Into a pipe the table is printed now and then. */
function createScreen() {
  const fixed = process.stdout.isTTY === true;
  let table: readonly string[] = [];
  let shown = 0;
  let printedAt = Number.NEGATIVE_INFINITY;
  const draw = (): void => {
    if (!fixed) return;
    process.stdout.write(table.map((line) => `${line}\n`).join(''));
    shown = table.length;
  };
  const clear = (): void => {
    if (shown > 0) process.stdout.write(`\x1b[${shown}A\x1b[J`);
    shown = 0;
  };
  return {
    note: (text: string): void => {
      clear();
      process.stdout.write(`${text.trimEnd()}\n`);
      draw();
    },
    table: (lines: readonly string[]): void => {
      if (fixed) {
        clear();
        table = lines;
        draw();
      } else if (performance.now() - printedAt >= PIPE_REDRAW_MS) {
        printedAt = performance.now();
        process.stdout.write(`${lines.join('\n')}\n`);
      }
    },
  };
}

function startDrawing(cluster: Cluster, screen: ReturnType<typeof createScreen>) {
  let stopped = false;
  const draw = async (): Promise<void> => {
    const running = cluster.running();
    const rows = await Promise.all(
      cluster.network.members.map(async (_, member) => ({
        member,
        running: running.includes(member),
        status: await cluster.status(member),
      })),
    );
    if (stopped) return;
    screen.table(formatView(rows));
    setTimeout(draw, REDRAW_MS);
  };
  void draw();
  return {
    stop: () => {
      stopped = true;
    },
  };
}
