/** Every method over a node at genesis: nothing crashes, and the shapes are the namespaces'. */
import { ietfBls } from '@polyphony/bls';
import { nobleEngine } from '@polyphony/crypto';
import { reference } from '@polyphony/networks';
import { referenceAccounts, referenceTestFaucet } from '@polyphony/networks/genesis/reference';
import { memoryNetwork, virtualScheduler } from '@polyphony/p2p/memory';
import { checksumAddress, formatOneAddress } from '@polyphony/primitives';
import { memoryStore } from '@polyphony/storage';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createReferenceNode, type ReferenceNode } from '../src/index.js';

const FAUCET = referenceTestFaucet.address;
const NOBODY = `0x${'11'.repeat(20)}`;
const NO_HASH = `0x${'22'.repeat(32)}`;

const warnings: string[] = [];
let node: ReferenceNode;

beforeAll(async () => {
  node = await createReferenceNode({
    network: reference,
    accounts: referenceAccounts,
    shardId: 0,
    secretKeys: [],
    store: memoryStore(),
    peer: memoryNetwork({ seed: 1, scheduler: virtualScheduler() }).join('follower'),
    bls: ietfBls(),
    engine: nobleEngine,
    shards: () => [{ shardId: 0, http: 'http://a', ws: 'ws://a' }],
    onEvent: (event) => {
      if (event.type === 'warning') warnings.push(event.text);
    },
  });
  await node.start();
});
afterAll(() => node.stop());

interface Answer {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

async function ask(method: string, ...params: unknown[]): Promise<Answer> {
  const text = await node.dispatcher.handle(
    JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  );
  return JSON.parse(text!) as Answer;
}

const genesisHash = (): string => node.chain.head.hash;

/** Arguments with which each method answers at genesis. */
const CALLS: readonly (readonly [name: string, ...params: unknown[]])[] = [
  ['accounts'],
  ['blockNumber'],
  ['chainId'],
  ['estimateGas', { to: NOBODY, data: '0x00ff' }],
  ['gasPrice'],
  ['getAccountNonce', FAUCET, 'latest'],
  ['getBalanceByBlockNumber', FAUCET, '0x0'],
  ['getBlockByHash', NO_HASH],
  ['getBlockByNumber', 'latest'],
  ['getBlockSigners', 0],
  ['getBlockTransactionCountByHash', NO_HASH],
  ['getBlockTransactionCountByNumber', 'latest'],
  ['getCode', FAUCET, 'latest'],
  ['getEpoch'],
  ['getHeaderByNumber', 0],
  ['getLeader'],
  ['getNodeMetadata'],
  ['getPoolStats'],
  ['getShardID'],
  ['getShardingStructure'],
  ['getStorageAt', FAUCET, '0x00', 'latest'],
  ['getTransactionByHash', NO_HASH],
  ['getTransactionCount', FAUCET, 'pending'],
  ['getTransactionReceipt', NO_HASH],
  ['latestHeader'],
  ['protocolVersion'],
  ['syncing'],
];

for (const namespace of ['hmy', 'hmyv2', 'eth']) {
  test.each(CALLS)(`${namespace}_%s answers`, async (name, ...params) => {
    const answer = await ask(`${namespace}_${name}`, ...params);
    expect(answer.error).toBeUndefined();
    expect(warnings).toEqual([]);
  });
}

test('balances in each namespace, by every form of an address', async () => {
  const atto = 10n ** 28n;
  for (const address of [FAUCET, formatOneAddress(FAUCET), checksumAddress(FAUCET)]) {
    expect((await ask('eth_getBalance', address, 'latest')).result).toBe(`0x${atto.toString(16)}`);
    const text = await node.dispatcher.handle(
      JSON.stringify({ id: 1, method: 'hmyv2_getBalance', params: [address] }),
    );
    expect(text).toContain(`"result":${atto}`);
  }
  const mistyped = formatOneAddress(FAUCET).replace('one1w', 'one1q');
  expect((await ask('eth_getBalance', mistyped, 'latest')).error?.code).toBe(-32602);
});

test('the genesis block in the three shapes', async () => {
  const eth = (await ask('eth_getBlockByNumber', '0x0', false)).result as Record<string, unknown>;
  expect(eth).toMatchObject({ hash: genesisHash(), number: '0x0', nonce: '0x0000000000000000' });
  expect(eth).not.toHaveProperty('baseFeePerGas');
  const v1 = (await ask('hmy_getBlockByNumber', '0x0', true)).result as Record<string, unknown>;
  expect(v1).toMatchObject({ number: '0x0', viewID: '0x0', epoch: '0x0', stakingTransactions: [] });
  const v2 = (await ask('hmyv2_getBlockByNumber', 0, { withSigners: true })).result as Record<
    string,
    unknown
  >;
  expect(v2).toMatchObject({ number: 0, gasLimit: 30_000_000, signers: [] });
});

test('beyond the head: null in eth, an error in hmy', async () => {
  expect(await ask('eth_getBlockByNumber', '0x5', false)).toMatchObject({ result: null });
  expect((await ask('hmy_getBlockByNumber', '0x5', false)).error).toEqual({
    code: -32000,
    message: 'requested block number greater than current block number',
  });
});

test.each<[string, unknown[], RegExp]>([
  ['eth_getBlockByNumber', ['safe', false], /is not a block number/],
  ['eth_getBlockByNumber', [-1, false], /block number must be/],
  ['eth_getBlockByHash', ['0x12', false], /a hash must be/],
  ['hmyv2_getBlockByNumber', [0, 7], /invalid type for block arguments/],
  ['eth_getBalance', [FAUCET, { blockNumber: '0x0', blockHash: NO_HASH }], /choose one/],
  ['eth_getStorageAt', [FAUCET, `0x${'00'.repeat(33)}`, 'latest'], /at most 32 bytes/],
  ['eth_estimateGas', ['x'], /call arguments must be an object/],
])('%s refuses %j', async (method, params, message) => {
  const { error } = await ask(method, ...params);
  expect(error?.code).toBe(-32602);
  expect(error?.message).toMatch(message);
});

test('raw transactions that cannot be: typed, malformed, too large, unsigned by anyone', async () => {
  const refused = async (raw: string): Promise<string> =>
    (await ask('eth_sendRawTransaction', raw)).error!.message;
  expect(await refused('0x02c0')).toContain('typed transactions do not exist');
  expect(await refused('0xc0')).toContain('transaction');
  expect(await refused(`0x${'f8'.repeat(138 * 1024)}`)).toContain('oversized data');
  expect(warnings).toEqual([]);
});
