/**
 * Sends value from an account: fills in nonce, gas price, gas limit and chain id, signs, and hands
 * the bytes to a node once. What is uncertain stays named as uncertain: a send whose answer is
 * lost is not repeated with new bytes.
 */
import type { SignedTransactionResult, SignTransactionOptions } from '@polyphony/accounts';
import { computeIntrinsicGas, intrinsicGasRules } from '@polyphony/chain/gas';
import type { Transaction } from '@polyphony/chain/transaction';
import { chainIdOf, shardingAt } from '@polyphony/networks';
import { type Address, type Hash, parseAddress } from '@polyphony/primitives';
import {
  type CallOptions,
  getGasPrice,
  getLatestHeader,
  type Rpc,
  RpcError,
  sendRawTransaction,
} from '@polyphony/rpc';
import type { Client } from '../client.js';
import { SdkError } from '../errors.js';
import type { NonceOutcome } from '../nonces.js';

/** Who signs: an `Account`, or anything that signs like one, also elsewhere. */
export interface TransactionSigner {
  readonly address: Address;
  signTransaction(
    tx: Transaction,
    options: SignTransactionOptions,
  ): SignedTransactionResult | Promise<SignedTransactionResult>;
}

/** Arguments of {@link sendTransfer}. */
export interface SendTransferOptions extends CallOptions {
  /** `one1…` or `0x…`. */
  readonly to: string;
  /** Atto. */
  readonly value: bigint;
  /** Shard of the sender. Default 0. */
  readonly shardId?: number;
  /** Shard of the receiver. Default the sender's. */
  readonly toShardId?: number;
  /** Bytes that travel along. Default none. */
  readonly data?: Uint8Array;
  /** Atto per unit of gas. Default what the node suggests. */
  readonly gasPrice?: bigint;
  /** Default what the bytes cost before anything runs; a contract needs more. */
  readonly gasLimit?: bigint;
  /** Default the next one; sends with default nonces are put in a row. */
  readonly nonce?: bigint;
  /** Which bytes are signed and sent. Default `harmony`; `ethereum` stays within a shard. */
  readonly form?: 'harmony' | 'ethereum';
}

/** A transfer that a node has taken into its pool. */
export interface SentTransfer {
  /** Hash of the Harmony form: the name in blocks and receipts. */
  readonly hash: Hash;
  readonly ethereumHash: Hash;
  readonly raw: Uint8Array;
  readonly from: Address;
  readonly shardId: number;
  readonly nonce: bigint;
  readonly gasPrice: bigint;
  readonly gasLimit: bigint;
}

const NO_DATA = new Uint8Array(0);

function invalid(reason: string): SdkError {
  return new SdkError({ code: 'sdk/invalid-option', reason });
}

/** Whether an error says that the node has looked at the transaction and does not want it. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof RpcError) || !('nodeCode' in error.details)) return false;
  return error.code !== 'rpc/node-error' || error.details.nodeMessage !== 'method handler crashed';
}

async function gasLimitOf(client: Client, rpc: Rpc, options: SendTransferOptions): Promise<bigint> {
  const { data = NO_DATA, shardId = 0, toShardId = shardId, signal, timeoutMs } = options;
  const crossShard = toShardId !== shardId;
  if (options.gasLimit !== undefined && !crossShard) return options.gasLimit;
  if (data.length === 0 && !crossShard) return 21_000n;
  const { epoch } = await getLatestHeader(rpc, { signal, timeoutMs });
  const { shardCount } = shardingAt(client.network, epoch);
  if (toShardId >= shardCount)
    throw invalid(`toShardId must be below ${shardCount} in epoch ${epoch}, got ${toShardId}`);
  const rules = intrinsicGasRules(client.network, epoch);
  return options.gasLimit ?? computeIntrinsicGas({ data, kind: 'call' }, rules);
}

/**
 * Sends value to an account, on the same shard or another.
 *
 * The value is final on the sender's shard when `waitForFinality` resolves. On another shard it
 * arrives some blocks later.
 *
 * @throws {@link SdkError} `sdk/invalid-option`, `sdk/unknown-shard`, `sdk/broadcast-uncertain`;
 * {@link RpcError} for a refusal by the node, such as `rpc/insufficient-funds`;
 * {@link AccountsError} when the account does not sign; `primitives/invalid-address`.
 * @example
 * const { hash } = await sendTransfer(client, account, { to: 'one1…', value: parseOne('1.5') })
 * await waitForFinality(client, hash)
 */
export async function sendTransfer(
  client: Client,
  account: TransactionSigner,
  options: SendTransferOptions,
): Promise<SentTransfer> {
  const { value, data = NO_DATA, shardId = 0, toShardId = shardId, form = 'harmony' } = options;
  const { signal, timeoutMs } = options;
  const to = parseAddress(options.to);
  if (typeof value !== 'bigint') throw new TypeError('value must be a bigint of atto');
  if (value < 0n) throw invalid('value must not be negative');
  if (form === 'ethereum' && toShardId !== shardId)
    throw invalid('the Ethereum form stays within a shard: use the Harmony form');
  const rpc = client.shard(shardId);
  const [gasPrice, gasLimit] = await Promise.all([
    options.gasPrice ?? getGasPrice(rpc, { signal, timeoutMs }),
    gasLimitOf(client, rpc, options),
  ]);
  const chainId = chainIdOf(client.network, form, shardId);

  async function send(
    nonce: bigint,
    report: (outcome: NonceOutcome) => void,
  ): Promise<SentTransfer> {
    const tx: Transaction = { nonce, gasPrice, gasLimit, shardId, toShardId, to, value, data };
    const signed = await account.signTransaction(tx, { form, chainId });
    const { hash, ethereumHash, raw } = signed;
    try {
      await sendRawTransaction(rpc, { raw, signal, timeoutMs });
    } catch (cause) {
      if (isRefusal(cause)) {
        report('refused');
        throw cause;
      }
      report('unknown');
      throw new SdkError(
        { code: 'sdk/broadcast-uncertain', hash, ethereumHash, raw, shardId, nonce },
        { cause },
      );
    }
    report('taken');
    return { hash, ethereumHash, raw, from: account.address, shardId, nonce, gasPrice, gasLimit };
  }

  if (options.nonce !== undefined) return send(options.nonce, () => undefined);
  return client.nonces.withNonce(rpc, account.address, { signal }, send);
}
