/**
 * The machines of a local network: one for each validator, with its key and its own data.
 *
 * A host runs a node on every shard whose committee has its key, now or in an epoch that is known to
 * come: it starts the new node when the beacon hands over, so that it can fetch the chain, and stops
 * the old one once that shard has entered the epoch. An operator can switch a host off and on.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesToPlainHex } from '@polyphony/primitives';
import type { ReferenceNode } from '@polyphony/reference-node';
import type { ShardState } from '@polyphony/sharding';

/** One machine. */
export interface Host {
  readonly name: string;
  /** Account in `one1…` form. */
  readonly account: string;
  readonly secretKey: Uint8Array;
  /** Its BLS public key, plain hex. */
  readonly publicKey: string;
  /** Nodes by shard. */
  readonly nodes: ReadonlyMap<number, ReferenceNode>;
}

interface ManagedHost extends Host {
  readonly nodes: Map<number, ReferenceNode>;
  on: boolean;
  /** Starting or stopping; a second order waits for it. */
  change: Promise<void>;
}

/** What hosts need of the network around them. */
export interface HostsOptions {
  readonly dataFolder: string;
  readonly hosts: readonly Omit<Host, 'nodes'>[];
  /** Opens a node of a shard in a folder; it does nothing before its `start`. */
  open(host: Host, shardId: number, folder: string): Promise<ReferenceNode>;
  /** Which hosts run a node of the shard has changed. */
  onChange(shardId: number): void;
  onNote(text: string): void;
}

/** The machines of a network. */
export interface Hosts {
  readonly all: readonly Host[];
  hostOf(publicKey: Uint8Array): Host | undefined;
  /** A running node of a shard. */
  nodeOf(shardId: number): ReferenceNode | undefined;
  /** The committees of an epoch are known. */
  learn(epoch: bigint, state: ShardState): void;
  /** A shard makes blocks of an epoch now. */
  enter(shardId: number, epoch: bigint): void;
  /** Opens the nodes of all hosts that are on, without starting them. */
  openAll(): Promise<void>;
  /** Starts what {@link openAll} opened. */
  startAll(): Promise<void>;
  /** Switches a host on or off. */
  setOn(host: Host, on: boolean): Promise<void>;
  /** Newest epoch whose committees are known. */
  readonly newestEpoch: bigint;
  committeeAt(shardId: number, epoch: bigint): ShardState['committees'][number] | undefined;
  close(): Promise<void>;
}

/** Machines that are on and have no node yet. */
export function createHosts(options: HostsOptions): Hosts {
  const hosts: ManagedHost[] = options.hosts.map((host) => ({
    ...host,
    nodes: new Map(),
    on: true,
    change: Promise.resolve(),
  }));
  const byKey = new Map(hosts.map((host) => [host.publicKey, host]));
  const states = new Map<bigint, ShardState>();
  /** Epoch of the newest block, by shard. */
  const entered = new Map<number, bigint>();
  let newest = 0n;
  let live = false;
  let closing = false;

  const committeeAt: Hosts['committeeAt'] = (shardId, epoch) =>
    states.get(epoch)?.committees.find((committee) => committee.shardId === shardId);

  /** Shards whose committees have the host's key from their epoch on. */
  function wantedShards(host: ManagedHost): Set<number> {
    const wanted = new Set<number>();
    for (const [epoch, { committees }] of states) {
      for (const { shardId, slots } of committees) {
        if (epoch < (entered.get(shardId) ?? 0n)) continue;
        if (slots.some((slot) => bytesToPlainHex(slot.blsPublicKey) === host.publicKey)) {
          wanted.add(shardId);
        }
      }
    }
    return wanted;
  }

  async function openNode(host: ManagedHost, shardId: number): Promise<ReferenceNode> {
    const folder = join(options.dataFolder, host.name, `shard-${shardId}`);
    await mkdir(folder, { recursive: true });
    return options.open(host, shardId, folder);
  }

  async function reconcile(host: ManagedHost): Promise<void> {
    const wanted = host.on && !closing ? wantedShards(host) : new Set<number>();
    for (const shardId of wanted) {
      if (host.nodes.has(shardId)) continue;
      const node = await openNode(host, shardId);
      host.nodes.set(shardId, node);
      await node.start();
      options.onChange(shardId);
    }
    for (const [shardId, node] of [...host.nodes]) {
      if (wanted.has(shardId)) continue;
      host.nodes.delete(shardId);
      await node.stop();
      options.onChange(shardId);
    }
  }

  /** Brings a host to what it should run, one change after the other. */
  function settle(host: ManagedHost): Promise<void> {
    host.change = host.change
      .then(() => reconcile(host))
      .catch((error: Error) => options.onNote(`${host.name}: ${error.message}`));
    return host.change;
  }

  const settleAll = (): void => {
    if (live) for (const host of hosts) void settle(host);
  };

  /** Committees that no shard is in any more are forgotten. */
  function forget(): void {
    const shards = states.get(newest)?.committees ?? [];
    for (const epoch of states.keys()) {
      const isPast = shards.every(({ shardId }) => (entered.get(shardId) ?? 0n) > epoch);
      if (isPast) states.delete(epoch);
    }
  }

  return {
    all: hosts,
    hostOf: (publicKey) => byKey.get(bytesToPlainHex(publicKey)),
    nodeOf: (shardId) => hosts.find((host) => host.nodes.has(shardId))?.nodes.get(shardId),
    get newestEpoch() {
      return newest;
    },
    committeeAt,
    learn(epoch, state) {
      if (states.has(epoch) || epoch < newest) return;
      states.set(epoch, state);
      newest = epoch;
      settleAll();
    },
    enter(shardId, epoch) {
      if (entered.get(shardId) === epoch) return;
      entered.set(shardId, epoch);
      forget();
      settleAll();
    },
    async openAll() {
      for (const host of hosts) {
        for (const shardId of wantedShards(host)) {
          host.nodes.set(shardId, await openNode(host, shardId));
        }
      }
    },
    async startAll() {
      for (const host of hosts) for (const node of host.nodes.values()) await node.start();
      live = true;
      settleAll();
    },
    async setOn(host, on) {
      const managed = byKey.get(host.publicKey)!;
      managed.on = on;
      await settle(managed);
    },
    async close() {
      closing = true;
      await Promise.all(hosts.map(settle));
    },
  };
}
