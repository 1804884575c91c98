/**
 * Kills the whole network with SIGKILL under load, again and again, and checks after each restart
 * that every block and receipt that was reported final is still there.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { reference } from '@polyphony/networks';
import { referenceTestFaucet } from '@polyphony/networks/genesis/reference';
import { type Hash, hexToBytes } from '@polyphony/primitives';
import { getBlockByNumber, getTransactionReceipt } from '@polyphony/rpc';
import {
  accountFromSecretKey,
  type Client,
  createClient,
  http,
  type SentTransfer,
  sendTransfer,
} from '@polyphony/sdk';
import { seededRandom } from '@polyphony/testkit';
import { expect } from 'vitest';

const SHARDS = [0, 1, 2, 3];
const START_TIMEOUT_MS = 60_000;

interface Running {
  readonly child: ChildProcess;
  readonly client: Client;
}

/** Starts `npm start`'s program as a child and reads its RPC addresses from what it prints. */
function startProcess(folder: string): Promise<Running> {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    [
      '--conditions=@polyphony/source',
      '--import',
      'tsx',
      main,
      '--no-page',
      ...['--data', folder],
      ...['--rpc-port', '0'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  return new Promise((resolve, reject) => {
    let printed = '';
    const urls = new Map<number, string>();
    const timer = setTimeout(
      () => reject(new Error(`no RPC after ${START_TIMEOUT_MS} ms:\n${printed}`)),
      START_TIMEOUT_MS,
    );
    const read = (data: Buffer): void => {
      printed += data.toString();
      for (const [, shard, url] of printed.matchAll(/shard (\d): RPC at (http:\S+)/g)) {
        urls.set(Number(shard), url!);
      }
      if (urls.size < SHARDS.length) return;
      clearTimeout(timer);
      const shards = Object.fromEntries([...urls].map(([shard, url]) => [shard, http(url)]));
      resolve({ child, client: createClient({ network: reference, shards }) });
    };
    child.stdout!.on('data', read);
    child.stderr!.on('data', read);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`the network ended with ${code}:\n${printed}`));
    });
  });
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Evidence {
  /** Newest final block of each shard that was seen, by number. */
  readonly blocks: Map<number, { readonly number: bigint; readonly hash: Hash }>;
  /** Transactions with a receipt, and their blocks. */
  readonly receipts: Map<Hash, { readonly shardId: number; readonly blockHash: Hash }>;
}

/** Sends transfers and notes what the nodes say is final, until it is told to stop. */
async function load(client: Client, evidence: Evidence, stopped: () => boolean): Promise<void> {
  const faucet = accountFromSecretKey(hexToBytes(referenceTestFaucet.secretKey));
  const waiting: SentTransfer[] = [];
  while (!stopped()) {
    for (const shardId of SHARDS) {
      try {
        waiting.push(
          await sendTransfer(client, faucet, { shardId, to: faucet.address, value: 1n }),
        );
        const block = await getBlockByNumber(client.shard(shardId), { number: 'latest' });
        if (block !== undefined) {
          evidence.blocks.set(shardId, { number: block.number, hash: block.hash });
        }
        for (const sent of waiting.filter((one) => one.shardId === shardId).slice(0, 5)) {
          const receipt = await getTransactionReceipt(client.shard(shardId), { hash: sent.hash });
          if (receipt === undefined) continue;
          evidence.receipts.set(sent.hash, { shardId, blockHash: receipt.blockHash });
          waiting.splice(waiting.indexOf(sent), 1);
        }
      } catch {
        // The process may be dying under the call: what was not answered was not promised.
        if (stopped()) return;
        await pause(20);
      }
    }
  }
}

/** What the runs came to. */
export interface CrashReport {
  readonly kills: number;
  readonly checkedBlocks: number;
  readonly checkedReceipts: number;
  /** Milliseconds from each start to its first answer. */
  readonly recoveryMs: readonly number[];
}

/** Kills and restarts the network from one folder; throws when anything final is gone. */
export async function killUnderLoad(
  folder: string,
  kills: number,
  seed: number,
): Promise<CrashReport> {
  const random = seededRandom(seed);
  const evidence: Evidence = { blocks: new Map(), receipts: new Map() };
  const recoveryMs: number[] = [];
  let checkedBlocks = 0;
  let checkedReceipts = 0;
  for (let round = 0; round <= kills; round++) {
    const startedAt = Date.now();
    const { child, client } = await startProcess(folder);
    recoveryMs.push(Date.now() - startedAt);
    for (const [shardId, { number, hash }] of evidence.blocks) {
      const block = await getBlockByNumber(client.shard(shardId), { number });
      expect(block?.hash, `shard ${shardId}, block ${number} after kill ${round}`).toBe(hash);
      checkedBlocks += 1;
    }
    for (const [hash, { shardId, blockHash }] of evidence.receipts) {
      const receipt = await getTransactionReceipt(client.shard(shardId), { hash });
      expect(receipt?.blockHash, `receipt of ${hash} after kill ${round}`).toBe(blockHash);
      checkedReceipts += 1;
    }
    const before = new Map(evidence.blocks);
    let stopped = false;
    const loading = load(client, evidence, () => stopped);
    const deadline = Date.now() + START_TIMEOUT_MS;
    // Every shard must go on before the next kill; then it comes at any moment.
    while (
      SHARDS.some(
        (shard) => (evidence.blocks.get(shard)?.number ?? 0n) <= (before.get(shard)?.number ?? 0n),
      )
    ) {
      if (Date.now() > deadline) {
        child.kill('SIGKILL');
        throw new Error(`a shard made no block after kill ${round}`);
      }
      await pause(50);
    }
    await pause(random.below(3_000));
    stopped = true;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
    await loading;
    client.close();
  }
  return { kills, checkedBlocks, checkedReceipts, recoveryMs };
}
