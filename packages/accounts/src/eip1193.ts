/**
 * Signing with a browser wallet through its provider (EIP-1193). A wallet has Ethereum accounts,
 * Ethereum transactions and one chain at a time; it sends what it signs by itself. So there is no
 * Harmony form here, and staking and transfers to other shards go through the precompiles.
 *
 * Before a chain matters the wallet is asked for its own; what it signs is checked when it shows it.
 *
 * @source EIP-1193, EIP-1474, EIP-191, EIP-712, EIP-3085, EIP-3326
 */
import {
  assertValidDirective,
  decodeEthereumTransaction,
  encodeStakingCall,
  type SignedTransaction,
  STAKING_PRECOMPILE,
  type StakingTransaction,
  type Transaction,
} from '@polyphony/chain';
import { type Engine, nobleEngine } from '@polyphony/crypto';
import {
  type Address,
  bytesToHex,
  equalBytes,
  type Hash,
  type Hex,
  hexToBytes,
  isProtocolError,
  parseAddress,
  utf8ToBytes,
} from '@polyphony/primitives';
import { AccountsError } from './errors.js';
import { type ExternalSigner, unsupported } from './external-signer.js';
import { decodeSignature, encodeSignature, hashMessage, recoverDigestSigner } from './message.js';
import { assertOwnDirective } from './sign-staking.js';
import {
  assembleTransaction,
  assertSafe,
  type Identity,
  type SignedTransactionResult,
  type SignTransactionOptions,
} from './sign-transaction.js';
import { hashTypedData, type TypedData, typedDataText } from './typed-data.js';
import { failureOf } from './wallet-failure.js';

/** The one method of a provider that is used. `window.ethereum` and EIP-6963 providers have it. */
export interface Eip1193Provider {
  request(args: {
    readonly method: string;
    readonly params?: readonly unknown[];
  }): Promise<unknown>;
}

/** Options of {@link connectWallet}. */
export interface ConnectWalletOptions {
  /** The shard's Ethereum chain id: 1666600000 plus the shard id on mainnet. */
  readonly chainId: bigint;
  /** The account that must be used. Default the wallet's first. */
  readonly address?: Address;
  /** Ask only for accounts that were granted before, without a window. Default false. */
  readonly silent?: boolean;
  /** Default the pure TypeScript engine. */
  readonly engine?: Engine;
}

/** A chain for a wallet that does not know it (EIP-3085). */
export interface WalletChain {
  readonly name: string;
  readonly rpcUrls: readonly string[];
  readonly blockExplorerUrls?: readonly string[];
}

/** An account of a browser wallet. */
export interface WalletSigner extends ExternalSigner {
  readonly chainId: bigint;
  /**
   * Has the wallet sign and send a transaction within its shard.
   *
   * @returns Hash of the Ethereum form, as the `eth` namespace names it.
   * @throws {@link AccountsError} `accounts/unexpected-chain`, `accounts/rejected-by-user` and what
   * {@link connectWallet} names.
   */
  sendTransaction(tx: Transaction, options: SignTransactionOptions): Promise<Hash>;
  /**
   * Has the wallet delegate, undelegate or collect, by a call of the staking precompile on the
   * beacon shard. Validators cannot be created or edited that way.
   *
   * @returns Hash of the Ethereum form.
   */
  sendStakingCall(tx: StakingTransaction): Promise<Hash>;
  /**
   * Makes the chain of this signer the wallet's active one.
   *
   * @param chain - Added to the wallet when it does not know the chain.
   * @throws {@link AccountsError} `accounts/unknown-chain`, `accounts/unexpected-chain` when the wallet
   * says that it switched and did not.
   */
  switchChain(chain?: WalletChain): Promise<void>;
}

function invalidAnswer(reason: string): AccountsError {
  return new AccountsError({ code: 'accounts/invalid-answer', signer: 'wallet', reason });
}

function quantity(value: bigint): Hex {
  return `0x${value.toString(16)}`;
}

function readHex(answer: unknown, what: string): Uint8Array {
  if (typeof answer !== 'string' || !answer.startsWith('0x'))
    throw invalidAnswer(`${what} must be 0x text`);
  try {
    return hexToBytes(answer);
  } catch (error) {
    if (!isProtocolError(error)) throw error;
    throw invalidAnswer(`${what} must be 0x text: ${error.message}`);
  }
}

