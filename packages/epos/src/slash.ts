/**
 * What a double signer and its delegators lose.
 *
 * The rule in force since the end of 2022 takes half of the validator's own stake, and from the others
 * together 0.8 of what it took there, in proportion to their stakes; how large they are does not
 * matter. The rule before took a part of every stake. Both start from the stakes at the beginning of
 * the epoch of the evidence and take from what is there now.
 *
 * Whether evidence holds is decided in `slash-evidence.ts`, who gets the reward in `apply-slashes.ts`.
 *
 * @source harmony/staking/slash/double-sign.go: delegatorSlashApplyDebt; at 97eb8d972:
 * delegatorSlashApply, Rate
 */
import {
  type Address,
  addDec,
  DEC_ZERO,
  type Dec,
  decFromBigInt,
  decFromBigIntWithPrecision,
  maxDec,
  mulDec,
  truncateIntDec,
} from '@polyphony/primitives';
import { refuse } from './errors.js';
import type { Delegation } from './types.js';

/** A delegation after something was taken. */
export interface Seizure {
  readonly delegation: Delegation;
  /** What was taken: at most the debt and at most what was there. */
  readonly taken: bigint;
}

/** What a slash comes to. */
export interface SlashOutcome {
  /** The delegations afterwards, in their order. */
  readonly delegations: readonly Delegation[];
  /** All that was taken. */
  readonly slashed: bigint;
  /** The half of it that somebody gets; the rest is nobody's. */
  readonly reward: bigint;
}

/** How much is taken. */
export interface SlashRule {
  /** Epoch of the evidence: tokens undelegated before it are out of reach. */
  readonly epoch: bigint;
  /** What the validator itself owes, in atto; by default half of its stake in the snapshot. */
  readonly ownDebt?: bigint;
  /**
   * Whose own stake is subtracted from the total of the snapshot to get the stake of the others: the
   * node took the current one until `slashExternalStakeDenomFix` (quirk Q6).
   */
  readonly ownStake: 'current' | 'snapshot';
  /** Others without any stake owe nothing; otherwise they are a division by zero (quirk Q6). */
  readonly skipsWithoutExternalStake: boolean;
}

const EXTERNAL_PART: Dec = decFromBigIntWithPrecision(8n, 1);
const LEAST_LEGACY_RATE: Dec = decFromBigIntWithPrecision(2n, 2);

/**
 * A part of an amount, cut to atto.
 *
 * @source harmony/staking/slash/double-sign.go: applySlashRate
 */
export function slashShare(amount: bigint, rate: Dec): bigint {
  return truncateIntDec(mulDec(decFromBigInt(amount), rate));
}

/**
 * Takes a debt: from the stake, then from the tokens that were undelegated in or after an epoch, oldest
 * first, then from the reward. What is not there stays unpaid. A negative debt, which only quirk Q6
 * makes, is added to the stake.
 *
 * @source harmony/staking/slash/double-sign.go: applySlashingToDelegation
 */
export function takeDebt(delegation: Delegation, debt: bigint, fromEpoch: bigint): Seizure {
  let left = debt;
  const pay = (balance: bigint): bigint => {
    const paid = balance < left ? balance : left;
    left -= paid;
    return balance - paid;
  };
  const amount = pay(delegation.amount);
  const undelegations = delegation.undelegations.map((entry) =>
    left === 0n || entry.epoch < fromEpoch ? entry : { ...entry, amount: pay(entry.amount) },
  );
  const reward = left > 0n ? pay(delegation.reward) : delegation.reward;
  if (left === debt) return { delegation, taken: 0n };
  return { delegation: { ...delegation, amount, undelegations, reward }, taken: debt - left };
}

/** The current delegations that the snapshot has too, with their stakes there, in current order. */
function pairs(snapshot: readonly Delegation[], current: readonly Delegation[]) {
  const before = new Map<Address, bigint>();
  for (const { delegator, amount } of snapshot) before.set(delegator, amount);
  return current.flatMap(({ delegator }, index) => {
    const amount = before.get(delegator);
    return amount === undefined ? [] : [{ index, amount }];
  });
}

function ownShareMissing(): never {
  return refuse('epos/self-delegation-too-small', 'no self delegation given at all');
}

/**
 * Slashes by the rule in force: half of the validator's own stake, 0.8 of what that yields from the
 * others together.
 *
 * @param snapshot - Delegations at the beginning of the epoch of the evidence, the validator's first.
 * @param current - Delegations now, the validator's first.
 * @throws {@link EposError} `epos/slash-no-external-stake`, and `epos/self-delegation-too-small` when
 * there are no delegations at all.
 * @source harmony/staking/slash/double-sign.go: delegatorSlashApplyDebt
 */
export function slashDelegations(
  snapshot: readonly Delegation[],
  current: readonly Delegation[],
  rule: SlashRule,
): SlashOutcome {
  const ownBefore = snapshot[0] ?? ownShareMissing();
  const own = current[0] ?? ownShareMissing();
  const total = snapshot.reduce((sum, { amount }) => sum + amount, 0n);
  const external = total - (rule.ownStake === 'current' ? own : ownBefore).amount;
  const first = takeDebt(own, rule.ownDebt ?? ownBefore.amount / 2n, rule.epoch);
  const debt = slashShare(first.taken, EXTERNAL_PART);
  const delegations = [...current];
  delegations[0] = first.delegation;
  let slashed = first.taken;
  for (const { index, amount } of pairs(snapshot, current).slice(1)) {
    if (external === 0n) {
      if (rule.skipsWithoutExternalStake) break;
      refuse('epos/slash-no-external-stake');
    }
    const { delegation, taken } = takeDebt(
      delegations[index]!,
      (amount * debt) / external,
      rule.epoch,
    );
    delegations[index] = delegation;
    slashed += taken;
  }
  // A shift rounds down also what quirk Q6 makes negative.
  return { delegations, slashed, reward: slashed >> 1n };
}

/**
 * The part that the rule until December 2022 takes: the group shares of the keys that signed twice, at
 * least 0.02.
 *
 * @param groupShares - `SlotPower.group` of each of the keys in the committee of the evidence.
 * @source harmony/staking/slash/double-sign.go at 97eb8d972: Rate
 */
export function legacySlashRate(groupShares: readonly Dec[]): Dec {
  return maxDec(groupShares.reduce(addDec, DEC_ZERO), LEAST_LEGACY_RATE);
}

/**
 * Slashes by the rule until December 2022: the same part of every stake of the snapshot, half of each
 * being a reward. No epoch switched the rules; who replays must know which one its blocks used.
 *
 * @param rule - `rate` from {@link legacySlashRate}.
 * @source harmony/staking/slash/double-sign.go at 97eb8d972: delegatorSlashApply
 */
export function slashDelegationsLegacy(
  snapshot: readonly Delegation[],
  current: readonly Delegation[],
  rule: { readonly epoch: bigint; readonly rate: Dec },
): SlashOutcome {
  const delegations = [...current];
  let slashed = 0n;
  let reward = 0n;
  for (const { index, amount } of pairs(snapshot, current)) {
    const debt = slashShare(amount, rule.rate);
    const { delegation, taken } = takeDebt(delegations[index]!, debt, rule.epoch);
    delegations[index] = delegation;
    slashed += taken;
    reward += taken / 2n;
  }
  return { delegations, slashed, reward };
}
