/**
 * The staking economy between two epochs as plain data: what a simulation begins and ends with.
 */
import type { GenesisAccounts, Network } from '@polyphony/networks';
import { lastBlockOfEpoch } from '@polyphony/networks';
import type { Address } from '@polyphony/primitives';
import { electedShardState, type ShardState } from '@polyphony/sharding';
import type { CarriedSeals } from './accumulate-rewards.js';
import { type Election, electionCandidates, holdElection } from './election.js';
import { EposError } from './errors.js';
import type { TokenFlows } from './issuance.js';
import { createStakingLedger, type LedgerData } from './ledger.js';
import type { ValidatorWrapper } from './types.js';

/** Totals since a simulation began, atto. */
export interface EconomyTotals extends TokenFlows {
  /** Tokens that lost writes of records made or took away (quirk Q1). */
  readonly duplicated: bigint;
  /** The reward accumulator. */
  readonly accumulated: bigint;
}

/** A staking economy before the first block of an epoch. */
export interface EconomyState {
  /** The epoch that comes next. */
  readonly epoch: bigint;
  /** The block before its first one. */
  readonly blockNumber: bigint;
  /** Time of that block, seconds since 1970. */
  readonly time: bigint;
  /** Time of the last block that paid rewards. */
  readonly paidTime: bigint;
  /** Records, snapshots, balances and tables. */
  readonly ledger: LedgerData;
  /** Committees of this epoch, and of earlier ones whose blocks are not paid yet. */
  readonly shardStates: readonly ShardState[];
  /** Seals of blocks that are not paid yet, in the order of the blocks that carry them. */
  readonly carried: readonly CarriedSeals[];
  /** Delegators whose rewards are staked again, and with which validators. */
  readonly compounding: readonly (readonly [delegator: Address, validators: readonly Address[]])[];
  readonly totals: EconomyTotals;
}

/** What {@link startEconomy} begins with. */
export interface EconomyStart {
  readonly network: Network;
  /** From `@polyphony/networks/genesis/<network>`. */
  readonly accounts: GenesisAccounts;
  /** The first epoch, at least 1; a staking epoch. */
  readonly epoch: bigint;
  /** In the order of the validator list. */
  readonly wrappers: readonly ValidatorWrapper[];
  readonly balances?: readonly (readonly [Address, bigint])[];
  readonly compounding?: EconomyState['compounding'];
  /** Of the block before the epoch, seconds since 1970; the network's genesis by default. */
  readonly time?: bigint;
  /** Who sits where; by default as the election says. */
  readonly assign?: (election: Election) => ShardState;
}

/**
 * An economy whose validators were elected for its first epoch, as if nobody had served before.
 *
 * @throws {@link EposError} `epos/out-of-range` for epoch 0; `ShardingError` as `holdElection`.
 */
export function startEconomy(start: EconomyStart): EconomyState {
  const { network, accounts, epoch, balances = [], compounding = [] } = start;
  if (epoch < 1n) {
    const reason = `must be at least 1, got ${epoch}`;
    throw new EposError({ code: 'epos/out-of-range', what: 'first epoch', reason });
  }
  const before = epoch - 1n;
  const context = {
    network,
    accounts,
    epoch: before,
    blockNumber: lastBlockOfEpoch(network, before),
  };
  const view = createStakingLedger({ wrappers: start.wrappers, epoch: before });
  // No epoch is -1: nobody is asked how well it signed.
  const candidates = electionCandidates(view, context).map((candidate) => ({
    ...candidate,
    lastEpochInCommittee: -1n,
  }));
  const founders = electedShardState(network, accounts, before, []);
  const election = holdElection(candidates, founders, context);
  const elected = new Set(election.elected);
  const wrappers = start.wrappers.map((wrapper) =>
    elected.has(wrapper.address) ? { ...wrapper, lastEpochInCommittee: epoch } : wrapper,
  );
  const time = start.time ?? network.genesis.timestamp;
  return {
    epoch,
    blockNumber: context.blockNumber,
    time,
    paidTime: time,
    ledger: createStakingLedger({ wrappers, balances, epoch }).toStart(epoch),
    shardStates: [start.assign?.(election) ?? election.shardState],
    carried: [],
    compounding,
    totals: { issued: 0n, burntFees: 0n, burntStake: 0n, duplicated: 0n, accumulated: 0n },
  };
}
