/**
 * All transactions of a block on the state of its parent.
 *
 * It decides the order of execution, the receipts and the root: plain transactions, staking
 * transactions, then what the Go node's engine does, which comes in through the `finalize` hook. What
 * it is not given the means for is refused, not skipped.
 *
 * @source harmony/core/state_processor.go: StateProcessor.Process
 */
import {
  type BodyLists,
  computeBloom,
  decodeStakingTransaction,
  EMPTY_ROOT,
  type Header,
  mergeBlooms,
  type Receipt,
  receiptsRoot,
  type SignedStakingTransaction,
  type SignedTransaction,
} from '@polyphony/chain';
import { type Engine, nobleEngine } from '@polyphony/crypto';
import { isActive, type Network } from '@polyphony/networks';
import { type Address, type Hash, isProtocolError } from '@polyphony/primitives';
import { ExecutionError, type UnsupportedFeature } from './errors.js';
import type { BlockContext, Evm } from './evm.js';
import type { GasPool } from './settle.js';
import {
  createStakingSession,
  type StakingEnvironment,
  type StakingSession,
} from './staking/session.js';
import type { TableChanges } from './staking/tables.js';
import { executeStakingTransaction, type StakingTransactionResult } from './staking/transaction.js';
import type { State } from './state/state.js';
import { executeTransaction, type TransactionResult } from './transaction.js';

/** What {@link Finalize} sees of a block. */
export interface FinalizeInput {
  readonly block: BlockContext;
  /** Roots, bloom and gas used are not filled in yet while a block is built: do not read them. */
  readonly header: Header;
  readonly results: readonly TransactionResult[];
  readonly stakingResults: readonly StakingTransactionResult[];
  /** Where transitions are read and applied; undefined without a staking environment. */
  readonly staking: StakingSession | undefined;
}

/**
 * What happens to the state after the transactions: rewards, payouts, election bookkeeping. A pure
 * function of its arguments, run by proposers and validators alike.
 *
 * @source harmony/internal/chain/engine.go: Finalize
 */
export type Finalize = (state: State, input: FinalizeInput) => void;

/** What blocks of a shard are executed with. */
export interface ExecutionEnvironment {
  readonly network: Network;
  readonly shardId: number;
  readonly evm: Evm;
  /** For senders, hashes and roots. Default: the pure engine, the slowest. */
  readonly engine?: Engine;
  /** Left out: nothing happens after the transactions; the network pays no block rewards. */
  readonly finalize?: Finalize;
  /**
   * Left out: blocks with staking transactions are refused. Cross-links and slash records need it
   * and `finalize`, which applies them; that they are proved is the caller's to check before.
   */
  readonly staking?: StakingEnvironment;
  /** Hash of an earlier block, for an EVM that runs code. */
  readonly blockHash?: (number: bigint) => Hash | undefined;
}

/** Facts about one block that are not in its header. */
export interface BlockOptions {
  /**
   * The account of the leader's slot. From staking on the header's coinbase is no account, and an EVM
   * that runs code needs this. Default: the header's coinbase.
   */
  readonly coinbaseAccount?: Address;
  /** Senders that were recovered before, in the order of the transactions. They are believed. */
  readonly senders?: readonly (Address | undefined)[];
  /** The same of the staking transactions. */
  readonly stakingSenders?: readonly (Address | undefined)[];
}

/** What a block did to staking. */
export interface StakingOutcome {
  /** To be stored with the block. */
  readonly tables: TableChanges;
  /** New tokens, atto. */
  readonly issued: bigint;
  /** Tokens that nobody holds any more, fees left out, atto. */
  readonly burned: bigint;
}

/** What a block did. The changes are in the state and not stored yet. */
export interface BlockResult {
  readonly stateRoot: Hash;
  readonly receiptsRoot: Hash;
  readonly outgoingReceiptsRoot: Hash;
  readonly logsBloom: Uint8Array;
  readonly gasUsed: bigint;
  /** Of the plain transactions, then of the staking transactions. */
  readonly receipts: readonly Receipt[];
  readonly results: readonly TransactionResult[];
  readonly stakingResults: readonly StakingTransactionResult[];
  /** Undefined without a staking environment. */
  readonly staking: StakingOutcome | undefined;
}

