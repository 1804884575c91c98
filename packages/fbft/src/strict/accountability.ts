/**
 * Who made a fork: from two conflicting decisions to the members that signed what no honest member signs.
 *
 * A decision is a block with the commit votes and the prepare votes of a quorum in one view. Two
 * decisions for different blocks of one height always name more than a third of the power:
 *
 * - Decided in one view: the members in both commit seals voted twice (S1).
 * - Decided in views v < w: follow the prepare certificates of the later block back, each by the
 *   view that its votes name as their justification, until that view is v or earlier. If it is
 *   earlier, the members in that certificate and in the first commit seal broke their lock (S2). If
 *   it is v, there are two prepare certificates of v, and the members in both voted twice (S1).
 *
 * Each step intersects two sets of more than two thirds, so what is left is more than a third. The
 * certificates on the way are in the NEWVIEW and PREPARED messages that every honest voter checked.
 */
import type { Bls } from '@polyphony/bls';
import type { Hash } from '@polyphony/primitives';
import { type Seal, sealSigners, type VotingCommittee, verifySeal } from '../seal.js';
import type { Offence } from './offences.js';
import { type StrictDomain, strictPayload } from './statements.js';

/** Prepare votes of a quorum for a block in one view. */
export interface PrepareProof {
  readonly height: bigint;
  readonly viewId: bigint;
  readonly blockHash: Hash;
  /** View of the certificate that justified the votes; 0 for a fresh block. */
  readonly justifiedBy: bigint;
  readonly seal: Seal;
}

/** A final block: the commit votes and the prepare votes of a quorum in one view. */
export interface DecisionProof {
  readonly height: bigint;
  readonly viewId: bigint;
  readonly blockHash: Hash;
  /** Commit votes. */
  readonly seal: Seal;
  /** Prepare votes of the same view. */
  readonly prepared: { readonly justifiedBy: bigint; readonly seal: Seal };
}

/** The outcome of {@link findGuilty}. */
export interface Guilt {
  readonly offence: Offence;
  /** Slots, ascending. */
  readonly guilty: readonly number[];
  /** The two statements that all of them signed. */
  readonly statements: readonly [ProvenStatement, ProvenStatement];
}

/** A statement and the seal that proves who signed it. */
export interface ProvenStatement {
  readonly kind: 'prepare' | 'commit';
  readonly viewId: bigint;
  readonly blockHash: Hash;
  readonly justifiedBy: bigint;
  readonly seal: Seal;
}

/** What {@link findGuilty} works on. */
export interface Fork {
  readonly domain: StrictDomain;
  /** Committee of the height. */
  readonly committee: VotingCommittee;
  readonly first: DecisionProof;
  readonly second: DecisionProof;
  /** Prepare certificates gathered from messages, in any order; others than needed do no harm. */
  readonly certificates: readonly PrepareProof[];
}

/**
 * Names the members that made a fork possible.
 *
 * Pure but for the pairings of `bls`; nothing in `fork` is believed before it is verified.
 *
 * @returns Undefined when there is no fork: the decisions agree, are of different heights, or do not
 *   verify. `missing` when a certificate on the way was not given, with the view it is of: any
 *   honest member that voted in the view after it has it.
 * @example
 * const found = findGuilty(bls, fork)
 * if (found && 'guilty' in found) isThird(fork.committee, found.guilty)  // true
 */
export function findGuilty(
  bls: Bls,
  fork: Fork,
): Guilt | { readonly missing: bigint; readonly blockHash: Hash } | undefined {
  const { first: one, second: two } = fork;
  if (one.height !== two.height || one.blockHash === two.blockHash) return undefined;
  if (!verifyDecision(bls, fork, one) || !verifyDecision(bls, fork, two)) return undefined;
  const [first, second] = one.viewId <= two.viewId ? [one, two] : [two, one];
  const commit = commitOf(first);
  if (first.viewId === second.viewId)
    return guiltOf(fork, 'committed-twice', commit, commitOf(second));
  let certificate = prepareOf(second);
  while (certificate.justifiedBy > first.viewId) {
    const earlier = certificateAt(bls, fork, certificate);
    if (earlier === undefined)
      return { missing: certificate.justifiedBy, blockHash: certificate.blockHash };
    certificate = earlier;
  }
  if (certificate.justifiedBy < first.viewId)
    return guiltOf(fork, 'broke-lock', commit, certificate);
  const last = certificateAt(bls, fork, certificate);
  if (last === undefined) return { missing: first.viewId, blockHash: certificate.blockHash };
  return guiltOf(fork, 'prepared-twice', prepareOf(first), last);
}

/** Whether some slots hold a third of the power: the others alone are no quorum. */
export function isThird(committee: VotingCommittee, slots: readonly number[]): boolean {
  const named = new Set(slots);
  return !committee.hasQuorum([...committee.keys.keys()].filter((slot) => !named.has(slot)));
}

/** Whether a decision holds: a quorum prepared and a quorum committed it in its view. */
export function verifyDecision(
  bls: Bls,
  { domain, committee }: Pick<Fork, 'domain' | 'committee'>,
  decision: DecisionProof,
): boolean {
  if (decision.prepared.justifiedBy >= decision.viewId) return false;
  return [commitOf(decision), prepareOf(decision)].every((statement) =>
    verifyStatement(bls, domain, committee, decision.height, statement),
  );
}

const commitOf = ({ viewId, blockHash, seal }: DecisionProof): ProvenStatement => ({
  kind: 'commit',
  viewId,
  blockHash,
  justifiedBy: 0n,
  seal,
});

const prepareOf = ({ viewId, blockHash, prepared }: DecisionProof): ProvenStatement => ({
  kind: 'prepare',
  viewId,
  blockHash,
  ...prepared,
});

function verifyStatement(
  bls: Bls,
  domain: StrictDomain,
  committee: VotingCommittee,
  height: bigint,
  { kind, viewId, blockHash: hash, justifiedBy: certificateView, seal }: ProvenStatement,
): boolean {
  const payload = strictPayload(domain, { kind, height, viewId, hash, certificateView });
  return verifySeal(bls, committee, payload, seal);
}

/** The certificate that justified another one, among those gathered. */
function certificateAt(
  bls: Bls,
  { domain, committee, certificates, first }: Fork,
  { justifiedBy: viewId, blockHash }: ProvenStatement,
): ProvenStatement | undefined {
  for (const { height, justifiedBy, seal, ...rest } of certificates) {
    if (height !== first.height || rest.viewId !== viewId || rest.blockHash !== blockHash) continue;
    if (justifiedBy >= viewId) continue;
    const statement: ProvenStatement = { kind: 'prepare', viewId, blockHash, justifiedBy, seal };
    if (verifyStatement(bls, domain, committee, height, statement)) return statement;
  }
  return undefined;
}

function guiltOf(
  { committee }: Fork,
  offence: Offence,
  one: ProvenStatement,
  two: ProvenStatement,
): Guilt {
  const other = new Set(sealSigners(committee, two.seal));
  const guilty = (sealSigners(committee, one.seal) ?? []).filter((slot) => other.has(slot));
  return { offence, guilty, statements: [one, two] };
}
