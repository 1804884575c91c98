/**
 * Where the commit seal of a block lies: in the signature and the bitmap that the next header, links,
 * sealed blocks and proofs of receipts carry.
 *
 * Under consensus version 1 the two fields are the seal. Under version 2 votes sign the view in which
 * they are cast, which a verifier must know and which no field of a header has; it stands behind the
 * bitmap, so that everything that carries a seal carries its view. Not here: whether a seal holds.
 */
import type { Network } from '@polyphony/networks';
import { bigIntToBytes, bytesToBigInt } from '@polyphony/primitives';
import { ChainError, invalidEncoding } from './errors.js';
import { bytesField, fixedField, uintField } from './fields.js';

/** The seal of a block's committee. */
export interface CommitSeal {
  /** 96 bytes. */
  readonly signature: Uint8Array;
  /** Committee bitmap, `ceil(members / 8)` bytes. */
  readonly bitmap: Uint8Array;
  /** The view in which its votes were cast. Carried under consensus version 2 only. */
  readonly decidedInView?: bigint;
}

/** The two fields as headers (`lastCommit…`), links, sealed blocks and proofs carry them. */
export interface SealFields {
  /** 96 bytes. */
  readonly signature: Uint8Array;
  /** The bitmap; under consensus version 2 `bitmap | BE64 view`. */
  readonly bitmap: Uint8Array;
}

/** Bytes of the view behind a bitmap. */
const VIEW_LENGTH = 8;

/**
 * The fields that carry a seal.
 *
 * @param seal - Under consensus version 2 with its view; under version 1 a view is not carried.
 * @throws {@link ChainError} `chain/out-of-range` for a signature that is not 96 bytes, and under
 *   version 2 for an empty bitmap, no view, or one that is 0 or does not fit 64 bits.
 * @example
 * encodeCommitSeal({ signature, bitmap: Uint8Array.of(0b0111), decidedInView: 9n }, reference).bitmap.length  // 9
 */
export function encodeCommitSeal(
  seal: CommitSeal,
  network: Pick<Network, 'consensusVersion'>,
): SealFields {
  const signature = fixedField(seal.signature, 96, 'seal signature');
  const bitmap = bytesField(seal.bitmap, 'seal bitmap');
  if (network.consensusVersion === 1) return { signature, bitmap };
  const view = uintField(seal.decidedInView ?? 0n, 64, 'view of the seal');
  if (view === 0n) refuse('view of the seal', 'must be given, and not 0');
  if (bitmap.length === 0) refuse('seal bitmap', 'must not be empty');
  const field = new Uint8Array(bitmap.length + VIEW_LENGTH);
  field.set(bitmap);
  field.set(bigIntToBytes(view, VIEW_LENGTH), bitmap.length);
  return { signature, bitmap: field };
}

/**
 * The seal in the fields that carry it. Of version 1 the bytes are taken as they are: what is wrong
 * with them shows when the seal is verified.
 *
 * @throws {@link ChainError} `chain/invalid-encoding` under version 2, for a bitmap field of less than
 *   nine bytes and for view 0.
 */
export function decodeCommitSeal(
  fields: SealFields,
  network: Pick<Network, 'consensusVersion'>,
): CommitSeal {
  const { signature, bitmap: field } = fields;
  if (network.consensusVersion === 1) return { signature, bitmap: field };
  const length = field.length - VIEW_LENGTH;
  if (length < 1) invalidEncoding('seal', 'the bitmap field must be a bitmap and a view');
  const decidedInView = bytesToBigInt(field.subarray(length));
  if (decidedInView === 0n) invalidEncoding('seal', 'view 0 has no votes');
  return { signature, bitmap: field.slice(0, length), decidedInView };
}

function refuse(what: string, reason: string): never {
  throw new ChainError({ code: 'chain/out-of-range', what, reason });
}
