/**
 * Speed beside the peers that work asynchronously. Both must give the same result; the figures are
 * printed, and the ratio for the list root must not fall below 10 (15 on a quiet machine).
 */
import { createMPT } from '@ethereumjs/mpt';
import { nobleEngine } from '@polyphony/crypto';
import { bytesToHex, hexToBytes } from '@polyphony/primitives';
import { keccak256, parseTransaction, recoverTransactionAddress } from 'viem';
import { expect, test } from 'vitest';
import {
  computeListRoot,
  decodeEthereumTransaction,
  encodeEthereumTransaction,
  encodeTransaction,
  ethereumTransactionHash,
  listKey,
  recoverSigner,
  type SignedTransaction,
  signingDigest,
  type Transaction,
  withSignature,
} from '../src/index.js';

const CHAIN_ID = 1666600000n;

function makeTransactions(count: number): SignedTransaction[] {
  return Array.from({ length: count }, (_, i) => {
    const tx: Transaction = {
      nonce: BigInt(i),
      gasPrice: 100n * 10n ** 9n,
      gasLimit: 21_000n,
      shardId: 0,
      toShardId: 0,
      to: `0x${(i + 1).toString(16).padStart(40, '1')}`,
      value: 10n ** 18n + BigInt(i),
      data: new Uint8Array(0),
    };
    const key = hexToBytes((1 + (i % 50)).toString(16).padStart(64, '0'));
    const digest = signingDigest(tx, { form: 'ethereum', chainId: CHAIN_ID });
    return withSignature(tx, nobleEngine.signDigest(digest, key), CHAIN_ID);
  });
}

/** CPU milliseconds of the best of some runs, so that other work on the machine counts less. */
async function best(rounds: number, run: () => unknown): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < rounds; i++) {
    const start = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

test('root over 1,000 transactions beside @ethereumjs/mpt', { timeout: 600_000 }, async () => {
  const items = makeTransactions(1000).map(encodeTransaction);
  const theirs = async (): Promise<string> => {
    const trie = await createMPT();
    for (const [index, item] of items.entries()) await trie.put(listKey(index), item);
    return bytesToHex(trie.root());
  };
  expect(computeListRoot(items)).toBe(await theirs());
  const ours = await best(40, () => computeListRoot(items));
  const peer = await best(5, theirs);
  console.log(
    `list root: ${ours.toFixed(1)} ms, @ethereumjs/mpt ${peer.toFixed(1)} ms, ${(peer / ours).toFixed(1)} times`,
  );
  expect(peer / ours).toBeGreaterThan(10);
});

test('decoding and recovering transactions beside viem', { timeout: 600_000 }, async () => {
  const count = Number(process.env.RUNS ?? 1000);
  const raw = makeTransactions(count).map(encodeEthereumTransaction);
  const text = raw.map((bytes) => bytesToHex(bytes));
  const ours = (): string[] =>
    raw.map((bytes) => {
      const tx = decodeEthereumTransaction(bytes, 0);
      return ethereumTransactionHash(tx, nobleEngine) + recoverSigner(tx, { engine: nobleEngine });
    });
  const theirs = async (): Promise<string[]> => {
    const answers: string[] = [];
    for (const serializedTransaction of text) {
      parseTransaction(serializedTransaction);
      const sender = await recoverTransactionAddress({
        serializedTransaction: serializedTransaction as never,
      });
      answers.push(keccak256(serializedTransaction) + sender.toLowerCase());
    }
    return answers;
  };
  const [first, second] = [ours(), await theirs()];
  expect(first).toEqual(second);
  const mine = await best(2, ours);
  const peer = await best(2, theirs);
  console.log(
    `${count} transactions: ${mine.toFixed(0)} ms, viem ${peer.toFixed(0)} ms, ${(peer / mine).toFixed(2)} times`,
  );
  expect(peer / mine).toBeGreaterThan(0.8);
});
