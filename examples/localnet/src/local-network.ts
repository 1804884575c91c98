/**
 * A whole network in one process: every validator is a host with its own key and data folder, which
 * runs reference nodes where its key is needed, joined by an in-memory network.
 *
 * Starts and stops members, keeps the figures that the table and the page show, and gives each
 * shard one RPC address that outlives its members: calls go to a member that runs.
 */
import { type Bls, harmonyBls, ietfBls } from '@polyphony/bls';
import type { Engine } from '@polyphony/crypto';
import type { GenesisAccounts, Network } from '@polyphony/networks';
import { type MemoryNetwork, memoryNetwork } from '@polyphony/p2p/memory';
import {
  type Address,
  bytesToPlainHex,
  formatOne,
  formatOneAddress,
  hexToBytes,
} from '@polyphony/primitives';
import {
  createReferenceNode,
  type Dispatcher,
  type FinalBlock,
  type Peer,
  type ReferenceNode,
  type RpcServer,
  startRpcServer,
} from '@polyphony/reference-node';
import { genesisShardState, type ShardState } from '@polyphony/sharding';
import { openLevelStore } from '@polyphony/storage/level';
import type {
  BlockView,
  DashboardMessage,
  EconomyView,
  NetworkView,
  ShardFigures,
  TransactionView,
  ValidatorView,
} from './dashboard/protocol.js';
import { sharedDelays } from './delays.js';
import { economyOf } from './economy.js';
import { createHosts, type Host } from './hosts.js';
import { type Percentiles, percentiles } from './latency.js';
import { openPlacement } from './placement.js';

/** Blocks of a shard that a page gets at once. */
const KEPT_BLOCKS = 40;
/** Transactions of a shard that a page gets at once. */
const KEPT_TRANSACTIONS = 50;
/** Transactions of a block that are shown. */
const SHOWN_TRANSACTIONS = 20;
/** Blocks that the percentiles look at. */
const LATENCY_WINDOW = 200;

/** What to run and where. */
export interface LocalNetworkOptions {
  readonly network: Network;
  readonly accounts: GenesisAccounts;
  /** The secret key of a committee member, by its public key in hex. */
  secretKeyOf(blsPublicKey: string): string | undefined;
  readonly bls: Bls;
  readonly engine: Engine;
  /** Folder with one folder a member. */
  readonly dataFolder: string;
  readonly host: string;
  /** Shard i is served at `rpcPort + 2i` by HTTP and at `rpcPort + 300 + 2i` by WebSocket. 0: free ports. */
  readonly rpcPort: number;
  onMessage(message: DashboardMessage): void;
  /** The committees of an epoch are known. */
  onEpoch?(epoch: bigint): void;
  /** Something an operator should read. */
  onNote(text: string): void;
}

/** A running network. */
export interface LocalNetwork {
  view(): NetworkView;
  /** Switches the host of a committee member on or off, wherever it runs nodes. */
  setRunning(shardId: number, index: number, running: boolean): Promise<void>;
  /** A running node of a shard. */
  nodeOf(shardId: number): ReferenceNode | undefined;
  /** Whether an account is a validator at the beacon's head. */
  isValidator(address: Address): boolean;
  /** A place in a shard's network beside the hosts, for experiments. */
  join(shardId: number, name: string): Peer;
  /** Stops every member and closes every listener. */
  close(): Promise<void>;
}

interface Shard {
  readonly shardId: number;
  readonly latency: Percentiles;
  readonly blocks: BlockView[];
  readonly transactions: TransactionView[];
  /** Height of the newest block that was counted. */
  height: bigint;
  viewId: bigint;
  /** The view in which the next height is decided if its first leader is there. */
  nextViewId: bigint;
  epoch: bigint;
  viewChanges: number;
  transactionCount: number;
  server: RpcServer | undefined;
}

