/**
 * The one place where everything meets: a validating node of one shard, put together.
 *
 * Reading order: stores, chain and state; committees; beacon; application; consensus; sync; RPC.
 * Every part is made elsewhere and knows only what it is given here.
 */
import type { Bls } from '@polyphony/bls';
import { genesisBlock, type Header } from '@polyphony/chain';
import type { Engine } from '@polyphony/crypto';
import type { StakingView } from '@polyphony/epos';
import { createStateDatabase, genesisState } from '@polyphony/executor';
import {
  type DoubleSign,
  guarded,
  harmonyTiming,
  ownNetworkTiming,
  strict,
  type Timing,
} from '@polyphony/fbft';
import { createDriver, type Driver, type DriverEvent } from '@polyphony/fbft/driver';
import type { GenesisAccounts, Network } from '@polyphony/networks';
import type { Gossip, PeerRequests } from '@polyphony/p2p';
import type { Hash } from '@polyphony/primitives';
import { genesisShardState, type ShardState } from '@polyphony/sharding';
import type { KeyValueStore } from '@polyphony/storage';
import { createAdmission } from './admission.js';
import { createApplication, type FinalBlock } from './application.js';
import { createBeacon } from './beacon.js';
import { assertOwnSeal, type ChainStore, openChainStore } from './chain-store.js';
import { systemClock } from './clock.js';
import { createCommittees } from './committees.js';
import { serveCrossLinks } from './cross-links.js';
import { type Decisions, openDecisions } from './decisions.js';
import { createEpochChain, encodeEpochBlock, sealedHeaderAt, serveEpochs } from './epoch-chain.js';
import { slashRecordOf } from './evidence.js';
import { shardFinalize } from './finalize.js';
import { createNodeGossip } from './gossip.js';
import { beaconHandover, shardHandover } from './handover.js';
import { localSigner, signedMarks } from './keys.js';
import { createMempool } from './mempool.js';
import { createNodeBackend } from './node-backend.js';
import {
  type DelayService,
  type EpochRandomness,
  openEpochRandomness,
  randomnessParameters,
} from './randomness.js';
import { createDispatcher, type Dispatcher } from './rpc/dispatcher.js';
import { createMethods } from './rpc/methods.js';
import { UNSUPPORTED_METHODS } from './rpc/unsupported.js';
import { openShardStates, type ShardStates } from './shard-states.js';
import { openSupply, type Supply } from './supply.js';
import { createBlockSync, serveBlocks, syncProtocol } from './sync.js';

/** A place in a network. */
export type Peer = Gossip & PeerRequests & { leave(): void };

/** What happens in a node. */
export type NodeEvent =
  | ({ readonly type: 'final-block' } & FinalBlock)
  /** More members signed a final block than were needed. */
  | { readonly type: 'more-signers'; readonly hash: Hash; readonly signers: readonly number[] }
  | { readonly type: 'consensus'; readonly event: DriverEvent }
  /** The committees of an epoch became known, on the beacon by its last block of the one before. */
  | { readonly type: 'epoch'; readonly epoch: bigint; readonly state: ShardState }
  | { readonly type: 'warning'; readonly text: string };

/** What a node is made of. */
export interface NodeOptions {
  readonly network: Network;
  readonly accounts: GenesisAccounts;
  readonly shardId: number;
  /** BLS secret keys of the committee members this node runs; none for a node that only follows. */
  readonly secretKeys: readonly Uint8Array[];
  /** The node's own; closed when it stops. */
  readonly store: KeyValueStore;
  /** The node's place among the nodes of its shard; left when it stops. */
  readonly peer: Peer;
  /** On other shards: the node's place among the nodes of the beacon shard; left when it stops. */
  readonly beaconPeer?: Peer;
  readonly bls: Bls;
  readonly engine: Engine;
  /** On networks of random sharding: evaluates delays away from this thread. */
  readonly delays?: DelayService;
  /** Default: Harmony's figures on Harmony's networks, shorter ones on others. */
  readonly timing?: Timing;
  /** RPC addresses of all shards, for clients that ask. */
  shards(): readonly { readonly shardId: number; readonly http: string; readonly ws: string }[];
  onEvent(event: NodeEvent): void;
}

