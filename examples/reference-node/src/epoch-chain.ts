/**
 * The last blocks of the beacon's epochs: what other shards know of the beacon.
 *
 * A beacon node serves them and announces each new one. A node of another shard checks the seal by
 * the committee that the one before handed over to, and stores the committees of the next epoch. It
 * asks its peers for what it missed.
 *
 * @source harmony/api/service/stagedstreamsync: epoch chain; node/harmony: epoch block broadcast
 */
import type { Bls } from '@polyphony/bls';
import { computeHeaderHash, decodeHeader, encodeHeader } from '@polyphony/chain';
import type { Engine } from '@polyphony/crypto';
import { decodeSeal, encodeSeal } from '@polyphony/fbft/seal';
import {
  assertValidEpochChange,
  type SealedHeader,
  verifyBlockSeal,
} from '@polyphony/light-client';
import {
  epochOfBlock,
  isLastBlockOfEpoch,
  lastBlockOfEpoch,
  type Network,
} from '@polyphony/networks';
import type { PeerRequests } from '@polyphony/p2p';
import { encodeRlp, isProtocolError, openRlpList, type RlpReader } from '@polyphony/primitives';
import type { KeyValueStore } from '@polyphony/storage';
import type { ChainStore } from './chain-store.js';
import type { Committees } from './committees.js';
import { createLock } from './lock.js';
import type { ShardStates } from './shard-states.js';

/** Most epochs in one answer. */
const MAX_EPOCHS = 64;
const TIMEOUT_MS = 3_000;

/** Name of the protocol by which epoch blocks are asked for. */
function epochProtocol(network: Network): string {
  return `polyphony/epochs/${network.name}/1`;
}

const items = ({ header, seal }: SealedHeader) => [{ rlp: encodeHeader(header) }, encodeSeal(seal)];

/** Bytes of an epoch block as it is announced. */
export function encodeEpochBlock(sealed: SealedHeader): Uint8Array {
  return encodeRlp(items(sealed));
}

function readEpochBlock(list: RlpReader): SealedHeader {
  const header = decodeHeader(list.readRaw());
  const seal = decodeSeal(list.readBytes());
  list.assertDone('epoch block');
  return { header, seal };
}

/** Serves the epoch blocks of a beacon chain. The answer ends the service. */
export function serveEpochs(
  requests: PeerRequests,
  network: Network,
  chain: ChainStore,
): () => void {
  return requests.handle(epochProtocol(network), async (_from, request) => {
    const list = openRlpList(request);
    const first = list.readBigInt(64);
    list.assertDone('epoch request');
    const found: SealedHeader[] = [];
    for (let epoch = first; found.length < MAX_EPOCHS; epoch += 1n) {
      const sealed = sealedHeaderAt(chain, lastBlockOfEpoch(network, epoch));
      if (sealed === undefined) break;
      found.push(sealed);
    }
    return encodeRlp(found.map(items));
  });
}

/** The header of a block with its seal; undefined when the chain does not have it. */
export function sealedHeaderAt(chain: ChainStore, number: bigint): SealedHeader | undefined {
  const header = chain.headerAt(number);
  const seal = chain.seal(number);
  return header === undefined || seal === undefined ? undefined : { header, seal };
}

/** What following needs. */
export interface EpochChainOptions {
  readonly network: Network;
  readonly committees: Committees;
  readonly states: ShardStates;
  readonly store: KeyValueStore;
  /** The node's place among the beacon's peers. */
  readonly requests: PeerRequests;
  readonly bls: Bls;
  readonly engine: Engine;
  /** The committees of an epoch became known. */
  onEpoch(epoch: bigint): void;
}

/** Follows the beacon's epochs. */
export interface EpochChain {
  /** An announced epoch block, from anybody. */
  receive(body: Uint8Array): Promise<void>;
  /** Asks peers for all epochs that are missing. */
  catchUp(): Promise<void>;
}

/** Follows the beacon's epochs from those that the store has. */
export function createEpochChain(options: EpochChainOptions): EpochChain {
  const { network, committees, states, store, requests, bls, engine } = options;
  const lock = createLock();

  /** Stores the committees that a block hands over to; false when it is not the next epoch's. */
  async function accept({ header, seal }: SealedHeader): Promise<boolean> {
    const epoch = states.newest;
    if (header.shardId !== 0 || header.epoch !== epoch) return false;
    if (!isLastBlockOfEpoch(network, header.number)) return false;
    if (epochOfBlock(network, header.number) !== epoch) return false;
    const voting = committees.votingOf(0, epoch);
    if (voting === undefined) return false;
    const { number, viewId, shardId } = header;
    const block = { number, hash: computeHeaderHash(header, engine), viewId, epoch, shardId };
    if (!verifyBlockSeal({ network, bls }, voting, block, seal)) return false;
    const next = assertValidEpochChange(header, { network });
    await store.write(states.operationsOf(next.epoch, next), { durable: true });
    options.onEpoch(next.epoch);
    return true;
  }

  async function catchUpFrom(peer: string): Promise<boolean> {
    for (;;) {
      const request = encodeRlp([states.newest]);
      let answer: Uint8Array;
      try {
        answer = await requests.request(peer, epochProtocol(network), request, {
          timeoutMs: TIMEOUT_MS,
        });
      } catch {
        // Gone, slow, or no beacon node.
        return false;
      }
      const list = openRlpList(answer);
      let taken = 0;
      while (!list.done && taken < MAX_EPOCHS) {
        if (!(await accept(readEpochBlock(list.readList())))) return taken > 0;
        taken += 1;
      }
      if (taken < MAX_EPOCHS) return true;
    }
  }

  return {
    receive: (body) =>
      lock(async () => {
        try {
          await accept(readEpochBlock(openRlpList(body)));
        } catch (error) {
          if (!isProtocolError(error)) throw error;
          // Malformed bytes of a peer.
        }
      }),
    catchUp: () =>
      lock(async () => {
        for (const peer of requests.peers()) {
          try {
            if (await catchUpFrom(peer)) return;
          } catch (error) {
            if (!isProtocolError(error)) throw error;
            // This peer sent garbage; another may not.
          }
        }
      }),
  };
}
