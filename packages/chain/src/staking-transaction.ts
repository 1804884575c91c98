/**
 * Staking transactions: the envelope around a directive, its hash and its sender.
 *
 * They exist on the beacon shard only and are always signed with the network's Harmony chain id.
 * Not here: what a directive does.
 *
 * @source harmony/staking/types/transaction.go, sign.go
 */
import { type Engine, nobleEngine, type RecoverableSignature } from '@polyphony/crypto';
import type { Network } from '@polyphony/networks';
import {
  type Address,
  bytesToHex,
  encodeRlp,
  type Hash,
  openRlpList,
  type RlpInput,
} from '@polyphony/primitives';
import {
  type Directive,
  decodeDirective,
  directiveNumber,
  directiveSigner,
  encodeDirective,
} from './directive-message.js';
import { ChainError, decoding } from './errors.js';
import { uintField } from './fields.js';
import { defaultHasher, type Hasher } from './hasher.js';
import { recoverAccount } from './signer.js';

/** What a staker asks for. */
export interface StakingTransaction {
  readonly directive: Directive;
  readonly nonce: bigint;
  /** Atto per unit of gas. */
  readonly gasPrice: bigint;
  readonly gasLimit: bigint;
}

/** A staking transaction with its signature. */
export interface SignedStakingTransaction extends StakingTransaction {
  readonly v: bigint;
  readonly r: bigint;
  readonly s: bigint;
}

function startItems(tx: StakingTransaction): RlpInput[] {
  return [
    directiveNumber(tx.directive.type),
    { rlp: encodeDirective(tx.directive) },
    uintField(tx.nonce, 64, 'nonce'),
    uintField(tx.gasPrice, 256, 'gasPrice'),
    uintField(tx.gasLimit, 64, 'gasLimit'),
  ];
}

/**
 * `[directive, message, nonce, gasPrice, gasLimit, v, r, s]`.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 * @source harmony/staking/types/transaction.go: txdata
 */
export function encodeStakingTransaction(tx: SignedStakingTransaction): Uint8Array {
  return encodeRlp([
    ...startItems(tx),
    uintField(tx.v, 256, 'v'),
    uintField(tx.r, 256, 'r'),
    uintField(tx.s, 256, 's'),
  ]);
}

/** @throws {@link ChainError} `chain/invalid-encoding`. */
export function decodeStakingTransaction(bytes: Uint8Array): SignedStakingTransaction {
  return decoding('staking transaction', () => {
    const list = openRlpList(bytes);
    const number = Number(list.readBigInt(8));
    const tx: SignedStakingTransaction = {
      directive: decodeDirective(number, list.readRaw()),
      nonce: list.readBigInt(64),
      gasPrice: list.readBigInt(),
      gasLimit: list.readBigInt(64),
      v: list.readBigInt(),
      r: list.readBigInt(),
      s: list.readBigInt(),
    };
    list.assertDone('staking transaction');
    return tx;
  });
}

/** Keccak-256 of {@link encodeStakingTransaction}. There is no second hash. */
export function stakingTransactionHash(
  tx: SignedStakingTransaction,
  hasher: Hasher = defaultHasher,
): Hash {
  return bytesToHex(hasher.keccak256(encodeStakingTransaction(tx)));
}

/**
 * The bytes that are hashed and signed: `[directive, message, nonce, gasPrice, gasLimit, chainId, 0, 0]`.
 *
 * @param chainId - The network's Harmony id, never the eth-compatible one.
 * @throws {@link ChainError} `chain/out-of-range`.
 * @source harmony/staking/types/sign.go: EIP155Signer.Hash
 */
export function stakingSigningPayload(tx: StakingTransaction, chainId: bigint): Uint8Array {
  return encodeRlp([...startItems(tx), uintField(chainId, 256, 'chainId'), 0n, 0n]);
}

/**
 * The 32 bytes that a staker signs: Keccak-256 of {@link stakingSigningPayload}.
 *
 * @param chainId - The network's Harmony id, never the eth-compatible one.
 * @throws {@link ChainError} `chain/out-of-range`.
 * @source harmony/staking/types/sign.go: EIP155Signer.Hash
 */
export function stakingSigningDigest(
  tx: StakingTransaction,
  chainId: bigint,
  hasher: Hasher = defaultHasher,
): Uint8Array {
  return hasher.keccak256(stakingSigningPayload(tx, chainId));
}

/** Puts a signature over {@link stakingSigningDigest} on a staking transaction. */
export function withStakingSignature(
  tx: StakingTransaction,
  signature: RecoverableSignature,
  chainId: bigint,
): SignedStakingTransaction {
  return {
    directive: tx.directive,
    nonce: tx.nonce,
    gasPrice: tx.gasPrice,
    gasLimit: tx.gasLimit,
    v: 35n + 2n * chainId + BigInt(signature.recovery),
    r: signature.r,
    s: signature.s,
  };
}

/** Options of {@link recoverStakingSender}. */
export interface RecoverStakingSenderOptions {
  readonly engine?: Engine;
  readonly network: Network;
  /**
   * Accept the chain id of another network, as the node's block processing does. Replay of a chain
   * that accepted such transactions needs it; nothing else should.
   */
  readonly allowForeignChainId?: boolean;
}

/**
 * Account that signed a staking transaction. Whether it may give this directive is
 * {@link assertStakingSigner}'s question.
 *
 * @throws {@link ChainError} `chain/invalid-signature`, also for a signature without a chain id and
 * a high `s`; `chain/wrong-chain-id`.
 * @source harmony/staking/types/sign.go: Sender; rpc/harmony/pool.go: verifyChainID
 */
export function recoverStakingSender(
  tx: SignedStakingTransaction,
  options: RecoverStakingSenderOptions,
): Address {
  const { network } = options;
  const engine = options.engine ?? nobleEngine;
  if (tx.v < 35n) {
    const reason = 'a staking transaction must be signed with a chain id';
    throw new ChainError({ code: 'chain/invalid-signature', reason });
  }
  const chainId = (tx.v - 35n) >> 1n;
  if (chainId !== network.chainId && options.allowForeignChainId !== true) {
    throw new ChainError({
      code: 'chain/wrong-chain-id',
      expected: [network.chainId],
      actual: chainId,
    });
  }
  const odd = ((tx.v - 35n) & 1n) === 1n;
  const digest = stakingSigningDigest(tx, chainId, engine);
  return recoverAccount(digest, { r: tx.r, s: tx.s, odd }, engine, false);
}

/**
 * Checks that the account a directive names is the one that signed.
 *
 * @throws {@link ChainError} `chain/invalid-directive`.
 * @source harmony/core/staking_verifier.go
 */
export function assertStakingSigner(directive: Directive, sender: Address): void {
  if (directiveSigner(directive) !== sender) {
    throw new ChainError({
      code: 'chain/invalid-directive',
      reason: 'invalid signer for staking transaction',
    });
  }
}