/** The engine for BLS in this process: WebAssembly or native where it loads, else pure JavaScript. */
export async function loadBls(network: Network, note: (text: string) => void): Promise<Bls> {
  const options = { cachedPublicKeys: 512, cachedMessages: 64 };
  try {
    if (network.blsSuite === 'ietf') {
      const { createBlstBls } = await import('@polyphony/bls/blst');
      return await createBlstBls(options);
    }
    const { createWasmBls } = await import('@polyphony/bls/wasm');
    return await createWasmBls(options);
  } catch (error) {
    note(`fast BLS engine did not load (${(error as Error).message}); using the slower pure one`);
    return network.blsSuite === 'ietf' ? ietfBls(options) : harmonyBls(options);
  }
}

const realTime = {
  now: (): number => performance.now(),
  schedule(delayMs: number, action: () => void): () => void {
    if (delayMs <= 0) {
      const immediate = setImmediate(action);
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(action, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Starts every member of every shard. Resolves when all of them run and every RPC address answers. */
export async function startLocalNetwork(options: LocalNetworkOptions): Promise<LocalNetwork> {
  const { network, accounts } = options;
  const startedAt = Date.now();
  const wires = new Map<number, MemoryNetwork>();
  const placement = openPlacement(options.dataFolder);
  const delays = network.randomSharding && sharedDelays();
  const genesis = genesisShardState(network, accounts);

  const shards: Shard[] = genesis.committees.map(({ shardId }) => ({
    shardId,
    latency: percentiles(LATENCY_WINDOW),
    blocks: [],
    transactions: [],
    height: 0n,
    viewId: 0n,
    nextViewId: 1n,
    epoch: 0n,
    viewChanges: 0,
    transactionCount: 0,
    server: undefined,
  }));
  for (const { shardId } of shards) {
    wires.set(shardId, memoryNetwork({ seed: shardId, scheduler: realTime }));
  }

  const members = genesis.committees.flatMap(({ slots }) => slots);
  const hosts = createHosts({
    dataFolder: options.dataFolder,
    hosts: members.map((slot, index) => {
      const publicKey = bytesToPlainHex(slot.blsPublicKey);
      const secretKey = options.secretKeyOf(publicKey);
      if (secretKey === undefined) throw new Error(`no secret key for ${publicKey}`);
      return {
        name: `host-${String(index).padStart(2, '0')}`,
        account: formatOneAddress(slot.address),
        secretKey: hexToBytes(secretKey),
        publicKey,
      };
    }),
    open: openNode,
    onChange(shardId) {
      const shard = shards[shardId]!;
      options.onMessage({ type: 'validators', shardId, validators: validators(shard) });
    },
    onNote: options.onNote,
  });

  /** The members of a shard in the epoch of its newest block. */
  const validators = (shard: Shard): ValidatorView[] =>
    (hosts.committeeAt(shard.shardId, shard.epoch)?.slots ?? []).map((slot, index) => ({
      index,
      account: formatOneAddress(slot.address),
      running: hosts.hostOf(slot.blsPublicKey)?.nodes.has(shard.shardId) ?? false,
    }));

  const describe = (shard: Shard): ShardFigures => ({
    shardId: shard.shardId,
    httpUrl: shard.server?.httpUrl ?? '',
    wsUrl: shard.server?.wsUrl ?? '',
    validators: validators(shard),
    height: shard.height.toString(),
    viewId: shard.viewId.toString(),
    epoch: shard.epoch.toString(),
    viewChanges: shard.viewChanges,
    finalityP50: shard.latency.at(0.5),
    finalityP99: shard.latency.at(0.99),
    transactionCount: shard.transactionCount,
  });

  function blockView(shard: Shard, final: FinalBlock): BlockView {
    const { header, transactions } = final.block;
    return {
      shardId: shard.shardId,
      number: header.number.toString(),
      hash: final.hash,
      viewId: header.viewId.toString(),
      epoch: header.epoch.toString(),
      leader: final.leader,
      signers: final.signers,
      committeeSize: final.committeeSize,
      timestamp: Number(header.timestamp),
      finalityMs: final.finalityMs ?? null,
      gasUsed: header.gasUsed.toString(),
      transactionCount: transactions.length,
      transactions: transactions.slice(0, SHOWN_TRANSACTIONS).map((transaction, index) => ({
        shardId: shard.shardId,
        blockNumber: header.number.toString(),
        hash: final.receipts[index]!.transactionHash,
        from: formatOneAddress(final.senders[index]!),
        to: transaction.to === undefined ? null : formatOneAddress(transaction.to),
        amount: formatOne(transaction.value),
        status: final.receipts[index]!.status === 'failure' ? 'failure' : 'success',
      })),
    };
  }

  /** Every member reports every block; the first report counts, the proposer's adds its latency. */
  function onFinalBlock(shard: Shard, final: FinalBlock): void {
    const { header } = final.block;
    const isNew = header.number > shard.height;
    if (isNew) {
      if (final.decidedInView > shard.nextViewId && shard.height > 0n) {
        shard.viewChanges += 1;
        options.onNote(
          `shard ${shard.shardId}: view change, block ${header.number} was decided in view ${final.decidedInView}`,
        );
      }
      shard.height = header.number;
      shard.viewId = header.viewId;
      // Under consensus version 2 each height starts from its parent's header.
      const decided = network.consensusVersion === 2 ? header.viewId : final.decidedInView;
      shard.nextViewId = decided + 1n;
      shard.epoch = header.epoch;
      hosts.enter(shard.shardId, header.epoch);
      shard.transactionCount += final.block.transactions.length;
      const view = blockView(shard, final);
      shard.blocks.unshift(view);
      if (shard.blocks.length > KEPT_BLOCKS) shard.blocks.pop();
      shard.transactions.unshift(...view.transactions);
      shard.transactions.splice(KEPT_TRANSACTIONS);
    } else if (final.finalityMs !== undefined || header.number === shard.height) {
      const at = shard.blocks.findIndex((block) => block.number === header.number.toString());
      const known = shard.blocks[at];
      if (known === undefined || known.hash !== final.hash) return;
      shard.blocks[at] = {
        ...known,
        finalityMs: final.finalityMs ?? known.finalityMs,
        signers: final.signers.length > known.signers.length ? final.signers : known.signers,
      };
    }
    if (final.finalityMs !== undefined) shard.latency.add(final.finalityMs);
    const block = shard.blocks.find(({ number }) => number === header.number.toString());
    if (block === undefined) return;
    options.onMessage({ type: 'block', block, shard: describe(shard) });
    const economy = isNew && shard.shardId === 0 ? currentEconomy() : undefined;
    if (economy !== undefined) options.onMessage({ type: 'economy', economy });
  }

  function currentEconomy(): EconomyView | undefined {
    const nodes = shards.flatMap(({ shardId }) => hosts.nodeOf(shardId) ?? []);
    const beacon = hosts.nodeOf(0);
    return beacon === undefined ? undefined : economyOf(network, beacon, nodes);
  }

  function onMoreSigners(shard: Shard, hash: string, signers: readonly number[]): void {
    const at = shard.blocks.findIndex((block) => block.hash === hash);
    const known = shard.blocks[at];
    if (known === undefined || signers.length <= known.signers.length) return;
    const block = { ...known, signers };
    shard.blocks[at] = block;
    options.onMessage({ type: 'block', block, shard: describe(shard) });
  }

  /** Tells hosts where they are needed next, the first time an epoch's committees are known. */
  function onEpoch(epoch: bigint, state: ShardState): void {
    if (epoch <= hosts.newestEpoch) return;
    placement.save(epoch, state);
    hosts.learn(epoch, state);
    options.onEpoch?.(epoch);
  }

  async function openNode(host: Host, shardId: number, folder: string): Promise<ReferenceNode> {
    const shard = shards[shardId]!;
    const store = await openLevelStore(folder);
    const peer = wires.get(shardId)!.join(host.name);
    const beaconPeer = shardId === 0 ? undefined : wires.get(0)!.join(`${host.name}/${shardId}`);
    try {
      return await createReferenceNode({
        network,
        accounts,
        shardId,
        secretKeys: [host.secretKey],
        store,
        peer,
        ...(beaconPeer === undefined ? {} : { beaconPeer }),
        ...(delays === undefined ? {} : { delays }),
        bls: options.bls,
        engine: options.engine,
        shards: () =>
          shards.map(({ shardId: id, server }) => ({
            shardId: id,
            http: server?.httpUrl ?? '',
            ws: server?.wsUrl ?? '',
          })),
        onEvent(event) {
          switch (event.type) {
            case 'final-block':
              onFinalBlock(shard, event);
              return;
            case 'more-signers':
              onMoreSigners(shard, event.hash, event.signers);
              return;
            case 'epoch':
              onEpoch(event.epoch, event.state);
              return;
            case 'warning':
              options.onNote(`${host.name}, shard ${shardId}: ${event.text}`);
          }
        },
      });
    } catch (error) {
      peer.leave();
      beaconPeer?.leave();
      await store.close();
      throw error;
    }
  }

  /** Answers with a member that runs, so that stopping one does not take the address away. */
  function dispatcherOf({ shardId }: Shard): Dispatcher {
    return {
      async handle(text) {
        const node = hosts.nodeOf(shardId);
        if (node !== undefined) return node.dispatcher.handle(text);
        const error = { code: -32000, message: `no member of shard ${shardId} is running` };
        return JSON.stringify({ jsonrpc: '2.0', id: null, error });
      },
    };
  }

  async function close(): Promise<void> {
    await Promise.all(shards.map(({ server }) => server?.close()));
    await hosts.close();
    await delays?.close();
  }

  try {
    for (const { epoch, state } of placement.load() ?? [{ epoch: 0n, state: genesis }]) {
      hosts.learn(epoch, state);
    }
    await hosts.openAll();
    for (const shard of shards) {
      const node = hosts.nodeOf(shard.shardId);
      if (node === undefined) throw new Error(`no host is a member of shard ${shard.shardId}`);
      const { header } = node.chain.head.block;
      shard.height = header.number;
      shard.viewId = header.viewId;
      shard.nextViewId = header.viewId + 1n;
      shard.epoch = header.epoch;
      hosts.enter(shard.shardId, header.epoch);
      const port = (offset: number): number =>
        options.rpcPort === 0 ? 0 : options.rpcPort + offset + 2 * shard.shardId;
      shard.server = await startRpcServer(dispatcherOf(shard), {
        host: options.host,
        httpPort: port(0),
        wsPort: port(300),
      });
    }
    await hosts.startAll();
    // What a killed process did not write down any more.
    const states = hosts.nodeOf(0)?.shardStates;
    if (states !== undefined) onEpoch(states.newest, states.at(states.newest));
  } catch (error) {
    await close();
    throw error;
  }

  return {
    view: () => ({
      network: network.name,
      startedAt,
      economy: currentEconomy() ?? null,
      shards: shards.map((shard) => ({
        ...describe(shard),
        blocks: [...shard.blocks],
        transactions: [...shard.transactions],
      })),
    }),
    async setRunning(shardId, index, running) {
      const shard = shards.find((candidate) => candidate.shardId === shardId);
      const slot = shard && hosts.committeeAt(shardId, shard.epoch)?.slots[index];
      const host = slot && hosts.hostOf(slot.blsPublicKey);
      if (shard === undefined || host === undefined) {
        throw new Error(`there is no member ${index} of shard ${shardId}`);
      }
      await hosts.setOn(host, running);
      options.onMessage({ type: 'validators', shardId, validators: validators(shard) });
    },
    nodeOf: (shardId) => hosts.nodeOf(shardId),
    isValidator(address) {
      const node = hosts.nodeOf(0);
      return node?.stakingAfter(node.chain.head.block.header)?.isValidator(address) ?? false;
    },
    join: (shardId, name) => wires.get(shardId)!.join(name),
    close,
  };
}
