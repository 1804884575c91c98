/**
 * The staking state in memory: what the transitions read, and the place where they are applied.
 *
 * It keeps a block's changed records apart from the stored ones until the block ends, extends the
 * tables, and takes the snapshots: of all validators one block before an epoch ends, for the next
 * epoch, and of a new validator at once. It executes nothing and knows no roots; accounts, code and
 * fees are the executor's.
 *
 * @source harmony/core/offchain.go: CommitOffChainData; core/state/statedb.go: Finalise
 */
import type { Directive } from '@polyphony/chain';
import { isLastBlockOfEpoch } from '@polyphony/networks';
import type { Address } from '@polyphony/primitives';
import { indexDirectives } from './delegation-index.js';
import { EposError } from './errors.js';
import { type Flush, flushWrappers } from './flush.js';
import type {
  DelegationIndexEntry,
  StakingContext,
  StakingView,
  Transition,
  ValidatorWrapper,
} from './types.js';
import { totalHoldings } from './wrapper.js';

/** What a ledger begins with; everything that is left out is empty. */
export interface LedgerStart {
  readonly balances?: Iterable<readonly [Address, bigint]>;
  /** In the order of the validator list. Their shares are indexed as of `blockNumber`. */
  readonly wrappers?: Iterable<ValidatorWrapper>;
  readonly firstElectionEpochs?: Iterable<readonly [Address, bigint]>;
  /** Records by the epoch that they were kept for. Then none are made from `wrappers`. */
  readonly snapshots?: Iterable<readonly [bigint, Iterable<ValidatorWrapper>]>;
  /** The delegation index. Then none is made from `wrappers`. */
  readonly delegations?: Iterable<readonly [Address, readonly DelegationIndexEntry[]]>;
  /** Epoch that the given records are also the snapshots of; 0 by default. */
  readonly epoch?: bigint;
  /** Block that the given shares were made in; 0 by default. */
  readonly blockNumber?: bigint;
}

/** A staking state that changes. */
export interface StakingLedger extends StakingView {
  /**
   * Applies a transition to the block that is being made.
   *
   * @throws {@link EposError} `epos/negative-balance`; nothing is applied then.
   */
  apply(transition: Transition): void;
  /** Stores what changed, and ends a transaction. A block may have many. */
  flush(context: StakingContext): Flush;
  /**
   * Ends a block: stores what changed, extends the tables and takes the snapshots that are due.
   *
   * @param directives - All that were applied, those of the precompile first.
   */
  endBlock(context: StakingContext, directives: readonly Directive[]): Flush;
  /** Every atto of the stored state: balances and what the records hold. */
  totalSupply(): bigint;
  /** All accounts with a balance. */
  accounts(): readonly Address[];
  /**
   * The stored state as plain data, from which an equal ledger begins. Between blocks only: what the
   * block being made has changed is not in it.
   *
   * @param fromEpoch - Snapshots of earlier epochs are left out.
   */
  toStart(fromEpoch: bigint): LedgerData;
}

/** A ledger's whole state as plain data. */
export interface LedgerData {
  readonly balances: readonly (readonly [Address, bigint])[];
  /** In the order of the validator list. */
  readonly wrappers: readonly ValidatorWrapper[];
  readonly firstElectionEpochs: readonly (readonly [Address, bigint])[];
  readonly snapshots: readonly (readonly [epoch: bigint, wrappers: readonly ValidatorWrapper[]])[];
  readonly delegations: readonly (readonly [Address, readonly DelegationIndexEntry[]])[];
}

