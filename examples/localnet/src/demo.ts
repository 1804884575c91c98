/**
 * `pnpm demo`: sends transactions that other software signed to the running network.
 *
 * On every network viem, ethers and our SDK each sign a transfer and read it back; on Harmony's
 * localnet transfers come first that the Go tools signed years ago, byte for byte. Waits until each
 * is final and compares hashes, receipts and balances to the atto. Exits non-zero if one differs.
 */
import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { ethChainIdOfShard, type Network } from '@polyphony/networks';
import { localnetTestAccounts } from '@polyphony/networks/genesis/localnet';
import { type Hash, hexToBytes } from '@polyphony/primitives';
import { request } from '@polyphony/rpc';
import {
  accountFromSecretKey,
  type Client,
  createClient,
  formatOne,
  generateAccount,
  getBalance,
  http,
  isProtocolError,
  parseOne,
  sendTransfer,
  waitForFinality,
} from '@polyphony/sdk';
import { Command, Option } from 'commander';
import { JsonRpcProvider, Wallet } from 'ethers';
import { createPublicClient, createWalletClient, defineChain, http as viemHttp } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { RUNNABLE, RUNNABLE_NAMES, type RunnableName } from './networks.js';

interface SignedTransfer {
  readonly name: string;
  readonly in: { readonly raw: `0x${string}` };
  readonly out: {
    readonly hash: Hash;
    readonly from: `0x${string}`;
    readonly to: `0x${string}`;
    readonly value: string;
    readonly nonce: string;
  };
}

const GAS_PRICE = 100_000_000_000n;
const FEE = 21_000n * GAS_PRICE;
const WAIT = { timeoutMs: 60_000, pollMs: 250 };

const say = (text: string): void => console.log(text);

/** A balance in atto. */
async function balance(client: Client, address: string): Promise<bigint> {
  return getBalance(client, { address, shardId: 0 });
}

/** Transfers of the Go tools, oldest nonce first; those already in the chain are only checked. */
async function sendVectors(client: Client): Promise<void> {
  const file = new URL('../vectors/signed-transfers.json', import.meta.url);
  const { cases } = JSON.parse(await readFile(file, 'utf8')) as { cases: SignedTransfer[] };
  const signer = accountFromSecretKey(hexToBytes(localnetTestAccounts[0]!.secretKey));
  const rpc = client.shard(0);
  for (const { name, in: given, out } of cases) {
    const nonce = BigInt(out.nonce);
    const next = BigInt(
      (await request(rpc, 'hmy_getTransactionCount', [out.from, 'latest'])) as string,
    );
    if (next > nonce) {
      say(`${name}: already final`);
    } else {
      // The Go tools' list lacks a nonce here and there: those are signed now, with the same key.
      for (let missing = next; missing < nonce; missing += 1n) {
        const sent = await sendTransfer(client, signer, {
          to: signer.address,
          value: 0n,
          nonce: missing,
          gasPrice: GAS_PRICE,
        });
        await waitForFinality(client, sent.hash, WAIT);
        say(`nonce ${missing}: signed now to close a gap, final`);
      }
      const before = await balance(client, out.to);
      const hash = await request(rpc, 'hmy_sendRawTransaction', [given.raw]);
      assert.equal(hash, out.hash, `${name}: the node reports another hash`);
      const receipt = await waitForFinality(client, out.hash, WAIT);
      assert.equal(await balance(client, out.to), before + BigInt(out.value), name);
      say(`${name}: final in block ${receipt.blockNumber}, hash and balance as expected`);
    }
  }
}

