/**
 * Four nodes of consensus version 2 lose their leader between its PREPARED and its commit votes: the
 * block is carried into the next view, and whatever carries its seal carries the view of the votes.
 */
import { createBlstBls } from '@polyphony/bls/blst';
import {
  computeHeaderHash,
  decodeCommitSeal,
  encodeCommitSeal,
  encodeHeader,
  encodeSealedBlock,
  genesisHeader,
  type SealFields,
} from '@polyphony/chain';
import { nobleEngine } from '@polyphony/crypto';
import { findGuilty, isThird, ownNetworkTiming, verifyDecision } from '@polyphony/fbft';
import { type Seal, strictPayload } from '@polyphony/fbft/seal';
import { decodeGossip, decodeStrictMessage } from '@polyphony/fbft/wire';
import { createLightClient, listHeaderSource, trustCheckpoint } from '@polyphony/light-client';
import { defineNetwork, reference } from '@polyphony/networks';
import { referenceAccounts, referenceTestKeys } from '@polyphony/networks/genesis/reference';
import { type MemoryNetwork, memoryNetwork } from '@polyphony/p2p/memory';
import { encodeRlp, hexToBytes, openRlpList } from '@polyphony/primitives';
import { genesisShardState } from '@polyphony/sharding';
import { type KeyValueStore, memoryStore, prefixedStore } from '@polyphony/storage';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCommittees } from '../src/committees.js';
import {
  createReferenceNode,
  type FinalBlock,
  type NodeEvent,
  type Peer,
  type ReferenceNode,
} from '../src/index.js';
import { syncProtocol } from '../src/sync.js';

/** The reference network with a block each second and nothing to wait for. */
const network = defineNetwork({
  ...reference,
  name: 'carried',
  activations: { ...reference.activations, oneSecond: 0n },
  randomSharding: undefined,
});
const members = referenceTestKeys().filter(({ shardId }) => shardId === 0);
const scheduler = {
  now: () => performance.now(),
  schedule(delayMs: number, action: () => void): () => void {
    const timer = setTimeout(action, delayMs);
    return () => clearTimeout(timer);
  },
};

/** What is cut off from gossip, by name; requests still pass. */
const cut = new Set<string>();
/** From this height on the leader is cut off once it has published PREPARED. */
const STRIKE_FROM = 2n;
let struck: { readonly name: string; readonly height: bigint } | undefined;

function strike(name: string, data: Uint8Array): void {
  const content = decodeGossip(data);
  if (struck !== undefined || content.category !== 'consensus-2') return;
  const { type, height } = decodeStrictMessage(content.message);
  if (type !== 'prepared' || height < STRIKE_FROM) return;
  struck = { name, height };
  cut.add(name);
}

function joined(wires: MemoryNetwork, name: string): Peer {
  const peer = wires.join(name);
  return {
    self: peer.self,
    peers: () => peer.peers(),
    request: (...call) => peer.request(...call),
    handle: (...service) => peer.handle(...service),
    leave: () => peer.leave(),
    subscribe: (topic, handler) =>
      peer.subscribe(topic, (message) => {
        if (!cut.has(name)) handler(message);
      }),
    publish(topic, data) {
      if (cut.has(name)) return;
      peer.publish(topic, data);
      strike(name, data);
    },
  };
}

const wires = memoryNetwork({ seed: 1, scheduler });
const bls = await createBlstBls({ cachedPublicKeys: 64 });
const nodes: ReferenceNode[] = [];
const finals = new Map<string, FinalBlock>();
const warnings: string[] = [];
const disks = members.map(() => memoryStore());

