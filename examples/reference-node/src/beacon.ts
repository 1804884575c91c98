/**
 * What only a node of the beacon shard has: staking and its tables, elections, randomness, links to
 * blocks of other shards, evidence.
 */
import type { Bls } from '@polyphony/bls';
import type { Header } from '@polyphony/chain';
import type { Engine } from '@polyphony/crypto';
import { assertValidEvidence, harmonyKeysAt, type StakingView } from '@polyphony/epos';
import {
  createStakingSession,
  type Finalize,
  openStakingTables,
  type StakingEnvironment,
  type StateDatabase,
  type StoredStakingTables,
} from '@polyphony/executor';
import type { GenesisAccounts, Network } from '@polyphony/networks';
import type { PeerRequests } from '@polyphony/p2p';
import { isProtocolError } from '@polyphony/primitives';
import { assignedShardState, defaultResharding } from '@polyphony/sharding';
import type { KeyValueStore } from '@polyphony/storage';
import type { ChainStore } from './chain-store.js';
import type { Committees, HeaderReader } from './committees.js';
import { type CrossLinks, createCrossLinks } from './cross-links.js';
import { type Assign, createElections, type Elections } from './election.js';
import { createEvidencePool, type EvidencePool } from './evidence.js';
import { beaconFinalize } from './finalize.js';
import { keyProofs } from './keys.js';
import type { EpochRandomness } from './randomness.js';
import type { ShardStates } from './shard-states.js';

/** What the beacon shard's parts stand on. */
export interface BeaconOptions {
  readonly network: Network;
  readonly accounts: GenesisAccounts;
  readonly store: KeyValueStore;
  readonly states: StateDatabase;
  readonly chain: ChainStore;
  readonly shardStates: ShardStates;
  readonly committees: Committees;
  readonly headerAt: HeaderReader;
  readonly requests: PeerRequests;
  readonly bls: Bls;
  readonly engine: Engine;
  /** Left out: each key has its own shard, as deployed. */
  readonly randomness?: EpochRandomness | undefined;
}

/** The beacon shard's parts. */
export interface Beacon {
  readonly tables: StoredStakingTables;
  readonly staking: StakingEnvironment;
  readonly elections: Elections;
  readonly finalize: Finalize;
  readonly crossLinks: CrossLinks;
  readonly evidence: EvidencePool;
  readonly randomness: EpochRandomness | undefined;
  /** Staking as it is after a block. */
  viewAfter(header: Header): StakingView;
}

const BEACON_SHARD_ID = 0;

/** Seats by the seed that the ending epoch settled on. */
function assignBy(randomness: EpochRandomness): Assign {
  return ({ winners, epoch }, current) =>
    assignedShardState({
      previous: current,
      winners,
      epoch,
      seed: (randomness.next ?? randomness.current).seed,
      parameters: defaultResharding(current.committees.length),
    }).state;
}

/** Puts the beacon shard's parts together. */
export function createBeacon(options: BeaconOptions): Beacon {
  const { network, accounts, store, states, chain, shardStates, committees, bls, engine } = options;
  const { randomness } = options;
  const tables = openStakingTables(store);
  const nextEpoch = (): bigint => committees.epochAfter(chain.head.block.header);
  const staking: StakingEnvironment = {
    tables,
    verifyKeyProof: keyProofs(network, bls, nextEpoch),
    harmonyKeysAt: (epoch) => harmonyKeysAt(accounts, epoch),
  };

  const viewAfter = (header: Header): StakingView =>
    createStakingSession(
      states.openState(header.stateRoot),
      {
        network,
        shardId: BEACON_SHARD_ID,
        epoch: header.epoch,
        number: header.number + 1n,
        timestamp: header.timestamp,
        gasLimit: header.gasLimit,
        coinbase: header.coinbase,
        vrf: header.vrf,
        blockHash: (number) => chain.hashOf(number),
      },
      staking,
    );

  const elections = createElections({
    network,
    accounts,
    states: shardStates,
    engine,
    viewAfter,
    ...(randomness === undefined ? {} : { assign: assignBy(randomness) }),
  });

  const evidence = createEvidencePool(network.consensusVersion, (record) => {
    const { header } = chain.head.block;
    const context = {
      network,
      epoch: nextEpoch(),
      blockNumber: header.number + 1n,
      committeesAt: (epoch: bigint) => shardStates.find(epoch),
      bls,
    };
    try {
      assertValidEvidence(viewAfter(header), record, context);
      return undefined;
    } catch (error) {
      if (!isProtocolError(error)) throw error;
      return error.message;
    }
  });

  return {
    tables,
    staking,
    elections,
    viewAfter,
    finalize: beaconFinalize(
      { network, states: shardStates, headerAt: options.headerAt },
      elections,
    ),
    crossLinks: createCrossLinks({
      network,
      committees,
      store,
      requests: options.requests,
      bls,
    }),
    evidence,
    randomness,
  };
}
