/**
 * What votes sign, and the proof that enough of them were cast: the seal.
 *
 * A seal is the sum of the signatures of a set of committee members over one payload, and the
 * bitmap of the set. Here are the payloads, the seal's bytes and its check. A seal is a set, not
 * a unique value: two seals of one block may name different sets, and a larger one is better.
 * Who sits in the committee and which sets are enough is the caller's {@link VotingCommittee}.
 *
 * @source harmony/consensus/signature/signature.go: ConstructCommitPayload;
 *   harmony/internal/chain/sig.go: ParseCommitSigAndBitmap; harmony/internal/chain/engine.go: verifySignature
 */
import type { Bls } from '@polyphony/bls';
import { bitmapIndices } from '@polyphony/bls/bitmap';
import {
  assertLength,
  concatBytes,
  type Hash,
  hexToBytes,
  isZeroBytes,
  uint64ToBytesLE,
} from '@polyphony/primitives';
import { fitsCommittee } from './committee-bitmap.js';
import { FbftError } from './errors.js';

export { type CastVote, findOffence, type Offence } from './strict/offences.js';
export { type Statement, type StrictDomain, strictPayload } from './strict/statements.js';

/** Bytes of an aggregate signature. */
export const SEAL_SIGNATURE_LENGTH = 96;

/** Who may vote at one height, in slot order, and which sets of voters are enough. */
export interface VotingCommittee {
  /** BLS public keys, 48 bytes each, distinct; slot order fixes bitmap positions. */
  readonly keys: readonly Uint8Array[];
  /**
   * Whether these slots together hold more than two thirds of the voting power. Must be monotone:
   * a superset of a quorum is a quorum. An empty set is never one.
   *
   * @param signers - Distinct slot indices in any order.
   */
  hasQuorum(signers: readonly number[]): boolean;
  /**
   * Who runs a slot, if known. When given, a vote signed by several keys counts only if all of
   * them have one operator; undefined for a slot that may stand with any other.
   *
   * @source harmony/consensus/quorum/one-node-staked-vote.go: AddNewVote
   */
  operatorOf?(slot: number): string | undefined;
  /**
   * The slot of a key, undefined for strangers, where the committee has an index. Members of one process
   * that share a committee then share the index as well; without it each makes its own.
   */
  slotOf?(key: Uint8Array): number | undefined;
  /**
   * The power of each slot and the sum that a quorum must exceed, so that votes are counted one by
   * one without asking `hasQuorum` each time. When given, it must say the same as `hasQuorum`.
   */
  readonly powers?: { readonly of: readonly bigint[]; readonly quorumAbove: bigint };
}

/** The sum of signatures over one payload, and who signed. */
export interface Seal {
  /** 96 bytes. */
  readonly signature: Uint8Array;
  /** Committee bitmap, `ceil(members / 8)` bytes. */
  readonly bitmap: Uint8Array;
}

/** A commit seal and the view in which its votes were cast. */
export interface DecidedSeal extends Seal {
  /** The votes of `strict` sign it; under wire version 1 they sign the view in the block's header. */
  readonly decidedInView: bigint;
}

/**
 * What a commit vote signs: `LE64(number) | hash`, and with `staking` also `| LE64(view id)`.
 *
 * In the Harmony suite bits 61 to 63 of the view id do not count, since only 381 bits are signed.
 *
 * @param blockNum - Height of the block.
 * @param blockHash - 32 bytes, as bytes or hex.
 * @param viewId - The view id in the block's header, which for a block carried over by a view
 *   change is smaller than that of the messages around it.
 * @param staking - Whether the block's epoch is a staking epoch (mainnet 186 on).
 * @returns 48 bytes, or 40 without the view id.
 * @activation staking
 * @source harmony/consensus/signature/signature.go: ConstructCommitPayload
 */
