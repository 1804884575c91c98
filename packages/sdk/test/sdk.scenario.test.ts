import { decodeEthereumTransaction, decodeTransaction } from '@polyphony/chain/transaction';
import { codeOf, rejected } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  type Account,
  accountFromSecretKey,
  type Client,
  createClient,
  formatOneAddress,
  getBalance,
  getBalances,
  localnet,
  parseOne,
  SdkError,
  sendTransfer,
  waitForFinality,
} from '../src/index.js';
import { TestNode, testClock } from './node.js';

const TO = '0x14791697260e4c9a71f18484c9f997b308e59325';
const GWEI_100 = 100_000_000_000n;

interface World {
  readonly node: TestNode;
  readonly other: TestNode;
  readonly client: Client;
  readonly clock: ReturnType<typeof testClock>;
  readonly alice: Account;
}

function world(onSleep?: (node: TestNode, now: number) => void): World {
  const node = new TestNode(localnet, 0);
  const other = new TestNode(localnet, 1);
  const clock = testClock((now) => onSleep?.(node, now));
  const client = createClient({
    network: localnet,
    shards: { 0: node.transport(), 1: other.transport() },
    clock,
  });
  const alice = accountFromSecretKey(new Uint8Array(32).fill(7));
  node.balances.set(alice.address, parseOne('1000'));
  other.balances.set(alice.address, parseOne('3'));
  return { node, other, client, clock, alice };
}

describe('a transfer', () => {
  test('is filled in, signed, taken and final', async () => {
    const { node, client, alice } = world((served) => served.mine());
    const sent = await sendTransfer(client, alice, { to: TO, value: parseOne('1.5') });
    const { tx } = node.pool[0]!;
    expect(decodeTransaction(sent.raw)).toEqual(tx);
    expect(tx).toMatchObject({
      nonce: 0n,
      gasPrice: GWEI_100,
      gasLimit: 21_000n,
      shardId: 0,
      toShardId: 0,
      to: TO,
      value: parseOne('1.5'),
    });
    const receipt = await waitForFinality(client, sent.hash);
    expect(receipt).toMatchObject({ transactionHash: sent.hash, status: 'success', to: TO });
    expect(receipt.from).toBe(alice.address);
  });

  test('goes to one1 addresses and carries data, which costs gas', async () => {
    const { node, client, alice } = world();
    const data = Uint8Array.of(0, 1, 2);
    const sent = await sendTransfer(client, alice, { to: formatOneAddress(TO), value: 1n, data });
    expect(node.pool[0]!.tx.data).toEqual(data);
    expect(sent.gasLimit).toBe(21_000n + 4n + 2n * 16n);
  });

  test('in the Ethereum form has the chain id of the shard, and both hashes lead to it', async () => {
    const { other, client, alice } = world();
    const sent = await sendTransfer(client, alice, {
      to: TO,
      value: 1n,
      form: 'ethereum',
      shardId: 1,
    });
    expect(decodeEthereumTransaction(sent.raw, 1).v).toBeGreaterThan(1666700001n * 2n);
    other.mine();
    for (const hash of [sent.hash, sent.ethereumHash])
      expect((await waitForFinality(client, hash, { shardId: 1 })).transactionHash).toBe(sent.hash);
  });

  test('goes across shards that exist', async () => {
    const { node, client, alice } = world();
    await sendTransfer(client, alice, { to: TO, value: 1n, toShardId: 1 });
    expect(node.pool[0]!.tx).toMatchObject({ shardId: 0, toShardId: 1 });
    const beyond = sendTransfer(client, alice, {
      to: TO,
      value: 1n,
      toShardId: 2,
      gasLimit: 30_000n,
    });
    expect((await rejected(beyond)).code).toBe('sdk/invalid-option');
    const ethereum = sendTransfer(client, alice, {
      to: TO,
      value: 1n,
      toShardId: 1,
      form: 'ethereum',
    });
    expect((await rejected(ethereum)).code).toBe('sdk/invalid-option');
    expect(node.pool).toHaveLength(1);
  });

  test('takes what it is given', async () => {
    const { node, client, alice } = world();
    await sendTransfer(client, alice, {
      to: TO,
      value: 0n,
      nonce: 9n,
      gasPrice: GWEI_100 * 2n,
      gasLimit: 50_000n,
    });
    expect(node.pool[0]!.tx).toMatchObject({
      nonce: 9n,
      gasPrice: GWEI_100 * 2n,
      gasLimit: 50_000n,
    });
    expect(node.calls).toEqual(['hmyv2_sendRawTransaction']);
  });

  test('that makes no sense is not sent', async () => {
    const { node, client, alice } = world();
    expect((await rejected(sendTransfer(client, alice, { to: 'one1x', value: 1n }))).code).toBe(
      'primitives/invalid-address',
    );
    expect((await rejected(sendTransfer(client, alice, { to: TO, value: -1n }))).code).toBe(
      'sdk/invalid-option',
    );
    expect(
      (await rejected(sendTransfer(client, alice, { to: TO, value: 1n, shardId: 7 }))).code,
    ).toBe('sdk/unknown-shard');
    await expect(sendTransfer(client, alice, { to: TO, value: 1 as never })).rejects.toThrow(
      TypeError,
    );
    expect(node.calls).toEqual([]);
  });

  test('is signed by whatever signs like an account', async () => {
    const { node, client, alice } = world();
    const remote = {
      address: alice.address,
      signTransaction: async (...args: Parameters<Account['signTransaction']>) =>
        alice.signTransaction(...args),
    };
    await sendTransfer(client, remote, { to: TO, value: 1n });
    expect(node.pool).toHaveLength(1);
  });
});