/** A staking state in memory. */
export function createStakingLedger(start: LedgerStart = {}): StakingLedger {
  const balances = new Map<Address, bigint>(start.balances ?? []);
  const stored = new Map<Address, ValidatorWrapper>();
  const changed = new Map<Address, ValidatorWrapper>();
  const marks = new Set<Address>();
  const list: Address[] = [];
  const created: Address[] = [];
  const firstElectionEpochs = new Map<Address, bigint>(start.firstElectionEpochs ?? []);
  const index = new Map<Address, DelegationIndexEntry[]>();
  const snapshots = new Map<bigint, Map<Address, ValidatorWrapper>>();

  const keepSnapshot = (epoch: bigint, address: Address): void => {
    const wrapper = stored.get(address);
    if (wrapper === undefined) return;
    const kept = snapshots.get(epoch) ?? new Map<Address, ValidatorWrapper>();
    kept.set(address, wrapper);
    snapshots.set(epoch, kept);
  };
  const addEntry = (delegator: Address, entry: DelegationIndexEntry): void => {
    const entries = index.get(delegator);
    if (entries === undefined) index.set(delegator, [entry]);
    else entries.push(entry);
  };

  for (const wrapper of start.wrappers ?? []) {
    const { address } = wrapper;
    stored.set(address, wrapper);
    marks.add(address);
    list.push(address);
    if (start.snapshots === undefined) keepSnapshot(start.epoch ?? 0n, address);
    if (start.delegations !== undefined) continue;
    wrapper.delegations.forEach(({ delegator }, position) => {
      const blockNumber = start.blockNumber ?? 0n;
      addEntry(delegator, { validator: address, index: position, blockNumber });
    });
  }

  for (const [epoch, wrappers] of start.snapshots ?? []) {
    snapshots.set(epoch, new Map([...wrappers].map((wrapper) => [wrapper.address, wrapper])));
  }
  for (const [delegator, entries] of start.delegations ?? []) index.set(delegator, [...entries]);

  const storedView: StakingView = {
    isValidator: (address) => marks.has(address),
    wrapperOf: (address) => stored.get(address),
    snapshotOf: (address, epoch) => snapshots.get(epoch)?.get(address),
    validators: () => list,
    createdInBlock: () => created,
    balanceOf: (address) => balances.get(address) ?? 0n,
    delegationsOf: (delegator) => index.get(delegator) ?? [],
    firstElectionEpochOf: (address) => firstElectionEpochs.get(address) ?? 0n,
  };

  const flush = (context: StakingContext): Flush => {
    const result = flushWrappers(storedView, changed, context);
    for (const [address, wrapper] of result.stored) stored.set(address, wrapper);
    return { ...result, stored: new Map(result.stored) };
  };

  return {
    ...storedView,
    wrapperOf: (address) => changed.get(address) ?? stored.get(address),
    apply(transition) {
      for (const [address, delta] of transition.balances) {
        const balance = balances.get(address) ?? 0n;
        if (balance + delta < 0n) {
          throw new EposError({ code: 'epos/negative-balance', address, balance, delta });
        }
      }
      for (const [address, delta] of transition.balances) {
        balances.set(address, (balances.get(address) ?? 0n) + delta);
      }
      for (const [address, wrapper] of transition.wrappers) changed.set(address, wrapper);
      for (const address of transition.created) {
        marks.add(address);
        created.push(address);
      }
      for (const [address, epoch] of transition.firstElectionEpochs) {
        if (!firstElectionEpochs.has(address)) firstElectionEpochs.set(address, epoch);
      }
    },
    flush,
    endBlock(context, directives) {
      const { network, epoch, blockNumber } = context;
      const result = flush(context);
      changed.clear();
      const additions = indexDirectives(storedView, directives, blockNumber);
      for (const [delegator, entries] of additions.delegations) {
        for (const entry of entries) addEntry(delegator, entry);
      }
      list.push(...created);
      const isLast = isLastBlockOfEpoch(network, blockNumber);
      for (const address of created) {
        keepSnapshot(epoch, address);
        if (isLast) keepSnapshot(epoch + 1n, address);
      }
      created.length = 0;
      if (isLastBlockOfEpoch(network, blockNumber + 1n)) {
        for (const address of list) keepSnapshot(epoch + 1n, address);
      }
      return result;
    },
    totalSupply() {
      let total = 0n;
      for (const balance of balances.values()) total += balance;
      for (const wrapper of stored.values()) total += totalHoldings(wrapper);
      return total;
    },
    accounts: () => [...balances.keys()].filter((address) => balances.get(address) !== 0n),
    toStart: (fromEpoch) => ({
      balances: [...balances].filter(([, balance]) => balance !== 0n),
      wrappers: list.map((address) => stored.get(address)!),
      firstElectionEpochs: [...firstElectionEpochs],
      snapshots: [...snapshots]
        .filter(([epoch]) => epoch >= fromEpoch)
        .map(([epoch, wrappers]) => [epoch, [...wrappers.values()]] as const),
      delegations: [...index].map(([delegator, entries]) => [delegator, [...entries]] as const),
    }),
  };
}
