/**
 * Whether a quorum of the epoch's committee signed a block.
 *
 * The payload and the quorum rule are those of the block's epoch. Signers are counted in every epoch,
 * also where nodes before v2026.1.1 counted the committee. Not here: what the header says.
 *
 * @source harmony/internal/chain/engine.go: verifySignature; consensus/quorum/verifier.go
 */
import type { Bls } from '@polyphony/bls';
import { bitmapLength } from '@polyphony/bls/bitmap';
import { type CommitSeal, decodeCommitSeal, type Header, type SealFields } from '@polyphony/chain';
import {
  commitPayload,
  isIdentitySignature,
  strictPayload,
  type VotingCommittee,
  verifySeal,
} from '@polyphony/fbft/seal';
import { isActive, type Network } from '@polyphony/networks';
import { type Hash, isProtocolError } from '@polyphony/primitives';
import type { SealingCommittee } from './committee.js';
import { LightClientError, type SealFault, within } from './errors.js';

/**
 * Which rules hold.
 *
 * `strict`, the default, adds what every honest block obeys and the node does not look at: view ids
 * rise, bitmaps have no bits past the last member, committees come for every shard of the network.
 * `network` checks what nodes check, for chains whose blocks were made otherwise.
 */
export type RuleSet = 'strict' | 'network';

/** A header and the seal of its own committee over it. */
export interface SealedHeader {
  readonly header: Header;
  /** As the next header carries it. */
  readonly seal: SealFields;
}

/** A header that was checked, or is trusted, with its hash. */
export interface VerifiedHeader {
  readonly header: Header;
  readonly hash: Hash;
}

/** How a seal is checked. */
export interface SealRules {
  readonly bls: Bls;
  /** Default `strict`. */
  readonly rules?: RuleSet;
}

/** The seal of the block before, as a header carries it. */
export function sealOfParent(child: Header): SealFields {
  return { signature: child.lastCommitSignature, bitmap: child.lastCommitBitmap };
}

/**
 * Headers that follow each other, each with its seal from the next; the last one, whose seal is not
 * known yet, is left out.
 *
 * @example sealedByChildren([header10, header11, header12])  // 10 and 11, sealed
 */
export function sealedByChildren(headers: readonly Header[]): SealedHeader[] {
  return headers.slice(1).map((child, i) => ({ header: headers[i]!, seal: sealOfParent(child) }));
}

/** The bitmap without the bits past the last member, which nodes ignore. */
function clearPadding(bitmap: Uint8Array, members: number): Uint8Array {
  if (bitmap.length !== bitmapLength(members) || (members & 7) === 0) return bitmap;
  const cleared = Uint8Array.from(bitmap);
  cleared[cleared.length - 1]! &= (1 << (members & 7)) - 1;
  return cleared;
}

/** What a seal is over, and the committee that must have made it. */
export interface SealedBlock {
  readonly number: bigint;
  readonly hash: Hash;
  /** View id in its header. */
  readonly viewId: bigint;
  readonly epoch: bigint;
  readonly shardId: number;
}

/**
 * What the votes of a block's seal sign.
 *
 * Under consensus version 1 the commit payload of the block; under version 2 the statement of a commit
 * vote in the view in which the block was decided, on this chain and shard.
 *
 * @returns 40, 48 or, under version 2, 32 bytes. Undefined under version 2 when the seal names a view
 *   before the block's own, in which nobody can have voted for it.
 * @throws `FbftError` and `PrimitivesError` for numbers that do not fit 64 bits and hashes that are none.
 * @activation staking: the view id, under version 1
 */
export function sealPayload(
  network: Network,
  block: SealedBlock,
  { decidedInView }: CommitSeal,
): Uint8Array | undefined {
  const { number, hash, viewId, epoch, shardId } = block;
  if (network.consensusVersion === 1) {
    return commitPayload(number, hash, viewId, isActive(network, 'staking', epoch));
  }
  if (decidedInView === undefined || decidedInView < viewId) return undefined;
  return strictPayload(
    { chainId: network.chainId, shardId, epoch },
    { kind: 'commit', height: number, viewId: decidedInView, hash, certificateView: 0n },
  );
}

