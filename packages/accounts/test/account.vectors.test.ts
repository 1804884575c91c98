import {
  decodeEthereumTransaction,
  decodeTransaction,
  recoverSigner,
  type SigningForm,
  signingDigest,
  type Transaction,
} from '@polyphony/chain/transaction';
import { compressPublicKey } from '@polyphony/crypto';
import {
  bytesToHex,
  formatOneAddress,
  hexToBytes,
  keccak256,
  parseAddress,
} from '@polyphony/primitives';
import { codeOf, loadVectors, packageFolder, unreadVectorFiles } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  accountFromMnemonic,
  accountFromSecretKey,
  findDerivation,
  secretKeyFromMnemonic,
} from '../src/index.js';
import type { SignTransactionOptions } from '../src/sign-transaction.js';

describe('keys', () => {
  for (const { name, in: given, out } of loadVectors<
    { privateKey: string },
    { publicKey: string; publicKeyCompressed: string; address: string; bech32: string }
  >(import.meta.url, 'keys', {
    in: ['privateKey'],
    out: ['publicKey', 'publicKeyCompressed', 'address', 'bech32'],
  })) {
    test(name, () => {
      const account = accountFromSecretKey(hexToBytes(given.privateKey));
      expect({
        publicKey: bytesToHex(account.publicKey),
        publicKeyCompressed: bytesToHex(compressPublicKey(account.publicKey)),
        address: account.address,
        bech32: formatOneAddress(account.address),
      }).toEqual(out);
      expect(bytesToHex(account.exportSecretKey())).toBe(given.privateKey);
    });
  }
});

describe('mnemonics', () => {
  for (const { name, in: given, out } of loadVectors<
    { mnemonic: string; path: string },
    { privateKey?: string; publicKeyCompressed?: string; address?: string; bech32: string }
  >(import.meta.url, 'mnemonics', {
    in: ['mnemonic', 'path'],
    out: ['privateKey', 'publicKeyCompressed', 'address', 'bech32'],
  })) {
    test(name, () => {
      const account = accountFromMnemonic(given.mnemonic, { path: given.path });
      expect(formatOneAddress(account.address)).toBe(out!.bech32);
      if (out!.address !== undefined) expect(account.address).toBe(out!.address);
      if (out!.publicKeyCompressed !== undefined)
        expect(bytesToHex(compressPublicKey(account.publicKey))).toBe(out!.publicKeyCompressed);
      if (out!.privateKey !== undefined) {
        const key = secretKeyFromMnemonic(given.mnemonic, { coinType: 1023, index: 0 });
        expect(bytesToHex(key)).toBe(out!.privateKey);
      }
      expect(findDerivation(given.mnemonic, account.address, { indices: 1 })).toEqual({
        coinType: 1023,
        index: 0,
        path: given.path,
      });
    });
  }
});

interface TransactionInput {
  privateKey: string;
  form: 'harmony' | 'ethereum';
  chainId: string;
  nonce: string;
  gasPrice: string;
  gasLimit: string;
  shardId: number;
  toShardId: number;
  to: string | null;
  value: string;
  data: string;
}

interface TransactionOutput {
  from: string;
  signingPayload: string;
  signingHash: string;
  v: string;
  r: string;
  s: string;
  raw: string;
  hash: string;
  ethHash: string;
}

function transactionOf(given: TransactionInput): Transaction {
  return {
    nonce: BigInt(given.nonce),
    gasPrice: BigInt(given.gasPrice),
    gasLimit: BigInt(given.gasLimit),
    shardId: given.shardId,
    toShardId: given.toShardId,
    to: given.to === null ? undefined : parseAddress(given.to.toLowerCase()),
    value: BigInt(given.value),
    data: hexToBytes(given.data),
  };
}

function optionsOf(given: TransactionInput): SignTransactionOptions {
  const chainId = BigInt(given.chainId);
  if (chainId === 0n) return { form: 'homestead', items: given.form };
  if (given.form === 'harmony') return { form: 'harmony', chainId };
  return { form: 'ethereum', chainId, allowOtherChain: chainId < 1666600000n };
}

function signingOf(given: TransactionInput): SigningForm {
  const chainId = BigInt(given.chainId);
  if (chainId !== 0n) return { form: chainId >= 1666600000n ? 'ethereum' : given.form, chainId };
  return { form: given.form === 'ethereum' ? 'ethereum' : 'homestead' };
}

const UNSAFE = 'py-hmy-format-eth-chainid';

describe('transactions', () => {
  const cases = loadVectors<TransactionInput, TransactionOutput>(import.meta.url, 'transactions', {
    in: [
      'privateKey',
      'form',
      'chainId',
      'nonce',
      'gasPrice',
      'gasLimit',
      'shardId',
      'toShardId',
      'to',
      'value',
      'data',
    ],
    out: ['from', 'signingPayload', 'signingHash', 'v', 'r', 's', 'raw', 'hash', 'ethHash'],
  });

  for (const { name, in: given, out: expected } of cases) {
    const out = expected!;
    test(`${name}: is recovered`, () => {
      const raw = hexToBytes(out.raw);
      const tx =
        given.form === 'harmony' ? decodeTransaction(raw) : decodeEthereumTransaction(raw, 0);
      expect(recoverSigner(tx, { ethereumForm: given.form === 'ethereum' })).toBe(out.from);
      expect(tx).toMatchObject(transactionOf(given));
    });

    test(`${name}: covers the payload`, () => {
      const digest = bytesToHex(signingDigest(transactionOf(given), signingOf(given)));
      expect(digest).toBe(out.signingHash);
      expect(bytesToHex(keccak256(hexToBytes(out.signingPayload)))).toBe(out.signingHash);
    });

    if (name === UNSAFE) continue;
    test(`${name}: is signed`, () => {
      const account = accountFromSecretKey(hexToBytes(given.privateKey));
      const signed = account.signTransaction(transactionOf(given), optionsOf(given));
      expect(bytesToHex(signed.raw)).toBe(out.raw);
      expect(signed.from).toBe(out.from);
      expect(signed.transaction.v).toBe(BigInt(out.v));
      expect(signed.transaction.r).toBe(BigInt(out.r));
      expect(signed.transaction.s).toBe(BigInt(out.s));
      expect(signed.ethereumHash).toBe(out.ethHash);
      expect(given.form === 'harmony' ? signed.hash : signed.ethereumHash).toBe(out.hash);
    });
  }

  test(`${UNSAFE}: is never produced`, () => {
    const { in: given } = cases.find(({ name }) => name === UNSAFE)!;
    const account = accountFromSecretKey(hexToBytes(given.privateKey));
    expect(codeOf(() => account.signTransaction(transactionOf(given), optionsOf(given)))).toBe(
      'accounts/unsafe-chain-id',
    );
  });
});

test('every vector file is read', () => {
  expect(unreadVectorFiles(packageFolder(import.meta.url))).toEqual([]);
});
