import { isEthCompatibleChainId } from '@polyphony/networks';
import { bytesToHex, hexToBytes, keccak256 } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  chainIdOfV,
  decodeEthereumTransaction,
  decodeTransaction,
  encodeEthereumTransaction,
  encodeTransaction,
  ethereumTransactionHash,
  recoverSigner,
  type SignedTransaction,
  type SigningForm,
  signingDigest,
  signingFormOf,
  transactionHash,
  transactionHashByType,
  withSignature,
} from '../src/index.js';

interface Fields {
  readonly nonce: string;
  readonly gasPrice: string;
  readonly gasLimit: string;
  readonly shardId?: number;
  readonly toShardId?: number;
  readonly to: string | null;
  readonly value: string;
  readonly data: string;
  readonly v: string;
  readonly r: string;
  readonly s: string;
  readonly chainId: string | null;
  readonly digest: string;
  readonly sender: string;
  readonly hash: string;
  readonly ethereumHash?: string;
}

const FIELDS = [
  'nonce',
  'gasPrice',
  'gasLimit',
  'shardId',
  'toShardId',
  'to',
  'value',
  'data',
  'v',
  'r',
  's',
  'chainId',
  'digest',
  'sender',
  'hash',
  'ethereumHash',
] as const;

function assertFields(tx: SignedTransaction, out: Fields): void {
  expect({
    nonce: tx.nonce,
    gasPrice: tx.gasPrice,
    gasLimit: tx.gasLimit,
    to: tx.to ?? null,
    value: tx.value,
    data: bytesToHex(tx.data),
    v: tx.v,
    r: tx.r,
    s: tx.s,
    chainId: chainIdOfV(tx.v) ?? null,
  }).toEqual({
    nonce: BigInt(out.nonce),
    gasPrice: BigInt(out.gasPrice),
    gasLimit: BigInt(out.gasLimit),
    to: out.to,
    value: BigInt(out.value),
    data: out.data,
    v: BigInt(out.v),
    r: BigInt(out.r),
    s: BigInt(out.s),
    chainId: out.chainId === null ? null : BigInt(out.chainId),
  });
}

describe('Harmony form', () => {
  const cases = loadVectors<{ rlp: string }, Fields>(import.meta.url, 'transactions', {
    in: ['rlp'],
    out: FIELDS,
  });
  for (const { name, in: given, out } of cases) {
    test(name, () => {
      const bytes = hexToBytes(given.rlp);
      const tx = decodeTransaction(bytes);
      assertFields(tx, out!);
      expect([tx.shardId, tx.toShardId]).toEqual([out!.shardId, out!.toShardId]);
      expect(encodeTransaction(tx)).toEqual(bytes);
      expect(transactionHash(tx)).toBe(out!.hash);
      expect(ethereumTransactionHash(tx)).toBe(out!.ethereumHash);
      const chainId = chainIdOfV(tx.v);
      expect(transactionHashByType(tx)).toBe(
        chainId !== undefined && isEthCompatibleChainId(chainId) ? out!.ethereumHash : out!.hash,
      );
      expect(bytesToHex(signingDigest(tx, signingFormOf(chainId)))).toBe(out!.digest);
      expect(recoverSigner(tx)).toBe(out!.sender);
    });
  }
});

describe('Ethereum form', () => {
  const cases = loadVectors<{ rlp: string }, Fields>(import.meta.url, 'ethereum-transactions', {
    in: ['rlp'],
    out: FIELDS,
  });
  for (const { name, in: given, out } of cases) {
    test(name, () => {
      const bytes = hexToBytes(given.rlp);
      const tx = decodeEthereumTransaction(bytes, 1);
      assertFields(tx, out!);
      expect([tx.shardId, tx.toShardId]).toEqual([1, 1]);
      expect(encodeEthereumTransaction(tx)).toEqual(bytes);
      expect(ethereumTransactionHash(tx)).toBe(out!.hash);
      const digest = signingDigest(tx, { form: 'ethereum', chainId: chainIdOfV(tx.v) });
      expect(bytesToHex(digest)).toBe(out!.digest);
      expect(recoverSigner(tx, { ethereumForm: true })).toBe(out!.sender);
    });
  }
});

describe('from the Ethereum form to the Harmony form', () => {
  const cases = loadVectors<
    { rlp: string; shardId: number },
    { rlp: string; hash: string; ethereumHash: string; sender: string }
  >(import.meta.url, 'ethereum-to-harmony', {
    in: ['rlp', 'shardId'],
    out: ['rlp', 'hash', 'ethereumHash', 'sender'],
  });
  for (const { name, in: given, out } of cases) {
    test(name, () => {
      const tx = decodeEthereumTransaction(hexToBytes(given.rlp), given.shardId);
      expect(bytesToHex(encodeTransaction(tx))).toBe(out!.rlp);
      expect(transactionHash(tx)).toBe(out!.hash);
      expect(ethereumTransactionHash(tx)).toBe(out!.ethereumHash);
      expect(recoverSigner(tx)).toBe(out!.sender);
    });
  }
});

describe('as wallets sign', () => {
  interface Signed {
    readonly signingPayload: string | null;
    readonly digest: string;
    readonly v: string;
    readonly r: string;
    readonly s: string;
    readonly sender: string;
    readonly hash: string;
    readonly ethereumHash: string | null;
  }
  const cases = loadVectors<
    { form: 'harmony' | 'ethereum'; chainId: string | null; rlp: string },
    Signed
  >(import.meta.url, 'wallet-transactions', {
    in: ['form', 'chainId', 'rlp'],
    out: ['signingPayload', 'digest', 'v', 'r', 's', 'sender', 'hash', 'ethereumHash'],
  });
  for (const { name, in: given, out } of cases) {
    test(name, () => {
      const bytes = hexToBytes(given.rlp);
      const ethereum = given.form === 'ethereum';
      const tx = ethereum ? decodeEthereumTransaction(bytes, 0) : decodeTransaction(bytes);
      const chainId = given.chainId === null ? undefined : BigInt(given.chainId);
      const signing: SigningForm = ethereum
        ? { form: 'ethereum', chainId }
        : signingFormOf(chainId);
      expect(ethereum ? encodeEthereumTransaction(tx) : encodeTransaction(tx)).toEqual(bytes);
      const digest = signingDigest(tx, signing);
      expect(bytesToHex(digest)).toBe(out!.digest);
      if (out!.signingPayload !== null) {
        expect(keccak256(hexToBytes(out!.signingPayload))).toEqual(digest);
      }
      const recovery = (BigInt(out!.v) - 27n) % 2n === 0n ? 0 : 1;
      const signature = { r: BigInt(out!.r), s: BigInt(out!.s), recovery } as const;
      expect(withSignature(tx, signature, chainId)).toEqual(tx);
      expect(tx.v).toBe(BigInt(out!.v));
      expect(recoverSigner(tx, { ethereumForm: ethereum })).toBe(out!.sender);
      expect(ethereum ? ethereumTransactionHash(tx) : transactionHash(tx)).toBe(out!.hash);
      if (out!.ethereumHash !== null) expect(ethereumTransactionHash(tx)).toBe(out!.ethereumHash);
    });
  }
});
