/**
 * The chain of one member: the newest head, and the one way in which it grows.
 *
 * Blocks come from consensus and from sync, sometimes the same block from both; they are taken one
 * at a time, and one that is there already changes nothing.
 */
import type { Bls } from '@polyphony/bls';
import { type HeadInfo, stableLeaders, uniformCommittee } from '@polyphony/fbft';
import { strictPayload, verifySeal } from '@polyphony/fbft/seal';
import { bytesToHex, hexToBytes } from '@polyphony/primitives';
import { type Block, decodeBlock } from './application.js';
import type { BlockStore, SealedBlock } from './block-store.js';
import { chainId, type NetworkFile, networkId, SHARD_ID } from './network.js';

/** Who leads: the proposer of the last block goes on, and each view change moves on by one. */
export const leaders = stableLeaders;

/** The head below the first block: the network id stands for its hash. */
export function genesisHead(network: NetworkFile): HeadInfo {
  return {
    height: 0n,
    hash: bytesToHex(networkId(network)),
    viewId: 0n,
    timestampMs: 0,
    epoch: 0n,
    committee: uniformCommittee(network.members.map(({ publicKey }) => hexToBytes(publicKey))),
  };
}

function headAfter(head: HeadInfo, { height, viewId, hash }: Block): HeadInfo {
  const slot = leaders.leaderAt({ height, viewId, head })!;
  return { ...head, height, viewId, hash, proposer: head.committee.keys[slot]! };
}

/** What the commit votes for a block sign: network, shard, epoch, height, view and block. */
export function votedPayload(
  network: NetworkFile,
  { epoch }: HeadInfo,
  { height, hash }: Block,
  votedIn: bigint,
): Uint8Array {
  const domain = { chainId: chainId(network), shardId: SHARD_ID, epoch };
  const vote = { kind: 'commit', height, viewId: votedIn, hash, certificateView: 0n } as const;
  return strictPayload(domain, vote);
}

/** Whether a block is the next one and a quorum of the committee sealed it. */
export function isNextBlock(
  bls: Bls,
  network: NetworkFile,
  head: HeadInfo,
  block: Block,
  { seal, votedIn }: SealedBlock,
): boolean {
  if (block.height !== head.height + 1n || block.parentHash !== head.hash) return false;
  const payload = votedPayload(network, head, block, votedIn);
  return verifySeal(bls, head.committee, payload, seal);
}

/** The chain of one member. */
export interface Chain {
  head(): HeadInfo;
  /**
   * Adds a final block whose seal was verified.
   *
   * @throws `Error` when it is neither there already nor the next one, which would be a fork.
   */
  append(sealed: SealedBlock, block: Block): Promise<HeadInfo>;
}

/** Reads the chain from its store, giving every block to `apply`, as later every new one. */
export async function openChain(
  network: NetworkFile,
  store: BlockStore,
  apply: (block: Block) => void,
): Promise<Chain> {
  let head = genesisHead(network);
  let last: Promise<unknown> = Promise.resolve();

  function grow(block: Block): void {
    if (block.height !== head.height + 1n || block.parentHash !== head.hash)
      throw new Error(`block ${block.height} ${block.hash} does not follow ${head.hash}`);
    head = headAfter(head, block);
    apply(block);
  }

  async function append(sealed: SealedBlock, block: Block): Promise<HeadInfo> {
    if (block.height <= head.height) {
      const kept = decodeBlock((await store.read(Number(block.height))).block);
      if (kept.hash === block.hash) return head;
      throw new Error(`two final blocks of height ${block.height}: ${kept.hash}, ${block.hash}`);
    }
    if (block.height === head.height + 1n) await store.append(sealed);
    grow(block);
    return head;
  }

  for (let height = 1; height <= store.count; height++)
    grow(decodeBlock((await store.read(height)).block));

  return {
    head: () => head,
    append: (sealed, block) => {
      const done = last.then(() => append(sealed, block));
      last = done.catch(() => undefined);
      return done;
    },
  };
}
