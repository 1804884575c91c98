/** The whole example in processes of its own: kill one, kill the leader, kill all; logs stay one. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodeBlock } from '../src/application.js';
import { openBlockStore } from '../src/block-store.js';
import { genesisHead, isNextBlock, openChain } from '../src/chain.js';
import { openCluster } from '../src/cluster.js';
import { loadBls } from '../src/engine.js';
import { memberFolder } from '../src/network.js';
import { playStory } from '../src/story.js';

const timing = { blockPeriodMs: 50, idleMs: 250, timeoutMs: 1000 };

test('kills under load lose nothing, repeat nothing, and the log goes on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'replicated-log-'));
  const lines: string[] = [];
  const onOutput = (text: string): void => void lines.push(text);
  const cluster = await openCluster(folder, { firstPort: 0, timing, onOutput });
  try {
    const result = await playStory(cluster, onOutput, 30_000);
    expect(result.acknowledged).toBeGreaterThanOrEqual(24);
    expect(result.entries).toBeGreaterThanOrEqual(result.acknowledged);

    // The same text twice, at two members, under one id: it is in the log once.
    const id = '00112233445566778899aabbccddeeff';
    const position = await cluster.append(0, 'only once', id);
    expect(await cluster.append(1, 'only once', id)).toBe(position);
    await cluster.close('SIGTERM');

    // On disk: one chain, each block sealed by a quorum.
    const bls = await loadBls();
    const { network } = cluster;
    const chains: string[][] = [];
    for (const member of network.members.keys()) {
      const store = await openBlockStore(join(memberFolder(folder, member), 'blocks'));
      const chain = await openChain(network, store, () => undefined);
      let head = genesisHead(network);
      const hashes: string[] = [];
      for (let height = 1; height <= store.count; height++) {
        const sealed = await store.read(height);
        const block = decodeBlock(sealed.block);
        expect(isNextBlock(bls, network, head, block, sealed)).toBe(true);
        head = { ...head, height: block.height, hash: block.hash };
        hashes.push(block.hash);
      }
      expect(chain.head().hash).toBe(head.hash);
      chains.push(hashes);
      await store.close();
    }
    const shortest = Math.min(...chains.map(({ length }) => length));
    expect(shortest).toBeGreaterThanOrEqual(result.height);
    for (const chain of chains)
      expect(chain.slice(0, shortest)).toEqual(chains[0]!.slice(0, shortest));
  } catch (error) {
    throw new Error(`${lines.join('\n')}\n${(error as Error).message}`, { cause: error });
  } finally {
    await cluster.close('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}, 120_000);
