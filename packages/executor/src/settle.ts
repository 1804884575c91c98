/**
 * What plain and staking transactions have in common: how gas is bought and paid, and how a receipt
 * ends a transaction.
 *
 * @source harmony/core/state_transition.go: preCheck, buyGas, collectGas; state_processor.go
 */
import { computeBloom, type Hasher, type Log, type Receipt, splitFee } from '@polyphony/chain';
import { isActive, shardingAt } from '@polyphony/networks';
import type { Address, Hash } from '@polyphony/primitives';
import { ExecutionError, type InvalidTransactionReason } from './errors.js';
import type { BlockContext } from './evm.js';
import type { State } from './state/state.js';

/** Counts the gas that is left in a block. */
export interface GasPool {
  /** Gas that transactions may still ask for. */
  gas: bigint;
}

/** The error of a transaction that breaks a rule about two figures. @internal */
export function invalidTransaction(
  reason: InvalidTransactionReason,
  expected: bigint,
  actual: bigint,
): ExecutionError {
  return new ExecutionError({ code: 'executor/invalid-transaction', reason, expected, actual });
}

/** What a transaction asks for before it does anything. */
export interface GasRequest {
  readonly nonce: bigint;
  readonly gasLimit: bigint;
  /** Atto per unit. */
  readonly gasPrice: bigint;
}

/**
 * Checks nonce, deposit and gas of a transaction, in the node's order. Changes nothing.
 *
 * @throws {@link ExecutionError} `executor/invalid-transaction`.
 * @source harmony/core/state_transition.go: preCheck, buyGas
 */
export function assertAffordable(
  state: State,
  sender: Address,
  tx: GasRequest,
  gasPool: GasPool,
  intrinsicGas: bigint,
): void {
  const nonce = state.getNonce(sender);
  if (tx.nonce < nonce) throw invalidTransaction('nonce-too-low', nonce, tx.nonce);
  if (tx.nonce > nonce) throw invalidTransaction('nonce-too-high', nonce, tx.nonce);
  const balance = state.getBalance(sender);
  const deposit = tx.gasLimit * tx.gasPrice;
  if (balance < deposit) throw invalidTransaction('insufficient-funds-for-gas', deposit, balance);
  if (gasPool.gas < tx.gasLimit) {
    throw invalidTransaction('block-gas-exceeded', gasPool.gas, tx.gasLimit);
  }
  if (tx.gasLimit < intrinsicGas) {
    throw invalidTransaction('intrinsic-gas-too-low', intrinsicGas, tx.gasLimit);
  }
}

/**
 * Pays the fee of a transaction to whom the era says.
 *
 * @activation `staking`: to the fee collectors of the epoch, else burnt; before: to the leader.
 * @returns what nobody received, atto.
 * @source harmony/core/state_transition.go: collectGas
 */
export function payFee(state: State, block: BlockContext, fee: bigint): bigint {
  if (!isActive(block.network, 'staking', block.epoch)) {
    state.addBalance(block.coinbase, fee);
    return 0n;
  }
  const { payments, burnt } = splitFee(fee, shardingAt(block.network, block.epoch).feeCollectors);
  for (const { address, amount } of payments) state.addBalance(address, amount);
  return burnt;
}

/**
 * Ends a transaction on the state and makes its receipt.
 *
 * @activation `s3`: status instead of state root; `receiptLog`: logs in the receipt.
 * @source harmony/core/state_processor.go: ApplyTransaction, ApplyStakingTransaction
 */
export function endWithReceipt(
  state: State,
  block: BlockContext,
  outcome: {
    readonly status: 'success' | 'failure';
    readonly cumulativeGasUsed: bigint;
    readonly logs: readonly Log[];
  },
  hasher: Hasher,
): Receipt {
  const s3 = isActive(block.network, 's3', block.epoch);
  state.endTransaction(s3);
  const logs = isActive(block.network, 'receiptLog', block.epoch) ? outcome.logs : [];
  const postState = (): { readonly postState: Hash } => ({ postState: state.computeRoot() });
  return {
    status: s3 ? outcome.status : postState(),
    cumulativeGasUsed: outcome.cumulativeGasUsed,
    logsBloom: computeBloom(logs, hasher),
    logs,
  };
}
