/**
 * How committees hand over: the last block of an epoch carries those of the next, sealed by the old.
 *
 * The beacon shard's blocks decide for all shards. Other shards carry a copy: from the staking era
 * they enter an epoch when the beacon does, so their epochs have no fixed length and may be skipped.
 * Not here: the election itself. A committee that two thirds of the old one sealed is accepted.
 *
 * @source harmony/core/blockchain_impl.go: SuperCommitteeForNextEpoch; internal/chain/engine.go:
 *   VerifyShardState; shard/shard_state.go
 */
import type { Header } from '@polyphony/chain';
import { isActive, type Network, shardingAt } from '@polyphony/networks';
import { equalBytes } from '@polyphony/primitives';
import {
  computeShardStateHash,
  decodeShardState,
  encodeShardState,
  type ShardState,
  shardStateForm,
} from '@polyphony/sharding';
import { holds, LightClientError, within } from './errors.js';
import { BEACON_SHARD_ID, epochAfter } from './rules.js';
import type { RuleSet } from './seal.js';

/** Committees and the epoch they serve in. */
export interface EpochCommittees extends ShardState {
  readonly epoch: bigint;
}

/** How a hand-over is checked. */
export interface EpochChangeRules {
  readonly network: Network;
  /** Default `strict`. */
  readonly rules?: RuleSet;
  /** For another shard than the beacon: the beacon's committees of the next epoch, to compare with. */
  readonly beaconCommittees?: ShardState;
}

function refuse(reason: string): never {
  throw new LightClientError({ code: 'light-client/invalid-committees', reason });
}

/** Two shard states of one epoch are equal when their bytes are. */
function sameCommittees(a: ShardState, b: ShardState, epoch: bigint): boolean {
  const encode = ({ committees }: ShardState): Uint8Array =>
    encodeShardState({ epoch, committees }, 'staking');
  return equalBytes(encode(a), encode(b));
}

/** All shards of the network in order; in a genesis block of another shard only its own. */
function assertShards(state: ShardState, header: Header, network: Network, epoch: bigint): void {
  const ids = state.committees.map(({ shardId }) => shardId);
  const { shardCount } = shardingAt(network, epoch);
  const wanted =
    header.number === 0n && header.shardId !== BEACON_SHARD_ID
      ? [header.shardId]
      : Array.from({ length: shardCount }, (_, shardId) => shardId);
  if (ids.join() !== wanted.join()) {
    refuse(`committees must be for the shards ${wanted.join(', ')}, got ${ids.join(', ')}`);
  }
}

/**
 * Checks the committees that a header carries and gives them: the form of the next epoch, an epoch
 * after the header's (on the beacon shard the very next), every shard of the network once, a committee
 * for the header's own shard, the hash that headers up to version 2 name.
 *
 * For genesis the committees are those of epoch 0. Check the header's own seal first: nothing here
 * says that the header is the chain's.
 *
 * @throws {@link LightClientError} `light-client/invalid-committees`.
 * @source harmony/core/blockchain_impl.go: SuperCommitteeForNextEpoch; node/harmony/worker/worker.go
 * @activation staking: the staking form, which names its epoch
 */
export function assertValidEpochChange(header: Header, options: EpochChangeRules): EpochCommittees {
  const { network, rules = 'strict', beaconCommittees } = options;
  const genesis = header.number === 0n;
  if (header.shardState.length === 0) refuse(`block ${header.number} carries no committees`);
  const state = within(
    (reason) => ({ code: 'light-client/invalid-committees', reason }),
    () => decodeShardState(header.shardState),
  );
  const epoch = epochAfter(network, header);
  const form = isActive(network, 'staking', epoch) && !genesis ? 'staking' : 'legacy';
  if (shardStateForm(state) !== form) {
    refuse(`the committees of epoch ${epoch} must be in the ${form} form`);
  }
  const next = header.epoch + 1n;
  const inOrder = header.shardId === BEACON_SHARD_ID ? epoch === next : epoch >= next;
  if (!genesis && !inOrder) {
    refuse(`the epoch after ${header.epoch} must not be ${epoch}`);
  }
  const own = state.committees.find(({ shardId }) => shardId === header.shardId);
  if (own === undefined || own.slots.length === 0) {
    refuse(`there is no committee for shard ${header.shardId}`);
  }
  if (rules === 'strict') assertShards(state, header, network, epoch);
  if (header.version < 3 && computeShardStateHash(state) !== header.shardStateHash) {
    refuse('the committees do not have the hash in the header');
  }
  if (beaconCommittees !== undefined && !sameCommittees(state, beaconCommittees, epoch)) {
    refuse(`the committees of epoch ${epoch} are not the beacon's`);
  }
  return { epoch, committees: state.committees };
}

/**
 * Whether a header hands over to exactly these committees, slot by slot and stake by stake. Never
 * throws on hostile bytes.
 *
 * @param committees - The committees in question; an epoch they name must be the next one.
 * @example verifyEpochChange(header1753087, staticShardState(mainnet, accounts, 87n), { network: mainnet })
 */
export function verifyEpochChange(
  header: Header,
  committees: ShardState,
  options: EpochChangeRules,
): boolean {
  return holds(() => {
    const announced = assertValidEpochChange(header, options);
    const { epoch } = announced;
    if (committees.epoch !== undefined && committees.epoch !== epoch) {
      refuse(`the committees are of epoch ${committees.epoch}`);
    }
    if (!sameCommittees(announced, committees, epoch)) refuse('the committees are others');
  });
}
