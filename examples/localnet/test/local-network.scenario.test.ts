/** The whole network in one process: finality, transactions of other software, dead leaders, restarts. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runDemo } from '../src/demo.js';
import { removeFolder, startTestNetwork, type TestNetwork, temporaryFolder } from './support.js';

/** Calls a node. */
async function call<T>(url: string, method: string, params: readonly unknown[]): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  return ((await response.json()) as { result: T }).result;
}

describe('the reference network', () => {
  let folder: string;
  let running: TestNetwork;

  beforeAll(async () => {
    folder = await temporaryFolder();
    running = await startTestNetwork(folder);
  });
  afterAll(async () => {
    await running.network.close();
    await removeFolder(folder);
  });

  const shards = [0, 1, 2, 3];

  test('four shards finalise blocks within ten seconds of the start', async () => {
    await running.until(
      'block 2 on every shard',
      () => shards.every((shard) => running.heightOf(shard) >= 2n),
      10_000,
    );
    for (const shard of shards) {
      const block = running.blocks.get(`${shard}/1`)!;
      expect(block.signers.length).toBeGreaterThanOrEqual(3);
      expect(block.committeeSize).toBe(4);
    }
  });

  test('transfers signed by viem, ethers and the SDK are final and read back equal', async () => {
    await runDemo('reference', running.network.view().shards[0]!.httpUrl);
    await running.until(
      'the transfers on the page',
      () => [...running.blocks.values()].some((block) => block.transactionCount > 0),
      5_000,
    );
  });

  test('stopping the leader of every shard stops no shard for more than a minute', async () => {
    const before = shards.map((shard) => running.heightOf(shard));
    const changes = running.network.view().shards.map(({ viewChanges }) => viewChanges);
    const leaders = running.network.view().shards.map((shard) => shard.blocks[0]!.leader);
    await Promise.all(
      shards.map((shard) => running.network.setRunning(shard, leaders[shard]!, false)),
    );
    await running.until(
      'three more blocks on every shard without their leaders',
      () => shards.every((shard) => running.heightOf(shard) >= before[shard]! + 3n),
      60_000,
    );
    for (const shard of running.network.view().shards) {
      expect(shard.blocks[0]!.leader).not.toBe(leaders[shard.shardId]);
      expect(shard.blocks[0]!.signers).not.toContain(leaders[shard.shardId]);
      expect(shard.viewChanges).toBeGreaterThan(changes[shard.shardId]!);
    }
    await Promise.all(
      shards.map((shard) => running.network.setRunning(shard, leaders[shard]!, true)),
    );
    await running.until(
      'all four members signing again on every shard',
      () =>
        running.network
          .view()
          .shards.every((shard) =>
            shard.blocks.slice(0, 3).some((block) => block.signers.length === 4),
          ),
      30_000,
    );
  });

  test('a restart goes on from the same height, with the same blocks', async () => {
    const hashes = new Map([...running.blocks].map(([key, block]) => [key, block.hash]));
    const heights = shards.map((shard) => running.heightOf(shard));
    await running.network.close();
    running = await startTestNetwork(folder);
    for (const shard of shards)
      expect(running.heightOf(shard)).toBeGreaterThanOrEqual(heights[shard]!);
    await running.until(
      'two more blocks on every shard',
      () => shards.every((shard) => running.heightOf(shard) >= heights[shard]! + 2n),
      30_000,
    );
    for (const shard of running.network.view().shards) {
      for (const number of [1n, heights[shard.shardId]!]) {
        const tag = `0x${number.toString(16)}`;
        const block = await call<{ hash: string }>(shard.httpUrl, 'hmy_getBlockByNumber', [
          tag,
          false,
        ]);
        expect(block.hash).toBe(hashes.get(`${shard.shardId}/${number}`));
        // Out of the seal, in which a view stands behind the bitmap.
        const signers = await call<string[]>(shard.httpUrl, 'hmy_getBlockSigners', [tag]);
        expect(signers.length).toBeGreaterThanOrEqual(3);
        expect(signers.length).toBeLessThanOrEqual(4);
      }
    }
  });
});