function readTransaction(raw: Uint8Array, shardId: number): SignedTransaction {
  try {
    return decodeEthereumTransaction(raw, shardId);
  } catch (error) {
    if (!isProtocolError(error)) throw error;
    throw invalidAnswer(`a signed transaction must be a legacy one: ${error.message}`);
  }
}

function readAccounts(answer: unknown): Address[] {
  if (!Array.isArray(answer)) throw invalidAnswer('accounts must be an array');
  return answer.slice(0, 1000).map((account: unknown) => {
    if (typeof account !== 'string') throw invalidAnswer('an account must be text');
    try {
      return parseAddress(account);
    } catch (error) {
      if (!isProtocolError(error)) throw error;
      throw invalidAnswer(`an account is not an address: ${error.message}`);
    }
  });
}

function pickAccount(accounts: readonly Address[], wanted: Address | undefined): Address {
  const [first] = accounts;
  if (first === undefined) {
    const reason = 'unauthorized';
    throw new AccountsError({ code: 'accounts/signer-unavailable', signer: 'wallet', reason });
  }
  if (wanted === undefined) return first;
  if (accounts.includes(wanted)) return wanted;
  throw new AccountsError({ code: 'accounts/wrong-sender', expected: wanted, actual: first });
}

/** A transaction as `eth_sendTransaction` takes it. */
function transactionRequest(from: Address, tx: Transaction, chainId: bigint): object {
  return {
    from,
    ...(tx.to === undefined ? {} : { to: tx.to }),
    value: quantity(tx.value),
    data: bytesToHex(tx.data),
    gas: quantity(tx.gasLimit),
    gasPrice: quantity(tx.gasPrice),
    nonce: quantity(tx.nonce),
    chainId: quantity(chainId),
    type: '0x0',
  };
}

/**
 * Connects an account of a wallet. Texts and typed data are signed, transactions are sent by the
 * wallet; `signTransaction` works with the few wallets that have `eth_signTransaction`.
 *
 * Every request can end with {@link AccountsError}: `accounts/rejected-by-user` (4001),
 * `accounts/signer-unavailable` (4100 unauthorized, 4900 and 4901 disconnected),
 * `accounts/unsupported-by-signer` (4200, -32601), `accounts/unknown-chain` (4902),
 * `accounts/signer-failed` with any other code, `accounts/invalid-answer`. A signature of another
 * account, also of a contract (EIP-1271), is `accounts/self-check-failed`.
 *
 * @throws {@link AccountsError} also `accounts/wrong-sender` when the wallet has not the `address`.
 * @source EIP-1193
 * @example
 * const signer = await connectWallet(window.ethereum, { chainId: 1666600000n })
 * const hash = await signer.sendTransaction(tx, { form: 'ethereum', chainId: signer.chainId })
 */
