/**
 * The rewards that a block pays, in every era.
 *
 * Before staking each shard pays its own signers. From `staking` on the beacon pays for all shards: in
 * every block for its parent and the blocks its cross-links name, and from `aggregatedReward` on once
 * per period for all blocks of it. Signing counters move with the payments. Fees and slashes are no
 * rewards.
 *
 * @source harmony/internal/chain/reward.go: AccumulateRewardsAndCountSigs
 */
import { isActive, shardingAt } from '@polyphony/networks';
import { type Address, DEC_ZERO, type Dec, decFromBigInt } from '@polyphony/primitives';
import type { Committee, ShardState } from '@polyphony/sharding';
import {
  isRepaired,
  isStrict,
  parentEpochOf,
  readSnapshot,
  readWrapper,
  transition,
} from './access.js';
import { addReward, type DelegatorShares, delegatorShares } from './add-reward.js';
import {
  blockReward,
  issuanceCap,
  paysRewards,
  preStakingShares,
  recoveryCredit,
  splitEmission,
} from './block-reward.js';
import { EposError } from './errors.js';
import {
  crossLinkPayout,
  type PayoutRule,
  type RewardRoster,
  rewardRoster,
  type SlotPayout,
  signersOf,
} from './link-reward.js';
import type { StakingContext, StakingView, Transition, ValidatorWrapper } from './types.js';

/** A sealed block whose signers are owed. A cross-link is one. */
export interface SealedBlock {
  readonly shardId: number;
  readonly epoch: bigint;
  /** Who signed, by place in the committee of that epoch and shard. */
  readonly bitmap: Uint8Array;
}

/** The seals that one block carries. */
export interface CarriedSeals {
  /** Of the block's parent, from its last-commit bitmap; `undefined` when the parent is the genesis. */
  readonly parent: SealedBlock | undefined;
  /** In header order; none outside the beacon shard. */
  readonly crossLinks: readonly SealedBlock[];
}

/** Where rewards are paid, and what that needs. */
export interface RewardContext extends StakingContext {
  /** The committees of an epoch. */
  readonly shardStateOf: (epoch: bigint) => ShardState | undefined;
  /**
   * Chain time since the last block that paid, by their headers, in seconds. Only for networks that cap
   * issuance, and needed there.
   */
  readonly elapsedSeconds?: bigint;
}

/** What a block pays. */
export interface RewardPayment {
  /** Records, balances of accounts that are paid at once, and in `issued` exactly what came into being. */
  readonly transition: Transition;
  /**
   * What the node adds to its reward accumulator: the sums of the validators, whether they received them
   * or not (quirk Q14), without the recovery account.
   */
  readonly accumulated: bigint;
  /** By validator, in the order of payment; before staking by account. */
  readonly earned: ReadonlyMap<Address, bigint>;
  /** Of `issued`, what the recovery account received. */
  readonly recovered: bigint;
}

const NOTHING: RewardPayment = {
  transition: transition({}),
  accumulated: 0n,
  earned: new Map(),
  recovered: 0n,
};

/**
 * The rewards that a block pays. A shard other than the beacon calls it only before staking.
 *
 * @param carried - The seals of this block, last, after those of the blocks of the period before it;
 * only the last is read where every block pays. When the block pays nothing they are not read.
 * @returns Records that are not checked yet; see {@link flushWrappers}.
 * @throws {@link EposError} `epos/no-committee`, `epos/no-snapshot`, `epos/address-not-in-state`,
 * `epos/invalid-encoding` for a bitmap, `epos/inconsistent-tables`.
 * @source harmony/internal/chain/reward.go: AccumulateRewardsAndCountSigs
 * @activation staking, aggregatedReward, hip30
 */
export function accumulateRewards(
  view: StakingView,
  carried: readonly CarriedSeals[],
  context: RewardContext,
): RewardPayment {
  const { network, epoch, blockNumber } = context;
  if (!paysRewards(network, epoch, blockNumber)) return NOTHING;
  const own = carried.slice(-1);
  if (!isActive(network, 'staking', epoch)) return payBeforeStaking(own, context);
  return isActive(network, 'aggregatedReward', epoch)
    ? payPeriod(view, carried.slice(-Number(network.rewardPeriodBlocks)), context)
    : payBlock(view, own, context);
}

