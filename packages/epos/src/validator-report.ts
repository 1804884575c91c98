/**
 * What a staking dashboard shows of a validator, from records and stats.
 *
 * @source harmony/hmy/staking.go: GetValidatorInformation; staking/effective/eligible.go
 */
import type { Network } from '@polyphony/networks';
import { DEC_ZERO, type Dec } from '@polyphony/primitives';
import type { AprEntry } from './apr.js';
import { expectedReturn } from './apr.js';
import { assessSigning, idleCounts, signingWindow } from './availability.js';
import type { SigningCounters, ValidatorStatus, ValidatorWrapper } from './types.js';
import type { BootedStatus, ValidatorStats } from './validator-stats.js';
import { totalDelegation } from './wrapper.js';

const BANNED = 'banned forever from network because was caught double-signing';

const ACTIVE_TEXTS: Readonly<Record<ValidatorStatus, string>> = {
  nil: 'unknown',
  active: 'active',
  inactive: 'inactive',
  banned: BANNED,
};

const BOOTED_TEXTS: Readonly<Record<BootedStatus, string>> = {
  booted: 'booted',
  'not-booted': 'not booted',
  'lost-auction': 'lost epos auction',
  'inactive-or-insufficient-uptime': 'manually turned inactive or insufficient uptime',
  banned: BANNED,
};

/**
 * Whether a validator is or may be elected, in the node's words.
 *
 * @source harmony/staking/effective/eligible.go: ValidatorStatus, Candidacy
 */
export function candidacyText(isInCommittee: boolean, status: ValidatorStatus): string {
  if (status === 'banned') return BANNED;
  if (isInCommittee) return 'currently elected';
  return status === 'active'
    ? 'eligible to be elected next epoch'
    : 'not eligible to be elected next epoch';
}

/** What is known about a validator. */
export interface KnownValidator {
  readonly wrapper: ValidatorWrapper;
  /** The record of the epoch's start; not there in the epoch of its creation before any block. */
  readonly snapshot?: ValidatorWrapper | undefined;
  readonly stats?: ValidatorStats | undefined;
}

/** What a dashboard shows of a validator. */
export interface ValidatorReport {
  /** All stakes, atto. */
  readonly totalDelegation: bigint;
  readonly isInCommittee: boolean;
  /** `epos-status`. */
  readonly eposStatus: string;
  /** `active-status`. */
  readonly activeStatus: string;
  /** `booted-status`: why it left; `null` for a member. */
  readonly bootedStatus: string | null;
  /** Effective stake of all slots; `null` without stats or outside the committees. */
  readonly winningStake: Dec | null;
  /** How well it signed in this epoch; `null` outside the committees. */
  readonly signing:
    | (SigningCounters & { readonly percentage: Dec; readonly isBelowThreshold: boolean })
    | null;
  /** Its slots; `null` without stats or outside the committees. */
  readonly votes: ValidatorStats['votes'] | null;
  readonly lifetime: {
    /** Atto. */
    readonly blockReward: bigint;
    readonly counters: SigningCounters;
    /** Of the last epoch that has one, before commission. */
    readonly apr: Dec;
    readonly aprs: readonly AprEntry[];
    /** The mean of `aprs`, and what is left of it for a delegator. */
    readonly expectedReturn: Dec;
    readonly delegatorReturn: Dec;
  };
}

/**
 * What a dashboard shows of a validator in an epoch. At the last block of an epoch a validator that was
 * elected counts as a member already.
 *
 * @source harmony/hmy/staking.go: GetValidatorInformation
 */
export function validatorReport(
  { wrapper, snapshot, stats }: KnownValidator,
  { network, epoch }: { readonly network: Network; readonly epoch: bigint },
): ValidatorReport {
  const isInCommittee = wrapper.lastEpochInCommittee >= epoch;
  const aprs = (snapshot === undefined ? undefined : stats?.aprs) ?? [];
  const base = {
    totalDelegation: totalDelegation(wrapper),
    isInCommittee,
    eposStatus: candidacyText(isInCommittee, wrapper.status),
    activeStatus: ACTIVE_TEXTS[wrapper.status],
    bootedStatus: null,
    winningStake: null,
    signing: null,
    votes: null,
    lifetime: {
      blockReward: wrapper.blockReward,
      counters: wrapper.counters,
      apr: aprs.at(-1)?.apr ?? DEC_ZERO,
      aprs,
      expectedReturn: expectedReturn(aprs),
      delegatorReturn: expectedReturn(aprs, wrapper.commission.rate),
    },
  };
  if (snapshot === undefined) return base;
  const window = signingWindow(wrapper.counters, snapshot.counters);
  const signing = isInCommittee
    ? { ...window, ...assessSigning(window, idleCounts(network, epoch)) }
    : null;
  if (stats === undefined) return { ...base, signing, bootedStatus: BOOTED_TEXTS['not-booted'] };
  if (!isInCommittee) return { ...base, bootedStatus: BOOTED_TEXTS[stats.booted] };
  return { ...base, signing, winningStake: stats.totalEffectiveStake, votes: stats.votes };
}
