/**
 * Directive 4: pays out the rewards of all delegations of an account.
 *
 * @source harmony/core/staking_verifier.go: VerifyAndCollectRewardsFromDelegation; core/evm.go:
 * CollectRewardsFn
 */
import type { CollectRewards } from '@polyphony/chain';
import { bigIntToBytes } from '@polyphony/primitives';
import { changesOf, isRepaired } from './access.js';
import { visibleDelegations } from './delegation-index.js';
import { refuse } from './errors.js';
import { STAKING_HASHES } from './staking-hashes.js';
import type { StakingContext, StakingView, Transition } from './types.js';

/**
 * Pays the rewards of all delegations that the delegator's index names. Rewards are not staked again.
 *
 * The node looks at the low 64 bits of the sum to see whether there is anything: a multiple of 2^64
 * atto is refused (quirk Q9) until `strictStateValidation`, and never in strict mode. Every record of
 * the index is written again, so one that breaks a rule stops the whole collection.
 *
 * @returns With one log: the delegator's address, the topic, the sum in the fewest bytes.
 * @throws {@link EposError} `epos/no-rewards`, `epos/delegation-index-out-of-bound`,
 * `epos/address-not-in-state`, or a rule of every record.
 * @source harmony/core/staking_verifier.go: VerifyAndCollectRewardsFromDelegation
 */
export function collectRewards(
  view: StakingView,
  directive: CollectRewards,
  context: StakingContext,
): Transition {
  const { delegatorAddress: delegator } = directive;
  const changes = changesOf(view, context);
  const found = [...visibleDelegations(view, delegator, context, changes)];
  let total = 0n;
  for (const { delegation } of found) if (delegation.reward > 0n) total += delegation.reward;
  const seen = isRepaired(context, 'strictStateValidation') ? total : BigInt.asIntN(64, total);
  if (seen === 0n) refuse('epos/no-rewards');
  for (const { validator, index } of found) {
    const wrapper = changes.wrapper(validator);
    const delegations = wrapper.delegations.map((delegation, i) =>
      i === index && delegation.reward > 0n ? { ...delegation, reward: 0n } : delegation,
    );
    changes.write({ ...wrapper, delegations });
  }
  changes.credit(delegator, total);
  changes.logs.push({
    address: delegator,
    topics: [STAKING_HASHES.collectRewardsTopic],
    data: bigIntToBytes(total),
  });
  return changes.done();
}
