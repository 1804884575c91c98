/**
 * Signing of plain transactions, in each of their forms, with a check of the result: the bytes
 * that leave are decoded again and must say what was asked and name this account as sender.
 *
 * Two mistakes are refused because a signature that exists can be used by anyone: an Ethereum-form
 * signature for a chain id that is not the network's (it could be valid on another chain), and a
 * Harmony-form one for an Ethereum chain id (it would not cover the shard ids).
 *
 * @source harmony/core/types/transaction_signing.go: EIP155Signer, FrontierSigner
 */
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
  type Transaction,
  transactionHash,
  withSignature,
} from '@polyphony/chain';
import type { Engine, RecoverableSignature } from '@polyphony/crypto';
import { type Address, equalBytes, type Hash } from '@polyphony/primitives';
import { AccountsError } from './errors.js';

/** Whether signatures with a chain id cover the Ethereum form. @internal */
export function isEthereumChainId(chainId: bigint): boolean {
  return signingFormOf(chainId).form === 'ethereum';
}

/** How a transaction is signed. */
export type SignTransactionOptions =
  | {
      /** 11 items; the signature covers shard ids and chain id. */
      readonly form: 'harmony';
      /** The network's own id: 1 on mainnet, 2 on testnet. */
      readonly chainId: bigint;
    }
  | {
      /** 9 items, as an Ethereum wallet signs; within one shard. */
      readonly form: 'ethereum';
      /** The shard's id: 1666600000 plus the shard id on mainnet. */
      readonly chainId: bigint;
      /** Sign for a chain id that is not a Harmony one. The signature may be valid elsewhere. */
      readonly allowOtherChain?: boolean;
    }
  | {
      /** Bound to no chain: valid on every network. Nodes take it in blocks, not over RPC. */
      readonly form: 'homestead';
      /** Whether the 11 items or the 9 are signed and written. Default `harmony`. */
      readonly items?: 'harmony' | 'ethereum';
    };

/** A signed transaction, ready to be sent. */
export interface SignedTransactionResult {
  readonly transaction: SignedTransaction;
  /** What is sent: 11 items, or 9 for the Ethereum form. */
  readonly raw: Uint8Array;
  /** Hash of the 11 items: the name in blocks and receipts. */
  readonly hash: Hash;
  /** Hash of the 9 items: the name in the `eth` namespace. */
  readonly ethereumHash: Hash;
  readonly from: Address;
}

/** Whose signature it must be, and what checks it. @internal */
export interface Identity {
  readonly address: Address;
  readonly engine: Engine;
}

/** A key that signs digests, with the address it has. @internal */
export interface DigestSigner extends Identity {
  sign(digest: Uint8Array): RecoverableSignature;
}

/**
 * Refuses what must not be signed, whoever signs.
 *
 * @throws {@link AccountsError} `accounts/unsafe-chain-id`, `accounts/unsigned-shard-ids`.
 * @internal
 */
export function assertSafe(tx: Transaction, options: SignTransactionOptions): void {
  if (options.form === 'harmony') {
    if (isEthereumChainId(options.chainId)) {
      throw new AccountsError({
        code: 'accounts/unsafe-chain-id',
        chainId: options.chainId,
        reason: 'belongs to the Ethereum form: the signature would not cover the shard ids',
      });
    }
    if (options.chainId < 1n) {
      throw new AccountsError({
        code: 'accounts/unsafe-chain-id',
        chainId: options.chainId,
        reason: 'is not a chain id',
      });
    }
    return;
  }
  if (options.form === 'ethereum') {
    const foreign = !isEthereumChainId(options.chainId);
    if (options.chainId < 1n || (foreign && options.allowOtherChain !== true)) {
      throw new AccountsError({
        code: 'accounts/unsafe-chain-id',
        chainId: options.chainId,
        reason: 'is not a Harmony one: the signature may be valid on another chain',
      });
    }
  }
  const ethereumItems = options.form === 'ethereum' || options.items === 'ethereum';
  if (ethereumItems && tx.shardId !== tx.toShardId) {
    const { shardId, toShardId } = tx;
    throw new AccountsError({ code: 'accounts/unsigned-shard-ids', shardId, toShardId });
  }
}

function signingOf(options: SignTransactionOptions): SigningForm {
  if (options.form === 'homestead')
    return options.items === 'ethereum' ? { form: 'ethereum' } : { form: 'homestead' };
  return { form: options.form, chainId: options.chainId };
}

function selfCheck(
  decoded: SignedTransaction,
  asked: Transaction,
  chainId: bigint | undefined,
  signing: SigningForm,
  signer: Identity,
): void {
  const check = (same: boolean, field: string): void => {
    if (!same) throw new AccountsError({ code: 'accounts/self-check-failed', field });
  };
  check(decoded.nonce === asked.nonce, 'nonce');
  check(decoded.gasPrice === asked.gasPrice, 'gasPrice');
  check(decoded.gasLimit === asked.gasLimit, 'gasLimit');
  check(decoded.shardId === asked.shardId, 'shardId');
  check(decoded.toShardId === asked.toShardId, 'toShardId');
  check(decoded.to === asked.to, 'to');
  check(decoded.value === asked.value, 'value');
  check(equalBytes(decoded.data, asked.data), 'data');
  check(chainIdOfV(decoded.v) === chainId, 'chainId');
  const from = recoverSigner(decoded, {
    engine: signer.engine,
    ethereumForm: signing.form === 'ethereum',
  });
  check(from === signer.address, 'sender');
}

/**
 * Puts a signature on a transaction and checks the bytes that leave.
 *
 * @throws {@link AccountsError} `accounts/self-check-failed`; the error of `@polyphony/chain` for a
 * field out of its range.
 * @internal
 */
export function assembleTransaction(
  signer: Identity,
  tx: Transaction,
  options: SignTransactionOptions,
  signature: RecoverableSignature,
): SignedTransactionResult {
  const signing = signingOf(options);
  const signed = withSignature(tx, signature, signing.chainId);
  const ethereumItems =
    options.form === 'ethereum' || (options.form === 'homestead' && options.items === 'ethereum');
  const raw = ethereumItems ? encodeEthereumTransaction(signed) : encodeTransaction(signed);
  const decoded = ethereumItems
    ? decodeEthereumTransaction(raw, tx.shardId)
    : decodeTransaction(raw);
  selfCheck(decoded, tx, signing.chainId, signing, signer);
  return {
    transaction: decoded,
    raw,
    hash: transactionHash(decoded, signer.engine),
    ethereumHash: ethereumTransactionHash(decoded, signer.engine),
    from: signer.address,
  };
}

/**
 * Signs a transaction.
 *
 * @throws {@link AccountsError} `accounts/unsafe-chain-id`, `accounts/unsigned-shard-ids`,
 * `accounts/wiped`, `accounts/self-check-failed`; the error of `@polyphony/chain` for a field out
 * of its range.
 * @internal
 */
export function signTransactionWith(
  signer: DigestSigner,
  tx: Transaction,
  options: SignTransactionOptions,
): SignedTransactionResult {
  assertSafe(tx, options);
  const digest = signingDigest(tx, signingOf(options), signer.engine);
  return assembleTransaction(signer, tx, options, signer.sign(digest));
}
