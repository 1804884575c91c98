/**
 * Making a block: candidate transactions in order, those that fit, and a header around them.
 *
 * It decides what a valid block on a parent looks like. It does not decide which candidates there
 * are and in which order, when to propose, or who leads.
 *
 * @source harmony/node/harmony/worker/worker.go; consensus/consensus_block_proposing.go: ProposeNewBlock
 */
import {
  type Block,
  computeGasLimit,
  computeHeaderHash,
  EMPTY_ROOT,
  emptyHeader,
  encodeStakingTransaction,
  encodeTransaction,
  gasBoundsAt,
  type Header,
  headerVersionAt,
  type SignedStakingTransaction,
  type SignedTransaction,
  transactionsRoot,
} from '@polyphony/chain';
import { nobleEngine } from '@polyphony/crypto';
import { isLastBlockOfEpoch } from '@polyphony/networks';
import { type Address, isProtocolError } from '@polyphony/primitives';
import {
  type BlockResult,
  blockContext,
  type ExecutionEnvironment,
  TransactionRunner,
} from './block.js';
import { assertSame, ExecutionError, type ExecutionErrorDetails } from './errors.js';
import type { State } from './state/state.js';
import { epochAfter, shardStateHashOf, validateHeader } from './validation.js';

/** What a proposer gives. */
export interface BuildBlockInput {
  readonly parent: Header;
  /** The state of the parent; holds the block's changes afterwards. */
  readonly state: State;
  /** Candidates in the order in which they are tried. */
  readonly transactions: readonly SignedTransaction[];
  /** Their senders, where they were recovered before. They are believed. */
  readonly senders?: readonly (Address | undefined)[];
  /** Candidates of staking, tried after the plain ones. Default: none. */
  readonly stakingTransactions?: readonly SignedStakingTransaction[];
  readonly stakingSenders?: readonly (Address | undefined)[];
  /** Seconds since 1970, above the parent's. */
  readonly timestamp: bigint;
  readonly viewId: bigint;
  /** The header's coinbase: an account before staking, from staking on derived from the BLS key. */
  readonly coinbase: Address;
  /** The account of the leader's slot. Default: `coinbase`. */
  readonly coinbaseAccount?: Address;
  /** 96 bytes: the committee's signature of the parent; zero in block 1. */
  readonly lastCommitSignature: Uint8Array;
  /** Who signed the parent; empty in block 1. */
  readonly lastCommitBitmap: Uint8Array;
  /** The encoded next committees, in the last block of an epoch. */
  readonly shardState?: Uint8Array;
  /** VRF value and proof, 128 bytes. Default: empty. */
  readonly vrf?: Uint8Array;
  /** VDF output and proof. Default: empty. */
  readonly vdf?: Uint8Array;
  /** Encoded list of verified cross-links. Default: empty. */
  readonly crossLinks?: Uint8Array;
  /** Encoded list of verified slash records. Default: empty. */
  readonly slashes?: Uint8Array;
  /** Most bytes of all transactions together, so that a block fits a message. Default 1 MiB. */
  readonly maxTransactionBytes?: number;
}

/** A candidate that is not in the block, and why. */
export interface SkippedTransaction<T = SignedTransaction> {
  /** Place among the candidates. */
  readonly index: number;
  readonly transaction: T;
  readonly reason: SkipReason;
}

/**
 * Why a candidate was left out: what execution says of it; `block-full` when its bytes do not fit;
 * `epoch-end` for all of them in the last block of a beacon epoch.
 */
export type SkipReason = ExecutionError | 'block-full' | 'epoch-end';

/** A block, what it did, and what it left out. */
export interface BuiltBlock {
  readonly block: Block;
  readonly result: BlockResult;
  readonly skipped: readonly SkippedTransaction[];
  readonly skippedStaking: readonly SkippedTransaction<SignedStakingTransaction>[];
}

