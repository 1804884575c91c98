import { addressOfPublicKey, nobleEngine } from '@polyphony/crypto';
import { localnet, mainnet, type Network } from '@polyphony/networks';
import { hexToBytes } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  acceptsCrossShard,
  type ChainError,
  type ChainErrorDetails,
  decodeTransaction,
  recoverSender,
  recoverStakingSender,
  type SignedTransaction,
  type StakingTransaction,
  signingDigest,
  signingFormOf,
  stakingSigningDigest,
  type Transaction,
  transactionKind,
  withSignature,
  withStakingSignature,
} from '../src/index.js';

const KEY = hexToBytes('0x11'.padEnd(66, '1'));
const SENDER = addressOfPublicKey(nobleEngine.getPublicKey(KEY));
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

const TX: Transaction = {
  nonce: 1n,
  gasPrice: 1n,
  gasLimit: 21000n,
  shardId: 0,
  toShardId: 0,
  to: SENDER,
  value: 5n,
  data: new Uint8Array(0),
};

function sign(tx: Transaction, chainId: bigint | undefined): SignedTransaction {
  const digest = signingDigest(tx, signingFormOf(chainId));
  return withSignature(tx, nobleEngine.signDigest(digest, KEY), chainId);
}

function highS(tx: SignedTransaction): SignedTransaction {
  const even = ((tx.v - 27n) & 1n) === 0n;
  return { ...tx, s: ORDER - tx.s, v: even ? tx.v + 1n : tx.v - 1n };
}

function code(code: ChainErrorDetails['code']): object {
  return expect.objectContaining({ code } satisfies Partial<ChainError>);
}

function sender(tx: SignedTransaction, epoch?: bigint, network: Network = mainnet): () => string {
  return () =>
    recoverSender(tx, { network, shardId: 0, ...(epoch === undefined ? {} : { epoch }) });
}

describe('sender of a transaction in a block', () => {
  test('with the Harmony id, from eip155 (mainnet epoch 28)', () => {
    const tx = sign(TX, 1n);
    expect(sender(tx, 28n)()).toBe(SENDER);
    expect(sender(tx)()).toBe(SENDER);
    expect(sender(tx, 27n)).toThrow(code('chain/not-active'));
  });

  test('with the id of another network', () => {
    expect(sender(sign(TX, 2n))).toThrow(code('chain/wrong-chain-id'));
    expect(sender(sign(TX, 2n), undefined, localnet)()).toBe(SENDER);
  });

  test('with the eth-compatible id, from ethCompatible (mainnet epoch 442)', () => {
    const tx = sign(TX, 1666600000n);
    expect(sender(tx, 442n)()).toBe(SENDER);
    expect(sender(tx, 441n)).toThrow(code('chain/not-active'));
  });

  test('with the eth-compatible id of another shard', () => {
    expect(sender(sign(TX, 1666600001n))).toThrow(code('chain/wrong-chain-id'));
  });

  test('without a chain id at every epoch, with a high s only before eip155', () => {
    const tx = sign(TX, undefined);
    for (const epoch of [0n, 27n, 28n, 2152n]) expect(sender(tx, epoch)()).toBe(SENDER);
    expect(sender(highS(tx), 27n)()).toBe(SENDER);
    expect(sender(highS(tx), 28n)).toThrow(code('chain/invalid-signature'));
    expect(sender(highS(tx))).toThrow(code('chain/invalid-signature'));
  });

  test('a high s with a chain id is refused', () => {
    expect(sender(highS(sign(TX, 1n)))).toThrow(code('chain/invalid-signature'));
  });

  test('a changed destination under an Ethereum signature', () => {
    const changed = { ...sign(TX, 1666600000n), toShardId: 1 };
    expect(sender(changed)).toThrow(code('chain/unsigned-shard-ids'));
    const options = { network: mainnet, shardId: 0, allowUnsignedShardIds: true };
    expect(recoverSender(changed, options)).toBe(SENDER);
    // Harmony's own signature covers the destination: the change gives another signer.
    expect(sender({ ...sign(TX, 1n), toShardId: 1 })()).not.toBe(SENDER);
  });

  test('the altered transaction of the vectors is refused where the original is, too', () => {
    const cases = loadVectors<{ rlp: string }, { sender: string }>(import.meta.url, 'transactions');
    const find = (name: string): SignedTransaction =>
      decodeTransaction(hexToBytes(cases.find((entry) => entry.name === name)!.in.rlp));
    const crossing = find('tx-pyhmy-ethcompat-cross');
    const altered = find('tx-ethcompat-shard-malleated');
    expect(sender(crossing)).toThrow(code('chain/unsigned-shard-ids'));
    // With both ids back on the shard it is what a wallet signs, and passes.
    expect(sender(altered)()).toBe(
      cases.find(({ name }) => name === 'tx-ethcompat-shard-malleated')!.out!.sender,
    );
  });

  test.each([0n, 1n, 26n, 29n, 34n])('v = %i', (v) => {
    expect(sender({ ...sign(TX, undefined), v })).toThrow(code('chain/invalid-signature'));
  });

  test.each([
    ['r = 0', { r: 0n }],
    ['s = 0', { s: 0n }],
    ['r = n', { r: ORDER }],
    ['s = n', { s: ORDER }],
    ['r not on the curve', { r: 5n }],
  ])('%s', (_name, change) => {
    const changed = { ...sign(TX, 1n), ...change };
    let answer = '';
    try {
      answer = sender(changed)();
    } catch (error) {
      expect(error).toEqual(code('chain/invalid-signature'));
    }
    expect(answer).not.toBe(SENDER);
  });
});