export async function connectWallet(
  provider: Eip1193Provider,
  options: ConnectWalletOptions,
): Promise<WalletSigner> {
  const { chainId } = options;
  const engine = options.engine ?? nobleEngine;

  async function request(method: string, params: readonly unknown[] = []): Promise<unknown> {
    try {
      return await provider.request({ method, params });
    } catch (cause) {
      throw failureOf(cause, method, chainId);
    }
  }
  const wanted = options.address;
  const listed = await request(options.silent === true ? 'eth_accounts' : 'eth_requestAccounts');
  const address = pickAccount(readAccounts(listed), wanted);
  const identity: Identity = { address, engine };

  async function assertChain(expected: bigint): Promise<void> {
    const answer = await request('eth_chainId');
    if (typeof answer !== 'string' || !/^0x[0-9a-fA-F]{1,64}$/.test(answer))
      throw invalidAnswer('a chain id must be a 0x number');
    const actual = BigInt(answer);
    if (actual !== expected)
      throw new AccountsError({ code: 'accounts/unexpected-chain', expected, actual });
  }
  async function prepare(tx: Transaction, how: SignTransactionOptions): Promise<object> {
    if (how.form !== 'ethereum') throw unsupported('wallet', `the ${how.form} form`);
    assertSafe(tx, how);
    if (how.chainId !== chainId) {
      const actual = how.chainId;
      throw new AccountsError({ code: 'accounts/unexpected-chain', expected: chainId, actual });
    }
    const ready = transactionRequest(address, tx, chainId);
    await assertChain(chainId);
    return ready;
  }
  function checkedSignature(answer: unknown, digest: Uint8Array): Uint8Array {
    const signature = encodeSignature(decodeSignature(readHex(answer, 'a signature')));
    if (recoverDigestSigner(digest, signature, engine) !== address)
      throw new AccountsError({ code: 'accounts/self-check-failed', field: 'sender' });
    return signature;
  }
  async function sendTransaction(tx: Transaction, how: SignTransactionOptions): Promise<Hash> {
    const hash = readHex(
      await request('eth_sendTransaction', [await prepare(tx, how)]),
      'a transaction hash',
    );
    if (hash.length !== 32)
      throw invalidAnswer(`a transaction hash has 32 bytes, got ${hash.length}`);
    return bytesToHex(hash);
  }
  async function signTransaction(
    tx: Transaction,
    how: SignTransactionOptions,
  ): Promise<SignedTransactionResult> {
    const answer = await request('eth_signTransaction', [await prepare(tx, how)]);
    const text =
      typeof answer === 'object' && answer !== null && 'raw' in answer ? answer.raw : answer;
    const raw = readHex(text, 'a signed transaction');
    const { v, r, s } = readTransaction(raw, tx.shardId);
    // v is 35 or 36 plus twice the chain id; a wrong one fails the comparison of the bytes.
    const recovery = ((v - 35n) & 1n) === 1n ? 1 : 0;
    const signed = assembleTransaction(identity, tx, how, { r, s, recovery });
    if (!equalBytes(signed.raw, raw))
      throw new AccountsError({ code: 'accounts/self-check-failed', field: 'raw' });
    return signed;
  }
  return {
    address,
    chainId,
    capabilities: ['send-transaction', 'sign-message', 'sign-typed-data'],
    sendTransaction,
    signTransaction,
    sendStakingCall: async (tx) => {
      const { directive, nonce, gasPrice, gasLimit } = tx;
      if (directive.type === 'create-validator' || directive.type === 'edit-validator')
        throw unsupported('wallet', directive.type);
      assertOwnDirective(address, directive);
      assertValidDirective(directive);
      const call = { to: STAKING_PRECOMPILE, value: 0n, data: encodeStakingCall(directive) };
      const at = { shardId: 0, toShardId: 0 };
      return sendTransaction(
        { nonce, gasPrice, gasLimit, ...at, ...call },
        { form: 'ethereum', chainId },
      );
    },
    signStakingTransaction: async () => {
      throw unsupported('wallet', 'staking transactions');
    },
    signMessage: async (message) => {
      const bytes = typeof message === 'string' ? utf8ToBytes(message) : message;
      const digest = hashMessage(bytes);
      return checkedSignature(await request('personal_sign', [bytesToHex(bytes), address]), digest);
    },
    signTypedData: async (data: TypedData) => {
      const digest = hashTypedData(data);
      const params = [address, typedDataText(data)];
      const named = data.domain.chainId;
      if (named !== undefined) await assertChain(BigInt(named));
      return checkedSignature(await request('eth_signTypedData_v4', params), digest);
    },
    switchChain: async (chain) => {
      const id = quantity(chainId);
      const change = (): Promise<unknown> =>
        request('wallet_switchEthereumChain', [{ chainId: id }]);
      try {
        await change();
      } catch (error) {
        const unknown =
          error instanceof AccountsError && error.details.code === 'accounts/unknown-chain';
        if (!unknown || chain === undefined) throw error;
        await request('wallet_addEthereumChain', [
          {
            chainId: id,
            chainName: chain.name,
            nativeCurrency: { name: 'ONE', symbol: 'ONE', decimals: 18 },
            rpcUrls: chain.rpcUrls,
            ...(chain.blockExplorerUrls === undefined
              ? {}
              : { blockExplorerUrls: chain.blockExplorerUrls }),
          },
        ]);
        await change();
      }
      await assertChain(chainId);
    },
  };
}