async function sendWithViem(
  network: Network,
  client: Client,
  url: string,
  key: `0x${string}`,
): Promise<void> {
  const chain = defineChain({
    id: Number(ethChainIdOfShard(network, 0)),
    name: network.name,
    nativeCurrency: { name: 'ONE', symbol: 'ONE', decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  });
  const account = privateKeyToAccount(key);
  const wallet = createWalletClient({ account, chain, transport: viemHttp(url) });
  const reader = createPublicClient({ chain, transport: viemHttp(url), pollingInterval: 250 });
  const to = generateAccount().address;
  const value = parseOne('1.000000000000000001');
  const before = await reader.getBalance({ address: account.address });

  const hash = await wallet.sendTransaction({ to, value, gasPrice: GAS_PRICE });
  const receipt = await reader.waitForTransactionReceipt({ hash, timeout: 60_000 });
  const transaction = await reader.getTransaction({ hash });
  assert.equal(transaction.hash, hash);
  assert.equal(receipt.transactionHash, hash);
  assert.equal(receipt.status, 'success');
  assert.equal(receipt.gasUsed, 21_000n);
  assert.equal(transaction.value, value);
  assert.equal(await reader.getBalance({ address: to }), value);
  assert.equal(await reader.getBalance({ address: account.address }), before - value - FEE);
  assert.equal(await balance(client, to), value);
  say(`viem: ${hash} final in block ${receipt.blockNumber}; hash, receipt and balances agree`);
}

async function sendWithEthers(
  network: Network,
  client: Client,
  url: string,
  key: string,
): Promise<void> {
  const provider = new JsonRpcProvider(url, Number(ethChainIdOfShard(network, 0)), {
    staticNetwork: true,
    polling: true,
    pollingInterval: 250,
    cacheTimeout: -1,
  });
  try {
    const wallet = new Wallet(key, provider);
    const to = generateAccount().address;
    const value = parseOne('2.5');
    const before = await provider.getBalance(wallet.address);
    const sent = await wallet.sendTransaction({ to, value, gasPrice: GAS_PRICE, type: 0 });
    const receipt = await sent.wait(1, 60_000);
    assert.ok(receipt !== null, 'ethers: no receipt');
    const read = await provider.getTransaction(sent.hash);
    assert.equal(receipt.hash, sent.hash);
    assert.equal(read?.hash, sent.hash);
    assert.equal(receipt.status, 1);
    assert.equal(await provider.getBalance(to), value);
    assert.equal(await provider.getBalance(wallet.address), before - value - FEE);
    assert.equal(await balance(client, to), value);
    say(
      `ethers: ${sent.hash} final in block ${receipt.blockNumber}; hash, receipt and balances agree`,
    );
  } finally {
    provider.destroy();
  }
}

async function sendWithSdk(client: Client, key: string): Promise<void> {
  const account = accountFromSecretKey(hexToBytes(key));
  const to = generateAccount().address;
  const value = parseOne('0.000000000000000007');
  const before = await balance(client, account.address);
  const sent = await sendTransfer(client, account, { to, value, gasPrice: GAS_PRICE });
  const receipt = await waitForFinality(client, sent.hash, WAIT);
  assert.equal(receipt.transactionHash, sent.hash);
  assert.equal(await balance(client, to), value);
  const after = await balance(client, account.address);
  assert.equal(after, before - value - FEE);
  say(
    `sdk: ${sent.hash} final in block ${receipt.blockNumber}; the sender has ${formatOne(after)} ONE left`,
  );
}

/** Sends everything to shard 0 at a URL. */
export async function runDemo(name: RunnableName, url: string): Promise<void> {
  const { network, fundedKey: key } = RUNNABLE[name]();
  const client = createClient({ network, shards: { 0: http(url) } });
  try {
    if (name === 'localnet') await sendVectors(client);
    await sendWithViem(network, client, url, key);
    await sendWithEthers(network, client, url, key);
    await sendWithSdk(client, key);
    say('Everything is final and every figure agrees.');
  } finally {
    client.close();
  }
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const program = new Command('demo')
    .description('Sends transactions of other software to the running local network.')
    .addOption(
      new Option('--network <name>', 'which network runs')
        .choices([...RUNNABLE_NAMES])
        .default(RUNNABLE_NAMES[0]),
    )
    .option('--url <url>', 'RPC of shard 0', 'http://127.0.0.1:9500')
    .parse();
  const { network, url } = program.opts<{ network: RunnableName; url: string }>();
  runDemo(network, url).catch((error: Error) => {
    const refused = /fetch failed|ECONNREFUSED/.test(String(error.cause ?? error.message));
    const unreachable = isProtocolError(error) && error.code.startsWith('rpc/');
    console.error(error.message);
    if (refused || unreachable) console.error(`Is the network running? Start it with: npm start`);
    process.exit(1);
  });
}