/** Equal shares for all slots that signed the parent, into their balances. */
function payBeforeStaking(own: readonly CarriedSeals[], context: RewardContext): RewardPayment {
  const parent = own[0]?.parent;
  if (parent === undefined) return NOTHING;
  const { slots } = committeeAt(parent, context);
  const signers = signersOf(parent.bitmap, slots.length);
  const shares = preStakingShares(blockReward(context.network, context.epoch), signers.length);
  const earned = new Map<Address, bigint>();
  let issued = 0n;
  for (const [i, slot] of signers.entries()) {
    add(earned, slots[slot]!.address, shares[i]!);
    issued += shares[i]!;
  }
  const paid = transition({ balances: earned, issued });
  return { transition: paid, accumulated: issued, earned, recovered: 0n };
}

/** The parent's committee and the committees of the cross-links, slot by slot. */
function payBlock(
  view: StakingView,
  own: readonly CarriedSeals[],
  context: RewardContext,
): RewardPayment {
  const { network, epoch } = context;
  const inStaking = (link: SealedBlock) => isActive(network, 'staking', link.epoch);
  const links = own.flatMap(({ crossLinks }) => owedLinks(crossLinks, context)).filter(inStaking);
  const parents = own
    .flatMap(({ parent }) => (parent === undefined ? [] : [parent]))
    .filter(inStaking);
  const reward = decFromBigInt(
    perBlock(blockReward(network, epoch), links.length + parents.length, context),
  );
  const pay = createPayments(view, context);
  for (const link of links) pay.addEach(pay.payoutOf(link, reward));
  // The node rounds the beacon's own payouts and cuts those of the links (quirk Q10).
  const rounding = isStrict(context) ? 'cut' : 'round';
  for (const parent of parents) pay.addEach(pay.payoutOf(parent, reward, rounding));
  return pay.done(0n);
}

/** All blocks of a period: summed by validator, validators in the order of their addresses. */
function payPeriod(
  view: StakingView,
  period: readonly CarriedSeals[],
  context: RewardContext,
): RewardPayment {
  const { network, epoch } = context;
  const links = period.flatMap(({ parent, crossLinks }) => [
    ...(parent === undefined ? [] : [parent]),
    ...owedLinks(crossLinks, context),
  ]);
  const owed = links.filter((link) => isActive(network, 'staking', link.epoch));
  const { recovery } = shardingAt(network, epoch);
  const share = isActive(network, 'hip30', epoch) ? recovery?.share : undefined;
  const reward = perBlock(blockReward(network, epoch), owed.length, context);
  const split = splitEmission(reward, share ?? DEC_ZERO);
  const pay = createPayments(view, context);
  const sums = new Map<Address, bigint>();
  for (const link of owed) {
    for (const { address, amount } of pay.payoutOf(link, split.validators)) {
      add(sums, address, amount);
    }
  }
  const addresses = [...sums.keys()].sort();
  for (const address of addresses) pay.add(address, sums.get(address)!);
  // The node counts links of epochs before staking too, for which nothing is paid (quirk Q11).
  const blocks = isStrict(context) ? owed.length : links.length;
  return pay.done(recoveryCredit(split.recovery, blocks), recovery?.address);
}

/** On a network that caps issuance: what one of so many blocks may bring. */
function perBlock(reward: bigint, blocks: number, context: RewardContext): bigint {
  if (context.network.economy === undefined || blocks === 0) return reward;
  const { elapsedSeconds } = context;
  if (typeof elapsedSeconds !== 'bigint') throw new TypeError('elapsedSeconds must be a bigint');
  const affordable = issuanceCap(context.network, elapsedSeconds)! / BigInt(blocks);
  return reward < affordable ? reward : affordable;
}

/**
 * Links that can be owed anything. From `rejectShard0CrossLink` on, and always in strict mode, one of
 * the beacon itself or of a shard that does not exist is passed over.
 */
function owedLinks(links: readonly SealedBlock[], context: RewardContext): readonly SealedBlock[] {
  if (!isRepaired(context, 'rejectShard0CrossLink')) return links;
  const { network } = context;
  return links.filter(
    ({ shardId, epoch }) => shardId > 0 && shardId < shardingAt(network, epoch).shardCount,
  );
}