export function commitPayload(
  blockNum: bigint,
  blockHash: Hash | Uint8Array,
  viewId: bigint,
  staking: boolean,
): Uint8Array {
  const hash = typeof blockHash === 'string' ? hexToBytes(blockHash) : blockHash;
  assertLength(hash, 32, 'block hash');
  const payload = new Uint8Array(staking ? 48 : 40);
  writeUint64LE(payload, 0, blockNum);
  payload.set(hash, 8);
  if (staking) writeUint64LE(payload, 40, viewId);
  return payload;
}

function writeUint64LE(out: Uint8Array, at: number, value: bigint): void {
  const number = Number(value);
  if (typeof value !== 'bigint' || number < 0 || number > Number.MAX_SAFE_INTEGER) {
    out.set(uint64ToBytesLE(value), at);
    return;
  }
  // Whole numbers that are exact are split faster than bigints.
  let rest = number >>> 0;
  for (let i = 0; i < 4; i++, rest >>>= 8) out[at + i] = rest;
  rest = Math.floor(number / 0x1_0000_0000);
  for (let i = 4; i < 8; i++, rest >>>= 8) out[at + i] = rest;
}

/**
 * What a prepare vote signs: the block hash itself.
 *
 * @returns 32 bytes.
 * @source harmony/consensus/construct.go: construct
 */
export function preparePayload(blockHash: Hash | Uint8Array): Uint8Array {
  const hash = typeof blockHash === 'string' ? hexToBytes(blockHash) : new Uint8Array(blockHash);
  return assertLength(hash, 32, 'block hash');
}

/**
 * The report "nothing was prepared" (M2): one byte. It names no height, view or shard, so anyone
 * who saw one can repeat it; nothing may rest on it.
 *
 * @source harmony/consensus/config.go: NIL
 */
export const NOTHING_PREPARED: Uint8Array = Uint8Array.of(1);

/** A shorter M1 is not one. @source harmony/consensus/view_change_construct.go: ProcessViewChangeMsg */
export const MIN_CLAIM_LENGTH = 128;

/**
 * The report "this block was prepared" (M1): block hash and prepare seal. Signed whole, but in the
 * Harmony suite only its first 48 bytes count.
 *
 * @returns 128 bytes and the bitmap.
 * @source harmony/consensus/view_change_msg.go: constructViewChangeMessage
 */
export function encodePreparedClaim(blockHash: Hash | Uint8Array, seal: Seal): Uint8Array {
  return concatBytes(preparePayload(blockHash), encodeSeal(seal));
}

/**
 * Splits an M1.
 *
 * @throws {@link FbftError} `fbft/invalid-seal`.
 */
export function decodePreparedClaim(bytes: Uint8Array, signers: number): PreparedClaim {
  if (bytes.length < MIN_CLAIM_LENGTH) {
    throw new FbftError({
      code: 'fbft/invalid-seal',
      reason: `a prepared claim must be at least ${MIN_CLAIM_LENGTH} bytes, got ${bytes.length}`,
    });
  }
  return { blockHash: bytes.slice(0, 32), seal: decodeSeal(bytes.subarray(32), signers) };
}

/** An M1 as a value. */
export interface PreparedClaim {
  /** 32 bytes. */
  readonly blockHash: Uint8Array;
  readonly seal: Seal;
}

/**
 * The report "I want this view" (M3): the view id.
 *
 * @returns 8 bytes, little-endian.
 * @source harmony/consensus/view_change_msg.go: constructViewChangeMessage
 */
export function viewIdPayload(viewId: bigint): Uint8Array {
  return uint64ToBytesLE(viewId);
}

/**
 * Signature and bitmap in a row, as messages, databases and sync carry them.
 *
 * @throws {@link FbftError} `fbft/invalid-seal` for a signature that is not 96 bytes.
 */
export function encodeSeal(seal: Seal): Uint8Array {
  if (seal.signature.length !== SEAL_SIGNATURE_LENGTH) {
    throw new FbftError({
      code: 'fbft/invalid-seal',
      reason: `signature must be 96 bytes, got ${seal.signature.length}`,
    });
  }
  return concatBytes(seal.signature, seal.bitmap);
}