async function open(
  name: string,
  secretKeys: readonly Uint8Array[],
  place: MemoryNetwork = wires,
  disk: KeyValueStore = memoryStore(),
): Promise<ReferenceNode> {
  const node = await createReferenceNode({
    network,
    accounts: referenceAccounts,
    shardId: 0,
    secretKeys,
    // Closed with the node; the disk stays.
    store: prefixedStore(disk, new Uint8Array()),
    peer: joined(place, name),
    bls,
    engine: nobleEngine,
    timing: { ...ownNetworkTiming, phaseTimeoutMs: 1500, viewChangeTimeoutMs: 1500 },
    shards: () => [],
    onEvent(event: NodeEvent) {
      if (event.type === 'final-block') finals.set(`${name}/${event.block.header.number}`, event);
      if (event.type === 'warning') warnings.push(`${name}: ${event.text}`);
    },
  });
  nodes.push(node);
  return node;
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!holds()) {
    const heights = nodes.map(({ chain }) => chain.head.block.header.number);
    if (Date.now() > deadline) throw new Error(`no ${what}: ${heights}; ${warnings.slice(-5)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const height = (node: ReferenceNode): bigint => node.chain.head.block.header.number;

beforeAll(async () => {
  for (const { slot, blsSecretKey } of members) {
    await open(`member-${slot}`, [hexToBytes(blsSecretKey)], wires, disks[slot]);
  }
  for (const node of nodes) await node.start();
});
afterAll(async () => {
  for (const node of nodes) await node.stop();
});

test('a block that lost its leader is carried, and its seal names the view that decided it', async () => {
  await until('leader to strike', () => struck !== undefined);
  const { name, height: carried } = struck!;
  const others = nodes.filter((_, slot) => name !== `member-${slot}`);
  await until('block after it', () => others.every((node) => height(node) > carried));
  cut.clear();
  await until('blocks at all', () => nodes.every((node) => height(node) > carried + 1n));

  const { chain } = others[0]!;
  const { header } = chain.blockAt(carried)!.block;
  const parent = chain.blockAt(carried - 1n)!.block.header;
  expect(header.viewId).toBe(parent.viewId + 1n);
  for (const node of nodes) expect(node.chain.hashOf(carried)).toBe(chain.hashOf(carried));
  // What the members stored, what the next header says, and what they told.
  const child = chain.blockAt(carried + 1n)!.block.header;
  const inHeader = { signature: child.lastCommitSignature, bitmap: child.lastCommitBitmap };
  for (const fields of [inHeader, ...nodes.map((node) => node.chain.seal(carried)!)]) {
    const seal = decodeCommitSeal(fields, network);
    expect(seal.decidedInView).toBeGreaterThan(header.viewId);
    expect(seal.bitmap).toHaveLength(1);
    expect(encodeCommitSeal(seal, network)).toEqual(fields);
  }
  const told = [...finals.values()].find(({ block }) => block.header.number === carried)!;
  expect(told.decidedInView).toBeGreaterThan(header.viewId);
  // The views of the next height start over from the header.
  expect(child.viewId).toBeGreaterThan(header.viewId);
});

test('who comes later fetches it, and a light client follows over it', async () => {
  const follower = await open('follower', []);
  await follower.start();
  expect(height(follower)).toBeGreaterThan(struck!.height);
  expect(follower.chain.seal(struck!.height)).toBeDefined();
  // It did not see it decided.
  expect(follower.decisions.at(struck!.height)).toBeUndefined();

  const genesis = genesisHeader(network, 0, {
    shardState: genesisShardState(network, referenceAccounts),
  });
  const numbers = Array.from({ length: Number(height(follower)) + 1 }, (_, i) => BigInt(i));
  const client = await createLightClient({
    network,
    bls,
    checkpoint: trustCheckpoint(network, {
      shardId: 0,
      blockNumber: 0n,
      blockHash: computeHeaderHash(genesis),
    }),
    sources: [
      listHeaderSource(
        'follower',
        numbers.map((number) => {
          const { block } = follower.chain.blockAt(number)!;
          const none = { signature: new Uint8Array(96), bitmap: new Uint8Array(0) };
          const seal = follower.chain.seal(number) ?? none;
          return { number, header: encodeHeader(block.header), ...seal };
        }),
      ),
    ],
    store: memoryStore(),
    clock: { now: () => Date.now(), setTimer: (ms, run) => scheduler.schedule(ms, run) },
  });
  expect((await client.sync()).header.number).toBe(numbers.at(-1));
  await client.close();
});

test('a peer that says another view for a seal is not believed', async () => {
  const elsewhere = memoryNetwork({ seed: 2, scheduler });
  const liar = elsewhere.join('liar');
  const { chain } = nodes[0]!;
  /** The carried block's seal as if its votes had been cast in the block's own view. */
  const told = (number: bigint): SealFields => {
    const fields = chain.seal(number)!;
    if (number !== struck!.height) return fields;
    const { viewId } = chain.blockAt(number)!.block.header;
    return encodeCommitSeal(
      { ...decodeCommitSeal(fields, network), decidedInView: viewId },
      network,
    );
  };
  liar.handle(syncProtocol(network.name, 0), async (_from, request) => {
    const first = openRlpList(request).readBigInt(64);
    const count = Number(chain.head.block.header.number - first) + 1;
    const numbers = Array.from({ length: Math.max(0, count) }, (_, i) => first + BigInt(i));
    return encodeRlp(
      numbers.map((number) => {
        const { signature, bitmap } = told(number);
        const { block } = chain.blockAt(number)!;
        return {
          rlp: encodeSealedBlock({ block, commitSignature: signature, commitBitmap: bitmap }),
        };
      }),
    );
  });
  const victim = await open('victim', [], elsewhere);
  await victim.start();
  expect(height(victim)).toBe(struck!.height - 1n);
});

test('after a restart the prepare votes of old blocks still prove who would have made a fork', async () => {
  const carried = struck!.height;
  // A member that was cut off, or slow, may have fetched the block.
  const slot = members.findIndex((_, at) => nodes[at]!.decisions.at(carried) !== undefined);
  const [stopped] = nodes.splice(slot, 1);
  await stopped!.stop();
  const node = await open(`member-${slot}`, [], wires, disks[slot]);

  const committees = createCommittees(network, 0, node.shardStates);
  const numbers = [carried - 1n, carried, carried + 1n].filter((n) => node.decisions.at(n));
  expect(numbers).toContain(carried);
  for (const number of numbers) {
    const { epoch } = node.chain.headerAt(number)!;
    const committee = committees.votingAt(epoch);
    const domain = { chainId: network.chainId, shardId: 0, epoch };
    const first = node.decisions.at(number)!;
    expect(first.blockHash).toBe(node.chain.hashOf(number));
    expect(verifyDecision(bls, { domain, committee }, first)).toBe(true);
    const unprepared = { ...first, prepared: { ...first.prepared, seal: first.seal } };
    expect(verifyDecision(bls, { domain, committee }, unprepared)).toBe(false);

    // All members let another block of this height be decided one view later, from nothing.
    const second = {
      ...first,
      viewId: first.viewId + 1n,
      blockHash: `0x${'ee'.repeat(32)}`,
    } as const;
    const sealed = (kind: 'prepare' | 'commit'): Seal => {
      const { height, viewId, blockHash: hash } = second;
      const payload = strictPayload(domain, { kind, height, viewId, hash, certificateView: 0n });
      const signatures = members.map(({ blsSecretKey }) =>
        bls.sign(payload, hexToBytes(blsSecretKey)),
      );
      return { signature: bls.aggregateSignatures(signatures), bitmap: Uint8Array.of(0b1111) };
    };
    const found = findGuilty(bls, {
      ...{ domain, committee, first, certificates: [] },
      second: {
        ...second,
        seal: sealed('commit'),
        prepared: { justifiedBy: 0n, seal: sealed('prepare') },
      },
    });
    if (found === undefined || 'missing' in found) throw new Error('nobody is named');
    expect(found.offence).toBe('broke-lock');
    expect(isThird(committee, found.guilty)).toBe(true);
  }
  expect(node.decisions.at(carried)!.viewId).toBeGreaterThan(node.chain.headerAt(carried)!.viewId);
});
