/**
 * Staking during one block: the view that the transitions read, over the state and the tables, and
 * the place where they are applied.
 *
 * A validator's record is the code of its account; marks and first election epochs are words of its
 * storage. Changed records are kept apart until the transaction, or the block, ends.
 *
 * @source harmony/core/state/statedb.go: ValidatorWrapper, UpdateValidatorWrapper,
 * SetValidatorFlag, Finalise; core/offchain.go: CommitOffChainData
 */
import type { Directive } from '@polyphony/chain';
import {
  decodeValidatorWrapper,
  encodeValidatorWrapper,
  type Flush,
  flushWrappers,
  indexDirectives,
  type ReplayMode,
  STAKING_HASHES,
  type StakingContext,
  type StakingView,
  type Transition,
  type ValidatorWrapper,
  type VerifyKeyProof,
} from '@polyphony/epos';
import { isLastBlockOfEpoch } from '@polyphony/networks';
import { type Address, isProtocolError } from '@polyphony/primitives';
import { ExecutionError } from '../errors.js';
import type { BlockContext } from '../evm.js';
import type { State } from '../state/state.js';
import type { StakingTables, TableChanges } from './tables.js';

/** What executing staking needs beside state and block. */
export interface StakingEnvironment {
  /** As of the parent of the block that is executed. */
  readonly tables: StakingTables;
  readonly verifyKeyProof: VerifyKeyProof;
  /** Keys that no validator may register in an epoch: those of the network's own slots. */
  harmonyKeysAt(epoch: bigint): ReadonlySet<string>;
  /** Default `upstream`. */
  readonly replayMode?: ReplayMode;
}

/** Staking during one block. */
export interface StakingSession extends StakingView {
  readonly environment: StakingEnvironment;
  readonly context: StakingContext;
  /** New and lost tokens of all transitions that were applied, atto. */
  readonly issued: bigint;
  readonly burned: bigint;
  /**
   * Applies a transition: balances and marks at once, records when flushed.
   *
   * @throws {@link ExecutionError} `executor/out-of-range` for a balance below zero.
   */
  apply(transition: Transition): void;
  /** Stores changed records. */
  flush(): Flush;
  /** Forgets changed records, after the state went back to where they were not changed. */
  discard(created: number): void;
  /** Notes a directive that was applied. */
  note(directive: Directive): void;
  /** What the block changes in the tables; after the last flush. */
  tableChanges(): TableChanges;
}

/** Begins staking on a block. */
export function createStakingSession(
  state: State,
  block: BlockContext,
  environment: StakingEnvironment,
): StakingSession {
  const { tables, replayMode } = environment;
  const context: StakingContext = {
    network: block.network,
    epoch: block.epoch,
    blockNumber: block.number,
    ...(replayMode === undefined ? {} : { replayMode }),
  };
  const changed = new Map<Address, ValidatorWrapper>();
  const created: Address[] = [];
  const directives: Directive[] = [];
  /** Records by the hash of the code they were read from. */
  const decoded = new Map<string, ValidatorWrapper>();
  let issued = 0n;
  let burned = 0n;

  function storedWrapper(address: Address): ValidatorWrapper | undefined {
    const hash = state.getCodeHash(address);
    const known = decoded.get(hash);
    if (known !== undefined) return known;
    const code = state.getCode(address);
    if (code.length === 0) return undefined;
    try {
      const wrapper = decodeValidatorWrapper(code);
      decoded.set(hash, wrapper);
      return wrapper;
    } catch (cause) {
      if (!isProtocolError(cause)) throw cause;
      // An account with a contract has no record.
      return undefined;
    }
  }

  const stored: StakingView = {
    isValidator: (address) =>
      state.getStorage(address, STAKING_HASHES.validatorPlace) ===
      BigInt(STAKING_HASHES.validatorMark),
    wrapperOf: storedWrapper,
    snapshotOf: (address, epoch) => tables.snapshotOf(address, epoch),
    validators: () => tables.validators(),
    createdInBlock: () => created,
    balanceOf: (address) => state.getBalance(address),
    delegationsOf: (delegator) => tables.delegationsOf(delegator),
    firstElectionEpochOf: (address) =>
      state.getStorage(address, STAKING_HASHES.firstElectionEpochPlace),
  };

  function flush(): Flush {
    const result = flushWrappers(stored, changed, context);
    for (const [address, wrapper] of result.stored) {
      state.setCode(address, encodeValidatorWrapper(wrapper));
      decoded.set(state.getCodeHash(address), wrapper);
    }
    changed.clear();
    return result;
  }

  function move(address: Address, delta: bigint): void {
    const balance = state.getBalance(address);
    if (balance + delta < 0n) {
      const reason = `${balance} cannot change by ${delta}`;
      throw new ExecutionError({ code: 'executor/out-of-range', what: 'balance', reason });
    }
    state.setBalance(address, balance + delta);
  }

  function snapshots(): TableChanges['snapshots'] {
    const { network, blockNumber, epoch } = context;
    const kept: { epoch: bigint; wrapper: ValidatorWrapper }[] = [];
    const keep = (address: Address, of: bigint): void => {
      const wrapper = stored.wrapperOf(address);
      if (wrapper !== undefined) kept.push({ epoch: of, wrapper });
    };
    const isLast = isLastBlockOfEpoch(network, blockNumber);
    for (const address of created) {
      keep(address, epoch);
      if (isLast) keep(address, epoch + 1n);
    }
    if (isLastBlockOfEpoch(network, blockNumber + 1n)) {
      for (const address of [...tables.validators(), ...created]) keep(address, epoch + 1n);
    }
    return kept;
  }

  return {
    ...stored,
    environment,
    context,
    get issued() {
      return issued;
    },
    get burned() {
      return burned;
    },
    wrapperOf: (address) => changed.get(address) ?? storedWrapper(address),
    apply(transition) {
      for (const [address, delta] of transition.balances) move(address, delta);
      for (const [address, wrapper] of transition.wrappers) changed.set(address, wrapper);
      for (const address of transition.created) {
        const { validatorPlace, validatorMark } = STAKING_HASHES;
        state.setStorage(address, validatorPlace, BigInt(validatorMark));
        created.push(address);
      }
      for (const [address, epoch] of transition.firstElectionEpochs) {
        if (stored.firstElectionEpochOf(address) !== 0n) continue;
        state.setStorage(address, STAKING_HASHES.firstElectionEpochPlace, epoch);
      }
      issued += transition.issued;
      burned += transition.burned;
    },
    flush,
    discard(count) {
      changed.clear();
      created.length = count;
    },
    note: (directive) => directives.push(directive),
    tableChanges: () => ({
      ...indexDirectives(stored, directives, context.blockNumber),
      snapshots: snapshots(),
    }),
  };
}
