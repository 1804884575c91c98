/** The parts by themselves, and what hostile peers and dying disks do to them. */
import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bitmapFromIndices } from '@polyphony/bls/bitmap';
import type { Application } from '@polyphony/fbft/driver';
import { bytesToHex, encodeRlp, hexToBytes, keccak256 } from '@polyphony/primitives';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLogApplication, decodeBlock, type Entry } from '../src/application.js';
import {
  type BlockStore,
  encodeSealedBlock,
  openBlockStore,
  type SealedBlock,
} from '../src/block-store.js';
import { genesisHead, isNextBlock, openChain, votedPayload } from '../src/chain.js';
import { loadBls } from '../src/engine.js';
import {
  createFrameReader,
  encodeFrame,
  FRAME,
  type Frame,
  MAX_PAYLOAD_BYTES,
} from '../src/frames.js';
import { fileMarkStore } from '../src/mark-store.js';
import type { NetworkFile } from '../src/network.js';
import { createSync } from '../src/sync.js';
import { createTransport } from '../src/transport.js';
import { formatView } from '../src/view.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replicated-log-parts-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const bls = await loadBls();
const secrets = [1, 2, 3, 4].map((n) => new Uint8Array(32).fill(n));
const network: NetworkFile = {
  members: secrets.map((secret) => ({
    publicKey: bytesToHex(bls.getPublicKey(secret)),
    host: '127.0.0.1',
    port: 0,
    httpPort: 0,
  })),
  timing: { blockPeriodMs: 10, idleMs: 10, timeoutMs: 1000 },
};
const genesis = genesisHead(network);
const entry = (n: number): Entry => ({ id: String(n).padStart(32, '0'), text: `text ${n}` });

function blockBytes(height: bigint, parentHash: string, entries: readonly Entry[]): Uint8Array {
  const pairs = entries.map(({ id, text }) => [
    hexToBytes(`0x${id}`),
    new TextEncoder().encode(text),
  ]);
  return encodeRlp([height, height, hexToBytes(parentHash), pairs]);
}

function sealed(block: Uint8Array, signers: readonly number[]): SealedBlock {
  const decoded = decodeBlock(block);
  const votedIn = decoded.viewId + 2n; // a view change or two later
  const payload = votedPayload(network, genesis, decoded, votedIn);
  const signature = bls.aggregateSignatures(
    signers.map((slot) => bls.sign(payload, secrets[slot]!)),
  );
  return { block, votedIn, seal: { signature, bitmap: bitmapFromIndices(signers, 4) } };
}

/** Blocks 1 to `count`, each with one entry, sealed by three of four. */
function chainOf(count: number): SealedBlock[] {
  const blocks: SealedBlock[] = [];
  let parent: string = genesis.hash;
  for (let n = 1; n <= count; n++) {
    const block = blockBytes(BigInt(n), parent, [entry(n)]);
    blocks.push(sealed(block, [0, 1, 3]));
    parent = decodeBlock(block).hash;
  }
  return blocks;
}

describe('frames', () => {
  const frames: Frame[] = [
    { kind: FRAME.hello, payload: Uint8Array.of(1) },
    { kind: FRAME.consensus, payload: new Uint8Array(0) },
    { kind: FRAME.blocks, payload: new Uint8Array(5000).fill(7) },
    { kind: FRAME.entry, payload: new Uint8Array(0) },
  ];
  const stream = Buffer.concat(frames.map(encodeFrame));

  test('come out whole, however the stream is cut', () => {
    for (const size of [1, 2, 5, 6, 4096, stream.length]) {
      const read = createFrameReader();
      const found: Frame[] = [];
      for (let at = 0; at < stream.length; at += size)
        found.push(...read(stream.subarray(at, at + size)));
      expect(found).toEqual(frames);
    }
  });
  test('out of bounds are refused before anything is kept', () => {
    expect(() => createFrameReader()(Uint8Array.of(0, 32, 0, 1, FRAME.consensus))).toThrow(
      /2097153/,
    );
    expect(() => createFrameReader()(Uint8Array.of(0, 0, 0, 1, 99))).toThrow(/kind 99/);
    const payload = new Uint8Array(MAX_PAYLOAD_BYTES + 1);
    expect(() => encodeFrame({ kind: FRAME.consensus, payload })).toThrow(RangeError);
  });
});