/**
 * Splits signature and bitmap.
 *
 * @param bytes - 96 bytes and a bitmap.
 * @param signers - Committee size; if given, the bitmap must have exactly its length and no bits
 *   past the last member.
 * @throws {@link FbftError} `fbft/invalid-seal`.
 * @source harmony/internal/chain/sig.go: ParseCommitSigAndBitmap; harmony/crypto/bls/bls.go: SeparateSigAndMask
 */
export function decodeSeal(bytes: Uint8Array, signers?: number): Seal {
  if (!(bytes instanceof Uint8Array)) throw new TypeError('seal must be a Uint8Array');
  if (bytes.length < SEAL_SIGNATURE_LENGTH) {
    throw new FbftError({
      code: 'fbft/invalid-seal',
      reason: `must be at least 96 bytes, got ${bytes.length}`,
    });
  }
  const seal = {
    signature: bytes.slice(0, SEAL_SIGNATURE_LENGTH),
    bitmap: bytes.slice(SEAL_SIGNATURE_LENGTH),
  };
  if (signers !== undefined && !fitsCommittee(seal.bitmap, signers)) {
    throw new FbftError({
      code: 'fbft/invalid-seal',
      reason: `bitmap does not fit a committee of ${signers}`,
    });
  }
  return seal;
}

/**
 * Whether a signature is the point at infinity in either suite. Sums of such signatures verify for
 * any message under keys that cancel out, so they are refused before anything is computed.
 */
export function isIdentitySignature(signature: Uint8Array): boolean {
  return isZeroBytes(signature) || (signature[0] === 0xc0 && isZeroBytes(signature.subarray(1)));
}

/**
 * The committee indices a seal names, if it is well formed and they are enough.
 *
 * @returns Ascending indices; undefined for a bitmap of another length, with bits past the last
 *   member or without a quorum, and for a signature that is malformed or the point at infinity.
 */
export function sealSigners(committee: VotingCommittee, seal: Seal): number[] | undefined {
  if (seal.signature.length !== SEAL_SIGNATURE_LENGTH) return undefined;
  if (isIdentitySignature(seal.signature)) return undefined;
  if (!fitsCommittee(seal.bitmap, committee.keys.length)) return undefined;
  const signers = bitmapIndices(seal.bitmap, committee.keys.length);
  return signers.length > 0 && committee.hasQuorum(signers) ? signers : undefined;
}

/**
 * Whether a quorum of the committee signed the payload. Never throws on hostile bytes.
 *
 * Counts the signers, also where the Go node before staking counted the committee instead.
 *
 * @param payload - From {@link commitPayload} or {@link preparePayload}.
 * @source harmony/internal/chain/engine.go: verifySignature
 * @example verifySeal(bls, committee, commitPayload(number, hash, viewId, true), seal)
 */
export function verifySeal(
  bls: Bls,
  committee: VotingCommittee,
  payload: Uint8Array,
  seal: Seal,
): boolean {
  const signers = sealSigners(committee, seal);
  if (signers === undefined) return false;
  const keys = signers.map((index) => committee.keys[index]!);
  return bls.verifyAggregate(seal.signature, payload, keys);
}

/**
 * Whether a seal should take the place of a known one of the same block: same length, canonical,
 * and strictly more signers.
 *
 * @param signers - Committee size.
 * @activation after the pinned revision; harmless before
 * @source harmony/consensus/commit_bitmap.go (2026 releases)
 */
export function isBetterSeal(candidate: Seal, current: Seal, signers: number): boolean {
  if (!fitsCommittee(candidate.bitmap, signers) || !fitsCommittee(current.bitmap, signers))
    return false;
  return (
    bitmapIndices(candidate.bitmap, signers).length > bitmapIndices(current.bitmap, signers).length
  );
}