/** A node of one shard. */
export interface ReferenceNode {
  readonly chain: ChainStore;
  /** Committees by epoch, as far as this node knows them. */
  readonly shardStates: ShardStates;
  /** What this shard's blocks issued and burnt. */
  readonly supply: Supply;
  /** Proofs of the blocks that this node saw decided. */
  readonly decisions: Decisions;
  /** On the beacon shard of a network of random sharding. */
  readonly randomness: EpochRandomness | undefined;
  /** Staking after a block of this chain; undefined on other shards than the beacon. */
  stakingAfter(header: Header): StakingView | undefined;
  readonly dispatcher: Dispatcher;
  /** Catches up with its peers, then takes part in consensus. */
  start(): Promise<void>;
  /** Stops for good and releases store and network. */
  stop(): Promise<void>;
}

const BEACON_SHARD_ID = 0;

/** Puts a node together and opens its chain. It does nothing before `start`. */
export async function createReferenceNode(options: NodeOptions): Promise<ReferenceNode> {
  const { network, accounts, shardId, store, peer, beaconPeer, bls, engine } = options;
  const ownNetwork = network.blsSuite === 'ietf' || network.consensusVersion === 2;
  const warn = (text: string): void => options.onEvent({ type: 'warning', text });

  const gossip = createNodeGossip({
    network,
    shardId,
    peer,
    ...(beaconPeer === undefined ? {} : { beaconPeer }),
  });

  // Stores, chain and state
  const states = createStateDatabase(store, { hasher: engine });
  const genesisCommittees = genesisShardState(network, accounts);
  const genesis = genesisBlock(network, shardId, { shardState: genesisCommittees, hasher: engine });
  const chain = await openChainStore(
    store,
    genesis,
    genesisState(states, network, shardId).commit().operations,
  );
  const supply = openSupply(store);
  const decisions = openDecisions(store, chain, network);

  // Committees, keys and pool
  const shardStates = await openShardStates(store, network, genesisCommittees);
  const committees = createCommittees(network, shardId, shardStates);
  assertOwnSeal(chain, network, committees.committeeAt(chain.head.block.header.epoch).slots.length);
  const signer = localSigner(bls, options.secretKeys);
  const mempool = createMempool(network, shardId);
  let finalityMs: number | undefined;

  // The beacon shard: staking, elections, links to other shards, evidence
  const isBeacon = shardId === BEACON_SHARD_ID;
  const parameters = isBeacon ? randomnessParameters(network) : undefined;
  const randomness =
    parameters &&
    openEpochRandomness(parameters, {
      network,
      store,
      committees,
      bls,
      signer,
      ...(options.delays === undefined ? {} : { delays: options.delays }),
      publish: gossip.publishContributions,
      onWarning: warn,
    });
  const beacon = isBeacon
    ? createBeacon({
        randomness,
        network,
        accounts,
        store,
        states,
        chain,
        shardStates,
        committees,
        headerAt: chain.headerAt,
        requests: peer,
        bls,
        engine,
      })
    : undefined;

  const handover =
    beacon === undefined
      ? shardHandover(network, accounts, shardStates)
      : beaconHandover(network, shardStates, (parent) => beacon.elections.after(parent).state);

  // Other shards follow the epochs of the beacon
  const epochChain =
    beaconPeer &&
    createEpochChain({
      network,
      committees,
      states: shardStates,
      store,
      requests: beaconPeer,
      bls,
      engine,
      onEpoch: (epoch) => options.onEvent({ type: 'epoch', epoch, state: shardStates.at(epoch) }),
    });

  // The application
  const application = createApplication({
    network,
    shardId,
    chain,
    states,
    shardStates,
    committees,
    handover,
    supply,
    decisions,
    finalize:
      beacon?.finalize ?? shardFinalize({ network, states: shardStates, headerAt: chain.headerAt }),
    ...(beacon === undefined ? {} : { beacon }),
    mempool,
    bls,
    engine,
    signer,
    skipTurnHolder: ownNetwork,
    now: Date.now,
    onFinal(final) {
      finalityMs = final.finalityMs ?? finalityMs;
      options.onEvent({ type: 'final-block', ...final });
      if (beacon !== undefined) afterBeaconBlock(final.block.header);
    },
    onMoreSigners: (hash, signers) => options.onEvent({ type: 'more-signers', hash, signers }),
    onSync: () => sync(),
    onDoubleSign: (evidence) => reportEvidence(evidence),
    onUnknownEpoch: async () => epochChain?.catchUp(),
    onWarning: warn,
  });

  /** Tells other shards of a new epoch, and looks for blocks of theirs to link. */
  function afterBeaconBlock(header: Header): void {
    if (header.shardState.length > 0 && header.number > 0n) {
      const epoch = committees.epochAfter(header);
      options.onEvent({ type: 'epoch', epoch, state: shardStates.at(epoch) });
      const sealed = sealedHeaderAt(chain, header.number);
      if (sealed !== undefined) gossip.publishEpochBlock(encodeEpochBlock(sealed));
    }
    randomness?.advance(committees.epochAfter(header));
    beacon?.crossLinks
      .fetch(committees.epochAfter(header))
      .catch((error: Error) => warn(`cross-links: ${error.message}`));
  }

  /** Puts evidence of this node into a record and brings it to the beacon. */
  function reportEvidence(found: DoubleSign): void {
    const record = slashRecordOf(found, {
      shardId,
      committee: committees.committeeAt(found.epoch),
      ownKeys: signer.publicKeys,
    });
    if (record === undefined) return;
    beacon?.evidence.add(record);
    gossip.publishEvidence(record);
  }

  // Consensus
  const driver: Driver = createDriver({
    shardId,
    bls,
    profile: network.consensusVersion === 2 ? strict : guarded,
    chainId: network.chainId,
    timing: options.timing ?? (ownNetwork ? ownNetworkTiming : harmonyTiming),
    clock: systemClock,
    signer,
    broadcast: { publish: gossip.publishConsensus },
    application,
    // Every head carries the leaders after it.
    leaders: { leaderAt: (context) => context.head.leaders?.leaderAt(context) },
    marks: signedMarks(store),
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    decoding: ownNetwork ? 'strict' : 'lenient',
    onEvent(event) {
      if (event.type === 'port-failed') {
        const { port, error } = event;
        warn(`${port}: ${error instanceof Error ? error.message : String(error)}`);
      }
      options.onEvent({ type: 'consensus', event });
    },
  });

  // The way into the pool
  const admission = createAdmission({
    network,
    shardId,
    engine,
    chain,
    mempool,
    poolState: application.poolState,
    now: Date.now,
  });

  // Sync
  const protocol = syncProtocol(network.name, shardId);
  const fetcher = createBlockSync(
    peer,
    protocol,
    { height: () => chain.head.block.header.number, accept: application.acceptFetched },
    Date.now,
  );
  let syncing: Promise<void> | undefined;

  async function catchUp(): Promise<void> {
    const { appended, refused } = await fetcher.catchUp();
    if (refused.length > 0) warn(`peers with bad blocks: ${refused.join(', ')}`);
    if (appended > 0) driver.setHead(application.headInfo(chain.head));
  }

  function sync(): void {
    syncing ??= catchUp()
      .catch((error: Error) => warn(`sync: ${error.message}`))
      .finally(() => {
        syncing = undefined;
      });
  }

  // RPC
  const backend = createNodeBackend({
    network,
    shardId,
    chain,
    states,
    committees,
    mempool,
    admission,
    application,
    driver,
    signer,
    gossip,
    peer,
    startedAtSeconds: Math.floor(Date.now() / 1000),
    finalityMs: () => finalityMs,
    shards: options.shards,
  });
  const dispatcher = createDispatcher(createMethods(backend), UNSUPPORTED_METHODS, (name, error) =>
    warn(`RPC ${name}: ${error instanceof Error ? error.stack : String(error)}`),
  );

  const releases: (() => void)[] = [];
  return {
    chain,
    shardStates,
    supply,
    decisions,
    randomness,
    stakingAfter: (header) => beacon?.viewAfter(header),
    dispatcher,
    async start() {
      releases.push(serveBlocks(peer, protocol, chain));
      if (isBeacon) {
        releases.push(serveEpochs(peer, network, chain));
        if (randomness !== undefined) releases.push(gossip.onContributions(randomness));
      }
      if (beaconPeer !== undefined) {
        releases.push(serveCrossLinks(beaconPeer, network, shardId, chain, engine));
      }
      if (epochChain !== undefined) {
        const onFailure = (error: Error): void => warn(`epoch block: ${error.message}`);
        releases.push(gossip.onEpochBlocks(epochChain, onFailure));
      }
      await epochChain?.catchUp();
      await fetcher.catchUp();
      const evidence = beacon && { evidence: beacon.evidence };
      releases.push(gossip.onShard({ consensus: driver, admission, ...evidence }));
      randomness?.advance(committees.epochAfter(chain.head.block.header));
      await driver.start(application.headInfo(chain.head));
    },
    async stop() {
      for (const release of releases) release();
      await driver.stop();
      await syncing;
      await application.settled();
      peer.leave();
      beaconPeer?.leave();
      await store.close();
    },
  };
}