/**
 * Whether a quorum of a committee sealed a block, by the rules of its network. Never throws on hostile
 * bytes.
 *
 * @param voting - Of the block's epoch and shard.
 * @param fields - As headers, links and sealed blocks carry them.
 * @example verifyBlockSeal({ network, bls }, voting, { number, hash, viewId, epoch, shardId }, sealOfParent(child))
 */
export function verifyBlockSeal(
  { network, bls }: { readonly network: Network; readonly bls: Bls },
  voting: VotingCommittee,
  block: SealedBlock,
  fields: SealFields,
): boolean {
  try {
    const seal = decodeCommitSeal(fields, network);
    const payload = sealPayload(network, block, seal);
    return payload !== undefined && verifySeal(bls, voting, payload, seal);
  } catch (error) {
    if (isProtocolError(error)) return false;
    throw error;
  }
}

/** @internal */
export function assertBlockSealed(
  block: SealedBlock,
  fields: SealFields,
  committee: SealingCommittee,
  options: SealRules,
): void {
  const { bls, rules = 'strict' } = options;
  const { number, hash, epoch, shardId } = block;
  if (bls.suite !== committee.suite) {
    throw new TypeError(`bls must be of the ${committee.suite} suite, got ${bls.suite}`);
  }
  if (committee.epoch !== epoch || committee.shardId !== shardId) {
    throw new LightClientError({ code: 'light-client/unknown-committee', epoch, shardId });
  }
  const { voting, network } = committee;
  const refuse = (fault: SealFault): never => {
    throw new LightClientError({ code: 'light-client/invalid-seal', number, hash, fault });
  };
  const seal = sealIn(fields, network) ?? refuse('bitmap-form');
  const members = voting.keys.length;
  const bitmap = rules === 'strict' ? seal.bitmap : clearPadding(seal.bitmap, members);
  const asked = { ...seal, bitmap };
  const payload = within(
    (reason) => ({
      code: 'light-client/invalid-header',
      field: 'commit payload',
      expected: 'encodable',
      actual: reason,
    }),
    () => sealPayload(network, block, seal),
  );
  if (payload === undefined) refuse('early-view');
  else if (!verifySeal(bls, voting, payload, asked)) refuse(faultOf(asked, voting));
}

/** The seal in its fields; undefined when they have no room for its view. */
function sealIn(fields: SealFields, network: Network): CommitSeal | undefined {
  try {
    return decodeCommitSeal(fields, network);
  } catch (error) {
    if (isProtocolError(error)) return undefined;
    throw error;
  }
}

/** Which part of a refused seal is wrong. */
function faultOf(
  { signature, bitmap }: CommitSeal,
  { keys, hasQuorum }: SealingCommittee['voting'],
): SealFault {
  if (signature.length !== 96 || isIdentitySignature(signature)) return 'signature-form';
  if (bitmap.length !== bitmapLength(keys.length)) return 'bitmap-form';
  if (clearPadding(bitmap, keys.length).at(-1) !== bitmap.at(-1)) return 'bitmap-form';
  const signers = keys.flatMap((_, i) => (((bitmap[i >> 3]! >> (i & 7)) & 1) === 1 ? [i] : []));
  return hasQuorum(signers) ? 'wrong-signature' : 'no-quorum';
}

/**
 * Checks that a quorum of a committee signed a header.
 *
 * Before staking the signers are counted. Nodes before v2026.1.1 counted the committee instead, so
 * that an empty bitmap passed; that is not repeated here.
 *
 * @param committee - That of the header's epoch and shard.
 * @throws {@link LightClientError} `light-client/invalid-seal`; `light-client/unknown-committee` when
 *   the committee is that of another epoch or shard; `light-client/invalid-header` when number or view
 *   id are no 64-bit integers.
 * @throws TypeError when `bls` is of another suite than the committee's keys.
 * @source harmony/internal/chain/engine.go: verifySignature
 * @activation staking: 48-byte payload with the view id, under consensus version 1; quorum by voting power
 */
export function assertSealed(
  verified: VerifiedHeader,
  seal: SealFields,
  committee: SealingCommittee,
  options: SealRules,
): void {
  const { header, hash } = verified;
  const { number, viewId, epoch, shardId } = header;
  assertBlockSealed({ number, hash, viewId, epoch, shardId }, seal, committee, options);
}
