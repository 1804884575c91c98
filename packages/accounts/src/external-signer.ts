/**
 * The port for keys that are elsewhere: a device, a browser wallet, a service. What such a signer
 * answers is checked like our own signatures: the bytes must say what was asked, and the sender
 * recovered from them must be the address it announced. Not here: the adapters.
 */
import type { StakingTransaction, Transaction } from '@polyphony/chain';
import type { Address } from '@polyphony/primitives';
import type { Account } from './account.js';
import { AccountsError, type SignerKind } from './errors.js';
import type { SignedStakingResult, SignStakingOptions } from './sign-staking.js';
import type { SignedTransactionResult, SignTransactionOptions } from './sign-transaction.js';
import type { TypedData } from './typed-data.js';

/** Something a signer can do. */
export type SignerCapability =
  | 'sign-transaction'
  | 'sign-staking-transaction'
  | 'sign-message'
  | 'sign-typed-data'
  /** Signs and sends in one step: the bytes are never seen. */
  | 'send-transaction';

/**
 * An address whose key is elsewhere. What is not among `capabilities` is refused with
 * `accounts/unsupported-by-signer`. Every answer has passed the checks of a local {@link Account}.
 */
export interface ExternalSigner {
  readonly address: Address;
  readonly capabilities: readonly SignerCapability[];
  /** Signs a plain transaction. Which forms it takes is the signer's business. */
  signTransaction(
    tx: Transaction,
    options: SignTransactionOptions,
  ): Promise<SignedTransactionResult>;
  /** Signs a staking transaction. */
  signStakingTransaction(
    tx: StakingTransaction,
    options: SignStakingOptions,
  ): Promise<SignedStakingResult>;
  /** Signs a message (EIP-191): 65 bytes. */
  signMessage(message: string | Uint8Array): Promise<Uint8Array>;
  /** Signs typed data (EIP-712): 65 bytes. */
  signTypedData(data: TypedData): Promise<Uint8Array>;
}

/**
 * A local account behind the port, so that an application is written once for both.
 *
 * @example const signer = externalSignerOf(accountFromMnemonic(words))
 */
export function externalSignerOf(account: Account): ExternalSigner {
  return {
    address: account.address,
    capabilities: [
      'sign-transaction',
      'sign-staking-transaction',
      'sign-message',
      'sign-typed-data',
    ],
    signTransaction: async (tx, options) => account.signTransaction(tx, options),
    signStakingTransaction: async (tx, options) => account.signStakingTransaction(tx, options),
    signMessage: async (message) => account.signMessage(message),
    signTypedData: async (data) => account.signTypedData(data),
  };
}

/** A signer that was asked for what it cannot do. @internal */
export function unsupported(signer: SignerKind, what: string): AccountsError {
  return new AccountsError({ code: 'accounts/unsupported-by-signer', signer, what });
}
