/**
 * The one place where everything meets: a validating node of one shard, put together.
 *
 * Reading order: stores, chain and state; committees; pool; application; consensus; gossip; sync;
 * RPC. Every part is made elsewhere and knows only what it is given here.
 */
import type { Bls } from '@polyphony/bls';
import { bitmapIndices } from '@polyphony/bls/bitmap';
import {
  decodeEthereumTransaction,
  decodeTransaction,
  encodeTransaction,
  ethereumTransactionHash,
  genesisBlock,
  recoverSender,
  type SignedTransaction,
  transactionHash,
} from '@polyphony/chain';
import type { Engine } from '@polyphony/crypto';
import { genesisState } from '@polyphony/executor';
import { harmonyTiming, ownNetworkTiming, type Timing } from '@polyphony/fbft';
import { createDriver, type Driver, type DriverEvent } from '@polyphony/fbft/driver';
import { decodeGossip, encodeGossip } from '@polyphony/fbft/wire';
import type { GenesisAccounts, Network } from '@polyphony/networks';
import { type Gossip, type PeerRequests, topicOf } from '@polyphony/p2p';
import {
  type Address,
  bytesToPlainHex,
  encodeRlp,
  type Hash,
  hexToBytes,
  isProtocolError,
  openRlpList,
  ZERO_ADDRESS,
} from '@polyphony/primitives';
import { genesisShardState } from '@polyphony/sharding';
import type { KeyValueStore } from '@polyphony/storage';
import { createApplication, type FinalBlock, openStates } from './application.js';
import { type ChainStore, openChainStore } from './chain-store.js';
import { systemClock } from './clock.js';
import { createCommittees } from './committees.js';
import { localSigner, signedMarks } from './keys.js';
import { createMempool, PoolRejection, type PoolTransaction } from './mempool.js';
import type { AccountsView, NodeBackend } from './rpc/backend.js';
import { createDispatcher, type Dispatcher } from './rpc/dispatcher.js';
import { createMethods } from './rpc/methods.js';
import { UNSUPPORTED_METHODS } from './rpc/unsupported.js';
import { createBlockSync, serveBlocks, syncProtocol } from './sync.js';
import { VERSION } from './version.js';

/** What happens in a node. */
export type NodeEvent =
  | ({ readonly type: 'final-block' } & FinalBlock)
  /** More members signed a final block than were needed. */
  | { readonly type: 'more-signers'; readonly hash: Hash; readonly signers: readonly number[] }
  | { readonly type: 'consensus'; readonly event: DriverEvent }
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
  /** The node's place in the network; left when it stops. */
  readonly peer: Gossip & PeerRequests & { leave(): void };
  readonly bls: Bls;
  readonly engine: Engine;
  /** Default: Harmony's figures on Harmony's networks, shorter ones on others. */
  readonly timing?: Timing;
  /** RPC addresses of all shards, for clients that ask. */
  shards(): readonly { readonly shardId: number; readonly http: string; readonly ws: string }[];
  onEvent(event: NodeEvent): void;
}

/** A node of one shard. */
export interface ReferenceNode {
  readonly chain: ChainStore;
  readonly dispatcher: Dispatcher;
  /** Catches up with its peers, then takes part in consensus. */
  start(): Promise<void>;
  /** Stops for good and releases store and network. */
  stop(): Promise<void>;
}

/** Largest transaction list that is read from gossip. */
const MAX_GOSSIPED_TRANSACTIONS = 512;

