/**
 * Fetching final blocks from other nodes of the shard.
 *
 * A request names the first height and a count; the answer is sealed blocks in order. Every block
 * is checked as if it came by consensus: seal of its committee, header, execution. A peer that
 * answers with anything else is passed over for a while and the next one is asked.
 */
import {
  type Block,
  decodeSealedBlock,
  encodeSealedBlock,
  type SealFields,
} from '@polyphony/chain';
import type { PeerId, PeerRequests } from '@polyphony/p2p';
import { encodeRlp, isProtocolError, openRlpList } from '@polyphony/primitives';
import type { ChainStore } from './chain-store.js';

/** Blocks in one answer, and the size at which an answer ends early. */
const MAX_BLOCKS = 32;
const TARGET_BYTES = 1024 * 1024;
const TIMEOUT_MS = 5_000;
/** How long a peer that answered badly is not asked again. */
const PENALTY_MS = 10_000;

/** A block and its seal as a peer sent them, not checked. */
export interface FetchedBlock {
  readonly block: Block;
  readonly seal: SealFields;
}

/** The name of the protocol for one shard. */
export function syncProtocol(network: string, shardId: number): string {
  return `polyphony/blocks/${network}/${shardId}/1`;
}

function readRequest(request: Uint8Array): { readonly first: bigint; readonly count: number } {
  const list = openRlpList(request);
  const first = list.readBigInt(64);
  const count = list.readUint32();
  list.assertDone('block request');
  return { first, count: Math.min(count, MAX_BLOCKS) };
}

/** Serves this node's blocks. The answer ends the service. */
export function serveBlocks(
  requests: PeerRequests,
  protocol: string,
  chain: ChainStore,
): () => void {
  return requests.handle(protocol, async (_from, request) => {
    const { first, count } = readRequest(request);
    const items: { readonly rlp: Uint8Array }[] = [];
    let size = 0;
    for (let number = first; items.length < count && size < TARGET_BYTES; number += 1n) {
      const found = number > 0n ? chain.blockAt(number) : undefined;
      const seal = chain.seal(number);
      if (found === undefined || seal === undefined) break;
      const rlp = encodeSealedBlock({
        block: found.block,
        commitSignature: seal.signature,
        commitBitmap: seal.bitmap,
      });
      items.push({ rlp });
      size += rlp.length;
    }
    return encodeRlp(items);
  });
}

/** What the loop needs of the node. */
export interface SyncTarget {
  height(): bigint;
  /**
   * Checks a block and appends it.
   *
   * @returns False when the block is not valid here: the peer is to blame.
   */
  accept(fetched: FetchedBlock): Promise<boolean>;
}

/** What a round of fetching came to. */
export interface SyncResult {
  readonly appended: number;
  /** Peers that answered, whether or not with blocks. */
  readonly answered: number;
  readonly refused: readonly PeerId[];
}

/** Fetches blocks from peers. */
export interface BlockSync {
  /** Asks peers until none has a block beyond the own head. */
  catchUp(): Promise<SyncResult>;
}

/** The fetching side for one shard. */
export function createBlockSync(
  requests: PeerRequests,
  protocol: string,
  target: SyncTarget,
  now: () => number,
): BlockSync {
  const penalties = new Map<PeerId, number>();

  async function fetchFrom(peer: PeerId): Promise<FetchedBlock[] | undefined> {
    const request = encodeRlp([target.height() + 1n, MAX_BLOCKS]);
    let answer: Uint8Array;
    try {
      answer = await requests.request(peer, protocol, request, { timeoutMs: TIMEOUT_MS });
    } catch {
      // Gone, slow or of another shard: not a lie, so no penalty.
      return undefined;
    }
    const list = openRlpList(answer);
    const blocks: FetchedBlock[] = [];
    while (!list.done && blocks.length < MAX_BLOCKS) {
      const sealed = decodeSealedBlock(list.readRaw());
      blocks.push({
        block: sealed.block,
        seal: { signature: sealed.commitSignature, bitmap: sealed.commitBitmap },
      });
    }
    return blocks;
  }

  /** Blocks appended from one peer, or undefined when it did not answer; throws when it lied. */
  async function follow(peer: PeerId): Promise<number | undefined> {
    let appended = 0;
    for (;;) {
      const blocks = await fetchFrom(peer);
      if (blocks === undefined) return appended > 0 ? appended : undefined;
      if (blocks.length === 0) return appended;
      for (const fetched of blocks) {
        if (fetched.block.header.number <= target.height()) continue;
        if (!(await target.accept(fetched))) throw new SyncRefusal();
        appended += 1;
      }
    }
  }

  return {
    async catchUp() {
      let appended = 0;
      let answered = 0;
      const refused: PeerId[] = [];
      for (const [peer, until] of penalties) if (until <= now()) penalties.delete(peer);
      for (const peer of requests.peers()) {
        if (penalties.has(peer)) continue;
        try {
          const count = await follow(peer);
          if (count === undefined) continue;
          answered += 1;
          appended += count;
        } catch (error) {
          if (!(error instanceof SyncRefusal) && !isProtocolError(error)) throw error;
          penalties.set(peer, now() + PENALTY_MS);
          refused.push(peer);
        }
      }
      return { appended, answered, refused };
    },
  };
}

class SyncRefusal extends Error {
  override readonly name = 'SyncRefusal';
}