function committeeAt({ epoch, shardId }: SealedBlock, context: RewardContext): Committee {
  const state = context.shardStateOf(epoch);
  const committee = state?.committees.find((entry) => entry.shardId === shardId);
  if (committee !== undefined) return committee;
  throw new EposError({ code: 'epos/no-committee', epoch, shardId });
}

function add(sums: Map<Address, bigint>, address: Address, amount: bigint): void {
  sums.set(address, (sums.get(address) ?? 0n) + amount);
}

/** Collects payouts, counters and the records that they change. */
interface Payments {
  payoutOf(
    link: SealedBlock,
    reward: Dec,
    rounding?: PayoutRule['rounding'],
  ): readonly SlotPayout[];
  /** One reward after the other. */
  addEach(payouts: readonly SlotPayout[]): void;
  add(validator: Address, amount: bigint): void;
  done(recovered: bigint, recovery?: Address): RewardPayment;
}

function createPayments(view: StakingView, context: RewardContext): Payments {
  const { network } = context;
  const capped = network.economy !== undefined || isRepaired(context, 'strictStateValidation');
  const absentShares = network.economy?.absentShares ?? 'to-signers';
  const snapshotEpoch = parentEpochOf(context);
  const rosters = new Map<string, RewardRoster>();
  const bases = new Map<Address, { snapshot: ValidatorWrapper; shares: DelegatorShares }>();
  const counters = new Map<Address, { toSign: number; signed: number }>();
  const wrappers = new Map<Address, ValidatorWrapper>();
  const earned = new Map<Address, bigint>();
  let issued = 0n;
  let accumulated = 0n;
  const wrapperOf = (address: Address) =>
    wrappers.get(address) ?? readWrapper(view, address, context);

  const rosterOf = (link: SealedBlock): RewardRoster => {
    const key = `${link.epoch} ${link.shardId}`;
    const known = rosters.get(key);
    if (known !== undefined) return known;
    const { harmonyVoteShare } = shardingAt(network, link.epoch);
    const roster = rewardRoster(committeeAt(link, context), harmonyVoteShare, isStrict(context));
    rosters.set(key, roster);
    return roster;
  };
  const baseOf = (validator: Address) => {
    const known = bases.get(validator);
    if (known !== undefined) return known;
    const snapshot = readSnapshot(view, validator, snapshotEpoch);
    const base = { snapshot, shares: delegatorShares(snapshot) };
    bases.set(validator, base);
    return base;
  };
  const addOne = (validator: Address, amount: bigint): void => {
    const reward = { ...baseOf(validator), amount, capped };
    const { wrapper, paid } = addReward(wrapperOf(validator), reward);
    wrappers.set(validator, wrapper);
    add(earned, validator, paid);
    issued += paid;
    accumulated += isStrict(context) ? paid : amount;
  };

  return {
    payoutOf(link, reward, rounding = 'cut') {
      const rule = {
        rounding: network.economy === undefined ? rounding : 'exact',
        absentShares,
      } as const;
      const payout = crossLinkPayout(rosterOf(link), link.bitmap, reward, rule);
      for (const [validator, { toSign, signed }] of payout.counters) {
        const sum = counters.get(validator) ?? { toSign: 0, signed: 0 };
        counters.set(validator, { toSign: sum.toSign + toSign, signed: sum.signed + signed });
      }
      return payout.payouts;
    },
    add: addOne,
    addEach(payouts) {
      for (const { address, amount } of payouts) addOne(address, amount);
    },
    done(recovered, recovery) {
      for (const [validator, { toSign, signed }] of counters) {
        const wrapper = wrapperOf(validator);
        const counted = {
          toSign: wrapper.counters.toSign + BigInt(toSign),
          signed: wrapper.counters.signed + BigInt(signed),
        };
        wrappers.set(validator, { ...wrapper, counters: counted });
      }
      const balances = new Map<Address, bigint>();
      if (recovery !== undefined && recovered !== 0n) balances.set(recovery, recovered);
      issued += recovered;
      const paid = transition({ wrappers, balances, issued });
      return { transition: paid, accumulated, earned, recovered };
    },
  };
}