describe('the block store', () => {
  test('gives back what was added, and cuts off what a crash left unfinished', async () => {
    const path = join(folder, 'torn');
    const blocks = chainOf(3);
    let store = await openBlockStore(path);
    for (const block of blocks.slice(0, 2)) await store.append(block);
    const whole = (await stat(path)).size;
    await store.append(blocks[2]!);
    await store.close();
    const bytes = await readFile(path);
    for (const cut of [whole + 1, whole + 20, whole + 36, whole + 40, bytes.length - 1]) {
      await writeFile(path, bytes);
      await truncate(path, cut);
      store = await openBlockStore(path);
      expect(store.count).toBe(2);
      expect((await stat(path)).size).toBe(whole);
      await store.append(blocks[2]!);
      expect(await store.read(3)).toEqual(blocks[2]);
      await store.close();
      expect(await readFile(path)).toEqual(bytes);
    }
  });
  test('counts no record with a flipped bit or a length beyond the end', async () => {
    const path = join(folder, 'flipped');
    const store = await openBlockStore(path);
    for (const block of chainOf(2)) await store.append(block);
    await store.close();
    const bytes = await readFile(path);
    bytes[bytes.length - 3]! ^= 1;
    await writeFile(path, bytes);
    const reopened = await openBlockStore(path);
    expect(reopened.count).toBe(1);
    await expect(reopened.read(2)).rejects.toThrow(RangeError);
    await reopened.close();
    await appendFile(path, Uint8Array.of(255, 255, 255, 255, ...new Uint8Array(40)));
    const again = await openBlockStore(path);
    expect(again.count).toBe(1);
    await again.close();
  });
});

test('the mark store keeps the newest record, and a crash while writing keeps the old one', async () => {
  const path = join(folder, 'mark');
  const store = fileMarkStore(path);
  expect(await store.load()).toBeUndefined();
  await store.save(Uint8Array.of(1, 2, 3));
  await store.save(Uint8Array.of(4));
  await writeFile(`${path}.new`, Uint8Array.of(9, 9)); // died before the rename
  expect(await fileMarkStore(path).load()).toEqual(Uint8Array.of(4));
  await fileMarkStore(path).save(Uint8Array.of(5));
  expect(await fileMarkStore(path).load()).toEqual(Uint8Array.of(5));
  await expect(fileMarkStore(folder).load()).rejects.toThrow(/EISDIR/);
});

