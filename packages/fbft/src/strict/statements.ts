/**
 * What the keys of a `strict` network sign: one statement of fixed length, hashed.
 *
 * Every signature binds the chain, the shard, the epoch, the height, the view and what kind of
 * statement it is, so none can be taken for another. The 93 bytes are hashed before they are
 * signed, because Harmony's suite signs only the first 48 bytes it is given.
 *
 * | bytes | what |
 * | --- | --- |
 * | 16 | `polyphony/fbft/2` |
 * | 1 | kind: 2 prepare, 4 commit, 6 view change; 128 + message type for a sender's signature |
 * | 8 | chain id |
 * | 4 | shard |
 * | 8 | epoch |
 * | 8 | height |
 * | 8 | view in which it is signed |
 * | 32 | hash: of the block, of the certified block, or of the message |
 * | 8 | view of the certificate that justifies a prepare vote, or that a view change reports; else 0 |
 */
import { type Hash, hexToBytes, keccak256, utf8ToBytes } from '@polyphony/primitives';
import { FbftError } from '../errors.js';

const TAG = utf8ToBytes('polyphony/fbft/2');
const LENGTH = 93;

/** Kinds of statements and their numbers. */
export const STATEMENT_KINDS: {
  readonly prepare: 2;
  readonly commit: 4;
  readonly 'view-change': 6;
} = { prepare: 2, commit: 4, 'view-change': 6 };

/** Where a statement belongs. */
export interface StrictDomain {
  /** Below 2^64. */
  readonly chainId: bigint;
  /** Below 2^32. */
  readonly shardId: number;
  /** Epoch of the height. */
  readonly epoch: bigint;
}

/** A statement. */
export interface Statement {
  readonly kind: keyof typeof STATEMENT_KINDS | 'sender';
  /** Message type of a sender's signature. */
  readonly messageType?: number;
  readonly height: bigint;
  readonly viewId: bigint;
  /** 32 bytes. */
  readonly hash: Uint8Array | Hash;
  /** View of a certificate; 0 for none. */
  readonly certificateView: bigint;
}

/**
 * The 32 bytes that are signed: keccak-256 of the statement.
 *
 * @throws {@link FbftError} `fbft/out-of-range` for a number or length out of range.
 * @example strictPayload({ chainId: 7n, shardId: 0, epoch: 3n }, { kind: 'commit', height, viewId, hash, certificateView: 0n })
 */
export function strictPayload(domain: StrictDomain, statement: Statement): Uint8Array {
  return keccak256(encodeStatement(domain, statement));
}

/** The 93 bytes of a statement before they are hashed. */
function encodeStatement(domain: StrictDomain, statement: Statement): Uint8Array {
  const { kind, hash } = statement;
  const bytes = new Uint8Array(LENGTH);
  const view = new DataView(bytes.buffer);
  const u64 = (at: number, what: string, value: bigint): void => {
    if (value < 0n || value >> 64n !== 0n) outOfRange(what, 'must fit 64 bits');
    view.setBigUint64(at, value);
  };
  bytes.set(TAG);
  bytes[16] = kind === 'sender' ? 128 + (statement.messageType ?? 0) : STATEMENT_KINDS[kind];
  u64(17, 'chain id', domain.chainId);
  view.setUint32(25, domain.shardId);
  u64(29, 'epoch', domain.epoch);
  u64(37, 'height', statement.height);
  u64(45, 'view id', statement.viewId);
  const hashBytes = typeof hash === 'string' ? hexToBytes(hash) : hash;
  if (hashBytes.length !== 32) outOfRange('hash', `must be 32 bytes, got ${hashBytes.length}`);
  bytes.set(hashBytes, 53);
  u64(85, 'certificate view', statement.certificateView);
  return bytes;
}

function outOfRange(what: string, reason: string): never {
  throw new FbftError({ code: 'fbft/out-of-range', what, reason });
}
