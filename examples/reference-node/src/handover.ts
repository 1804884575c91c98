/**
 * How a shard enters the next epoch: which committees a block must carry.
 *
 * The beacon shard decides in the last block of its epoch, by the election. From the staking era on
 * other shards copy the beacon's decision as soon as they know it, so their epochs end at any height;
 * before, they follow the schedule by themselves.
 *
 * @source harmony/core/blockchain_impl.go: SuperCommitteeForNextEpoch; internal/chain/engine.go:
 * VerifyShardState
 */
import type { Header } from '@polyphony/chain';
import {
  type GenesisAccounts,
  isActive,
  isLastBlockOfEpoch,
  type Network,
} from '@polyphony/networks';
import { equalBytes, isProtocolError } from '@polyphony/primitives';
import { decodeShardState, type ShardState, staticShardState } from '@polyphony/sharding';
import type { ShardStates } from './shard-states.js';

/** The committees of an epoch. */
export interface NextCommittees {
  readonly epoch: bigint;
  readonly state: ShardState;
}

/** Decides what blocks carry as shard state. */
export interface Handover {
  /** What the block after a parent hands over to, if it ends its epoch. */
  propose(parent: Header, number: bigint, epoch: bigint): NextCommittees | undefined;
  /**
   * Why a header's shard state is wrong, or undefined when it is right.
   *
   * @param parent - Its parent, whose state the election reads.
   */
  refusal(header: Header, parent: Header): string | undefined;
}

/** The handover of the beacon shard. `elect` gives the committees of the epoch after one that ends. */
export function beaconHandover(
  network: Network,
  states: ShardStates,
  elect: (parent: Header, epoch: bigint) => ShardState,
): Handover {
  const propose: Handover['propose'] = (parent, number, epoch) =>
    isLastBlockOfEpoch(network, number)
      ? { epoch: epoch + 1n, state: elect(parent, epoch + 1n) }
      : undefined;
  return {
    propose,
    refusal(header, parent) {
      const next = propose(parent, header.number, header.epoch);
      const expected =
        next === undefined ? new Uint8Array() : states.encode(next.epoch, next.state);
      return equalBytes(header.shardState, expected)
        ? undefined
        : `shard state is not that of epoch ${header.epoch + 1n}`;
    },
  };
}

/** The handover of any other shard. */
export function shardHandover(
  network: Network,
  accounts: GenesisAccounts,
  states: ShardStates,
): Handover {
  const isStaking = (epoch: bigint): boolean => isActive(network, 'staking', epoch);

  /** Before staking: by the shard's own schedule. */
  const scheduled = (number: bigint, epoch: bigint): NextCommittees | undefined =>
    !isStaking(epoch + 1n) && isLastBlockOfEpoch(network, number)
      ? { epoch: epoch + 1n, state: staticShardState(network, accounts, epoch + 1n) }
      : undefined;

  return {
    propose(_parent, number, epoch) {
      const { newest } = states;
      if (newest > epoch && isStaking(newest)) return { epoch: newest, state: states.at(newest) };
      return scheduled(number, epoch);
    },
    refusal({ shardState, number, epoch }) {
      const own = scheduled(number, epoch);
      if (shardState.length === 0) {
        // A leader may not have heard of the beacon's new epoch yet.
        return own === undefined ? undefined : 'committees of the next epoch are missing';
      }
      let named: bigint | undefined;
      try {
        named = decodeShardState(shardState).epoch;
      } catch (error) {
        if (!isProtocolError(error)) throw error;
        return `shard state: ${error.message}`;
      }
      if (named === undefined || !isStaking(named)) {
        return own !== undefined && equalBytes(shardState, states.encode(own.epoch, own.state))
          ? undefined
          : 'shard state is not that of the schedule';
      }
      if (named <= epoch) return `shard state of epoch ${named} in a block of epoch ${epoch}`;
      const known = states.find(named);
      if (known === undefined)
        return `the beacon's committees of epoch ${named} are not known here`;
      return equalBytes(shardState, states.encode(named, known))
        ? undefined
        : `shard state is not the beacon's of epoch ${named}`;
    },
  };
}