/** Errors that say something about the candidate, not about the node that tries it. */
const CANDIDATE_ERRORS: readonly ExecutionErrorDetails['code'][] = [
  'executor/invalid-transaction',
  'executor/execution-unsupported',
  'executor/not-supported',
  'executor/out-of-range',
];

/** A transaction that was put together wrongly has no encoding. */
function sizeOf<T>(tx: T, encode: (tx: T) => Uint8Array): number | ExecutionError {
  try {
    return encode(tx).length;
  } catch (cause) {
    if (!isProtocolError(cause)) throw cause;
    const details = { what: 'transaction', reason: cause.message } as const;
    return new ExecutionError({ code: 'executor/out-of-range', ...details }, { cause });
  }
}

/** Tries the candidates in order; answers which were taken and which were not. */
async function select(
  environment: ExecutionEnvironment,
  runner: TransactionRunner,
  input: BuildBlockInput,
): Promise<{ taken: SignedTransaction[]; skipped: SkippedTransaction[]; room: number }> {
  const taken: SignedTransaction[] = [];
  const skipped: SkippedTransaction[] = [];
  let room = input.maxTransactionBytes ?? 1 << 20;
  for (const [index, transaction] of input.transactions.entries()) {
    const skip = (reason: SkipReason): void => {
      skipped.push({ index, transaction, reason });
    };
    const size = sizeOf(transaction, encodeTransaction);
    if (size instanceof ExecutionError) {
      skip(size);
      continue;
    }
    if (size > room) {
      skip('block-full');
      continue;
    }
    if (
      transaction.shardId === environment.shardId &&
      transaction.toShardId !== transaction.shardId
    ) {
      // Blocks of early epochs may hold it and ignore its target; admitting it would mislead the sender.
      const needs = 'outgoing cross-shard receipts';
      const what = 'cross-shard-transaction';
      skip(new ExecutionError({ code: 'executor/not-supported', what, needs }));
      continue;
    }
    if (transaction.gasLimit > runner.gasPool.gas) {
      // Known without recovering the sender.
      const code = 'executor/invalid-transaction';
      const reason = 'block-gas-exceeded';
      const expected = runner.gasPool.gas;
      skip(new ExecutionError({ code, reason, expected, actual: transaction.gasLimit }));
      continue;
    }
    try {
      await runner.run(transaction, input.senders?.[index]);
    } catch (error) {
      if (!(error instanceof ExecutionError) || !CANDIDATE_ERRORS.includes(error.code)) throw error;
      skip(error);
      continue;
    }
    taken.push(transaction);
    room -= size;
  }
  return { taken, skipped, room };
}

/** The same for staking, in the bytes that plain transactions left. */
function selectStaking(
  runner: TransactionRunner,
  input: BuildBlockInput,
  bytesLeft: number,
): {
  taken: SignedStakingTransaction[];
  skipped: SkippedTransaction<SignedStakingTransaction>[];
} {
  const taken: SignedStakingTransaction[] = [];
  const skipped: SkippedTransaction<SignedStakingTransaction>[] = [];
  let room = bytesLeft;
  for (const [index, transaction] of (input.stakingTransactions ?? []).entries()) {
    const size = sizeOf(transaction, encodeStakingTransaction);
    if (size instanceof ExecutionError || size > room) {
      const reason = size instanceof ExecutionError ? size : 'block-full';
      skipped.push({ index, transaction, reason });
      continue;
    }
    try {
      runner.runStaking(transaction, input.stakingSenders?.[index]);
    } catch (error) {
      if (!(error instanceof ExecutionError) || !CANDIDATE_ERRORS.includes(error.code)) throw error;
      skipped.push({ index, transaction, reason: error });
      continue;
    }
    taken.push(transaction);
    room -= size;
  }
  return { taken, skipped };
}

