/**
 * What one sealed block of a shard brings to those who signed it.
 *
 * The beacon's own parent and the blocks named by cross-links are treated alike. Harmony's slots
 * receive nothing: their part is spread over the staked slots that signed. How a validator shares its
 * part with its delegators is decided in `add-reward.ts`.
 *
 * @source harmony/internal/chain/reward.go: processOneCrossLink
 */
import { bitmapIndices, bitmapLength } from '@polyphony/bls/bitmap';
import {
  type Address,
  addDec,
  bytesToPlainHex,
  DEC_ONE,
  DEC_ZERO,
  type Dec,
  mulDec,
  quoDec,
  roundIntDec,
  truncateIntDec,
} from '@polyphony/primitives';
import { type Committee, computeRoster } from '@polyphony/sharding';
import { EposError } from './errors.js';

/** Weights of a committee's slots for rewards, made once per committee. */
export interface RewardRoster {
  readonly slots: readonly RewardSlot[];
  /** Sum of the weights of all staked slots. */
  readonly total: Dec;
  /** The validators whose signatures are counted. */
  readonly validators: ReadonlySet<Address>;
}

/** One slot, as rewards see it. */
export interface RewardSlot {
  readonly address: Address;
  /** Part of the votes; zero for Harmony's slots. */
  readonly weight: Dec;
  /** Whether it may be paid: a slot repeats the first one with its key. */
  readonly paid: boolean;
  /** Whom the beacon's own rewards went to before `aggregatedReward`. */
  readonly earner: Address;
}

/**
 * Prepares a committee for {@link crossLinkPayout}.
 *
 * @param harmonyVoteShare - Harmony's part of the votes in the committee's epoch.
 * @param byStake - Weights are parts of the effective stake alone: the votes that belong to nobody are
 * not given to the last slot (quirk Q13).
 * @throws `ShardingError` `sharding/no-stake`, `sharding/out-of-range`.
 * @source harmony/internal/chain/reward.go: lookupVotingPower
 */
export function rewardRoster(
  committee: Committee,
  harmonyVoteShare: Dec,
  byStake = false,
): RewardRoster {
  const { slots } = computeRoster(committee, harmonyVoteShare);
  const firstOfKey = new Map<string, number>();
  const validators = new Set<Address>();
  let total = DEC_ZERO;
  const weighed = committee.slots.map((slot, index): RewardSlot => {
    const { address, blsPublicKey, effectiveStake } = slot;
    if (effectiveStake !== undefined) validators.add(address);
    const key = bytesToPlainHex(blsPublicKey);
    const first = firstOfKey.get(key) ?? index;
    if (first === index) firstOfKey.set(key, index);
    const voter = committee.slots[first]!;
    const paid = voter.effectiveStake !== undefined;
    const { overall, group } = slots[index]!;
    const weight = paid ? (byStake ? group : overall) : DEC_ZERO;
    total = addDec(total, weight);
    return { address, weight, paid, earner: voter.address };
  });
  return { slots: weighed, total, validators };
}

/** What one slot earns with one block. */
export interface SlotPayout {
  /** Place in the committee. */
  readonly slot: number;
  readonly address: Address;
  /** Atto. */
  readonly amount: bigint;
}

/** What one sealed block brings. */
export interface CrossLinkPayout {
  /** In slot order. */
  readonly payouts: readonly SlotPayout[];
  /** Sum of the payouts. What is missing to the reward was cut and goes to nobody. */
  readonly total: bigint;
  /**
   * By validator: slots that had to sign, and slots that did. A slot of Harmony's whose account is also
   * a validator's counts as well.
   */
  readonly counters: ReadonlyMap<Address, { readonly toSign: number; readonly signed: number }>;
}

/** How a payout is computed where eras and networks differ. */
export interface PayoutRule {
  /**
   * `cut`: the slot's part is rounded to 18 digits and the payout cut, so that all together may be some
   * atto more than the reward. `round`, half to even, for the beacon's own blocks before
   * `aggregatedReward` (quirk Q10), where the first slot with a key earns and a payout of zero is listed
   * too. `exact`: cut once, so that all together are never more than the reward; for networks that cap
   * issuance.
   */
  readonly rounding?: 'cut' | 'round' | 'exact';
  /** What becomes of the parts of staked slots that did not sign; `to-signers` by default. */
  readonly absentShares?: 'to-signers' | 'not-issued';
}

/**
 * What one sealed block brings to the staked slots that signed it, by their part of the votes among
 * those, and whose signatures are counted. Without such a slot nothing is paid.
 *
 * @param committee - The block's committee, or a roster made from it beforehand.
 * @param bitmap - Bit i is slot i, lowest bit of a byte first; bits after the last slot are ignored.
 * @param reward - Atto as a decimal: what is shared out.
 * @throws {@link EposError} `epos/invalid-encoding` for a bitmap of another length.
 * @source harmony/internal/chain/reward.go: processOneCrossLink; staking/availability/measure.go:
 * IncrementValidatorSigningCounts
 * @activation staking
 */
export function crossLinkPayout(
  roster: RewardRoster,
  bitmap: Uint8Array,
  reward: Dec,
  { rounding = 'cut', absentShares = 'to-signers' }: PayoutRule = {},
): CrossLinkPayout {
  const { slots, validators } = roster;
  const signers = signersOf(bitmap, slots.length);
  const counters = new Map<Address, { toSign: number; signed: number }>();
  const count = (address: Address, signed: number): void => {
    if (!validators.has(address)) return;
    const known = counters.get(address);
    if (known === undefined) counters.set(address, { toSign: 1, signed });
    else {
      known.toSign += 1;
      known.signed += signed;
    }
  };
  let signed = DEC_ZERO;
  let next = 0;
  for (const [index, { address, weight }] of slots.entries()) {
    const hasSigned = signers[next] === index;
    if (hasSigned) {
      next += 1;
      signed = addDec(signed, weight);
    }
    count(address, hasSigned ? 1 : 0);
  }
  const shared = absentShares === 'to-signers' ? signed : roster.total;
  const payouts: SlotPayout[] = [];
  let total = 0n;
  for (const slot of signers) {
    const { address, earner, weight, paid } = slots[slot]!;
    if (!paid || (weight === DEC_ZERO && rounding !== 'round')) continue;
    const amount = amountOf(reward, weight, shared, rounding);
    payouts.push({ slot, address: rounding === 'round' ? earner : address, amount });
    total += amount;
  }
  return { payouts, total, counters };
}

function amountOf(
  reward: Dec,
  weight: Dec,
  shared: Dec,
  rounding: NonNullable<PayoutRule['rounding']>,
): bigint {
  if (rounding === 'exact') return (reward * weight) / (shared * DEC_ONE);
  const due = mulDec(reward, quoDec(weight, shared));
  return rounding === 'cut' ? truncateIntDec(due) : roundIntDec(due);
}

/**
 * Places of the slots whose bit is set. Bits after the last slot are ignored, as on the node.
 *
 * @internal
 */
export function signersOf(bitmap: Uint8Array, slots: number): readonly number[] {
  if (!(bitmap instanceof Uint8Array)) throw new TypeError('bitmap must be a Uint8Array');
  const expected = bitmapLength(slots);
  if (bitmap.length !== expected) {
    const reason = `${expected} bytes expected for ${slots} slots, got ${bitmap.length}`;
    throw new EposError({ code: 'epos/invalid-encoding', what: 'signer bitmap', reason });
  }
  return bitmapIndices(bitmap, slots, { padding: 'ignore' });
}