function notSupported(what: UnsupportedFeature, needs: string): never {
  throw new ExecutionError({ code: 'executor/not-supported', what, needs });
}

/** Whether balances of a closing shard are moved away in this epoch instead of running transactions. */
function migratesBalances(network: Network, shardId: number, epoch: bigint): boolean {
  if (isActive(network, 'hip30', epoch) || !isActive(network, 'hip30', epoch + 1n)) return false;
  // Mainnet closed shards 2 and 3; the other networks move everything to shard 0.
  return network.chainId === 1n ? shardId >= 2 : shardId !== 0;
}

/**
 * Refuses a block that holds what is not executed here.
 *
 * @throws {@link ExecutionError} `executor/not-supported`.
 */
function assertExecutable(
  environment: ExecutionEnvironment,
  header: Header,
  body: BodyLists,
): void {
  const { network, shardId, staking, finalize } = environment;
  if (migratesBalances(network, shardId, header.epoch)) {
    notSupported('balance-migration', 'the balance migration of HIP-30');
  }
  if (body.stakingTransactions.length > 0 && staking === undefined) {
    notSupported('staking-transaction', 'a staking environment');
  }
  if (body.incomingReceipts.length > 0) {
    notSupported('incoming-receipt', 'verified cross-shard receipts and their spent marks');
  }
  if (staking !== undefined && finalize !== undefined) return;
  const needs = 'a staking environment and a finalize hook';
  if (header.crossLinks.length > 0) notSupported('cross-link', needs);
  if (header.slashes.length > 0) notSupported('slash-record', needs);
}

/** The context of a block's messages. */
export function blockContext(
  environment: ExecutionEnvironment,
  header: Header,
  coinbaseAccount: Address | undefined,
): BlockContext {
  return {
    network: environment.network,
    shardId: environment.shardId,
    epoch: header.epoch,
    number: header.number,
    timestamp: header.timestamp,
    gasLimit: header.gasLimit,
    coinbase: coinbaseAccount ?? header.coinbase,
    vrf: header.vrf,
    blockHash:
      environment.blockHash ??
      (() => {
        throw new TypeError('the execution environment has no blockHash');
      }),
  };
}

/** Runs transactions one by one and keeps count. */
export class TransactionRunner {
  readonly results: TransactionResult[] = [];
  readonly stakingResults: StakingTransactionResult[] = [];
  readonly gasPool: GasPool;
  readonly #environment: ExecutionEnvironment;
  readonly #state: State;
  readonly #block: BlockContext;
  readonly #staking: StakingSession | undefined;
  gasUsed = 0n;

  constructor(environment: ExecutionEnvironment, state: State, block: BlockContext) {
    this.#environment = environment;
    this.#state = state;
    this.#block = block;
    this.gasPool = { gas: block.gasLimit };
    const { staking } = environment;
    this.#staking = staking && createStakingSession(state, block, staking);
  }

  /** @throws {@link ExecutionError} as `executeTransaction`. */
  async run(tx: SignedTransaction, sender: Address | undefined): Promise<void> {
    const { evm, engine } = this.#environment;
    const result = await executeTransaction(tx, {
      state: this.#state,
      block: this.#block,
      evm,
      gasPool: this.gasPool,
      cumulativeGasUsed: this.gasUsed,
      ...(engine === undefined ? {} : { engine }),
      ...(sender === undefined ? {} : { sender }),
    });
    this.gasUsed += result.gasUsed;
    this.results.push(result);
  }

