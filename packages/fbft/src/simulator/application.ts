/** The application of simulated nodes: blocks that say where they stand and whether they are good. */
import {
  bytesToHex,
  encodeRlp,
  type Hash,
  hexToBytes,
  keccak256,
  openRlpList,
} from '@polyphony/primitives';
import type { ValidationResult } from '../ports.js';

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
