/**
 * The end of a beacon block: what happens after its transactions, in the node's order.
 *
 * Each part is a transition of its own and can be used alone; here they follow one another. Counting
 * signatures and paying for them is a step that the caller gives, since it needs the block's links.
 * Snapshots are taken by who keeps the state: of all validators one block before an epoch ends.
 *
 * @source harmony/internal/chain/engine.go: Finalize; core/state_processor.go: MayShardReduction
 */
import type { SlashRecord } from '@polyphony/chain';
import { isActive } from '@polyphony/networks';
import { encodeShardState, type ShardState } from '@polyphony/sharding';
import { applySlashes, type SlashContext } from './apply-slashes.js';
import { markAvailability } from './availability.js';
import { applyElection } from './commission.js';
import { fineDowntime } from './downtime.js';
import {
  type Election,
  type ElectionContext,
  electionCandidates,
  holdElection,
} from './election.js';
import { inSequence, type Step } from './sequence.js';
import { reduceShards } from './shard-reduction.js';
import type { StakingView, Transition } from './types.js';
import { payoutUndelegations } from './undelegation.js';

/** What a block brings along besides its transactions. */
export interface BlockEnd {
  /** At the last block of an epoch: what was elected over the state before the block. */
  readonly election?: Pick<Election, 'epoch' | 'elected'>;
  /** The committees of the block's epoch; asked at the last block of an epoch only. */
  readonly current: ShardState;
  /** Counts signatures and pays rewards, if this block does. */
  readonly rewards?: Step;
  /** The records of the header, proved before: see `assertValidSlashes`. */
  readonly slashes?: readonly SlashRecord[];
}

/**
 * What the end of a block changes.
 *
 * In this order: at the last block of an epoch validators whose shard goes away become inactive, free
 * tokens are paid, the election is applied, and members that did not sign enough become inactive and
 * are fined; in every block rewards, then slashes. So the signatures that the last block of an epoch
 * counts belong to the next epoch's measure (quirk Q12): each is counted once, by both modes.
 *
 * @throws {@link EposError} of the parts.
 * @source harmony/internal/chain/engine.go: Finalize
 */
export function finishBlock(view: StakingView, end: BlockEnd, context: SlashContext): Transition {
  const { election, current, rewards, slashes = [] } = end;
  const steps: Step[] = [];
  if (election !== undefined) {
    steps.push(
      (changed) => reduceShards(changed, context),
      (changed) => payoutUndelegations(changed, context),
      (changed) => applyElection(changed, election, context),
      (changed) => markAvailability(changed, current, context),
    );
    if (isActive(context.network, 'downtimeSlash', context.epoch)) {
      steps.push((changed) => fineDowntime(changed, current, context));
    }
  }
  if (rewards !== undefined) steps.push(rewards);
  if (slashes.length > 0) steps.push((changed) => applySlashes(changed, slashes, context));
  return inSequence(view, steps);
}

/** What the last block of an epoch comes to. */
export interface EpochEnd {
  readonly election: Election;
  /** What the header carries. */
  readonly shardState: Uint8Array;
  readonly transition: Transition;
}

/**
 * Ends an epoch: elects the next committees over the state before the block, and finishes the block.
 *
 * @param parent - The state before the block, which the election reads.
 * @param view - The state after the block's transactions; the parent's when it has none.
 * @throws {@link EposError} of the parts; `ShardingError` `sharding/account-list-too-short`.
 * @activation preStaking
 * @example
 * const { transition, shardState } = endEpoch(ledger, ledger, { current }, { network, accounts, epoch, blockNumber, coinbase })
 */
export function endEpoch(
  parent: StakingView,
  view: StakingView,
  end: Omit<BlockEnd, 'election'>,
  context: SlashContext & Pick<ElectionContext, 'accounts'>,
): EpochEnd {
  const election = holdElection(electionCandidates(parent, context), end.current, context);
  const form = isActive(context.network, 'staking', election.epoch) ? 'staking' : 'legacy';
  return {
    election,
    shardState: encodeShardState(election.shardState, form),
    transition: finishBlock(view, { ...end, election }, context),
  };
}
