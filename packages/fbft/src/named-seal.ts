/**
 * A seal that was read against a committee, with what everything later asks of it.
 *
 * Whom a seal names is found once, when it comes in, and not at each of the steps it takes part in.
 */
import { fitsCommittee } from './committee-bitmap.js';
import { type Seal, sealSigners, type VotingCommittee } from './seal.js';
import type { SignatureCheck } from './signature-check.js';

/** A well-formed seal of a quorum. Its signature may still be wrong. */
export interface NamedSeal {
  readonly seal: Seal;
  /** Slots, ascending. */
  readonly signers: readonly number[];
  /** Their keys. */
  readonly keys: readonly Uint8Array[];
}

/** Why a seal is none. */
export type BadSeal = 'bad-bitmap' | 'no-quorum';

/** Reads a seal against a committee. */
export function nameSeal(committee: VotingCommittee, seal: Seal): NamedSeal | BadSeal {
  if (!fitsCommittee(seal.bitmap, committee.keys.length)) return 'bad-bitmap';
  const signers = sealSigners(committee, seal);
  if (signers === undefined) return 'no-quorum';
  return sealedBy(committee, seal, signers);
}

/** A seal whose signers are known. */
export function sealedBy(
  { keys }: VotingCommittee,
  seal: Seal,
  signers: readonly number[],
): NamedSeal {
  const named = new Array<Uint8Array>(signers.length);
  for (let i = 0; i < signers.length; i++) named[i] = keys[signers[i]!]!;
  return { seal, signers, keys: named };
}

/** The check of a seal's signature over what its votes sign. */
export function sealCheck({ seal, keys }: NamedSeal, message: Uint8Array): SignatureCheck {
  return { keys, message, signature: seal.signature };
}
