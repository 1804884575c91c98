/** Transfers with all their fields given: the bytes that reach the node are those of other wallets. */
import { bytesToHex, hexToBytes } from '@polyphony/primitives';
import { loadVectors, packageFolder, rejectedCode, unreadVectorFiles } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  accountFromSecretKey,
  createClient,
  mainnet,
  partner,
  sendTransfer,
  testnet,
} from '../src/index.js';
import { TestNode, testClock } from './node.js';

const networks = { mainnet, testnet, partner };

interface Send {
  readonly network: keyof typeof networks;
  readonly privateKey: string;
  readonly form: 'harmony' | 'ethereum';
  readonly shardId: number;
  readonly toShardId: number;
  readonly to: string;
  readonly value: string;
  readonly data: string;
  readonly gasPrice: string;
  readonly gasLimit: string;
  readonly nonce: string;
}

interface Sent {
  readonly from: string;
  readonly raw: string;
  readonly hash?: string;
  readonly ethereumHash: string;
}

describe('sent', () => {
  for (const { name, in: given, out } of loadVectors<Send, Sent>(import.meta.url, 'sends', {
    in: [
      ...['network', 'privateKey', 'form', 'shardId', 'toShardId', 'to', 'value', 'data'],
      ...['gasPrice', 'gasLimit', 'nonce'],
    ],
    out: ['from', 'raw', 'hash', 'ethereumHash'],
  })) {
    test(name, async () => {
      const { shardId, toShardId, to, form } = given;
      const node = new TestNode(networks[given.network], shardId);
      const account = accountFromSecretKey(hexToBytes(given.privateKey));
      node.balances.set(account.address, 2n ** 256n);
      const client = createClient({
        network: node.network,
        shards: { [shardId]: node.transport() },
        clock: testClock(),
      });
      const sent = await sendTransfer(client, account, {
        ...{ shardId, toShardId, to, form },
        value: BigInt(given.value),
        data: hexToBytes(given.data),
        gasPrice: BigInt(given.gasPrice),
        gasLimit: BigInt(given.gasLimit),
        nonce: BigInt(given.nonce),
      });
      const { hash, ...rest } = out!;
      const { from, raw, ethereumHash } = sent;
      expect({ from, raw: bytesToHex(raw), ethereumHash }).toEqual(rest);
      if (hash !== undefined) expect(sent.hash).toBe(hash);
      // The node has recovered the sender from what reached it.
      expect(node.pool).toMatchObject([{ from, tx: { nonce: BigInt(given.nonce) } }]);
    });
  }
});

describe('not sent', () => {
  for (const { name, in: given, error } of loadVectors<{ to: string }, never>(
    import.meta.url,
    'sends-refused',
    { in: ['to'] },
  )) {
    test(name, async () => {
      const node = new TestNode(mainnet, 0);
      const client = createClient({ network: mainnet, shards: { 0: node.transport() } });
      const account = accountFromSecretKey(new Uint8Array(32).fill(7));
      const send = sendTransfer(client, account, { to: given.to, value: 1n });
      expect(await rejectedCode(send)).toBe(error);
      expect(node.calls).toEqual([]);
    });
  }
});

test('every vector file is read', () => {
  expect(unreadVectorFiles(packageFolder(import.meta.url))).toEqual([]);
});
