/** Who sits in committees on the strength of a stake. */
import type { Address } from '@polyphony/primitives';
import type { ShardState } from '@polyphony/sharding';

/**
 * The accounts behind the staked slots, each once, in the order of shards and slots.
 *
 * @source harmony/shard/shard_state.go: StakedValidators, ExternalValidators
 */
export function stakedValidators(state: ShardState): readonly Address[] {
  const found = new Set<Address>();
  for (const { slots } of state.committees) {
    for (const { address, effectiveStake } of slots) {
      if (effectiveStake !== undefined) found.add(address);
    }
  }
  return [...found];
}
