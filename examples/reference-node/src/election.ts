/**
 * The committees of the next epoch, from the state before the last block of an epoch.
 *
 * Before staking they come from the network's lists, then from the auction: as deployed each key in
 * its own shard, on a network with random assignment where the seed of the epoch puts it.
 *
 * @source harmony/shard/committee/assignment.go: Compute
 */
import { computeHeaderHash, type Header } from '@polyphony/chain';
import type { Engine } from '@polyphony/crypto';
import {
  type Candidate,
  type Election,
  electionCandidates,
  holdElection,
  type StakingView,
  stakedValidators,
  totalDelegation,
} from '@polyphony/epos';
import {
  firstBlockOfEpoch,
  type GenesisAccounts,
  isActive,
  type Network,
} from '@polyphony/networks';
import { bytesToPlainHex, type Hash } from '@polyphony/primitives';
import { type ShardState, staticShardState } from '@polyphony/sharding';
import type { ShardStates } from './shard-states.js';

/** What an election came to. */
export interface ElectionResult {
  readonly epoch: bigint;
  readonly state: ShardState;
  /** Validators with a slot, for their records; none before staking. */
  readonly elected: Election['elected'];
  readonly median: Election['median'] | undefined;
}

/** Elections of a beacon chain. */
export interface Elections {
  /** The election at the end of an epoch, given the header of the block before its last one. */
  after(parent: Header): ElectionResult;
  /** The same by the hash of that header, if it was asked for before. */
  known(parentHash: Hash): ElectionResult | undefined;
}

/** Puts winners into shards, given the committees that end and the header the election follows. */
export type Assign = (election: Election, current: ShardState, parent: Header) => ShardState;

/** What elections need. */
export interface ElectionsOptions {
  readonly network: Network;
  readonly accounts: GenesisAccounts;
  readonly states: ShardStates;
  readonly engine: Engine;
  /** Staking as it is after a block. */
  viewAfter(parent: Header): StakingView;
  /** Left out: each key has its own shard, as deployed. */
  readonly assign?: Assign;
}

/** Elections that are remembered; a height has few candidates. */
const REMEMBERED = 8;

/** Elections of a beacon chain. */
export function createElections(options: ElectionsOptions): Elections {
  const { network, accounts, states, engine, assign } = options;
  const results = new Map<Hash, ElectionResult>();

  function hold(parent: Header): ElectionResult {
    const epoch = parent.epoch + 1n;
    if (!isActive(network, 'staking', epoch)) {
      const state = staticShardState(network, accounts, epoch);
      return { epoch, state, elected: [], median: undefined };
    }
    const current = states.at(parent.epoch);
    const context = { network, accounts, epoch: parent.epoch, blockNumber: parent.number + 1n };
    const view = options.viewAfter(parent);
    const all = electionCandidates(view, context);
    const candidates = assign
      ? all.flatMap((one) => standing(one, view, parent.epoch, network))
      : all;
    const election = holdElection(candidates, current, context);
    const { median } = election;
    // Random assignment needs a seat for each shard.
    const needed = assign === undefined ? 1 : current.committees.length;
    if (election.winners.length < needed) {
      // Founders go on with equal votes: no slot is staked, and the network's rule leaves no vote to nobody.
      const state = assign === undefined ? election.shardState : { ...current, epoch };
      return { epoch, state, elected: stakedValidators(state), median };
    }
    const state = assign ? assign(election, current, parent) : election.shardState;
    return { epoch, state, elected: election.elected, median };
  }

  return {
    after(parent) {
      const hash = computeHeaderHash(parent, engine);
      const known = results.get(hash);
      if (known !== undefined) return known;
      const result = hold(parent);
      results.set(hash, result);
      if (results.size > REMEMBERED) results.delete(results.keys().next().value!);
      return result;
    },
    known: (parentHash) => results.get(parentHash),
  };
}

/**
 * What of a candidate stood when the epoch began and still stands: the seed of its assignment may be
 * known before the election, so nothing done after the epoch began may add to what is assigned.
 * Whoever registers in an epoch can be elected at the end of the next.
 */
function standing(
  candidate: Candidate,
  view: StakingView,
  epoch: bigint,
  network: Network,
): readonly Candidate[] {
  const before = view.snapshotOf(candidate.address, epoch);
  if (before === undefined || before.creationHeight >= firstBlockOfEpoch(network, epoch)) return [];
  const stakeBefore = totalDelegation(before);
  const keysBefore = new Set(before.blsPublicKeys.map(bytesToPlainHex));
  const { stake, blsPublicKeys } = candidate;
  return [
    {
      ...candidate,
      ...(stakeBefore < stake ? { stake: stakeBefore } : {}),
      blsPublicKeys: blsPublicKeys.filter((key) => keysBefore.has(bytesToPlainHex(key))),
    },
  ];
}