describe('nonces', () => {
  test('of many sends at once neither repeat nor leave gaps', async () => {
    const { node, client, alice } = world();
    const sent = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        sendTransfer(client, alice, { to: TO, value: BigInt(i) }),
      ),
    );
    expect(sent.map(({ nonce }) => nonce)).toEqual(Array.from({ length: 20 }, (_, i) => BigInt(i)));
    expect(node.pool.map(({ tx }) => tx.value)).toEqual(
      Array.from({ length: 20 }, (_, i) => BigInt(i)),
    );
  });

  test('of shards and accounts are apart', async () => {
    const { node, other, client, alice } = world();
    const bob = accountFromSecretKey(new Uint8Array(32).fill(8));
    node.balances.set(bob.address, parseOne('1'));
    await Promise.all([
      sendTransfer(client, alice, { to: TO, value: 1n }),
      sendTransfer(client, bob, { to: TO, value: 1n }),
      sendTransfer(client, alice, { to: TO, value: 1n, shardId: 1 }),
    ]);
    expect([...node.pool, ...other.pool].map(({ tx }) => tx.nonce)).toEqual([0n, 0n, 0n]);
  });

  test('that a node refused are used again', async () => {
    const { node, client, alice } = world();
    await sendTransfer(client, alice, { to: TO, value: 1n });
    const refused = await rejected(
      sendTransfer(client, alice, { to: TO, value: parseOne('5000') }),
    );
    expect(refused.code).toBe('rpc/insufficient-funds');
    expect((await sendTransfer(client, alice, { to: TO, value: 2n })).nonce).toBe(1n);
    expect(node.pool).toHaveLength(2);
  });

  test('are remembered while a node does not yet show them, for half a minute', async () => {
    const { node, client, clock, alice } = world();
    node.lag = 5;
    const first = await sendTransfer(client, alice, { to: TO, value: 1n });
    const second = await sendTransfer(client, alice, { to: TO, value: 2n });
    expect([first.nonce, second.nonce]).toEqual([0n, 1n]);
    // Dropped by the pool: the node's word counts again once the memory has faded.
    node.pool.splice(0);
    clock.advance(31_000);
    expect((await sendTransfer(client, alice, { to: TO, value: 3n })).nonce).toBe(0n);
  });

  test('of a signer that fails are used again', async () => {
    const { client, alice } = world();
    const broken = {
      address: alice.address,
      signTransaction: () => {
        throw new Error('no');
      },
    };
    await expect(sendTransfer(client, broken, { to: TO, value: 1n })).rejects.toThrow('no');
    expect((await sendTransfer(client, alice, { to: TO, value: 1n })).nonce).toBe(0n);
  });
});

describe('a broadcast without an answer', () => {
  test.each(['lose reply', 'lose request', 'busy', 'garbage'] as const)(
    'is uncertain and says what was sent: %s',
    async (fault) => {
      const { node, client, alice } = world();
      node.faults.push({ method: 'sendRawTransaction', fault });
      const error = await rejected(sendTransfer(client, alice, { to: TO, value: 1n }));
      expect(error).toBeInstanceOf(SdkError);
      const { details } = error as SdkError;
      if (details.code !== 'sdk/broadcast-uncertain') throw error;
      expect(decodeTransaction(details.raw).nonce).toBe(0n);
      expect(error.cause).toMatchObject({ name: 'RpcError' });
      expect(node.calls.filter((method) => method.endsWith('sendRawTransaction'))).toHaveLength(1);
      // The next nonce is what the node then says.
      const next = await sendTransfer(client, alice, { to: TO, value: 2n });
      expect(next.nonce).toBe(fault === 'lose reply' ? 1n : 0n);
    },
  );
});