  /** @throws {@link ExecutionError} as `executeStakingTransaction`. */
  runStaking(tx: SignedStakingTransaction, sender: Address | undefined): void {
    const { engine } = this.#environment;
    const session = this.#staking;
    if (session === undefined) notSupported('staking-transaction', 'a staking environment');
    const result = executeStakingTransaction(tx, {
      state: this.#state,
      block: this.#block,
      session,
      gasPool: this.gasPool,
      cumulativeGasUsed: this.gasUsed,
      ...(engine === undefined ? {} : { engine }),
      ...(sender === undefined ? {} : { sender }),
    });
    this.gasUsed += result.gasUsed;
    this.stakingResults.push(result);
  }

  /** Runs what comes after the transactions and computes roots. */
  finish(header: Header): BlockResult {
    const { network, engine = nobleEngine, finalize } = this.#environment;
    const session = this.#staking;
    const { results, stakingResults } = this;
    finalize?.(this.#state, {
      block: this.#block,
      header,
      results,
      stakingResults,
      staking: session,
    });
    session?.flush();
    this.#state.endTransaction(isActive(network, 's3', header.epoch));
    const receipts = [...results, ...stakingResults].map(({ receipt }) => receipt);
    const stakingLogs = stakingResults.flatMap(({ receipt }) => receipt.logs);
    const blooms = receipts.map(({ logsBloom }) => logsBloom);
    if (stakingLogs.length > 0) blooms.push(computeBloom(stakingLogs, engine));
    return {
      stateRoot: this.#state.computeRoot(),
      receiptsRoot: receiptsRoot(receipts, engine),
      // No transaction that leaves the shard was executed.
      outgoingReceiptsRoot: EMPTY_ROOT,
      logsBloom: mergeBlooms(blooms),
      gasUsed: this.gasUsed,
      receipts,
      results,
      stakingResults,
      staking: session && {
        tables: session.tableChanges(),
        issued: session.issued,
        burned: session.burned,
      },
    };
  }
}

/**
 * Executes a block on the state of its parent: plain transactions, staking transactions, then the
 * hook. Nothing of the header is compared; `validateBlock` does that. On an error the state is as before.
 *
 * @throws {@link ExecutionError} `executor/transaction-failed` when a transaction cannot be in the
 * block (the cause says why), `executor/not-supported`, `executor/execution-unsupported`.
 * @source harmony/core/state_processor.go: StateProcessor.Process
 * @example
 * const result = await executeBlock(environment, state, block.header, block)
 * const { operations } = state.commit()
 */
export async function executeBlock(
  environment: ExecutionEnvironment,
  state: State,
  header: Header,
  body: BodyLists,
  options: BlockOptions = {},
): Promise<BlockResult> {
  assertExecutable(environment, header, body);
  const block = blockContext(environment, header, options.coinbaseAccount);
  const runner = new TransactionRunner(environment, state, block);
  const snapshot = state.snapshot();
  try {
    for (const [index, tx] of body.transactions.entries()) {
      try {
        await runner.run(tx, options.senders?.[index]);
      } catch (cause) {
        throw inBlock(cause, index);
      }
    }
    for (const [index, bytes] of body.stakingTransactions.entries()) {
      try {
        runner.runStaking(readStaking(bytes), options.stakingSenders?.[index]);
      } catch (cause) {
        throw inBlock(cause, body.transactions.length + index);
      }
    }
    return runner.finish(header);
  } catch (error) {
    state.revert(snapshot);
    throw error;
  }
}

function readStaking(bytes: Uint8Array): SignedStakingTransaction {
  try {
    return decodeStakingTransaction(bytes);
  } catch (cause) {
    if (!isProtocolError(cause)) throw cause;
    const details = { what: 'staking transaction', reason: cause.message } as const;
    throw new ExecutionError({ code: 'executor/out-of-range', ...details }, { cause });
  }
}

/** An error that makes the block invalid names the place; what is not executed stays what it is. */
function inBlock(cause: unknown, index: number): unknown {
  if (!(cause instanceof ExecutionError)) return cause;
  const { code } = cause;
  if (code !== 'executor/invalid-transaction' && code !== 'executor/out-of-range') return cause;
  const details = { code: 'executor/transaction-failed', index, reason: cause.message } as const;
  return new ExecutionError(details, { cause });
}