describe('the application', () => {
  const around = { append: async () => genesis, somethingToDo: async () => undefined };
  const context: Parameters<Application['validate']>[1] = {
    height: 1n,
    viewId: 1n,
    head: genesis,
    leaderOf: () => undefined,
  };
  const validate = (bytes: Uint8Array, app = createLogApplication(around)) =>
    app.validate(bytes, context);

  test('proposes what waits, and finds its own proposal valid', async () => {
    const app = createLogApplication(around);
    expect([app.submit(entry(1)), app.submit(entry(2))]).toEqual([true, true]);
    const parentSeal = Promise.resolve(undefined);
    const leaderKey = genesis.committee.keys[0]!;
    const proposal = await app.propose({ ...context, leaderKey, parentSeal });
    const block = decodeBlock(proposal!.block);
    expect(block).toMatchObject({ height: 1n, viewId: 1n, entries: [entry(1), entry(2)] });
    expect(proposal!.blockHash).toBe(bytesToHex(keccak256(proposal!.block)));
    expect(await validate(proposal!.block, app)).toMatchObject({
      valid: true,
      blockHash: block.hash,
    });
    app.apply(block);
    expect([app.log.length, app.waiting.size, app.submit(entry(1))]).toEqual([2, 0, false]);
    expect(await validate(proposal!.block, app)).toMatchObject({ reason: 'an entry twice' });
  });
  test('refuses blocks that bind another parent, repeat an entry or are no blocks', async () => {
    const parent = genesis.hash;
    expect(await validate(blockBytes(1n, parent, []))).toMatchObject({ valid: true });
    const refused: [Uint8Array, RegExp][] = [
      [blockBytes(1n, `0x${'11'.repeat(32)}`, []), /another parent/],
      [blockBytes(1n, parent, [entry(1), entry(1)]), /an entry twice/],
      [blockBytes(1n, parent, [{ ...entry(1), text: '' }]), /text length/],
      [blockBytes(1n, parent, [{ ...entry(1), text: 'x'.repeat(4097) }]), /text length/],
      [
        blockBytes(
          1n,
          parent,
          Array.from({ length: 101 }, (_, i) => entry(i)),
        ),
        /too many/,
      ],
      [
        encodeRlp([1n, 1n, hexToBytes(parent), [[new Uint8Array(16), Uint8Array.of(255)]]]),
        /valid/,
      ],
      [encodeRlp([1n, 1n, hexToBytes(parent), [], 0]), /./],
      [Uint8Array.of(1, 2, 3), /./],
    ];
    for (const [bytes, reason] of refused)
      expect(await validate(bytes)).toMatchObject({
        valid: false,
        reason: expect.stringMatching(reason),
      });
  });
});

describe('sync', () => {
  const stores: BlockStore[] = [];
  afterAll(async () => {
    for (const store of stores) await store.close();
  });
  async function memberWith(name: string, blocks: readonly SealedBlock[]) {
    const store = await openBlockStore(join(folder, name));
    stores.push(store);
    for (const block of blocks) await store.append(block);
    const chain = await openChain(network, store, () => undefined);
    const sent: Frame[] = [];
    const grown: bigint[] = [];
    const sync = createSync({
      bls,
      network,
      chain,
      store,
      peers: () => [1],
      send: (_, frame) => void sent.push(frame),
      onGrown: () => void grown.push(chain.head().height),
    });
    return { chain, store, sent, grown, sync };
  }
  const blocks = chainOf(5);

  test('brings a member to the head of another', async () => {
    const [behind, ahead] = [
      await memberWith('a', blocks.slice(0, 1)),
      await memberWith('b', blocks),
    ];
    behind.sync.ask(1);
    await ahead.sync.onFrame(0, behind.sent[0]!);
    await behind.sync.onFrame(1, ahead.sent[0]!);
    expect(behind.chain.head().hash).toBe(ahead.chain.head().hash);
    expect(behind.grown).toEqual([5n]);
    expect(behind.sent).toHaveLength(2); // and asks for more
  });
  test('takes no block without a quorum, out of order, altered, or from somebody not asked', async () => {
    const member = await memberWith('c', []);
    const answer = (list: readonly SealedBlock[]): Frame => ({
      kind: FRAME.blocks,
      payload: encodeRlp(list.map((one) => ({ rlp: encodeSealedBlock(one) }))),
    });
    const first = blocks[0]!;
    const other = blockBytes(1n, genesis.hash, [entry(9)]);
    const hostile: Frame[] = [
      answer([sealed(first.block, [0, 1])]),
      answer([blocks[1]!]),
      answer([{ ...first, block: other }]),
      answer([{ ...first, votedIn: first.votedIn + 1n }]),
      answer([{ ...first, seal: { ...first.seal, bitmap: Uint8Array.of(0b0111) } }]),
      { kind: FRAME.blocks, payload: Uint8Array.of(1) },
      { kind: FRAME.fetch, payload: Uint8Array.of(1) },
    ];
    for (const frame of hostile) {
      member.sync.ask(1);
      await member.sync.onFrame(1, frame);
      expect(member.chain.head().height).toBe(0n);
    }
    await member.sync.onFrame(2, answer([first]));
    expect(member.chain.head().height).toBe(0n);
    member.sync.ask(1);
    await member.sync.onFrame(1, answer([first, sealed(other, [0, 1, 2])]));
    expect(member.chain.head().height).toBe(1n);
  });
  test('a second final block of one height is never taken silently', async () => {
    const { chain } = await memberWith('d', blocks.slice(0, 1));
    const other = blockBytes(1n, genesis.hash, [entry(9)]);
    const fork = sealed(other, [0, 1, 2]);
    expect(isNextBlock(bls, network, genesis, decodeBlock(other), fork)).toBe(true);
    await expect(chain.append(fork, decodeBlock(other))).rejects.toThrow(
      /two final blocks of height 1/,
    );
    await expect(chain.append(blocks[0]!, decodeBlock(blocks[0]!.block))).resolves.toBe(
      chain.head(),
    );
  });
});

