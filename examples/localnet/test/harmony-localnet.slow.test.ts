/** Harmony's own localnet: through the epochs in which staking, rotation and cross-links begin. */
import { decodeCrossLinks } from '@polyphony/chain';
import { createWasmEngine } from '@polyphony/crypto/wasm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalNetwork, loadBls, startLocalNetwork } from '../src/local-network.js';
import { RUNNABLE } from '../src/networks.js';
import { removeFolder, temporaryFolder } from './support.js';

const { network, accounts, secretKeys } = RUNNABLE.localnet();
const notes: string[] = [];
let folder: string;
let local: LocalNetwork;

beforeAll(async () => {
  folder = await temporaryFolder();
  local = await startLocalNetwork({
    network,
    accounts,
    secretKeyOf: (publicKey) => secretKeys.get(publicKey),
    bls: await loadBls(network, (text) => notes.push(text)),
    engine: await createWasmEngine(),
    dataFolder: folder,
    host: '127.0.0.1',
    rpcPort: 0,
    onMessage: () => undefined,
    onNote: (text) => notes.push(text),
  });
});
afterAll(async () => {
  await local.close();
  await removeFolder(folder);
});

test('both shards reach epoch 3, and the beacon links blocks of the other from epoch 2 on', async () => {
  const deadline = Date.now() + 540_000;
  const epochs = (): bigint[] => local.view().shards.map(({ epoch }) => BigInt(epoch));
  while (epochs().some((epoch) => epoch < 3n)) {
    if (Date.now() > deadline)
      throw new Error(`epochs ${epochs()}; ${notes.slice(-5).join(' | ')}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  const { chain } = local.nodeOf(0)!;
  const linked = new Set<bigint>();
  for (let number = 1n; number <= chain.head.block.header.number; number++) {
    const { header } = chain.blockAt(number)!.block;
    const links = decodeCrossLinks(header.crossLinks);
    if (header.epoch < 2n) expect(links).toEqual([]);
    for (const link of links) linked.add(link.blockNumber);
  }
  const numbers = [...linked].sort((a, b) => (a < b ? -1 : 1));
  expect(numbers.length).toBeGreaterThan(5);
  // Without gaps from the first on.
  expect(numbers.at(-1)! - numbers[0]!).toBe(BigInt(numbers.length - 1));
}, 600_000);
