/** The figures of simulated epochs. Exact: integers and decimals of 18 digits, no floating point. */
import {
  computeApr,
  type EpochOutcome,
  type EpochPlan,
  giniCoefficient,
  nakamotoCoefficient,
  netIssuance,
  simulateEpoch,
  type Winner,
} from '@polyphony/epos';
import { type Address, type Dec, truncateIntDec } from '@polyphony/primitives';
import type { Scenario } from './scenario.js';

/** How concentrated something is over validators. */
export interface Concentration {
  readonly nakamoto: number;
  readonly gini: Dec;
  /** Part of the whole that the greatest holds. */
  readonly greatest: Dec;
}

/** One epoch in figures. */
export interface EpochFigures {
  readonly epoch: bigint;
  readonly members: number;
  readonly slots: number;
  /** Median stake of a slot, whole atto. */
  readonly median: bigint;
  /** Stakes behind the slots as they are, and as they count. */
  readonly raw: Concentration;
  readonly effective: Concentration;
  readonly issued: bigint;
  readonly burnt: bigint;
  readonly net: bigint;
  readonly recovered: bigint;
}

/** One member of the last committees. */
export interface MemberFigures {
  readonly name: string;
  readonly slots: number;
  readonly stake: bigint;
  readonly effective: bigint;
  readonly earned: bigint;
  /** Yearly, before commission. */
  readonly apr: Dec;
}

/** What a simulation came to. */
export interface Figures {
  readonly epochs: readonly EpochFigures[];
  /** By stake, the greatest first. */
  readonly members: readonly MemberFigures[];
  /** Of what the members earned in the last epoch. */
  readonly rewards: Concentration;
  /** Stake of each slot as it is and as it counts, the greatest first; whole atto. */
  readonly slots: readonly { readonly raw: bigint; readonly effective: bigint }[];
}

function sums(winners: readonly Winner[], of: (winner: Winner) => Dec): Map<Address, bigint> {
  const byValidator = new Map<Address, bigint>();
  for (const winner of winners) {
    const sum = byValidator.get(winner.address) ?? 0n;
    byValidator.set(winner.address, sum + truncateIntDec(of(winner)));
  }
  return byValidator;
}

/** The greatest of some integers, 0 of none. */
export function greatestOf(amounts: readonly bigint[]): bigint {
  let most = 0n;
  for (const amount of amounts) if (amount > most) most = amount;
  return most;
}

function concentrationOf(amounts: readonly bigint[]): Concentration {
  const total = amounts.reduce((sum, amount) => sum + amount, 0n);
  const greatest = greatestOf(amounts);
  return {
    nakamoto: nakamotoCoefficient(amounts),
    gini: giniCoefficient(amounts),
    greatest: (total === 0n ? 0n : (greatest * 10n ** 18n) / total) as Dec,
  };
}

function epochFigures(outcome: EpochOutcome): EpochFigures {
  const { election, flows } = outcome;
  const { winners } = election;
  return {
    epoch: election.epoch,
    members: election.elected.length,
    slots: winners.length,
    median: truncateIntDec(election.median),
    raw: concentrationOf([...sums(winners, ({ rawStake }) => rawStake).values()]),
    effective: concentrationOf([...sums(winners, (winner) => winner.effectiveStake).values()]),
    issued: flows.issued,
    burnt: flows.burntFees + flows.burntStake,
    net: netIssuance(flows),
    recovered: outcome.recovered,
  };
}

function memberFigures(outcome: EpochOutcome, seconds: bigint): readonly MemberFigures[] {
  const { winners } = outcome.election;
  const raw = sums(winners, ({ rawStake }) => rawStake);
  const effective = sums(winners, (winner) => winner.effectiveStake);
  const names = new Map(
    outcome.state.ledger.wrappers.map(({ address, description }) => [address, description.name]),
  );
  const members = [...raw].map(([address, stake]) => {
    const earned = outcome.earned.get(address) ?? 0n;
    return {
      name: names.get(address) ?? address,
      slots: winners.filter((winner) => winner.address === address).length,
      stake,
      effective: effective.get(address)!,
      earned,
      apr: computeApr({ reward: earned, seconds, stake }),
    };
  });
  return members.sort((a, b) => (a.stake > b.stake ? -1 : a.stake < b.stake ? 1 : 0));
}

/** Simulates some epochs of a scenario. */
export function simulate(scenario: Scenario, epochs: number): Figures {
  let { state } = scenario;
  const plan: EpochPlan = scenario.plan;
  const rows: EpochFigures[] = [];
  let outcome: EpochOutcome | undefined;
  let before = state.time;
  for (let i = 0; i < epochs; i++) {
    before = state.time;
    outcome = simulateEpoch(state, plan);
    rows.push(epochFigures(outcome));
    state = outcome.state;
  }
  if (outcome === undefined) throw new Error('at least one epoch must be simulated');
  const members = memberFigures(outcome, state.time - before);
  return {
    epochs: rows,
    members,
    rewards: concentrationOf(members.map(({ earned }) => earned)),
    slots: outcome.election.winners.map(({ rawStake, effectiveStake }) => ({
      raw: truncateIntDec(rawStake),
      effective: truncateIntDec(effectiveStake),
    })),
  };
}
