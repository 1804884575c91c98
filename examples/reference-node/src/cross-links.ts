/**
 * How the beacon shard learns of the blocks of other shards: links with the seals of their
 * committees, one block behind, since a block's seal is in the block after it.
 *
 * A node of another shard serves the links to its blocks; beacon nodes fetch the ones that follow
 * those on chain, check each seal, and a proposer puts them into its header without gaps.
 *
 * @source harmony/core/blockchain_impl.go: VerifyBlockCrossLinks; node/harmony/node_cross_link.go
 */
import type { Bls } from '@polyphony/bls';
import {
  assertValidCrossLinks,
  type CrossLink,
  compareCrossLinks,
  crossLinkOf,
  decodeCrossLink,
  decodeCrossLinks,
  encodeCrossLink,
  type Header,
} from '@polyphony/chain';
import { lastCrossLinkKey } from '@polyphony/chain/database-keys';
import type { Engine } from '@polyphony/crypto';
import { verifyBlockSeal } from '@polyphony/light-client';
import { isActive, type Network, shardingAt } from '@polyphony/networks';
import type { PeerRequests } from '@polyphony/p2p';
import { bytesToHex, encodeRlp, isProtocolError, openRlpList } from '@polyphony/primitives';
import type { BatchOperation, KeyValueStore } from '@polyphony/storage';
import type { ChainStore } from './chain-store.js';
import type { Committees } from './committees.js';

/** Most links in a header, and in an answer. */
const MAX_LINKS = 16;
/** Most blocks that are looked at for an answer. */
const MAX_LOOKED = 4_096;
const TIMEOUT_MS = 2_000;
/** The first block that may be linked: block 1 carries no seal of genesis. */
const FIRST_LINKED = 2n;
/** Checked links that are remembered. */
const REMEMBERED = 512;

function linkProtocol(network: Network, shardId: number): string {
  return `polyphony/cross-links/${network.name}/${shardId}/1`;
}

/** Serves the links to this chain's blocks. The answer ends the service. */
export function serveCrossLinks(
  requests: PeerRequests,
  network: Network,
  shardId: number,
  chain: ChainStore,
  engine: Engine,
): () => void {
  return requests.handle(linkProtocol(network, shardId), async (_from, request) => {
    const list = openRlpList(request);
    let number = list.readBigInt(64);
    list.assertDone('cross-link request');
    if (number < FIRST_LINKED) number = FIRST_LINKED;
    const links: Uint8Array[] = [];
    for (let looked = 0; links.length < MAX_LINKS && looked < MAX_LOOKED; looked += 1) {
      const [block, child] = [chain.headerAt(number), chain.headerAt(number + 1n)];
      if (block === undefined || child === undefined) break;
      // Blocks of epochs before cross-links are never linked.
      if (isActive(network, 'crossLink', block.epoch)) {
        links.push(encodeCrossLink(crossLinkOf(block, child, engine)));
      }
      number += 1n;
    }
    return encodeRlp(links);
  });
}

/** What the links of a beacon chain are made of. */
export interface CrossLinksOptions {
  readonly network: Network;
  readonly committees: Committees;
  readonly store: KeyValueStore;
  readonly requests: PeerRequests;
  readonly bls: Bls;
}

/** The links that a beacon chain has and those that wait for a block. */
export interface CrossLinks {
  /** Fetches what follows the links on chain; peers that answer wrongly are passed over. */
  fetch(epoch: bigint): Promise<void>;
  /** Links for the next block, sorted. */
  propose(epoch: bigint): readonly CrossLink[];
  /**
   * Why a header's links may not be in it, or undefined when they may: sorted, no gaps after those
   * on chain, every seal by the committee of its epoch.
   */
  refusal(header: Header): string | undefined;
  /** The operations that make a block's links the newest, to be written with it. */
  operationsOf(header: Header): readonly BatchOperation[];
}

