/**
 * The transport: plain TCP between members that know each other's addresses.
 *
 * Every member dials every other and sends on the connection it dialled; what it accepted it only
 * reads. A connection that ends is dialled again, later each time. Nothing is delivered for sure:
 * a peer that is away misses what is sent meanwhile, and one that reads too slowly misses what no
 * longer fits its queue. Consensus expects no more.
 *
 * The name a peer gives itself in its hello is not proved, and need not be: consensus messages are
 * signed, blocks carry their seal, and an entry may come from anybody. On an open network put TLS
 * below and prove the names.
 */
import { connect, createServer, type Socket } from 'node:net';
import { concatBytes, equalBytes } from '@polyphony/primitives';
import { createFrameReader, encodeFrame, FRAME, type Frame } from './frames.js';

/** Where a member listens. */
export interface PeerAddress {
  readonly host: string;
  readonly port: number;
}

/** What a transport needs to know and whom it tells. */
export interface TransportOptions {
  readonly me: number;
  /** Of all members by index, the own one too. */
  readonly addresses: readonly PeerAddress[];
  /** 32 bytes that members of one network share: a stranger's connection is closed. */
  readonly networkId: Uint8Array;
  onFrame(from: number, frame: Frame): void;
  /** A peer can be sent to (again). */
  onConnected(peer: number): void;
}

/** Sends frames to peers. */
export interface Transport {
  send(to: number, frame: Frame): void;
  broadcast(frame: Frame): void;
  /** Peers that can be sent to. */
  connected(): readonly number[];
  close(): Promise<void>;
}

/** A peer that reads too slowly loses what does not fit. */
const MAX_QUEUED_BYTES = 8 * 1024 * 1024;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 2000;
/** How long an accepted connection may take to say hello. */
const HELLO_TIMEOUT_MS = 5000;

/** Listens, dials everybody and keeps dialling. Rejects when the port is taken. */
export async function createTransport(options: TransportOptions): Promise<Transport> {
  const { me, addresses, networkId } = options;
  const out = new Map<number, Socket>();
  const accepted = new Map<Socket, number | undefined>();
  const retries = new Map<number, NodeJS.Timeout>();
  const hello = encodeFrame({
    kind: FRAME.hello,
    payload: concatBytes(networkId, Uint8Array.of(me)),
  });
  let closed = false;

  function dial(peer: number, retryMs: number): void {
    const socket = connect({ ...addresses[peer]!, noDelay: true });
    let wait = retryMs;
    socket.on('connect', () => {
      wait = FIRST_RETRY_MS;
      out.set(peer, socket);
      socket.write(hello);
      options.onConnected(peer);
    });
    socket.on('error', () => undefined); // 'close' follows
    socket.resume();
    socket.on('close', () => {
      if (out.get(peer) === socket) out.delete(peer);
      if (closed) return;
      const next = Math.min(wait * 2, LAST_RETRY_MS);
      retries.set(
        peer,
        setTimeout(() => dial(peer, next), wait),
      );
    });
  }

  /** The index in a hello of this network; undefined for anybody else. */
  function readHello({ kind, payload }: Frame): number | undefined {
    const peer = payload[networkId.length];
    if (kind !== FRAME.hello || payload.length !== networkId.length + 1) return undefined;
    if (!equalBytes(payload.subarray(0, networkId.length), networkId)) return undefined;
    return peer !== me && addresses[peer!] !== undefined ? peer : undefined;
  }

  const server = createServer({ noDelay: true }, (socket) => {
    const read = createFrameReader();
    accepted.set(socket, undefined);
    socket.setTimeout(HELLO_TIMEOUT_MS, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('close', () => accepted.delete(socket));
    socket.on('data', (chunk) => {
      try {
        for (const frame of read(chunk)) {
          const from = accepted.get(socket);
          if (from !== undefined) options.onFrame(from, frame);
          else greet(socket, readHello(frame));
          if (socket.destroyed) return;
        }
      } catch {
        socket.destroy(); // bytes that no member sends
      }
    });
  });
  server.maxConnections = 4 * addresses.length;

  /** Takes a connection as a peer's. An older one of the same peer is a dead process's. */
  function greet(socket: Socket, peer: number | undefined): void {
    if (peer === undefined) {
      socket.destroy();
      return;
    }
    for (const [other, from] of accepted) if (from === peer) other.destroy();
    accepted.set(socket, peer);
    socket.setTimeout(0);
  }

  function send(to: number, frame: Frame): void {
    const socket = out.get(to);
    if (socket === undefined || socket.writableLength > MAX_QUEUED_BYTES) return;
    socket.write(encodeFrame(frame));
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(addresses[me]!.port, addresses[me]!.host, resolve);
  });
  for (const peer of addresses.keys()) if (peer !== me) dial(peer, FIRST_RETRY_MS);

  return {
    send,
    broadcast: (frame) => {
      for (const peer of out.keys()) send(peer, frame);
    },
    connected: () => [...out.keys()].sort((a, b) => a - b),
    close: async () => {
      closed = true;
      for (const timer of retries.values()) clearTimeout(timer);
      for (const socket of [...out.values(), ...accepted.keys()]) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
