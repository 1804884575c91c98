/**
 * `npm start`: the whole reference network on this machine, with a table, RPC and a page.
 *
 * Ctrl-C stops it; the next start goes on from the same height.
 */
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createWasmEngine } from '@polyphony/crypto/wasm';
import { Command, InvalidArgumentError, Option } from 'commander';
import { buildPage } from './build-page.js';
import { type Dashboard, startDashboard } from './dashboard/server.js';
import { type LocalNetwork, loadBls, startLocalNetwork } from './local-network.js';
import { RUNNABLE, RUNNABLE_NAMES, type RunnableName } from './networks.js';
import { registerOperators } from './operators.js';
import { liveTable } from './table.js';

interface Arguments {
  readonly network: RunnableName;
  readonly data: string;
  readonly host: string;
  readonly rpcPort: number;
  readonly port: number;
  readonly page: boolean;
  readonly fresh: boolean;
}

function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_000) {
    throw new InvalidArgumentError('a port is a number from 0 (any free one) to 65000');
  }
  return port;
}

const program = new Command('localnet')
  .description('Runs every validator of a local Harmony network in this process.')
  .addOption(
    new Option('--network <name>', 'which network')
      .choices([...RUNNABLE_NAMES])
      .default(RUNNABLE_NAMES[0]),
  )
  .option('--data <folder>', 'where the chains are kept', '.polyphony')
  .option('--fresh', 'delete the chains of this network first', false)
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .option('--rpc-port <port>', 'HTTP RPC of shard 0; shard i is 2i above', readPort, 9500)
  .option('--port <port>', 'the page', readPort, 4000)
  .option('--no-page', 'no page');

/** Rejects when a port is taken: before anything of a network that may be running is touched. */
function assertFree(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}

async function run(options: Arguments): Promise<void> {
  await assertFree(options.host, options.rpcPort);
  if (options.page) await assertFree(options.host, options.port);
  const { network, accounts, secretKeys, note } = RUNNABLE[options.network]();
  const dataFolder = join(options.data, network.name);
  if (options.fresh) await rm(dataFolder, { recursive: true, force: true });

  const table = liveTable(process.stdout, Date.now);
  table.note(`Starting the ${network.name} network from ${dataFolder} …`);
  if (note !== undefined) table.note(note);
  let dashboard: Dashboard | undefined;
  let local: LocalNetwork | undefined;
  const seen = new Set<number>();

  const bls = await loadBls(network, table.note);
  local = await startLocalNetwork({
    network,
    accounts,
    secretKeyOf: (publicKey) => secretKeys.get(publicKey),
    bls,
    engine: await createWasmEngine(),
    dataFolder,
    host: options.host,
    rpcPort: options.rpcPort,
    onMessage(message) {
      dashboard?.send(message);
      if (message.type !== 'block' || local === undefined) return;
      if (!seen.has(message.block.shardId)) {
        seen.add(message.block.shardId);
        const { number, signers, committeeSize, finalityMs } = message.block;
        const after = finalityMs === null ? '' : ` after ${finalityMs} ms`;
        table.note(
          `shard ${message.block.shardId}: block ${number} is final${after}, signed by ${signers.length} of ${committeeSize}`,
        );
      }
      table.update(local.view());
    },
    onEpoch: (epoch) => table.note(`epoch ${epoch}: committees are elected`),
    onNote: table.note,
  });
  const running = local;

  for (const { shardId, httpUrl, wsUrl } of running.view().shards) {
    table.note(`shard ${shardId}: RPC at ${httpUrl} and ${wsUrl}`);
  }
  if (options.page) {
    dashboard = await startDashboard(running, {
      host: options.host,
      port: options.port,
      pageFolder: await buildPage(),
    });
    table.note(`Page: ${dashboard.url}`);
  }
  table.note('Ctrl-C stops; the next start goes on from here.');
  if (options.network === 'reference') {
    registerOperators({
      network,
      bls,
      httpUrl: running.view().shards[0]!.httpUrl,
      isValidator: (address) => running.isValidator(address),
      onNote: table.note,
    }).catch((error: Error) => table.note(`registering validators: ${error.message}`));
  }

  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    table.note('Stopping …');
    await dashboard?.close();
    await running.close();
    process.exit(0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

program.action(() =>
  run(program.opts<Arguments>()).catch((error: NodeJS.ErrnoException) => {
    const hint =
      error.code === 'EADDRINUSE'
        ? ' Another program has this port: choose others with --rpc-port and --port.'
        : error.message.startsWith('the data folder')
          ? ' With --fresh it begins anew.'
          : '';
    console.error(`The network did not start: ${error.message}.${hint}`);
    process.exit(1);
  }),
);
await program.parseAsync();