test('the transport finds a peer again, and hangs up on strangers', async () => {
  const networkId = new Uint8Array(32).fill(1);
  const ports = await Promise.all([0, 1].map(freePort));
  const addresses = ports.map((port) => ({ host: '127.0.0.1', port }));
  const got: string[] = [];
  const frame = { kind: FRAME.entry, payload: Uint8Array.of(1) };
  const start = (me: number) => {
    let connected = (): void => undefined;
    const ready = new Promise<void>((resolve) => {
      connected = resolve;
    });
    const onFrame = (from: number) => void got.push(`${from} to ${me}`);
    const options = { me, addresses, networkId, onFrame, onConnected: connected };
    return createTransport(options).then(async (transport) => {
      return { transport, ready };
    });
  };
  const arrived = async (text: string): Promise<void> => {
    await expect.poll(() => got, { interval: 5, timeout: 5000 }).toContain(text);
  };
  const zero = await start(0);
  let one = await start(1);
  await Promise.all([zero.ready, one.ready]);
  zero.transport.broadcast(frame);
  one.transport.broadcast(frame);
  await arrived('0 to 1');
  await arrived('1 to 0');
  await one.transport.close();
  one = await start(1);
  await one.ready;
  got.length = 0;
  const sendAgain = () => {
    zero.transport.send(1, frame);
    return got;
  };
  await expect.poll(sendAgain, { interval: 20, timeout: 5000 }).toContain('0 to 1');

  const hello = (id: Uint8Array, me: number): Uint8Array =>
    encodeFrame({ kind: FRAME.hello, payload: Uint8Array.of(...id, me) });
  const strangers = [
    hello(new Uint8Array(32).fill(2), 1),
    hello(networkId, 0),
    hello(networkId, 7),
    encodeFrame(frame),
    Uint8Array.of(255, 255, 255, 255, 2),
  ];
  for (const bytes of strangers) {
    const ended = new Promise((resolve) => {
      connect(ports[0]!, '127.0.0.1')
        .on('close', resolve)
        .on('error', () => undefined)
        .resume()
        .write(bytes);
    });
    await ended;
  }
  await zero.transport.close();
  await one.transport.close();
});

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

test('the view has a row for each member, with control characters taken out', () => {
  const status = {
    member: 0,
    pid: 77,
    running: true,
    mode: 'normal',
    height: 9,
    hash: '0x',
    view: 12,
    leader: 0,
    signers: 3,
    entries: 5,
    last: `a\nb${'c'.repeat(60)}`,
    peers: [1, 2],
    viewChanges: 1,
  };
  const lines = formatView([
    { member: 0, running: true, status },
    { member: 1, running: true, status: undefined },
    { member: 2, running: false, status: undefined },
  ]);
  expect(lines).toHaveLength(4);
  expect(lines[1]).toMatch(/^ +0 +77 +normal +9 +12 +leader +3\/3 +2 +5 {2}a bc+…$/);
  expect(lines[2]).toMatch(/starting$/);
  expect(lines[3]).toMatch(/stopped$/);
});
