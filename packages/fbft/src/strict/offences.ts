/**
 * Which two votes of one key are an offence under `strict`: no member that follows `rules.ts` casts
 * both, so the two signed statements alone accuse it.
 */
import type { Hash } from '@polyphony/primitives';

/** What the guilty did. */
export type Offence =
  /** Two commit votes in one view. */
  | 'committed-twice'
  /** Two prepare votes in one view. */
  | 'prepared-twice'
  /** A prepare vote against an earlier commit vote, justified by nothing as new. */
  | 'broke-lock';

/** What a vote says about a height. */
export interface CastVote {
  readonly kind: 'prepare' | 'commit';
  /** The view in which it was cast. */
  readonly viewId: bigint;
  readonly blockHash: Hash;
  /** View of the certificate that justifies a prepare vote; 0 for a fresh block, and on commit votes. */
  readonly justifiedBy: bigint;
}

/**
 * The offence that two votes of one key at one height prove.
 *
 * The order of the votes does not matter. That both are of one chain, shard, epoch and height, and
 * that their signatures hold, is for the caller to see to.
 *
 * @returns Undefined for votes that an honest member may cast both.
 * @example
 * findOffence({ ...vote, kind: 'commit' }, { ...vote, kind: 'commit', blockHash: other })  // 'committed-twice'
 */
export function findOffence(one: CastVote, two: CastVote): Offence | undefined {
  const other = one.blockHash !== two.blockHash;
  if (one.kind === two.kind) {
    if (one.viewId !== two.viewId) return undefined;
    if (one.kind === 'commit') return other ? 'committed-twice' : undefined;
    return other || one.justifiedBy !== two.justifiedBy ? 'prepared-twice' : undefined;
  }
  const [commit, prepare] = one.kind === 'commit' ? [one, two] : [two, one];
  if (!other || prepare.viewId <= commit.viewId) return undefined;
  return prepare.justifiedBy < commit.viewId ? 'broke-lock' : undefined;
}