/** Puts a node together and opens its chain. It does nothing before `start`. */
export async function createReferenceNode(options: NodeOptions): Promise<ReferenceNode> {
  const { network, accounts, shardId, store, peer, bls, engine } = options;
  const ownNetwork = network.blsSuite === 'ietf';
  const startedAtSeconds = Math.floor(Date.now() / 1000);
  const warn = (text: string): void => options.onEvent({ type: 'warning', text });

  // Stores, chain and state
  const states = openStates(store, engine);
  const genesis = genesisBlock(network, shardId, {
    shardState: genesisShardState(network, accounts),
    hasher: engine,
  });
  const chain = await openChainStore(
    store,
    genesis,
    genesisState(states, network, shardId).commit().operations,
  );

  // Committees, keys and pool
  const committees = createCommittees(network, accounts, shardId);
  const signer = localSigner(bls, options.secretKeys);
  const mempool = createMempool(network, shardId);
  let finalityMs: number | undefined;

  // The application
  const application = createApplication({
    network,
    shardId,
    chain,
    store,
    states,
    committees,
    mempool,
    bls,
    engine,
    signer,
    skipTurnHolder: ownNetwork,
    now: Date.now,
    onFinal(final) {
      finalityMs = final.finalityMs ?? finalityMs;
      options.onEvent({ type: 'final-block', ...final });
    },
    onMoreSigners: (hash, signers) => options.onEvent({ type: 'more-signers', hash, signers }),
    onSync: () => sync(),
    onWarning: warn,
  });

  // Consensus
  const topic = topicOf(network, shardId);
  const driver: Driver = createDriver({
    shardId,
    bls,
    timing: options.timing ?? (ownNetwork ? ownNetworkTiming : harmonyTiming),
    clock: systemClock,
    signer,
    broadcast: { publish: (payload) => peer.publish(topic, payload) },
    application,
    // Every head carries the leaders after it.
    leaders: { leaderAt: (context) => context.head.leaders?.leaderAt(context) },
    marks: signedMarks(store),
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    decoding: ownNetwork ? 'strict' : 'lenient',
    onEvent: (event) => options.onEvent({ type: 'consensus', event }),
  });

  // Gossip
  const senderOf = (transaction: SignedTransaction): Address =>
    recoverSender(transaction, { network, shardId, engine });

  function pool(transaction: SignedTransaction): PoolTransaction {
    const pooled: PoolTransaction = {
      transaction,
      sender: senderOf(transaction),
      hash: transactionHash(transaction, engine),
      ethereumHash: ethereumTransactionHash(transaction, engine),
      size: encodeTransaction(transaction).length,
    };
    if (chain.place(pooled.hash) !== undefined) {
      throw new PoolRejection('known transaction', `transaction hash ${pooled.hash}`);
    }
    mempool.add(pooled, application.poolState(), Date.now());
    return pooled;
  }

  function receiveTransactions(body: Uint8Array): void {
    const list = openRlpList(body);
    for (let i = 0; !list.done && i < MAX_GOSSIPED_TRANSACTIONS; i++) {
      try {
        pool(decodeTransaction(list.readRaw()));
      } catch (error) {
        // A peer may send what this pool has or does not want: nothing to do for either.
        if (!(error instanceof PoolRejection) && !isProtocolError(error)) throw error;
      }
    }
  }

  function receive(from: string, data: Uint8Array): void {
    try {
      const content = decodeGossip(data);
      if (content.category === 'consensus') driver.receive(from, data);
      else if (content.kind === 'transactions') receiveTransactions(content.body);
    } catch (error) {
      if (!isProtocolError(error)) throw error;
      // Malformed bytes of a peer.
    }
  }

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
  const backend: NodeBackend = {
    network,
    shardId,
    chain,
    accountsAt({ stateRoot }): AccountsView {
      const state = states.openState(stateRoot);
      return {
        nonceOf: (address) => state.getNonce(address),
        balanceOf: (address) => state.getBalance(address),
        codeOf: (address) => state.getCode(address),
        storageOf: (address, slot) => {
          const value = state.getStorage(address, `0x${bytesToPlainHex(slot)}`);
          return hexToBytes(value.toString(16).padStart(64, '0'));
        },
      };
    },
    leaderOf(header) {
      const slot = header.number === 0n ? -1 : committees.proposerOf(header);
      return committees.committeeAt(header.epoch).slots[slot]?.address ?? ZERO_ADDRESS;
    },
    signersOf(number) {
      const header = chain.blockAt(number)?.block.header;
      const seal = chain.seal(number);
      if (header === undefined || seal === undefined) return undefined;
      const { slots } = committees.committeeAt(header.epoch);
      return bitmapIndices(seal.slice(96), slots.length).map((slot) => slots[slot]!.address);
    },
    senderOf,
    pooled: (hash) => mempool.get(hash),
    nextNonce: (address) => mempool.nextNonce(address, application.poolState()),
    poolCounts: () => mempool.counts(application.poolState()),
    submit(bytes, form) {
      const transaction =
        form === 'ethereum' ? decodeEthereumTransaction(bytes, shardId) : decodeTransaction(bytes);
      const pooled = pool(transaction);
      const body = encodeRlp([{ rlp: encodeTransaction(transaction) }]);
      peer.publish(topic, encodeGossip({ category: 'node', kind: 'transactions', body }));
      return pooled;
    },
    status() {
      const status = driver.status();
      const head = application.headInfo(chain.head);
      const leader = head.leaders?.leaderAt({
        height: head.height + 1n,
        viewId: status.viewId,
        head,
      });
      return {
        blsKeys: signer.publicKeys.map(bytesToPlainHex),
        version: VERSION,
        isLeader: leader !== undefined && status.ownSlots.includes(leader),
        startedAtSeconds,
        peerId: peer.self,
        peers: peer.peers().length,
        viewId: status.viewId,
        mode: status.mode,
        phase: status.phase,
        finalityMs,
      };
    },
    shards: options.shards,
  };
  const dispatcher = createDispatcher(createMethods(backend), UNSUPPORTED_METHODS, (name, error) =>
    warn(`RPC ${name}: ${error instanceof Error ? error.stack : String(error)}`),
  );

  const releases: (() => void)[] = [];
  return {
    chain,
    dispatcher,
    async start() {
      releases.push(serveBlocks(peer, protocol, chain));
      await fetcher.catchUp();
      releases.push(peer.subscribe(topic, ({ from, data }) => receive(from, data)));
      await driver.start(application.headInfo(chain.head));
    },
    async stop() {
      for (const release of releases) release();
      await driver.stop();
      await syncing;
      peer.leave();
      await store.close();
    },
  };
}