describe('kind of a transaction', () => {
  test('cross-shard from the epoch after crossTx (mainnet 28)', () => {
    expect(acceptsCrossShard(mainnet, 28n)).toBe(false);
    expect(acceptsCrossShard(mainnet, 29n)).toBe(true);
    expect(acceptsCrossShard(localnet, 0n)).toBe(false);
    expect(transactionKind({ shardId: 0, toShardId: 1 }, mainnet, 0, 28n)).toBe('same-shard');
    expect(transactionKind({ shardId: 0, toShardId: 1 }, mainnet, 0, 29n)).toBe('outgoing');
    expect(transactionKind({ shardId: 0, toShardId: 0 }, mainnet, 0, 29n)).toBe('same-shard');
  });

  test('a shard that does not exist, or another source shard', () => {
    expect(transactionKind({ shardId: 0, toShardId: 3 }, mainnet, 0, 1672n)).toBe('outgoing');
    expect(transactionKind({ shardId: 0, toShardId: 3 }, mainnet, 0, 1673n)).toBe('invalid');
    expect(transactionKind({ shardId: 1, toShardId: 0 }, mainnet, 0, 1673n)).toBe('invalid');
  });
});

describe('sender of a staking transaction', () => {
  const staking: StakingTransaction = {
    directive: { type: 'collect-rewards', delegatorAddress: SENDER },
    nonce: 0n,
    gasPrice: 1n,
    gasLimit: 21000n,
  };
  const signed = (chainId: bigint) =>
    withStakingSignature(
      staking,
      nobleEngine.signDigest(stakingSigningDigest(staking, chainId), KEY),
      chainId,
    );

  test('with the Harmony id', () => {
    expect(recoverStakingSender(signed(1n), { network: mainnet })).toBe(SENDER);
  });

  test('with another id, unless a replay asks for it', () => {
    const run = () => recoverStakingSender(signed(2n), { network: mainnet });
    expect(run).toThrow(code('chain/wrong-chain-id'));
    const options = { network: mainnet, allowForeignChainId: true };
    expect(recoverStakingSender(signed(2n), options)).toBe(SENDER);
  });

  test('without a chain id or with a high s', () => {
    const tx = signed(1n);
    const run = (change: object) => () =>
      recoverStakingSender({ ...tx, ...change }, { network: mainnet });
    expect(run({ v: 27n })).toThrow(code('chain/invalid-signature'));
    const flipped = tx.v === 37n ? 38n : 37n;
    expect(run({ s: ORDER - tx.s, v: flipped })).toThrow(code('chain/invalid-signature'));
  });
});