describe('waiting', () => {
  const HASH = `0x${'77'.repeat(32)}` as const;

  test('ends with the receipt, over failures on the way', async () => {
    let looks = 0;
    const { node, client, alice } = world((served) => {
      if (++looks === 5) served.mine();
    });
    const { hash } = await sendTransfer(client, alice, { to: TO, value: 1n });
    for (const fault of ['lose reply', 'busy'] as const)
      node.faults.push({ method: 'getTransactionReceipt', fault });
    expect((await waitForFinality(client, hash)).status).toBe('success');
    expect(looks).toBe(5);
  });

  test('ends when the time is over', async () => {
    const { node, client, clock } = world();
    const started = clock.now();
    const error = await rejected(
      waitForFinality(client, HASH, { timeoutMs: 10_500, pollMs: 1_000 }),
    );
    expect(error.code).toBe('sdk/not-final');
    expect(clock.now() - started).toBe(10_500);
    expect(node.calls.filter((method) => method.endsWith('Receipt'))).toHaveLength(12);
  });

  test('tells why a pool dropped it', async () => {
    const { node, client } = world();
    node.errorSink.push({ hash: HASH, message: 'transaction nonce is 1: nonce too low' });
    const error = await rejected(waitForFinality(client, HASH, { timeoutMs: 10 }));
    expect(error.message).toBe(
      `transaction ${HASH} was dropped: transaction nonce is 1: nonce too low`,
    );
    node.servesErrorSink = false;
    const plain = await rejected(waitForFinality(client, HASH, { timeoutMs: 10 }));
    expect((plain as SdkError).details).toMatchObject({ poolError: undefined });
  });

  test('throws what failed', async () => {
    const { node, client, alice } = world();
    const { hash } = await sendTransfer(client, alice, { to: TO, value: 1n });
    node.mine(true);
    const error = (await rejected(waitForFinality(client, hash))) as SdkError;
    if (error.details.code !== 'sdk/transaction-failed') throw error;
    expect(error.details.receipt.blockNumber).toBe(5n);
  });

  test('can be ended', async () => {
    const controller = new AbortController();
    const { client } = world(() => controller.abort());
    const error = await rejected(waitForFinality(client, HASH, { signal: controller.signal }));
    expect(error.code).toBe('rpc/aborted');
  });

  test('does not hide answers that make no sense', async () => {
    const { node, client } = world();
    node.faults.push({ method: 'getTransactionReceipt', fault: 'garbage' });
    expect((await rejected(waitForFinality(client, HASH))).code).toBe('rpc/invalid-json');
    for (const options of [{ timeoutMs: 0 }, { pollMs: Number.NaN }, { pollMs: -1 }])
      expect((await rejected(waitForFinality(client, HASH, options))).code).toBe(
        'sdk/invalid-option',
      );
  });
});

describe('balances', () => {
  test('of one shard and of all', async () => {
    const { client, alice } = world();
    const address = formatOneAddress(alice.address);
    expect(await getBalance(client, { address })).toBe(parseOne('1000'));
    expect(await getBalance(client, { address, shardId: 1 })).toBe(parseOne('3'));
    expect(await getBalances(client, { address })).toEqual([
      { shardId: 0, balance: parseOne('1000') },
      { shardId: 1, balance: parseOne('3') },
    ]);
    expect((await rejected(getBalance(client, { address, shardId: 2 }))).code).toBe(
      'sdk/unknown-shard',
    );
  });
});

describe('a client', () => {
  test('needs a transport and shard ids', () => {
    expect(codeOf(() => createClient({ network: localnet, shards: {} }))).toBe(
      'sdk/invalid-option',
    );
    const shards = { x: new TestNode(localnet, 0).transport() } as never;
    expect(codeOf(() => createClient({ network: localnet, shards }))).toBe('rpc/invalid-option');
  });

  test('knows its shards and asks nothing by itself', async () => {
    const { node, client } = world();
    expect(client.shardIds).toEqual([0, 1]);
    expect(client.shard(1).shardId).toBe(1);
    expect(node.calls).toEqual([]);
    client.close();
    expect((await rejected(getBalance(client, { address: TO }))).code).toBe('rpc/closed');
  });
});
