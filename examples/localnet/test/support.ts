/** Starts a local network in a temporary folder for a test. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bls } from '@polyphony/bls';
import { createWasmEngine } from '@polyphony/crypto/wasm';
import { type Network, reference } from '@polyphony/networks';
import type { BlockView, DashboardMessage } from '../src/dashboard/protocol.js';
import { type LocalNetwork, loadBls, startLocalNetwork } from '../src/local-network.js';
import { RUNNABLE } from '../src/networks.js';

/** A network under test. */
export interface TestNetwork {
  readonly network: LocalNetwork;
  readonly bls: Bls;
  /** Every final block that was reported, by shard and number. */
  readonly blocks: Map<string, BlockView>;
  readonly notes: string[];
  /** Waits until something holds, looking after every message. */
  until(what: string, holds: () => boolean, timeoutMs: number): Promise<void>;
  heightOf(shardId: number): bigint;
}

/** An empty folder, removed by the test. */
export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'polyphony-localnet-'));
}

/** Removes a folder of {@link temporaryFolder}. */
export function removeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true });
}

/** Starts the reference network, or one like it, from a folder, on free ports. */
export async function startTestNetwork(
  dataFolder: string,
  definition: Network = reference,
): Promise<TestNetwork> {
  const blocks = new Map<string, BlockView>();
  const notes: string[] = [];
  const { accounts, secretKeys } = RUNNABLE.reference();
  const bls = await loadBls(definition, (text) => notes.push(text));
  const network = await startLocalNetwork({
    network: definition,
    accounts,
    secretKeyOf: (publicKey) => secretKeys.get(publicKey),
    bls,
    engine: await createWasmEngine(),
    dataFolder,
    host: '127.0.0.1',
    rpcPort: 0,
    onMessage(message: DashboardMessage) {
      if (message.type === 'block') {
        blocks.set(`${message.block.shardId}/${message.block.number}`, message.block);
      }
    },
    onNote: (text) => notes.push(text),
  });
  return {
    network,
    bls,
    blocks,
    notes,
    heightOf: (shardId) => BigInt(network.view().shards[shardId]!.height),
    async until(what, holds, timeoutMs) {
      const deadline = Date.now() + timeoutMs;
      while (!holds()) {
        if (Date.now() > deadline) {
          const heights = network.view().shards.map(({ height }) => height);
          throw new Error(
            `${what} did not happen in ${timeoutMs} ms; heights ${heights}; ${notes.slice(-5).join(' | ')}`,
          );
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  };
}