/** The links of a beacon chain, over those that its store has. */
export function createCrossLinks(options: CrossLinksOptions): CrossLinks {
  const { network, committees, store, requests, bls } = options;
  /** Links that wait, by shard, in order. */
  const waiting = new Map<number, CrossLink[]>();
  /** Links whose seal was checked, by their bytes. */
  const checked = new Set<string>();

  function newest(shardId: number): CrossLink | undefined {
    const bytes = store.getSync(lastCrossLinkKey(shardId));
    return bytes === undefined ? undefined : decodeCrossLink(bytes);
  }

  const after = (link: CrossLink | undefined): bigint =>
    link === undefined ? FIRST_LINKED : link.blockNumber + 1n;
  /** Where links exist from the start, the first one is to the first block that can be linked. */
  const fromStart = isActive(network, 'crossLink', 0n);

  function isSealed(link: CrossLink): boolean {
    const name = bytesToHex(encodeCrossLink(link));
    if (checked.has(name)) return true;
    const voting = committees.votingOf(link.shardId, link.epoch);
    if (voting === undefined) return false;
    const block = { ...link, number: link.blockNumber, hash: link.blockHash };
    if (!verifyBlockSeal({ network, bls }, voting, block, link)) return false;
    checked.add(name);
    if (checked.size > REMEMBERED) checked.delete(checked.values().next().value!);
    return true;
  }

  /** Whether a link may stand after another of its shard; epochs never go back. */
  function follows(link: CrossLink, before: CrossLink | undefined): boolean {
    if (!isActive(network, 'crossLink', link.epoch)) return false;
    if (before === undefined && !fromStart) return link.blockNumber >= FIRST_LINKED;
    return link.blockNumber === after(before) && link.epoch >= (before?.epoch ?? 0n);
  }

  const otherShards = (epoch: bigint): number[] =>
    Array.from({ length: shardingAt(network, epoch).shardCount - 1 }, (_, i) => i + 1);

  async function ask(peer: string, shardId: number, first: bigint): Promise<CrossLink[]> {
    const request = encodeRlp([first]);
    const answer = await requests.request(peer, linkProtocol(network, shardId), request, {
      timeoutMs: TIMEOUT_MS,
    });
    const list = openRlpList(answer);
    const links: CrossLink[] = [];
    while (!list.done && links.length < MAX_LINKS) links.push(decodeCrossLink(list.readBytes()));
    return links;
  }

  async function fetchShard(shardId: number): Promise<void> {
    const chained = newest(shardId);
    const known = (waiting.get(shardId) ?? []).filter((link) => link.blockNumber >= after(chained));
    let last = known.at(-1) ?? chained;
    if (known.length < MAX_LINKS) {
      for (const peer of requests.peers()) {
        let links: CrossLink[];
        try {
          links = await ask(peer, shardId, after(last));
        } catch {
          // Not a node of that shard, gone, slow, or garbage.
          continue;
        }
        for (const link of links) {
          if (link.shardId !== shardId || !follows(link, last) || !isSealed(link)) break;
          known.push(link);
          last = link;
        }
        if (links.length > 0) break;
      }
    }
    waiting.set(shardId, known);
  }

  return {
    async fetch(epoch) {
      if (!isActive(network, 'crossLink', epoch)) return;
      await Promise.all(otherShards(epoch).map(fetchShard));
    },
    propose(epoch) {
      const shards = otherShards(epoch);
      if (shards.length === 0 || !isActive(network, 'crossLink', epoch)) return [];
      const each = Math.max(1, Math.floor(MAX_LINKS / shards.length));
      return shards
        .flatMap((shardId) => {
          const chained = newest(shardId);
          const links = (waiting.get(shardId) ?? []).filter(
            (link) => link.blockNumber >= after(chained),
          );
          const [first] = links;
          return first !== undefined && follows(first, chained) ? links.slice(0, each) : [];
        })
        .slice(0, MAX_LINKS)
        .sort(compareCrossLinks);
    },
    refusal({ crossLinks, epoch }) {
      let links: readonly CrossLink[];
      try {
        links = decodeCrossLinks(crossLinks);
        assertValidCrossLinks(links, network, epoch);
      } catch (error) {
        if (!isProtocolError(error)) throw error;
        return `cross-links: ${error.message}`;
      }
      if (links.length > MAX_LINKS) return `more than ${MAX_LINKS} cross-links`;
      const last = new Map<number, CrossLink | undefined>();
      for (const link of links) {
        const { shardId, blockNumber } = link;
        if (!last.has(shardId)) last.set(shardId, newest(shardId));
        if (shardId >= shardingAt(network, link.epoch).shardCount) return `no shard ${shardId}`;
        if (!follows(link, last.get(shardId))) {
          return `cross-link to block ${blockNumber} of shard ${shardId} is out of order`;
        }
        if (!isSealed(link)) {
          return `cross-link to block ${blockNumber} of shard ${shardId} is not sealed`;
        }
        last.set(shardId, link);
      }
      return undefined;
    },
    operationsOf(header) {
      const last = new Map<number, CrossLink>();
      for (const link of decodeCrossLinks(header.crossLinks)) last.set(link.shardId, link);
      return [...last.values()].map((link) => ({
        type: 'put',
        key: lastCrossLinkKey(link.shardId),
        value: encodeCrossLink(link),
      }));
    },
  };
}
