/**
 * Accounts: a secret key that signs and never shows itself. The key is held in a closure: no
 * member, log line, JSON text or copy of the object contains it. `wipe()` clears it, after which
 * the account only knows its address and public key.
 *
 * @source harmony/accounts/keystore; chain addresses as in go-ethereum crypto.PubkeyToAddress
 */
import type { StakingTransaction, Transaction } from '@polyphony/chain';
import { addressOfPublicKey, type Engine, nobleEngine } from '@polyphony/crypto';
import type { Address } from '@polyphony/primitives';
import { AccountsError } from './errors.js';
import { type DerivationOptions, secretKeyFromMnemonic } from './hd.js';
import { encodeSignature, hashMessage } from './message.js';
import { concealed, draw, platformRandomBytes, type RandomBytes, wipe } from './secret.js';
import {
  type SignedStakingResult,
  type SignStakingOptions,
  signStakingWith,
} from './sign-staking.js';
import {
  type DigestSigner,
  type SignedTransactionResult,
  type SignTransactionOptions,
  signTransactionWith,
} from './sign-transaction.js';
import { hashTypedData, type TypedData } from './typed-data.js';

/** An account whose secret key is in this process. */
export interface Account {
  readonly address: Address;
  /** 65 bytes, `04` and two coordinates; a fresh copy each time. */
  readonly publicKey: Uint8Array;
  /**
   * Signs a plain transaction and checks the result.
   *
   * @throws {@link AccountsError} `accounts/unsafe-chain-id`, `accounts/unsigned-shard-ids`,
   * `accounts/wiped`, `accounts/self-check-failed`.
   */
  signTransaction(tx: Transaction, options: SignTransactionOptions): SignedTransactionResult;
  /**
   * Signs a staking transaction and checks the result.
   *
   * @throws {@link AccountsError} `accounts/unsafe-chain-id`, `accounts/wrong-sender`,
   * `accounts/wiped`, `accounts/self-check-failed`.
   */
  signStakingTransaction(tx: StakingTransaction, options: SignStakingOptions): SignedStakingResult;
  /** Signs a message (EIP-191): 65 bytes. */
  signMessage(message: string | Uint8Array): Uint8Array;
  /** Signs typed data (EIP-712): 65 bytes. */
  signTypedData(data: TypedData): Uint8Array;
  /** A copy of the secret key, for a keystore. The caller wipes it. */
  exportSecretKey(): Uint8Array;
  /** Clears the secret key. Signing then throws `accounts/wiped`. */
  wipe(): void;
  /** Only the address. */
  toJSON(): { readonly address: Address };
}

/** Options of accounts. */
export interface AccountOptions {
  /** Default the pure TypeScript engine. */
  readonly engine?: Engine;
}

/**
 * An account from a secret key. The key is copied: wiping the argument does not affect the account.
 *
 * @param secretKey - 32 bytes, at least 1 and below the order of secp256k1.
 * @throws {@link AccountsError} `accounts/invalid-secret-key`.
 * @example
 * const account = accountFromSecretKey(secretKey)
 * const { raw } = account.signTransaction(tx, { form: 'harmony', chainId: 1n })
 */
export function accountFromSecretKey(secretKey: Uint8Array, options: AccountOptions = {}): Account {
  if (!(secretKey instanceof Uint8Array)) throw new TypeError('secret key must be a Uint8Array');
  const engine = options.engine ?? nobleEngine;
  if (secretKey.length !== 32 || !engine.isValidSecretKey(secretKey)) {
    throw new AccountsError({
      code: 'accounts/invalid-secret-key',
      reason: 'a secret key has 32 bytes and is at least 1 and below the order of the curve',
    });
  }
  const key = Uint8Array.from(secretKey);
  let wiped = false;
  const publicKey = engine.getPublicKey(key);
  const address = addressOfPublicKey(publicKey, engine);

  function usable(): Uint8Array {
    if (wiped) throw new AccountsError({ code: 'accounts/wiped' });
    return key;
  }
  const signer: DigestSigner = {
    address,
    engine,
    sign: (digest) => engine.signDigest(digest, usable()),
  };
  const hidden: Omit<Account, 'address'> = {
    get publicKey(): Uint8Array {
      return Uint8Array.from(publicKey);
    },
    signTransaction: (tx, how) => signTransactionWith(signer, tx, how),
    signStakingTransaction: (tx, how) => signStakingWith(signer, tx, how),
    signMessage: (message) => encodeSignature(signer.sign(hashMessage(message))),
    signTypedData: (data) => encodeSignature(signer.sign(hashTypedData(data))),
    exportSecretKey: () => Uint8Array.from(usable()),
    wipe: () => {
      wiped = true;
      wipe(key);
    },
    toJSON: () => ({ address }),
  };
  return concealed({ address }, hidden, `Account(${address})`);
}

/**
 * An account from a mnemonic.
 *
 * @throws {@link AccountsError} `accounts/invalid-mnemonic`, `accounts/invalid-path`.
 * @example accountFromMnemonic(words, { coinType: 60 })
 */
export function accountFromMnemonic(
  mnemonic: string,
  options: DerivationOptions & AccountOptions = {},
): Account {
  const secretKey = secretKeyFromMnemonic(mnemonic, options);
  try {
    return accountFromSecretKey(secretKey, options);
  } finally {
    wipe(secretKey);
  }
}

/** Options of {@link generateAccount}. */
export interface GenerateAccountOptions extends AccountOptions {
  /** Default the platform's generator. */
  readonly random?: RandomBytes;
}

/** An account with a new random key. */
export function generateAccount(options: GenerateAccountOptions = {}): Account {
  const engine = options.engine ?? nobleEngine;
  const random = options.random ?? platformRandomBytes;
  // One draw in 2^127 is not a key; a source that gives none in 16 is broken.
  for (let attempt = 0; attempt < 16; attempt++) {
    const secretKey = draw(random, 32);
    try {
      if (engine.isValidSecretKey(secretKey)) return accountFromSecretKey(secretKey, { engine });
    } finally {
      wipe(secretKey);
    }
  }
  throw new AccountsError({
    code: 'accounts/invalid-option',
    reason: 'the random source gives no usable key',
  });
}