/** The header as far as it is known before the transactions run. */
function startHeader(environment: ExecutionEnvironment, input: BuildBlockInput): Header {
  const { network, shardId, engine = nobleEngine } = environment;
  const { parent } = input;
  const epoch = epochAfter(network, parent);
  const version = headerVersionAt(network, epoch);
  const header: Header = {
    ...emptyHeader(version),
    parentHash: computeHeaderHash(parent, engine),
    coinbase: input.coinbase,
    number: parent.number + 1n,
    gasLimit: computeGasLimit(parent, gasBoundsAt(network, epoch)),
    timestamp: input.timestamp,
    viewId: input.viewId,
    epoch,
    shardId,
    lastCommitSignature: input.lastCommitSignature,
    lastCommitBitmap: input.lastCommitBitmap,
    shardState: input.shardState ?? new Uint8Array(),
    vrf: input.vrf ?? new Uint8Array(),
    vdf: input.vdf ?? new Uint8Array(),
    crossLinks: input.crossLinks ?? new Uint8Array(),
    slashes: input.slashes ?? new Uint8Array(),
    ...(version === 0 ? {} : { incomingReceiptsRoot: EMPTY_ROOT }),
  };
  return { ...header, shardStateHash: shardStateHashOf(header) };
}

/**
 * Builds a block on a parent. Candidates that cannot be in it are left out with a reason; the state
 * then holds the changes of those that are. The last block of a beacon epoch takes none.
 *
 * The header obeys `strict` rules; its seal is the committee's work.
 *
 * @throws {@link ExecutionError} `executor/mismatch` when the input itself cannot make a valid block:
 * a time that is not after the parent's, committees missing at the end of an epoch, a state that is
 * not the parent's. On an error the state is as before.
 * @source harmony/node/harmony/worker/worker.go: CommitTransactions, FinalizeNewBlock
 * @example
 * const { block, skipped } = await buildBlock(environment, { parent, state, transactions, … })
 */
export async function buildBlock(
  environment: ExecutionEnvironment,
  input: BuildBlockInput,
): Promise<BuiltBlock> {
  const { network, shardId, engine = nobleEngine } = environment;
  const { parent, state } = input;
  assertSame('stateRoot of the given state', parent.stateRoot, state.computeRoot());
  const start = startHeader(environment, input);
  // What the result cannot change is checked before the work is done.
  validateHeader(start, parent, { network, shardId, engine });
  const context = blockContext(environment, start, input.coinbaseAccount);
  const runner = new TransactionRunner(environment, state, context);
  const epochEnd = shardId === 0 && isLastBlockOfEpoch(network, start.number);
  const snapshot = state.snapshot();
  try {
    const plain = epochEnd
      ? { taken: [], skipped: input.transactions.map(leftOutAtEpochEnd), room: 0 }
      : await select(environment, runner, input);
    const staking = epochEnd
      ? { taken: [], skipped: (input.stakingTransactions ?? []).map(leftOutAtEpochEnd) }
      : selectStaking(runner, input, plain.room);
    const stakingTransactions = staking.taken.map(encodeStakingTransaction);
    const result = runner.finish(start);
    const header: Header = {
      ...start,
      stateRoot: result.stateRoot,
      transactionsRoot: transactionsRoot(plain.taken, stakingTransactions, engine),
      receiptsRoot: result.receiptsRoot,
      outgoingReceiptsRoot: start.version === 0 ? start.outgoingReceiptsRoot : EMPTY_ROOT,
      logsBloom: result.logsBloom,
      gasUsed: result.gasUsed,
    };
    const block: Block = {
      header,
      transactions: plain.taken,
      stakingTransactions,
      uncles: [],
      incomingReceipts: [],
    };
    return { block, result, skipped: plain.skipped, skippedStaking: staking.skipped };
  } catch (error) {
    state.revert(snapshot);
    throw error;
  }
}

function leftOutAtEpochEnd<T>(transaction: T, index: number): SkippedTransaction<T> {
  return { index, transaction, reason: 'epoch-end' };
}
