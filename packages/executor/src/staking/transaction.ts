/**
 * One staking transaction on a state: whether it may be in the block, what it pays, its receipt.
 *
 * What a directive changes is decided by `@polyphony/epos`. A directive that is refused makes the
 * block invalid: it pays nothing and has no receipt.
 *
 * @source harmony/core/state_transition.go: StakingTransitionDb; state_processor.go:
 * ApplyStakingTransaction
 */
import {
  assertStakingSigner,
  BLOOM_BYTES,
  computeIntrinsicGas,
  encodeDirective,
  intrinsicGasRules,
  type Log,
  type Receipt,
  recoverStakingSender,
  type SignedStakingTransaction,
} from '@polyphony/chain';
import { type Engine, nobleEngine } from '@polyphony/crypto';
import { applyDirective } from '@polyphony/epos';
import { activationEpoch, isActive } from '@polyphony/networks';
import { type Address, isProtocolError } from '@polyphony/primitives';
import { ExecutionError } from '../errors.js';
import type { BlockContext } from '../evm.js';
import {
  assertAffordable,
  endWithReceipt,
  type GasPool,
  invalidTransaction,
  payFee,
} from '../settle.js';
import type { State } from '../state/state.js';
import type { StakingSession } from './session.js';

const BEACON_SHARD_ID = 0;

/** What {@link executeStakingTransaction} needs beside the transaction. */
export interface StakingTransactionContext {
  readonly state: State;
  readonly block: BlockContext;
  readonly session: StakingSession;
  /** Lowered by what the transaction uses. */
  readonly gasPool: GasPool;
  /** Gas that earlier transactions of the block used. */
  readonly cumulativeGasUsed: bigint;
  /** For the sender's signature and for hashes. Default: the pure engine, the slowest. */
  readonly engine?: Engine;
  /** The sender, when it was recovered before. It is believed. */
  readonly sender?: Address;
}

/** What a staking transaction did. */
export interface StakingTransactionResult {
  readonly receipt: Receipt;
  readonly sender: Address;
  readonly gasUsed: bigint;
  /** Gas used times gas price, atto. */
  readonly fee: bigint;
  /** The part of the fee that nobody received, atto. */
  readonly burnt: bigint;
  /** All logs, also in epochs whose receipts have none. */
  readonly logs: readonly Log[];
}

function refused(cause: unknown): unknown {
  if (!isProtocolError(cause) || cause instanceof ExecutionError) return cause;
  const details = { reason: 'staking-refused', text: cause.message } as const;
  return new ExecutionError({ code: 'executor/invalid-transaction', ...details }, { cause });
}

function senderOf(tx: SignedStakingTransaction, context: StakingTransactionContext): Address {
  const { block, engine = nobleEngine } = context;
  try {
    return context.sender ?? recoverStakingSender(tx, { network: block.network, engine });
  } catch (cause) {
    if (!isProtocolError(cause)) throw cause;
    const details = { code: 'executor/invalid-transaction', reason: 'invalid-sender' } as const;
    throw new ExecutionError(details, { cause });
  }
}

/** Gas of a staking transaction; it depends on its bytes alone. */
function gasOf(tx: SignedStakingTransaction, block: BlockContext): bigint {
  const kind = tx.directive.type === 'create-validator' ? 'create-validator' : 'call';
  const data = encodeDirective(tx.directive);
  return computeIntrinsicGas({ data, kind }, intrinsicGasRules(block.network, block.epoch));
}

/**
 * Applies a staking transaction to a state. It uses exactly its intrinsic gas.
 *
 * The chain id must be the network's own; the node's block processing takes any.
 *
 * @throws {@link ExecutionError} `executor/invalid-transaction` with its reason; `staking-refused`
 * has the node's text and the cause. State, session and gas pool are then as before.
 * @activation `preStaking`
 * @source harmony/core/state_transition.go: StakingTransitionDb
 */
export function executeStakingTransaction(
  tx: SignedStakingTransaction,
  context: StakingTransactionContext,
): StakingTransactionResult {
  const { state, block, session, gasPool, engine = nobleEngine } = context;
  const { network, epoch, shardId } = block;
  if (shardId !== BEACON_SHARD_ID) {
    throw invalidTransaction('wrong-shard', BigInt(shardId), BigInt(BEACON_SHARD_ID));
  }
  if (!isActive(network, 'preStaking', epoch)) {
    const from = activationEpoch(network, 'preStaking');
    const text = `staking transactions are taken from epoch ${from ?? 'never'}, not in ${epoch}`;
    const details = { reason: 'staking-refused', text } as const;
    throw new ExecutionError({ code: 'executor/invalid-transaction', ...details });
  }
  const sender = senderOf(tx, context);
  const gasUsed = gasOf(tx, block);
  assertAffordable(state, sender, tx, gasPool, gasUsed);

  const snapshot = state.snapshot();
  const created = session.createdInBlock().length;
  const fee = gasUsed * tx.gasPrice;
  try {
    // The deposit for unused gas is out of the directive's reach, as everywhere.
    state.subtractBalance(sender, tx.gasLimit * tx.gasPrice);
    state.setNonce(sender, tx.nonce + 1n);
    assertStakingSigner(tx.directive, sender);
    const transition = applyDirective(session, tx.directive, {
      ...session.context,
      harmonyKeys: session.environment.harmonyKeysAt(epoch),
      verifyKeyProof: session.environment.verifyKeyProof,
    });
    session.apply(transition);
    state.addBalance(sender, tx.gasLimit * tx.gasPrice - fee);
    const burnt = payFee(state, block, fee);
    session.flush();
    const { logs } = transition;
    const cumulativeGasUsed = context.cumulativeGasUsed + gasUsed;
    const outcome = { status: 'success', cumulativeGasUsed, logs } as const;
    // The node leaves the bloom of these receipts empty; the header's has their logs.
    const receipt = {
      ...endWithReceipt(state, block, outcome, engine),
      logsBloom: new Uint8Array(BLOOM_BYTES),
    };
    session.note(tx.directive);
    gasPool.gas -= gasUsed;
    return { receipt, sender, gasUsed, fee, burnt, logs };
  } catch (error) {
    state.revert(snapshot);
    session.discard(created);
    throw refused(error);
  }
}
