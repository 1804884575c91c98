/**
 * The error of this package. No message and no detail ever carries a secret key, a mnemonic or a
 * password, nor text taken from one.
 */
import { type Address, ProtocolError } from '@polyphony/primitives';

/** Details of {@link AccountsError}. */
export type AccountsErrorDetails =
  | { readonly code: 'accounts/invalid-mnemonic'; readonly reason: string }
  | { readonly code: 'accounts/invalid-path'; readonly reason: string }
  | { readonly code: 'accounts/invalid-secret-key'; readonly reason: string }
  | { readonly code: 'accounts/invalid-option'; readonly reason: string }
  | { readonly code: 'accounts/wiped' }
  | { readonly code: 'accounts/unsafe-chain-id'; readonly chainId: bigint; readonly reason: string }
  | {
      readonly code: 'accounts/unsigned-shard-ids';
      readonly shardId: number;
      readonly toShardId: number;
    }
  | { readonly code: 'accounts/wrong-sender'; readonly expected: Address; readonly actual: Address }
  | { readonly code: 'accounts/self-check-failed'; readonly field: string }
  | { readonly code: 'accounts/invalid-signature'; readonly reason: string }
  | { readonly code: 'accounts/invalid-typed-data'; readonly path: string; readonly reason: string }
  | { readonly code: 'accounts/invalid-keystore'; readonly reason: string }
  | {
      readonly code: 'accounts/unsupported-keystore';
      readonly what: string;
      readonly value: string;
    }
  | {
      readonly code: 'accounts/kdf-too-costly';
      readonly what: 'memory' | 'work';
      readonly limit: number;
      readonly actual: number;
    }
  | { readonly code: 'accounts/wrong-password' }
  | {
      readonly code: 'accounts/address-mismatch';
      readonly expected: Address;
      readonly actual: Address;
    }
  | { readonly code: 'accounts/invalid-key-file'; readonly reason: string }
  | {
      readonly code: 'accounts/public-key-mismatch';
      readonly expected: string;
      readonly actual: string;
    }
  | {
      readonly code: 'accounts/no-key-for-shard';
      readonly shardId: number;
      readonly attempts: number;
    }
  | { readonly code: 'accounts/rejected-by-user'; readonly signer: SignerKind }
  | {
      readonly code: 'accounts/signer-unavailable';
      readonly signer: SignerKind;
      readonly reason: 'locked' | 'app-not-open' | 'disconnected' | 'unauthorized';
    }
  | {
      readonly code: 'accounts/signer-failed';
      readonly signer: SignerKind;
      /** Status word of a device, code of a wallet's error; undefined when it had none. */
      readonly status: number | undefined;
      readonly reason: string;
    }
  | {
      readonly code: 'accounts/unsupported-by-signer';
      readonly signer: SignerKind;
      readonly what: string;
    }
  | {
      readonly code: 'accounts/too-large-for-signer';
      /** Bytes; undefined when the device did not say. */
      readonly limit: number | undefined;
      readonly actual: number;
    }
  | {
      readonly code: 'accounts/invalid-answer';
      readonly signer: SignerKind;
      readonly reason: string;
    }
  | {
      readonly code: 'accounts/unexpected-chain';
      readonly expected: bigint;
      readonly actual: bigint;
    }
  | { readonly code: 'accounts/unknown-chain'; readonly chainId: bigint };

/** Which kind of external signer an error is about. */
export type SignerKind = 'ledger' | 'wallet';

/** Thrown by every function of `@polyphony/accounts` on bad input. */
export class AccountsError extends ProtocolError<AccountsErrorDetails> {
  override readonly name = 'AccountsError';

  constructor(details: AccountsErrorDetails, options?: ErrorOptions) {
    super(details, describe(details), options);
  }
}

/** An option or argument out of its range. */
export function invalidOption(reason: string): AccountsError {
  return new AccountsError({ code: 'accounts/invalid-option', reason });
}

function describe(details: AccountsErrorDetails): string {
  switch (details.code) {
    case 'accounts/wiped':
      return 'the secret key of this account was wiped';
    case 'accounts/unsafe-chain-id':
      return `chain id ${details.chainId} ${details.reason}`;
    case 'accounts/unsigned-shard-ids':
      return (
        'an Ethereum-form signature does not cover the shard ids: both must be equal, ' +
        `got ${details.shardId} and ${details.toShardId}`
      );
    case 'accounts/wrong-sender':
      return `the sender must be ${details.expected}, this account is ${details.actual}`;
    case 'accounts/self-check-failed':
      return `the signed bytes do not say what was asked: ${details.field} differs`;
    case 'accounts/invalid-typed-data':
      return `typed data at ${details.path}: ${details.reason}`;
    case 'accounts/unsupported-keystore':
      return `keystore ${details.what} ${details.value} is not supported`;
    case 'accounts/kdf-too-costly':
      return `the key derivation asks for ${details.actual} units of ${details.what}, at most ${details.limit} are allowed`;
    case 'accounts/wrong-password':
      return 'the password is wrong or the file was changed';
    case 'accounts/address-mismatch':
      return `the file says address ${details.expected}, its key has ${details.actual}`;
    case 'accounts/public-key-mismatch':
      return `public key must be ${details.expected}, the secret key has ${details.actual}`;
    case 'accounts/no-key-for-shard':
      return `no key for shard ${details.shardId} in ${details.attempts} attempts`;
    case 'accounts/rejected-by-user':
      return `the user refused on the ${details.signer}`;
    case 'accounts/signer-unavailable':
      return `the ${details.signer} cannot be used: ${details.reason}`;
    case 'accounts/signer-failed':
      return `the ${details.signer} failed: ${details.reason}`;
    case 'accounts/unsupported-by-signer':
      return `the ${details.signer} does not support ${details.what}`;
    case 'accounts/too-large-for-signer':
      return details.limit === undefined
        ? `the device refuses a message of ${details.actual} bytes as too large`
        : `a message may have ${details.limit} bytes on this device, got ${details.actual}`;
    case 'accounts/invalid-answer':
      return `the ${details.signer} answered what it should not: ${details.reason}`;
    case 'accounts/unexpected-chain':
      return `chain id must be ${details.expected}, got ${details.actual}`;
    case 'accounts/unknown-chain':
      return `the wallet does not know chain ${details.chainId}`;
    default:
      return details.reason;
  }
}
