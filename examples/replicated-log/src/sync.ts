/**
 * Fetching final blocks that this member missed.
 *
 * A fetch names the first height; the answer is sealed blocks in order. Nobody is trusted: a block
 * counts when it follows the own head and a quorum of the committee sealed it. A peer is asked when
 * a connection to it comes up, and one after the other while consensus says we are behind.
 */
import type { Bls } from '@polyphony/bls';
import { encodeRlp, openRlpList } from '@polyphony/primitives';
import { type Block, decodeBlock } from './application.js';
import {
  type BlockStore,
  decodeSealedBlock,
  encodeSealedBlock,
  type SealedBlock,
} from './block-store.js';
import { type Chain, isNextBlock } from './chain.js';
import { FRAME, type Frame } from './frames.js';
import type { NetworkFile } from './network.js';

/** Blocks in one answer, and the size at which it ends early. */
const MAX_BLOCKS = 64;
const TARGET_BYTES = 512 * 1024;
const ANSWER_TIMEOUT_MS = 1000;

/** What sync works with. */
export interface SyncOptions {
  readonly bls: Bls;
  readonly network: NetworkFile;
  readonly chain: Chain;
  readonly store: BlockStore;
  peers(): readonly number[];
  send(to: number, frame: Frame): void;
  /** The chain has grown. */
  onGrown(): void;
}

/** The fetching and the serving side. */
export interface Sync {
  /** Asks a peer for what comes after the own head. */
  ask(peer: number): void;
  /** Somebody claims that a height exists; unproved, so it is given up after a round of asking. */
  behind(height: bigint): void;
  /** Takes in a `fetch` or `blocks` frame; bytes that mean nothing are dropped. */
  onFrame(from: number, frame: Frame): Promise<void>;
  close(): void;
}

/** A block as a peer sent it, not checked. */
interface FetchedBlock {
  readonly sealed: SealedBlock;
  readonly block: Block;
}

function readFetch(payload: Uint8Array): number {
  const fields = openRlpList(payload);
  const first = fields.readUint32();
  fields.assertDone('fetch');
  return first;
}

function readBlocks(payload: Uint8Array): FetchedBlock[] {
  const list = openRlpList(payload);
  const blocks: FetchedBlock[] = [];
  while (!list.done && blocks.length < MAX_BLOCKS) {
    const sealed = decodeSealedBlock(list.readRaw());
    blocks.push({ sealed, block: decodeBlock(sealed.block) });
  }
  return blocks;
}

/** What a reader reads; undefined for bytes that it refuses. */
function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Builds both sides. */
export function createSync(options: SyncOptions): Sync {
  const { bls, network, chain, store, send } = options;
  /** Peers that owe an answer: nobody else's blocks are looked at. */
  const asked = new Set<number>();
  let target = 0n;
  let attempts = 0;
  let turn = 0;
  let timer: NodeJS.Timeout | undefined;

  function ask(peer: number): void {
    asked.add(peer);
    send(peer, { kind: FRAME.fetch, payload: encodeRlp([chain.head().height + 1n]) });
  }

  function pursue(): void {
    clearTimeout(timer);
    timer = undefined;
    const peers = options.peers();
    if (target <= chain.head().height + 1n || attempts === 0) return;
    attempts -= 1;
    if (peers.length > 0) ask(peers[turn++ % peers.length]!);
    timer = setTimeout(pursue, ANSWER_TIMEOUT_MS);
  }

  async function serve(to: number, first: number): Promise<void> {
    const blocks: SealedBlock[] = [];
    let size = 0;
    for (let height = first; height > 0 && height <= store.count; height++) {
      if (blocks.length === MAX_BLOCKS || size > TARGET_BYTES) break;
      const sealed = await store.read(height);
      blocks.push(sealed);
      size += sealed.block.length;
    }
    const rlp = blocks.map((sealed) => ({ rlp: encodeSealedBlock(sealed) }));
    send(to, { kind: FRAME.blocks, payload: encodeRlp(rlp) });
  }

  async function take(from: number, blocks: readonly FetchedBlock[]): Promise<void> {
    let grown = 0;
    for (const { sealed, block } of blocks) {
      if (block.height <= chain.head().height) continue; // consensus was faster
      if (!isNextBlock(bls, network, chain.head(), block, sealed)) return;
      await chain.append(sealed, block);
      grown += 1;
    }
    if (grown === 0) return;
    options.onGrown();
    ask(from);
  }

  return {
    ask,
    behind: (height) => {
      if (height > target) target = height;
      attempts = 2 * options.peers().length;
      if (timer === undefined) pursue();
    },
    onFrame: async (from, { kind, payload }) => {
      if (kind === FRAME.fetch) {
        const first = orUndefined(() => readFetch(payload));
        if (first !== undefined) await serve(from, first);
      } else if (kind === FRAME.blocks && asked.delete(from)) {
        await take(from, orUndefined(() => readBlocks(payload)) ?? []);
      }
    },
    close: () => clearTimeout(timer),
  };
}
