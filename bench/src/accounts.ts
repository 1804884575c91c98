/** Signing: a transfer in the Ethereum form from fields to raw bytes, the same for every library. */
import { accountFromSecretKey } from '@polyphony/accounts';
import {
  encodeEthereumTransaction,
  signingDigest,
  type Transaction,
  withSignature,
} from '@polyphony/chain/transaction';
import { type Engine, nobleEngine } from '@polyphony/crypto';
import { createWasmEngine } from '@polyphony/crypto/wasm';
import { bytesToHex, hexToBytes } from '@polyphony/primitives';
import { Wallet } from 'ethers';
import { privateKeyToAccount } from 'viem/accounts';
import { type BenchRow, type Contender, row } from './harness.js';

const COUNT = 4;
const CHAIN_ID = 1_666_600_000n;
const SECRET_KEY = '0x0123456789012345678901234567890123456789012345678901234567890123';

/** Transfers that differ in nonce and value. */
function transfers(): readonly Transaction[] {
  return Array.from({ length: COUNT }, (_, index) => ({
    nonce: BigInt(index),
    gasPrice: 100n * 10n ** 9n,
    gasLimit: 21_000n,
    shardId: 0,
    toShardId: 0,
    to: '0x14791697260e4c9a71f18484c9f997b308e59325',
    value: 10n ** 18n + BigInt(index),
    data: new Uint8Array(0),
  }));
}

export async function rows(): Promise<readonly BenchRow[]> {
  const wasmEngine = await createWasmEngine();
  const inputs = transfers();
  const secretKey = hexToBytes(SECRET_KEY);
  const form = { form: 'ethereum', chainId: CHAIN_ID } as const;

  const contender = (name: string, sign: (tx: Transaction) => Uint8Array): Contender => ({
    name,
    run: () => {
      for (const tx of inputs) sign(tx);
    },
    output: () => inputs.map((tx) => bytesToHex(sign(tx))),
  });
  const asynchronous = (name: string, sign: (tx: Transaction) => Promise<string>): Contender => ({
    name,
    run: async () => {
      for (const tx of inputs) await sign(tx);
    },
    output: () => Promise.all(inputs.map(sign)),
  });
  const fromParts = (engine: Engine): Contender =>
    contender(`polyphony (${engine.name})`, (tx) => {
      const signature = engine.signDigest(signingDigest(tx, form, engine), secretKey);
      return encodeEthereumTransaction(withSignature(tx, signature, CHAIN_ID));
    });
  const checked = (engine: Engine): Contender => {
    const account = accountFromSecretKey(secretKey, { engine });
    return contender(
      `polyphony account, reads back (${engine.name})`,
      (tx) => account.signTransaction(tx, form).raw,
    );
  };

  const viemAccount = privateKeyToAccount(SECRET_KEY);
  const wallet = new Wallet(SECRET_KEY);
  return [
    row({
      name: 'sign and serialise a transfer',
      unit: 'tx',
      perRun: COUNT,
      contenders: [
        fromParts(nobleEngine),
        fromParts(wasmEngine),
        checked(nobleEngine),
        checked(wasmEngine),
        asynchronous('viem', ({ nonce, gasPrice, gasLimit, to, value }) =>
          viemAccount.signTransaction({
            type: 'legacy',
            chainId: Number(CHAIN_ID),
            nonce: Number(nonce),
            gasPrice,
            gas: gasLimit,
            to: to!,
            value,
          }),
        ),
        asynchronous('ethers', ({ nonce, gasPrice, gasLimit, to, value }) =>
          wallet.signTransaction({
            type: 0,
            chainId: CHAIN_ID,
            nonce: Number(nonce),
            gasPrice,
            gasLimit,
            to: to!,
            value,
          }),
        ),
      ],
      baseline: 'viem',
      targets: [
        { contender: 'polyphony (noble)', ratio: 1, to: 'viem' },
        { contender: 'polyphony (wasm)', ratio: 7, to: 'viem' },
      ],
    }),
  ];
}
