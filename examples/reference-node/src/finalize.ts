/**
 * What follows the transactions of a block: rewards, payouts, the election's marks, slashes.
 *
 * Every figure is decided by `@polyphony/epos`; here is where the seals and committees it asks for
 * come from.
 *
 * @source harmony/internal/chain/engine.go: Finalize
 */
import {
  decodeCommitSeal,
  decodeCrossLinks,
  decodeSlashRecords,
  type Header,
} from '@polyphony/chain';
import {
  accumulateRewards,
  type CarriedSeals,
  finishBlock,
  paysRewards,
  type RewardContext,
  type StakingView,
  type Transition,
} from '@polyphony/epos';
import type { Finalize } from '@polyphony/executor';
import { isActive, isLastBlockOfEpoch, type Network } from '@polyphony/networks';
import type { HeaderReader } from './committees.js';
import type { Elections } from './election.js';
import type { ShardStates } from './shard-states.js';

/** What finalization reads of the chain. */
export interface FinalizeOptions {
  readonly network: Network;
  readonly states: ShardStates;
  /** Headers below the block that is executed. */
  readonly headerAt: HeaderReader;
}

/** The seals that a header carries: of its parent, and of the blocks it links. */
export function carriedSeals(header: Header, parent: Header, network: Network): CarriedSeals {
  const { shardId, epoch } = parent;
  const own = { signature: header.lastCommitSignature, bitmap: header.lastCommitBitmap };
  return {
    parent:
      parent.number === 0n
        ? undefined
        : { shardId, epoch, bitmap: decodeCommitSeal(own, network).bitmap },
    crossLinks: decodeCrossLinks(header.crossLinks).map((link) => ({
      ...link,
      bitmap: decodeCommitSeal(link, network).bitmap,
    })),
  };
}

/** The seals of all blocks that a paying block pays for, the block itself last. */
function sealsOf(header: Header, options: FinalizeOptions): readonly CarriedSeals[] {
  const { network, headerAt } = options;
  const whole = isActive(network, 'aggregatedReward', header.epoch);
  const period = whole ? network.rewardPeriodBlocks : 1n;
  const first = header.number >= period ? header.number - period + 1n : 1n;
  const seals: CarriedSeals[] = [];
  let parent = headerAt(first - 1n);
  for (let number = first; number <= header.number; number += 1n) {
    const carrier = number === header.number ? header : headerAt(number);
    if (parent === undefined || carrier === undefined) {
      throw new Error(`block ${number} is missing below block ${header.number}`);
    }
    seals.push(carriedSeals(carrier, parent, network));
    parent = carrier;
  }
  return seals;
}

function rewardContext(
  view: { readonly epoch: bigint; readonly blockNumber: bigint },
  header: Header,
  options: FinalizeOptions,
): RewardContext {
  const { network, states, headerAt } = options;
  const paidBefore =
    header.number > network.rewardPeriodBlocks ? header.number - network.rewardPeriodBlocks : 0n;
  const before = headerAt(paidBefore)?.timestamp ?? header.timestamp;
  return {
    ...view,
    network,
    shardStateOf: (epoch) => states.find(epoch),
    elapsedSeconds: header.timestamp - before,
  };
}

/** A view for a shard without staking: rewards before staking read nothing of it. */
const NO_STAKING: StakingView = {
  isValidator: () => false,
  wrapperOf: () => undefined,
  snapshotOf: () => undefined,
  validators: () => [],
  createdInBlock: () => [],
  balanceOf: () => 0n,
  delegationsOf: () => [],
  firstElectionEpochOf: () => 0n,
};

/** Finalization of the beacon shard. */
export function beaconFinalize(options: FinalizeOptions, elections: Elections): Finalize {
  const { network, states } = options;
  return (_state, { header, staking }) => {
    if (staking === undefined) throw new Error('the beacon shard executes staking');
    const { context } = staking;
    const election = isLastBlockOfEpoch(network, header.number)
      ? elections.known(header.parentHash)
      : undefined;
    const rewards = (view: StakingView): Transition =>
      accumulateRewards(view, sealsOf(header, options), rewardContext(context, header, options))
        .transition;
    const pays = paysRewards(network, header.epoch, header.number);
    const end = {
      current: states.at(header.epoch),
      slashes: decodeSlashRecords(header.slashes, network.consensusVersion),
      ...(election === undefined ? {} : { election }),
      ...(pays ? { rewards } : {}),
    };
    staking.apply(finishBlock(staking, end, { ...context, coinbase: header.coinbase }));
  };
}

/** Finalization of any other shard: it pays its own signers, before staking. */
export function shardFinalize(options: FinalizeOptions): Finalize {
  return (state, { header }) => {
    const { network } = options;
    if (isActive(network, 'staking', header.epoch)) return;
    const place = { epoch: header.epoch, blockNumber: header.number };
    const { transition } = accumulateRewards(
      NO_STAKING,
      sealsOf(header, options),
      rewardContext(place, header, options),
    );
    for (const [address, amount] of transition.balances) state.addBalance(address, amount);
  };
}
