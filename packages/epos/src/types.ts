/**
 * The data of the staking economy: what a validator's account stores, what a transition may read,
 * and what it gives back.
 *
 * All of it is plain read-only data. Nothing here decides anything; the rules are in the modules of
 * the transitions. Amounts are atto, epochs and block numbers are bigint.
 *
 * @source harmony/staking/types/validator.go, delegation.go
 */
import type { CommissionRates, Log, ValidatorDescription } from '@polyphony/chain';
import type { Network } from '@polyphony/networks';
import type { Address } from '@polyphony/primitives';

/** Tokens on their way back to a delegator, locked since an epoch. */
export interface Undelegation {
  readonly amount: bigint;
  /** Epoch in which they were taken from the stake. */
  readonly epoch: bigint;
}

/** One delegator's share in one validator. It is never removed, even with nothing left in it. */
export interface Delegation {
  readonly delegator: Address;
  /** The stake, without reward and without undelegations. */
  readonly amount: bigint;
  /** Earned and not yet collected; no part of the stake. */
  readonly reward: bigint;
  /** Ascending by epoch, one entry per epoch. */
  readonly undelegations: readonly Undelegation[];
}

/** A validator's commission and when it last differed from the one of the epoch's start. */
export interface Commission extends CommissionRates {
  /** Block number. */
  readonly updateHeight: bigint;
}

/** Whether a validator wants to be, and may be, elected. `banned` is final. */
export type ValidatorStatus = 'nil' | 'active' | 'inactive' | 'banned';

/** Blocks of the current window that a validator's keys had to sign and did sign. */
export interface SigningCounters {
  readonly toSign: bigint;
  readonly signed: bigint;
}

/** What a validator is, without the money that is staked with it. */
export interface Validator {
  readonly address: Address;
  /** 48 bytes each, in the order in which they were added. */
  readonly blsPublicKeys: readonly Uint8Array[];
  /** Zero before the first election. */
  readonly lastEpochInCommittee: bigint;
  readonly minSelfDelegation: bigint;
  readonly maxTotalDelegation: bigint;
  readonly status: ValidatorStatus;
  readonly commission: Commission;
  readonly description: ValidatorDescription;
  /** Block number. */
  readonly creationHeight: bigint;
}

/** The whole record of a validator. The first delegation is the validator's own. */
export interface ValidatorWrapper extends Validator {
  readonly delegations: readonly Delegation[];
  readonly counters: SigningCounters;
  /** All rewards that the validator ever brought in, commission included. */
  readonly blockReward: bigint;
}

/** Where a delegator's share is found: the `index`-th delegation of a validator. */
export interface DelegationIndexEntry {
  readonly validator: Address;
  readonly index: number;
  /** Block that made the delegation. */
  readonly blockNumber: bigint;
}

/**
 * What the transitions read. All of it is an input of consensus; only wrappers, balances and first
 * election epochs are covered by a state root, the three tables are not (quirk Q17).
 */
export interface StakingView {
  /** Whether the account is marked as a validator. */
  isValidator(address: Address): boolean;
  /** The record that the account stores; undefined if there is none. */
  wrapperOf(address: Address): ValidatorWrapper | undefined;
  /** The record as it was kept for an epoch, at the end of the epoch before; undefined if none was. */
  snapshotOf(address: Address, epoch: bigint): ValidatorWrapper | undefined;
  /** All validators of the blocks before this one, in the order of their creation. */
  validators(): readonly Address[];
  /** Validators that earlier transactions of this block created, in order. */
  createdInBlock(): readonly Address[];
  balanceOf(address: Address): bigint;
  /** All shares of a delegator, in the order in which they were made. */
  delegationsOf(delegator: Address): readonly DelegationIndexEntry[];
  /** The first epoch that a validator was elected for since the minimum commission; 0 if none. */
  firstElectionEpochOf(address: Address): bigint;
}

/**
 * Whether the unintended rules of the deployed node hold: `upstream` repeats each of them, so that
 * history replays to the last atto; `strict` follows what the rule was meant to be.
 */
export type ReplayMode = 'upstream' | 'strict';

/** Where in the chain a transition happens. */
export interface StakingContext {
  readonly network: Network;
  /** Epoch of the block. */
  readonly epoch: bigint;
  readonly blockNumber: bigint;
  /** Epoch of the parent block; by default what the network's schedule says. */
  readonly parentEpoch?: bigint;
  /** Default: `strict` on a network without quirks, `upstream` elsewhere. */
  readonly replayMode?: ReplayMode;
}

/**
 * What a transition changes. Nothing is written: the caller applies it, or drops it.
 *
 * The staked, locked and uncollected tokens of all changed records, plus all balances, change by
 * `issued - burned`.
 */
export interface Transition {
  /** New records, whole. */
  readonly wrappers: ReadonlyMap<Address, ValidatorWrapper>;
  /** What is added to each balance; negative takes away. No entry is zero. */
  readonly balances: ReadonlyMap<Address, bigint>;
  readonly logs: readonly Log[];
  /** Accounts that became validators, in order: to be marked, and appended to the list. */
  readonly created: readonly Address[];
  /** First election epochs to be stored. */
  readonly firstElectionEpochs: ReadonlyMap<Address, bigint>;
  /** New tokens. */
  readonly issued: bigint;
  /** Tokens that nobody holds any more. */
  readonly burned: bigint;
}
