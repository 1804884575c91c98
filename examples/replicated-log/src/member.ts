/**
 * One member: puts the ports together and runs them in this process.
 *
 * `node … src/member.ts <folder> <member>`. Ends when its parent does, on SIGTERM, and, with exit
 * code 1, as soon as it could no longer keep what it promises: when the disk refuses, or when a
 * final block contradicts its own.
 */
import { randomBytes, webcrypto } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { strict } from '@polyphony/fbft';
import { createBlsSigner, createDriver, type DriverEvent } from '@polyphony/fbft/driver';
import { bytesToPlainHex, concatBytes, hexToBytes, utf8ToBytes } from '@polyphony/primitives';
import { createLogApplication, type Entry, MAX_TEXT_BYTES } from './application.js';
import { openBlockStore } from './block-store.js';
import { leaders, openChain } from './chain.js';
import { loadBls } from './engine.js';
import { FRAME, type Frame } from './frames.js';
import { fileMarkStore } from './mark-store.js';
import {
  chainId,
  consensusTiming,
  memberFolder,
  networkId,
  readNetwork,
  readSecretKey,
  SHARD_ID,
} from './network.js';
import { type Accepted, type Status, startServer } from './server.js';
import { createSync } from './sync.js';
import { createTransport } from './transport.js';

const [folder, index] = [process.argv[2], Number(process.argv[3])];
if (folder === undefined || !Number.isInteger(index)) {
  console.error('usage: member.ts <folder> <member>');
  process.exit(2);
}
await runMember(folder, index);

async function runMember(root: string, me: number): Promise<void> {
  const fatal = (what: string, error: unknown): never => {
    console.error(`member ${me}: ${what}: ${error instanceof Error ? error.stack : error}`);
    process.exit(1);
  };
  const network = await readNetwork(root);
  const bls = await loadBls();
  const own = memberFolder(root, me);
  const store = await openBlockStore(join(own, 'blocks'));

  // The application, and those who wait for it.
  const final = new EventEmitter<Record<string, [position: number]>>().setMaxListeners(0);
  let wakeLeader = (): void => undefined;
  const application = createLogApplication({
    append: async (encoded, block, seal, votedIn) =>
      chain.append({ block: encoded, seal, votedIn }, block),
    somethingToDo: (waiting) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, waiting.size > 0 ? 0 : network.timing.idleMs);
        wakeLeader = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
  });
  const chain = await openChain(network, store, (block) => {
    let position = application.log.length;
    application.apply(block);
    for (const { id } of block.entries) final.emit(id, position++);
  });

  function take(entry: Entry): boolean {
    const taken = application.submit(entry);
    if (taken) wakeLeader();
    return taken;
  }

  // What comes from other members.
  const transport = await createTransport({
    me,
    addresses: network.members,
    networkId: networkId(network),
    onConnected: (peer) => {
      sync.ask(peer);
      for (const entry of application.waiting.values()) transport.send(peer, forwarded(entry));
    },
    onFrame: (from, frame) => {
      if (frame.kind === FRAME.consensus) driver.receive(`member ${from}`, frame.payload);
      else if (frame.kind === FRAME.entry) takeForwarded(frame);
      else sync.onFrame(from, frame).catch((error) => fatal('sync', error));
    },
  });
  const sync = createSync({
    bls,
    network,
    chain,
    store,
    peers: transport.connected,
    send: transport.send,
    onGrown: () => driver.setHead(chain.head()),
  });

  /** An entry for the others, as any of them may lead: 16 bytes of id and the text. */
  function forwarded({ id, text }: Entry): Frame {
    const payload = concatBytes(hexToBytes(`0x${id}`), utf8ToBytes(text));
    return { kind: FRAME.entry, payload };
  }

  function takeForwarded({ payload }: Frame): void {
    if (payload.length <= 16 || payload.length > 16 + MAX_TEXT_BYTES) return;
    const id = bytesToPlainHex(payload.subarray(0, 16));
    take({ id, text: new TextDecoder().decode(payload.subarray(16)) });
  }

  // Consensus.
  const seen = { viewChanges: 0, signers: 0 };
  const onEvent = (event: DriverEvent): void => {
    if (event.type === 'view-change-started') seen.viewChanges += 1;
    if (event.type === 'height-decided') seen.signers = event.signers;
    if (event.type !== 'port-failed') return;
    const stopped = event.port === 'marks' || event.port === 'commit' || event.port === 'head';
    if (stopped) fatal(event.port, event.error);
    console.error(`member ${me}: ${event.port}: ${event.error}`);
  };
  const driver = createDriver({
    bls,
    profile: strict,
    chainId: chainId(network),
    shardId: SHARD_ID,
    leaders,
    timing: consensusTiming(network),
    signer: createBlsSigner(bls, [await readSecretKey(root, me)]),
    marks: fileMarkStore(join(own, 'mark')),
    clock: {
      now: () => Date.now(),
      setTimer: (delayMs, callback) => {
        const timer = setTimeout(callback, delayMs);
        return () => clearTimeout(timer);
      },
    },
    broadcast: { publish: (payload) => transport.broadcast({ kind: FRAME.consensus, payload }) },
    application: { ...application, requestSync: ({ height }) => sync.behind(height) },
    randomBytes: (length) => webcrypto.getRandomValues(new Uint8Array(length)),
    onEvent,
  });

  // What comes from users.
  function append(text: string, id = randomBytes(16).toString('hex')): Accepted {
    let tell = (_position: number): void => undefined;
    const position = new Promise<number>((resolve) => {
      tell = resolve;
    });
    final.once(id, tell);
    const forget = (): void => void final.off(id, tell);
    if (!take({ id, text })) {
      const known = application.log.findIndex((one) => one.id === id);
      return { position: known < 0 ? undefined : Promise.resolve(known), forget };
    }
    transport.broadcast(forwarded({ id, text }));
    return { position, forget };
  }

  function status(): Status {
    const { height, viewId, mode, running } = driver.status();
    const head = chain.head();
    return {
      member: me,
      pid: process.pid,
      running,
      mode,
      height: Number(head.height),
      hash: head.hash,
      view: Number(viewId),
      leader: leaders.leaderAt({ height, viewId, head }) ?? -1,
      signers: seen.signers,
      entries: application.log.length,
      last: application.log.at(-1)?.text ?? '',
      peers: transport.connected(),
      viewChanges: seen.viewChanges,
    };
  }

  const { host, httpPort } = network.members[me]!;
  const server = await startServer(host, httpPort, { append, status, log: application.log });
  await driver.start(chain.head()).catch((error) => fatal('start', error));
  process.send?.({ type: 'ready' });

  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    sync.close();
    await driver.stop();
    await transport.close();
    await server.close();
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('disconnect', stop);
}
