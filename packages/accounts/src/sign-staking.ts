/**
 * Signing of staking transactions. They are always signed with the network's own chain id and by
 * the account the message names; the bytes that leave are decoded again and compared.
 *
 * @source harmony/staking/types/sign.go; harmony/core/staking_verifier.go
 */
import {
  assertValidDirective,
  type Directive,
  decodeStakingTransaction,
  directiveSigner,
  encodeDirective,
  encodeStakingTransaction,
  type SignedStakingTransaction,
  type StakingTransaction,
  stakingSigningDigest,
  stakingTransactionHash,
  withStakingSignature,
} from '@polyphony/chain';
import { type RecoverableSignature, recoverAddress } from '@polyphony/crypto';
import { type Address, equalBytes, type Hash } from '@polyphony/primitives';
import { AccountsError } from './errors.js';
import { type DigestSigner, type Identity, isEthereumChainId } from './sign-transaction.js';

/** How a staking transaction is signed. */
export interface SignStakingOptions {
  /** The network's own id: 1 on mainnet, 2 on testnet. Never an Ethereum chain id. */
  readonly chainId: bigint;
  /** Leave out the field rules of a message. Another network's rules may differ. Default false. */
  readonly skipFieldRules?: boolean;
}

/** A signed staking transaction, ready to be sent. */
export interface SignedStakingResult {
  readonly transaction: SignedStakingTransaction;
  readonly raw: Uint8Array;
  readonly hash: Hash;
  readonly from: Address;
}

/**
 * Refuses what must not be signed, whoever signs.
 *
 * @throws {@link AccountsError} `accounts/unsafe-chain-id`, `accounts/wrong-sender`; the error of
 * `@polyphony/chain` for a message that breaks its rules.
 * @internal
 */
export function assertSafeStaking(
  address: Address,
  tx: StakingTransaction,
  options: SignStakingOptions,
): void {
  const { chainId } = options;
  if (chainId < 1n || isEthereumChainId(chainId)) {
    throw new AccountsError({
      code: 'accounts/unsafe-chain-id',
      chainId,
      reason: "is not the network's own: staking transactions have no Ethereum form",
    });
  }
  assertOwnDirective(address, tx.directive);
  if (options.skipFieldRules !== true) assertValidDirective(tx.directive);
}

/**
 * Refuses a message that names another account.
 *
 * @throws {@link AccountsError} `accounts/wrong-sender`.
 * @internal
 */
export function assertOwnDirective(address: Address, directive: Directive): void {
  const expected = directiveSigner(directive);
  if (expected !== address)
    throw new AccountsError({ code: 'accounts/wrong-sender', expected, actual: address });
}

/**
 * Puts a signature on a staking transaction and checks the bytes that leave.
 *
 * @throws {@link AccountsError} `accounts/self-check-failed`.
 * @internal
 */
export function assembleStaking(
  signer: Identity,
  tx: StakingTransaction,
  { chainId }: SignStakingOptions,
  signature: RecoverableSignature,
): SignedStakingResult {
  const raw = encodeStakingTransaction(withStakingSignature(tx, signature, chainId));
  const decoded = decodeStakingTransaction(raw);
  const check = (same: boolean, field: string): void => {
    if (!same) throw new AccountsError({ code: 'accounts/self-check-failed', field });
  };
  check(decoded.directive.type === tx.directive.type, 'directive');
  check(equalBytes(encodeDirective(decoded.directive), encodeDirective(tx.directive)), 'message');
  check(decoded.nonce === tx.nonce, 'nonce');
  check(decoded.gasPrice === tx.gasPrice, 'gasPrice');
  check(decoded.gasLimit === tx.gasLimit, 'gasLimit');
  check((decoded.v - 35n) >> 1n === chainId, 'chainId');
  const digest = stakingSigningDigest(tx, chainId, signer.engine);
  const recovery = ((decoded.v - 35n) & 1n) === 1n ? 1 : 0;
  const from = recoverAddress(digest, { r: decoded.r, s: decoded.s, recovery }, signer.engine);
  check(from === signer.address, 'sender');
  const hash = stakingTransactionHash(decoded, signer.engine);
  return { transaction: decoded, raw, hash, from };
}

/**
 * Signs a staking transaction.
 *
 * @throws {@link AccountsError} `accounts/unsafe-chain-id`, `accounts/wrong-sender`,
 * `accounts/wiped`, `accounts/self-check-failed`; the error of `@polyphony/chain` for a message
 * that breaks its rules.
 * @internal
 */
export function signStakingWith(
  signer: DigestSigner,
  tx: StakingTransaction,
  options: SignStakingOptions,
): SignedStakingResult {
  assertSafeStaking(signer.address, tx, options);
  const digest = stakingSigningDigest(tx, options.chainId, signer.engine);
  return assembleStaking(signer, tx, options, signer.sign(digest));
}
