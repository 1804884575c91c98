/**
 * Commission rules that the chain itself enforces: the lowest rate, the room above it, and what an
 * election changes in the records.
 *
 * Here is no auction: who was elected is given. Whether a changed record is stored is decided by
 * {@link flushWrappers}: between `minCommissionRate` and `topMaxRate` the forced rates could break
 * the rules of records (quirk Q1).
 *
 * @source harmony/staking/availability/measure.go: UpdateMinimumCommissionFee,
 * UpdateMaxCommissionFee; internal/chain/engine.go: setElectionEpochAndMinFee
 */
import { isActive, type Network } from '@polyphony/networks';
import {
  type Address,
  addDec,
  DEC_ONE,
  DEC_ZERO,
  type Dec,
  decFromBigIntWithPrecision,
  minDec,
} from '@polyphony/primitives';
import { readWrapper, transition } from './access.js';
import type { StakingContext, StakingView, Transition, ValidatorWrapper } from './types.js';

const FIVE_PERCENT: Dec = decFromBigIntWithPrecision(5n, 2);
const SEVEN_PERCENT: Dec = decFromBigIntWithPrecision(7n, 2);

/**
 * The lowest commission rate: none, 0.05 from `minCommissionRate`, 0.07 from `hip30`.
 *
 * @source harmony/staking/availability/measure.go: MinCommissionRate
 */
export function minCommissionRateAt(network: Network, epoch: bigint): Dec {
  if (isActive(network, 'hip30', epoch)) return SEVEN_PERCENT;
  return isActive(network, 'minCommissionRate', epoch) ? FIVE_PERCENT : DEC_ZERO;
}

/**
 * Whether a validator must keep the lowest rate: it was elected before, and the epochs of grace since
 * then are over.
 *
 * @param firstElectionEpoch - 0 when it was never elected.
 * @param promoPeriod - Epochs of grace.
 * @source harmony/staking/availability/measure.go: UpdateMinimumCommissionFee
 */
export function isPromotionOver(
  firstElectionEpoch: bigint,
  epoch: bigint,
  promoPeriod: bigint,
): boolean {
  return (
    firstElectionEpoch !== 0n &&
    epoch >= firstElectionEpoch &&
    epoch - firstElectionEpoch >= promoPeriod
  );
}

/**
 * A rate raised to the lowest one if the validator's grace is over.
 *
 * @source harmony/staking/availability/measure.go: UpdateMinimumCommissionFee
 */
export function raiseToMinCommission(
  rate: Dec,
  minRate: Dec,
  grace: {
    readonly firstElectionEpoch: bigint;
    /** The epoch of the election. */
    readonly epoch: bigint;
    readonly promoPeriod: bigint;
  },
): Dec {
  const must = isPromotionOver(grace.firstElectionEpoch, grace.epoch, grace.promoPeriod);
  return must && rate < minRate ? minRate : rate;
}

/**
 * A highest rate raised so that the lowest rate and one step fit under it. Without `topMaxRate` it may
 * pass 1, which no record may have (quirk Q1).
 *
 * @source harmony/staking/availability/measure.go: UpdateMaxCommissionFee
 */
export function raiseMaxRate(
  maxRate: Dec,
  maxChangeRate: Dec,
  minRate: Dec,
  topMaxRate: boolean,
): Dec {
  const room = addDec(minRate, maxChangeRate);
  const needed = topMaxRate ? minDec(room, DEC_ONE) : room;
  return maxRate < needed ? needed : maxRate;
}

/** The outcome of an election, as far as records care. */
export interface ElectionOutcome {
  /** The epoch that was elected for: the next one. */
  readonly epoch: bigint;
  /** Validators with a slot, each once, in the order of the new committees. */
  readonly elected: readonly Address[];
}

function withRates(wrapper: ValidatorWrapper, rate: Dec, maxRate: Dec): ValidatorWrapper {
  const { commission } = wrapper;
  if (rate === commission.rate && maxRate === commission.maxRate) return wrapper;
  return { ...wrapper, commission: { ...commission, rate, maxRate } };
}

/**
 * What an election changes, at the last block of an epoch and after the payout of free tokens.
 *
 * Every elected validator gets the epoch as its last one in a committee, and from
 * `minCommissionRate` its first election epoch, once, and the lowest rate if its grace is over. From
 * `maxRate` the highest rate of all validators is raised; from `hip30` the lowest rate holds for those
 * who were not elected too. All rules are asked for the epoch elected for. The height of the last
 * change of commission stays.
 *
 * @throws {@link EposError} `epos/address-not-in-state` for a validator without a record.
 * @source harmony/internal/chain/engine.go: setElectionEpochAndMinFee
 */
export function applyElection(
  view: StakingView,
  outcome: ElectionOutcome,
  context: StakingContext,
): Transition {
  const { network } = context;
  const { epoch, elected } = outcome;
  const minRate = minCommissionRateAt(network, epoch);
  const promoPeriod = network.minCommissionPromoPeriod;
  const firstElectionEpochs = new Map<Address, bigint>();
  const wrappers = new Map<Address, ValidatorWrapper>();
  const current = (address: Address) =>
    wrappers.get(address) ?? readWrapper(view, address, context);
  const keep = (before: ValidatorWrapper, after: ValidatorWrapper) => {
    if (after !== before) wrappers.set(after.address, after);
  };
  const raiseRate = (wrapper: ValidatorWrapper) => {
    const { address, commission } = wrapper;
    const firstElectionEpoch =
      firstElectionEpochs.get(address) ?? view.firstElectionEpochOf(address);
    const grace = { firstElectionEpoch, epoch, promoPeriod };
    const rate = raiseToMinCommission(commission.rate, minRate, grace);
    return withRates(wrapper, rate, commission.maxRate);
  };

  for (const address of elected) {
    const wrapper = { ...current(address), lastEpochInCommittee: epoch };
    if (minRate > 0n && view.firstElectionEpochOf(address) === 0n) {
      firstElectionEpochs.set(address, epoch);
    }
    wrappers.set(wrapper.address, raiseRate(wrapper));
  }
  const raisesMaxRate = isActive(network, 'maxRate', epoch);
  const topMaxRate = isActive(network, 'topMaxRate', epoch);
  const raisesAll = isActive(network, 'hip30', epoch);
  if (!raisesMaxRate && !raisesAll) return transition({ wrappers, firstElectionEpochs });
  const isElected = new Set(elected);
  for (const address of view.validators()) {
    const before = current(address);
    // Raising the highest rate again after the lowest, as the node does, changes nothing.
    const raised = raisesAll && !isElected.has(address) ? raiseRate(before) : before;
    const { rate, maxRate, maxChangeRate } = raised.commission;
    const highest = raisesMaxRate
      ? raiseMaxRate(maxRate, maxChangeRate, minRate, topMaxRate)
      : maxRate;
    keep(before, withRates(raised, rate, highest));
  }
  return transition({ wrappers, firstElectionEpochs });
}
