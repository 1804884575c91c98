/**
 * One plain transaction on a state: whether it may be in the block, what it pays, its receipt.
 *
 * It decides everything around the message: nonce, gas payment, intrinsic gas, refund, fees by era.
 * What the message does is the EVM's. Cross-shard and staking transactions are not executed here.
 *
 * @source harmony/core/state_transition.go; state_processor.go: ApplyTransaction, getTransactionType
 */
import {
  computeIntrinsicGas,
  intrinsicGasRules,
  type Log,
  type Receipt,
  recoverSender,
  type SignedTransaction,
} from '@polyphony/chain';
import { type Engine, nobleEngine } from '@polyphony/crypto';
import { activationEpoch, type Network, shardingAt } from '@polyphony/networks';
import { type Address, isProtocolError } from '@polyphony/primitives';
import { ExecutionError } from './errors.js';
import type { BlockContext, Evm } from './evm.js';
import {
  assertAffordable,
  endWithReceipt,
  type GasPool,
  invalidTransaction,
  payFee,
} from './settle.js';
import type { State } from './state/state.js';

/** What a transaction is in a block of a shard. */
export type TransactionKind = 'same-shard' | 'cross-shard' | 'invalid';

/**
 * What a transaction is in a block of a shard. Up to and including the epoch of `crossTx` the
 * target shard is ignored.
 *
 * @activation `crossTx` + 1
 * @source harmony/core/state_processor.go: getTransactionType
 */
export function transactionKind(
  network: Network,
  shardId: number,
  epoch: bigint,
  tx: { readonly shardId: number; readonly toShardId: number },
): TransactionKind {
  if (tx.shardId !== shardId) return 'invalid';
  const crossTx = activationEpoch(network, 'crossTx');
  const acceptsCrossShard = crossTx !== undefined && epoch > crossTx;
  if (!acceptsCrossShard || tx.toShardId === shardId) return 'same-shard';
  return tx.toShardId < shardingAt(network, epoch).shardCount ? 'cross-shard' : 'invalid';
}

/** What {@link executeTransaction} needs beside the transaction. */
export interface TransactionContext {
  readonly state: State;
  readonly block: BlockContext;
  readonly evm: Evm;
  /** Lowered by what the transaction uses. */
  readonly gasPool: GasPool;
  /** Gas that earlier transactions of the block used. */
  readonly cumulativeGasUsed: bigint;
  /** For the sender's signature and for hashes. Default: the pure engine, the slowest. */
  readonly engine?: Engine;
  /** The sender, when it was recovered before. */
  readonly sender?: Address;
}

/** What a transaction did. */
export interface TransactionResult {
  readonly receipt: Receipt;
  readonly sender: Address;
  readonly gasUsed: bigint;
  /** Gas used times gas price, atto. */
  readonly fee: bigint;
  /** The part of the fee that nobody received, atto. */
  readonly burnt: bigint;
  readonly createdAddress: Address | undefined;
  /** What the message returned. */
  readonly output: Uint8Array;
  /** All logs, also in epochs whose receipts have none. */
  readonly logs: readonly Log[];
}

function senderOf(tx: SignedTransaction, context: TransactionContext): Address {
  const { block, engine = nobleEngine, sender } = context;
  if (sender !== undefined) return sender;
  const { network, shardId, epoch } = block;
  try {
    return recoverSender(tx, { network, shardId, epoch, engine });
  } catch (cause) {
    if (!isProtocolError(cause)) throw cause;
    const details = { code: 'executor/invalid-transaction', reason: 'invalid-sender' } as const;
    throw new ExecutionError(details, { cause });
  }
}

function assertSameShard(tx: SignedTransaction, { network, shardId, epoch }: BlockContext): void {
  const kind = transactionKind(network, shardId, epoch, tx);
  if (kind === 'invalid')
    throw invalidTransaction('wrong-shard', BigInt(shardId), BigInt(tx.shardId));
  if (kind === 'cross-shard') {
    const needs = 'outgoing cross-shard receipts';
    throw new ExecutionError({
      code: 'executor/not-supported',
      what: 'cross-shard-transaction',
      needs,
    });
  }
}

/**
 * Applies a plain transaction to a state.
 *
 * A transaction that cannot be in the block throws, and state and gas pool are as before. One whose
 * message fails is in the block, pays for its gas and has a receipt that says so.
 *
 * @throws {@link ExecutionError} `executor/invalid-transaction` with its reason;
 * `executor/not-supported` for a cross-shard transaction; `executor/execution-unsupported` for what
 * the EVM cannot run.
 * @activation `s3`: status instead of state root in the receipt, empty accounts vanish;
 * `receiptLog`: logs in the receipt; `staking`: fees do not go to the leader.
 * @source harmony/core/state_transition.go: TransitionDb; state_processor.go: ApplyTransaction
 */
export async function executeTransaction(
  tx: SignedTransaction,
  context: TransactionContext,
): Promise<TransactionResult> {
  assertSameShard(tx, context.block);
  const sender = senderOf(tx, context);
  const snapshot = context.state.snapshot();
  const gasBefore = context.gasPool.gas;
  try {
    return await applyMessage(tx, sender, context);
  } catch (error) {
    context.state.revert(snapshot);
    context.gasPool.gas = gasBefore;
    throw error;
  }
}

async function applyMessage(
  tx: SignedTransaction,
  sender: Address,
  context: TransactionContext,
): Promise<TransactionResult> {
  const { state, block, evm, gasPool, cumulativeGasUsed, engine = nobleEngine } = context;
  const intrinsicGas = computeIntrinsicGas(
    { data: tx.data, kind: tx.to === undefined ? 'contract-creation' : 'call' },
    intrinsicGasRules(block.network, block.epoch),
  );
  assertAffordable(state, sender, tx, gasPool, intrinsicGas);
  const deposit = tx.gasLimit * tx.gasPrice;
  const afterDeposit = state.getBalance(sender) - deposit;
  if (afterDeposit < tx.value) {
    throw invalidTransaction('insufficient-funds-for-value', tx.value, afterDeposit);
  }

  gasPool.gas -= tx.gasLimit;
  state.subtractBalance(sender, deposit);
  if (tx.to !== undefined) state.setNonce(sender, tx.nonce + 1n);
  const message = {
    from: sender,
    to: tx.to,
    value: tx.value,
    data: tx.data,
    gas: tx.gasLimit - intrinsicGas,
    gasPrice: tx.gasPrice,
  };
  const result = await evm.runMessage(state, message, block);

  const usedBeforeRefund = tx.gasLimit - result.gasLeft;
  const refundCap = usedBeforeRefund / 2n;
  const refund = result.gasRefund < refundCap ? result.gasRefund : refundCap;
  const gasUsed = usedBeforeRefund - refund;
  const fee = gasUsed * tx.gasPrice;
  state.addBalance(sender, deposit - fee);
  gasPool.gas += tx.gasLimit - gasUsed;
  const burnt = payFee(state, block, fee);

  const { status, createdAddress, output, logs } = result;
  const outcome = { status, cumulativeGasUsed: cumulativeGasUsed + gasUsed, logs };
  const receipt = endWithReceipt(state, block, outcome, engine);
  return { receipt, sender, gasUsed, fee, burnt, createdAddress, output, logs };
}
