/**
 * The signed mark: the one record that must survive a crash, and its bytes.
 *
 * It says what this node's keys have signed at one height, as far as a later signature could
 * contradict it, and holds the blocks needed to go on: the own proposal, so that a restarted leader
 * announces the same block again, and the best prepare certificate, so that a block that may be
 * final elsewhere can be carried over. What follows from a mark is decided in `invariants.ts`.
 */
import {
  bytesToHex,
  concatBytes,
  encodeRlp,
  equalBytes,
  type Hash,
  hexToBytes,
  keccak256,
  openRlpList,
  PrimitivesError,
  type RlpInput,
  type RlpReader,
} from '@polyphony/primitives';
import { FbftError } from './errors.js';
import type { Seal } from './seal.js';

/** A block that was voted for. */
export interface MarkedVote {
  /** View id in the block's header; under `strict` the view of the vote. */
  readonly viewId: bigint;
  readonly blockHash: Hash;
  /** `strict`: view of the certificate that justified a prepare vote, 0 for a fresh block. */
  readonly justifiedBy?: bigint;
}

/** The newest commit vote: the lock. */
export interface LockMark extends MarkedVote {
  /** View id of the message that carried the vote. */
  readonly votedInView: bigint;
  /** `strict`: highest view of a commit vote for another block of this height. */
  readonly otherViewId?: bigint;
}

/** A block with the proof that a quorum prepared it. */
export interface Certificate extends MarkedVote {
  readonly seal: Seal;
  readonly block: Uint8Array;
}

/** A block this node announced. */
export interface OwnProposal extends MarkedVote {
  readonly block: Uint8Array;
}

/** What the keys of one node have signed at one height. */
export interface SignedMark {
  readonly shardId: number;
  readonly height: bigint;
  /** Highest view this node asked for or voted in. */
  readonly viewId: bigint;
  /** 2 for a mark of the profile `strict`, whose votes mean something else. */
  readonly wire?: 2 | undefined;
  /** Up to this view operators released the height: no block of it is voted for any more. */
  readonly floor?: bigint | undefined;
  /** The newest prepare vote. */
  readonly prepared?: MarkedVote | undefined;
  readonly lock?: LockMark | undefined;
  readonly certificate?: Certificate | undefined;
  readonly proposal?: OwnProposal | undefined;
}

/** A mark for a height at which nothing was signed. Written out, as in {@link copyMark}. */
export function emptyMark(shardId: number, height: bigint, wire?: 2): SignedMark {
  return {
    shardId,
    height,
    viewId: 0n,
    wire,
    floor: undefined,
    prepared: undefined,
    lock: undefined,
    certificate: undefined,
    proposal: undefined,
  };
}

/** A copy of a mark that may still be changed. Written out: an object of fixed shape is cheap. */
export function copyMark(mark: SignedMark): {
  -readonly [Field in keyof SignedMark]: SignedMark[Field];
} {
  const { shardId, height, viewId, wire, floor, prepared, lock, certificate, proposal } = mark;
  return { shardId, height, viewId, wire, floor, prepared, lock, certificate, proposal };
}

const CHECKSUM_LENGTH = 32;
/** First numbers of a mark's bytes. 1 and 2 were marks without a floor. */
const FORMAT = 3;
const STRICT_FORMAT = 4;

function voteItems(vote: MarkedVote): RlpInput[] {
  return [vote.viewId, hexToBytes(vote.blockHash)];
}

/**
 * The bytes of a mark, for a {@link SignedMarkStore}: RLP and its keccak-256, so that a torn or
 * flipped record is noticed. Equal marks give equal bytes.
 */
export function encodeSignedMark(mark: SignedMark): Uint8Array {
  const { prepared, lock, certificate, proposal } = mark;
  const strict = mark.wire === 2;
  const justified = (vote: MarkedVote): RlpInput[] => (strict ? [vote.justifiedBy ?? 0n] : []);
  const body = encodeRlp([
    strict ? STRICT_FORMAT : FORMAT,
    mark.shardId,
    mark.height,
    mark.viewId,
    mark.floor ?? 0n,
    prepared ? [...voteItems(prepared), ...justified(prepared)] : [],
    lock ? [...voteItems(lock), lock.votedInView, ...(strict ? [lock.otherViewId ?? 0n] : [])] : [],
    certificate
      ? [
          ...voteItems(certificate),
          certificate.seal.signature,
          certificate.seal.bitmap,
          certificate.block,
          ...justified(certificate),
        ]
      : [],
    proposal ? [...voteItems(proposal), proposal.block] : [],
  ]);
  return concatBytes(body, keccak256(body));
}

/**
 * Reads a mark.
 *
 * @throws {@link FbftError} `fbft/invalid-mark`. A node must not sign with a mark it cannot read.
 */
export function decodeSignedMark(bytes: Uint8Array): SignedMark {
  if (!(bytes instanceof Uint8Array)) throw new TypeError('mark must be a Uint8Array');
  const length = bytes.length - CHECKSUM_LENGTH;
  const body = new Uint8Array(bytes.subarray(0, Math.max(0, length)));
  if (length < 1 || !equalBytes(keccak256(body), bytes.subarray(length)))
    throw new FbftError({ code: 'fbft/invalid-mark', reason: 'the checksum does not match' });
  try {
    return readMark(body);
  } catch (error) {
    if (error instanceof PrimitivesError)
      throw new FbftError({ code: 'fbft/invalid-mark', reason: error.message }, { cause: error });
    throw error;
  }
}

function readMark(bytes: Uint8Array): SignedMark {
  const fields = openRlpList(bytes);
  const version = fields.readUint32();
  if (version !== FORMAT && version !== STRICT_FORMAT)
    throw new FbftError({ code: 'fbft/invalid-mark', reason: `version ${version} is not known` });
  const head = {
    shardId: fields.readUint32(),
    height: fields.readBigInt(64),
    viewId: fields.readBigInt(64),
  };
  const floor = fields.readBigInt(64);
  const strict = version === STRICT_FORMAT;
  const justified = (part: RlpReader) => (strict ? { justifiedBy: part.readBigInt(64) } : {});
  const prepared = readOptional(fields, (part) => ({
    ...readVote(part),
    ...justified(part),
  }));
  const lock = readOptional(fields, (part) => {
    const vote = { ...readVote(part), votedInView: part.readBigInt(64) };
    const otherViewId = strict ? part.readBigInt(64) : 0n;
    return otherViewId > 0n ? { ...vote, otherViewId } : vote;
  });
  const certificate = readOptional(fields, (part) => ({
    ...readVote(part),
    seal: { signature: part.readFixed(96), bitmap: part.readBytes() },
    block: part.readBytes(),
    ...justified(part),
  }));
  const proposal = readOptional(fields, (part) => ({ ...readVote(part), block: part.readBytes() }));
  fields.assertDone('signed mark');
  return {
    ...head,
    ...(strict && { wire: 2 as const }),
    ...(floor > 0n && { floor }),
    ...(prepared && { prepared }),
    ...(lock && { lock }),
    ...(certificate && { certificate }),
    ...(proposal && { proposal }),
  };
}

function readVote(part: RlpReader): MarkedVote {
  return { viewId: part.readBigInt(64), blockHash: bytesToHex(part.readFixed(32)) };
}

function readOptional<T>(fields: RlpReader, read: (part: RlpReader) => T): T | undefined {
  const part = fields.readList();
  if (part.done) return undefined;
  const value = read(part);
  part.assertDone('part of a signed mark');
  return value;
}
