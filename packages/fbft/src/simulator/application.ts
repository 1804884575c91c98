/**
 * The applications of simulated nodes: what the embedder brings, without promises; and the default,
 * blocks that say where they stand and whether they are good.
 */
import {
  bytesToHex,
  encodeRlp,
  type Hash,
  hexToBytes,
  keccak256,
  openRlpList,
} from '@polyphony/primitives';
import type { HeadInfo, Proposal, ValidationResult } from '../ports.js';
import type { Seal } from '../seal.js';
import type { Random } from './random.js';

/** What a simulated proposer is given. */
export interface SimProposal {
  readonly height: bigint;
  readonly viewId: bigint;
  /** The parent. */
  readonly head: HeadInfo;
  /** The best seal of the parent that the leader has. */
  readonly parentSeal: Seal | undefined;
  /** The leader's clock. */
  readonly now: number;
}

/**
 * The replicated application at one simulated node: the ports `Application` without promises. It is
 * made anew at each start of its node; blocks that were final before are given to `commit` again.
 */
export interface SimApplication {
  /** A block on top of `head`, or undefined: nothing to propose now. */
  propose(context: SimProposal): Proposal | undefined;
  /** Whether a block may follow `head`; the same answer at every honest node. */
  validate(block: Uint8Array, head: HeadInfo): ValidationResult;
  /** A block is final. */
  commit(block: Uint8Array, height: bigint): void;
}

/** Simulated blocks with random nonces, and nothing in them. One value serves all nodes. */
export function simBlocks(random: Random): SimApplication {
  const known = new WeakMap<Uint8Array, ValidationResult>();
  return {
    propose: ({ height, viewId, head }) => {
      const nonce = BigInt(random.uint32());
      const block = encodeSimBlock({ height, viewId, parentHash: head.hash, nonce, bad: false });
      return { block: block.bytes, blockHash: block.hash };
    },
    validate: (block, head) => {
      const before = known.get(block);
      if (before?.valid && before.parentHash === head.hash) return before;
      const result = validateSimBlock(block, head.hash);
      known.set(block, result);
      return result;
    },
    commit: () => undefined,
  };
}

/** A simulated block. */
export interface SimBlock {
  readonly height: bigint;
  readonly viewId: bigint;
  readonly parentHash: Hash;
  /** Tells blocks apart; 64 bits. */
  readonly nonce: bigint;
  /** Honest validators refuse a bad block. */
  readonly bad: boolean;
}

/** The bytes of a block and their hash. */
export function encodeSimBlock(block: SimBlock): {
  readonly bytes: Uint8Array;
  readonly hash: Hash;
} {
  const bytes = encodeRlp([
    block.height,
    block.viewId,
    hexToBytes(block.parentHash),
    block.nonce,
    block.bad ? 1 : 0,
  ]);
  return { bytes, hash: bytesToHex(keccak256(bytes)) };
}

/** A block from bytes, or undefined. */
export function decodeSimBlock(bytes: Uint8Array): SimBlock | undefined {
  try {
    const fields = openRlpList(bytes);
    const block = {
      height: fields.readBigInt(64),
      viewId: fields.readBigInt(64),
      parentHash: bytesToHex(fields.readFixed(32)),
      nonce: fields.readBigInt(64),
      bad: fields.readUint32() === 1,
    };
    fields.assertDone();
    return block;
  } catch {
    return undefined;
  }
}

/** What an honest node says about a block on top of its head. */
export function validateSimBlock(bytes: Uint8Array, headHash: Hash): ValidationResult {
  const block = decodeSimBlock(bytes);
  if (block === undefined) return { valid: false, reason: 'it does not decode' };
  if (block.bad) return { valid: false, reason: 'it is bad' };
  if (block.parentHash !== headHash) return { valid: false, reason: 'its parent is not the head' };
  const { height, parentHash, viewId } = block;
  return { valid: true, blockHash: bytesToHex(keccak256(bytes)), height, parentHash, viewId };
}
