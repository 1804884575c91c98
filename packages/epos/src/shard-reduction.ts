/**
 * What a smaller number of shards does to validators.
 *
 * A key serves the shard that it falls into, so with fewer shards some keys come to serve another one
 * than the node that holds them runs. Their validators must say that they are ready.
 *
 * @source harmony/core/state_processor.go: MayShardReduction
 */
import { shardingAt } from '@polyphony/networks';
import type { Address } from '@polyphony/primitives';
import { shardOfKey } from '@polyphony/sharding';
import { readWrapper, transition } from './access.js';
import type { StakingContext, StakingView, Transition, ValidatorWrapper } from './types.js';

/**
 * Makes every active validator inactive that has a key whose shard changes when the next epoch has
 * fewer shards; otherwise changes nothing. At the last block of an epoch, before the payout of free
 * tokens. The election of that block read the state before it, so these validators may still be
 * elected once.
 *
 * @throws {@link EposError} `epos/address-not-in-state`.
 * @source harmony/core/state_processor.go: MayShardReduction
 */
export function reduceShards(view: StakingView, context: StakingContext): Transition {
  const { network, epoch } = context;
  const before = shardingAt(network, epoch).shardCount;
  const after = shardingAt(network, epoch + 1n).shardCount;
  if (after >= before) return transition({});
  const wrappers = new Map<Address, ValidatorWrapper>();
  for (const address of view.validators()) {
    const wrapper = readWrapper(view, address, context);
    if (wrapper.status !== 'active') continue;
    const moves = wrapper.blsPublicKeys.some(
      (key) => shardOfKey(key, before) !== shardOfKey(key, after),
    );
    if (moves) wrappers.set(wrapper.address, { ...wrapper, status: 'inactive' });
  }
  return transition({ wrappers });
}
