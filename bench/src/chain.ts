/**
 * Transactions and roots beside their peers: reading signed transactions with their senders, and
 * the root over a thousand of them.
 */

import { createMPT } from '@ethereumjs/mpt';
import {
  computeListRoot,
  decodeEthereumTransaction,
  encodeEthereumTransaction,
  encodeTransaction,
  listKey,
  recoverSigner,
  type SignedTransaction,
  signingDigest,
  type Transaction,
  withSignature,
} from '@polyphony/chain';
import { type Engine, nobleEngine } from '@polyphony/crypto';
import { createWasmEngine } from '@polyphony/crypto/wasm';
import { bytesToHex, hexToBytes } from '@polyphony/primitives';
import { Transaction as EthersTransaction } from 'ethers';
import { type Hex, Secp256k1, TxEnvelopeLegacy } from 'ox';
import {
  parseTransaction,
  recoverTransactionAddress,
  type TransactionSerializedLegacy,
} from 'viem';
import { type BenchRow, row } from './harness.js';

type ViemTransaction = ReturnType<typeof parseTransaction<TransactionSerializedLegacy>>;

const CHAIN_ID = 1666600000n;
const COUNT = 100;

/** Transfers signed as Ethereum wallets do, each by its own key. */
function makeTransactions(count: number): SignedTransaction[] {
  return Array.from({ length: count }, (_, i) => {
    const key = hexToBytes((i + 1).toString(16).padStart(64, '0'));
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
    const digest = signingDigest(tx, { form: 'ethereum', chainId: CHAIN_ID });
    return withSignature(tx, nobleEngine.signDigest(digest, key), CHAIN_ID);
  });
}

/** A transaction as its reader gives it, and the account that signed it. */
type Read<Tx> = readonly [tx: Tx, sender: string];

const readOurs = (raw: readonly Uint8Array[], engine: Engine): Read<SignedTransaction>[] =>
  raw.map((bytes) => {
    const tx = decodeEthereumTransaction(bytes, 0);
    return [tx, recoverSigner(tx, { engine })];
  });

const readEthers = (raw: readonly string[]): Read<EthersTransaction>[] =>
  raw.map((text) => {
    const tx = EthersTransaction.from(text);
    return [tx, tx.from!];
  });

const readOx = (raw: readonly Hex.Hex[]): Read<TxEnvelopeLegacy.TxEnvelopeLegacy>[] =>
  raw.map((text) => {
    const tx = TxEnvelopeLegacy.deserialize(text);
    const payload = TxEnvelopeLegacy.getSignPayload(tx);
    const signature = { r: tx.r!, s: tx.s!, yParity: tx.yParity! };
    return [tx, Secp256k1.recoverAddress({ payload, signature })];
  });

/** viem reads fields and sender apart. */
const readViem = (raw: readonly Hex.Hex[]): Promise<Read<ViemTransaction>[]> =>
  Promise.all(
    raw.map(async (text): Promise<Read<ViemTransaction>> => {
      const serializedTransaction = text as TransactionSerializedLegacy;
      const tx = parseTransaction(serializedTransaction);
      return [tx, await recoverTransactionAddress({ serializedTransaction })];
    }),
  );

interface Fields {
  readonly nonce?: bigint | number | undefined;
  readonly gasPrice?: bigint | null | undefined;
  readonly gas?: bigint | undefined;
  readonly gasLimit?: bigint | undefined;
  readonly to?: string | null | undefined;
  readonly value?: bigint | undefined;
}

/** What was read, in a form that is equal for all. */
const outputOf = (read: readonly Read<Fields>[]): (string | bigint)[][] =>
  read.map(([{ nonce, gasPrice, gas, gasLimit, to, value }, sender]) => [
    BigInt(nonce ?? 0),
    gasPrice ?? 0n,
    gasLimit ?? gas ?? 0n,
    to?.toLowerCase() ?? '',
    value ?? 0n,
    sender.toLowerCase(),
  ]);

/** The general trie, one entry after the other. */
async function rootByTrie(items: readonly Uint8Array[]): Promise<string> {
  const trie = await createMPT();
  for (const [index, item] of items.entries()) await trie.put(listKey(index), item);
  return bytesToHex(trie.root());
}

/** Rows of this file. */
export async function rows(): Promise<readonly BenchRow[]> {
  const wasm = await createWasmEngine();
  const signed = makeTransactions(COUNT);
  const raw = signed.map(encodeEthereumTransaction);
  const text = raw.map(bytesToHex);
  const items = makeTransactions(1).flatMap((tx) =>
    Array.from({ length: 1000 }, (_, i) => encodeTransaction({ ...tx, nonce: BigInt(i) })),
  );
  return [
    row({
      name: 'Signed transaction: decode, recover the sender',
      unit: 'tx',
      perRun: COUNT,
      contenders: [
        {
          name: 'polyphony (noble)',
          run: () => readOurs(raw, nobleEngine),
          output: () => outputOf(readOurs(raw, nobleEngine)),
        },
        {
          name: 'polyphony (wasm)',
          run: () => readOurs(raw, wasm),
          output: () => outputOf(readOurs(raw, wasm)),
        },
        { name: 'ethers', run: () => readEthers(text), output: () => outputOf(readEthers(text)) },
        {
          name: 'viem',
          run: () => readViem(text),
          output: async () => outputOf(await readViem(text)),
        },
        { name: 'ox', run: () => readOx(text), output: () => outputOf(readOx(text)) },
      ],
      baseline: 'viem',
      targets: [
        { contender: 'polyphony (noble)', ratio: 1, to: 'viem' },
        { contender: 'polyphony (wasm)', ratio: 25, to: 'viem' },
      ],
    }),
    row({
      name: 'Root over 1,000 transactions',
      unit: 'lists',
      contenders: [
        {
          name: 'polyphony (noble)',
          run: () => computeListRoot(items, nobleEngine),
          output: () => computeListRoot(items, nobleEngine),
        },
        {
          name: 'polyphony (wasm)',
          run: () => computeListRoot(items, wasm),
          output: () => computeListRoot(items, wasm),
        },
        {
          name: '@ethereumjs/mpt',
          run: () => rootByTrie(items),
          output: () => rootByTrie(items),
        },
      ],
      baseline: '@ethereumjs/mpt',
      targets: [
        {
          contender: 'polyphony (noble)',
          perSecond: 1000 / 15,
          ratio: 15,
          to: '@ethereumjs/mpt',
        },
      ],
    }),
  ];
}
