import { localnet, mainnet } from '@polyphony/networks';
import { bytesToHex, hexToBytes, keccak256 } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  assertStakingSigner,
  type ChainError,
  decodeStakingTransaction,
  directiveNumber,
  encodeStakingTransaction,
  recoverStakingSender,
  stakingSigningDigest,
  stakingTransactionHash,
  withStakingSignature,
} from '../src/index.js';
import { directiveJson } from './support.js';

interface Signed {
  readonly v: string;
  readonly r: string;
  readonly s: string;
  readonly digest: string;
  readonly sender: string;
  readonly hash: string;
}

function networkOf(chainId: string): typeof mainnet {
  return chainId === '1' ? mainnet : { ...localnet, chainId: BigInt(chainId) };
}

function assertRefused(rlp: string, error: string): void {
  expect(() => decodeStakingTransaction(hexToBytes(rlp))).toThrow(
    expect.objectContaining({ code: error } as Partial<ChainError>),
  );
}

function assertSigned(rlp: string, chainId: string, out: Signed): void {
  const bytes = hexToBytes(rlp);
  const tx = decodeStakingTransaction(bytes);
  expect(encodeStakingTransaction(tx)).toEqual(bytes);
  expect([tx.v, tx.r, tx.s]).toEqual([BigInt(out.v), BigInt(out.r), BigInt(out.s)]);
  expect(bytesToHex(stakingSigningDigest(tx, BigInt(chainId)))).toBe(out.digest);
  const signature = { r: tx.r, s: tx.s, recovery: (tx.v - 35n) % 2n === 0n ? 0 : 1 } as const;
  expect(withStakingSignature(tx, signature, BigInt(chainId))).toEqual(tx);
  expect(recoverStakingSender(tx, { network: networkOf(chainId) })).toBe(out.sender);
  expect(stakingTransactionHash(tx)).toBe(out.hash);
}

describe('staking transactions', () => {
  interface Out extends Signed {
    readonly number: number;
    readonly nonce: string;
    readonly gasPrice: string;
    readonly gasLimit: string;
    readonly chainId: string;
    readonly directive: object;
  }
  const cases = loadVectors<{ rlp: string }, Out>(import.meta.url, 'staking-transactions', {
    in: ['rlp'],
    out: [
      'number',
      'nonce',
      'gasPrice',
      'gasLimit',
      'v',
      'r',
      's',
      'chainId',
      'digest',
      'sender',
      'hash',
      'directive',
    ],
  });
  for (const { name, in: given, out, error } of cases) {
    test(name, () => {
      if (out === undefined) return assertRefused(given.rlp, error!);
      assertSigned(given.rlp, out.chainId, out);
      const tx = decodeStakingTransaction(hexToBytes(given.rlp));
      expect(directiveNumber(tx.directive.type)).toBe(out.number);
      expect([tx.nonce, tx.gasPrice, tx.gasLimit]).toEqual([
        BigInt(out.nonce),
        BigInt(out.gasPrice),
        BigInt(out.gasLimit),
      ]);
      expect(directiveJson(tx.directive)).toEqual(out.directive);
      assertStakingSigner(
        tx.directive,
        recoverStakingSender(tx, { network: networkOf(out.chainId) }),
      );
    });
  }
});

describe('as wallets sign', () => {
  const cases = loadVectors<{ chainId?: string; rlp: string }, Signed & { signingPayload: string }>(
    import.meta.url,
    'wallet-staking',
    {
      in: ['chainId', 'rlp'],
      out: ['signingPayload', 'digest', 'v', 'r', 's', 'sender', 'hash'],
    },
  );
  for (const { name, in: given, out, error } of cases) {
    test(name, () => {
      if (out === undefined) return assertRefused(given.rlp, error!);
      assertSigned(given.rlp, given.chainId!, out);
      expect(bytesToHex(keccak256(hexToBytes(out.signingPayload)))).toBe(out.digest);
    });
  }
});
