/**
 * Whether evidence of double signing holds: two commit votes of one key for different blocks of the
 * same shard, height and view. Under consensus version 2 any two votes that no honest member casts
 * both: their statements say which.
 *
 * Records come from anywhere; nothing of them is trusted. What a slash costs is decided in `slash.ts`.
 *
 * @source harmony/staking/slash/double-sign.go: Verify; core/beacon_slash_validate.go
 */
import type { Bls } from '@polyphony/bls';
import {
  hasRepeatedEvidence,
  type SlashEvidence,
  type SlashRecord,
  type SlashVote,
} from '@polyphony/chain';
import { commitPayload, findOffence, strictPayload } from '@polyphony/fbft/seal';
import { epochOfBlock, isActive } from '@polyphony/networks';
import { type Address, bytesToPlainHex, equalBytes } from '@polyphony/primitives';
import type { ShardState } from '@polyphony/sharding';
import { headEpoch, isRepaired, isStrict, readWrapper } from './access.js';
import { EposError, REFUSAL_TEXTS, refuse, refuseWith } from './errors.js';
import type { StakingContext, StakingView } from './types.js';

/** What the check of evidence needs besides the view. */
export interface EvidenceContext extends StakingContext {
  /** The committees of an epoch, if known. */
  committeesAt(epoch: bigint): ShardState | undefined;
  /** Of the network's ciphersuite. */
  readonly bls: Pick<Bls, 'verifyAggregate'>;
}

/** Keys of both votes, in the order of the first. */
function commonKeys({ firstVote, secondVote }: SlashEvidence): readonly Uint8Array[] {
  const second = new Set(secondVote.signerPublicKeys.map(bytesToPlainHex));
  return firstVote.signerPublicKeys.filter((key) => second.has(bytesToPlainHex(key)));
}

/** Whether votes are cast by the rules of consensus version 2. */
const hasStatements = ({ network }: EvidenceContext): boolean => network.consensusVersion === 2;

function assertContradiction(evidence: SlashEvidence, context: EvidenceContext): void {
  const { firstVote, secondVote } = evidence;
  if (!hasStatements(context)) {
    if (firstVote.blockHash !== secondVote.blockHash) return;
    refuse('epos/slash-same-block', `both for ${firstVote.blockHash}`);
  }
  const votes = [firstVote, secondVote].map(({ statement, blockHash }) => {
    return statement && { ...statement, blockHash };
  });
  const [one, two] = votes;
  if (one === undefined || two === undefined) {
    refuse('epos/slash-same-block', 'a vote does not say what it signed');
  }
  if (findOffence(one, two) === undefined) {
    refuse('epos/slash-same-block', 'an honest member may cast both votes');
  }
}

function assertConflict(evidence: SlashEvidence, context: EvidenceContext): readonly Uint8Array[] {
  const { firstVote, secondVote } = evidence;
  for (const key of [...firstVote.signerPublicKeys, ...secondVote.signerPublicKeys]) {
    if (key.length !== 48) {
      refuse('epos/slash-key-size', `double-signed key ${bytesToPlainHex(key)}`);
    }
  }
  assertContradiction(evidence, context);
  const common = commonKeys(evidence);
  if (common.length === 0) refuse('epos/slash-no-common-key');
  return common;
}

function assertMoment(evidence: SlashEvidence, context: EvidenceContext): void {
  const current = headEpoch(context);
  const { epoch, height } = evidence;
  if (epoch > current) refuse('epos/slash-from-future', `current-epoch ${current}`);
  // Statements bind the epoch, so heights of every shard are taken as they are signed.
  if (hasStatements(context)) return;
  const scheduled = epochOfBlock(context.network, height);
  if (epoch !== scheduled) {
    refuse('epos/slash-epoch-mismatch', `evidence ${epoch}, block ${height} in ${scheduled}`);
  }
}

/**
 * Accounts of the common keys in the committee of the evidence; under consensus version 2 of all keys,
 * so that each vote may be that of other keys of the operator.
 */
function signersOf(
  evidence: SlashEvidence,
  common: readonly Uint8Array[],
  context: EvidenceContext,
): readonly Address[] {
  const { epoch, shardId, firstVote, secondVote } = evidence;
  const keys = hasStatements(context)
    ? [...firstVote.signerPublicKeys, ...secondVote.signerPublicKeys]
    : common;
  const state = context.committeesAt(epoch);
  const committee = state?.committees.find((entry) => entry.shardId === shardId);
  if (committee === undefined) {
    return refuse('epos/slash-no-committee', `epoch ${epoch}, given shardID ${shardId}`);
  }
  return keys.map((key) => {
    const slot = committee.slots.find(({ blsPublicKey }) => equalBytes(blsPublicKey, key));
    return slot?.address ?? refuse('epos/slash-key-not-in-committee', bytesToPlainHex(key));
  });
}

function plain(addresses: readonly Address[]): string {
  return addresses.map((address) => address.slice(2)).join(' ');
}

/**
 * The node counts keys, so a vote of one operator's several keys proves nothing (quirk Q8); strict mode
 * counts operators.
 */
function assertOffender(
  offender: Address,
  signers: readonly Address[],
  context: EvidenceContext,
): void {
  const byOperator = isStrict(context) || hasStatements(context);
  const counted = byOperator ? [...new Set(signers)] : signers;
  if (counted.length > 1) {
    refuseWith(
      'epos/slash-many-signers',
      `multiple double signer addresses found (${plain(counted)}) `,
    );
  }
  if (counted[0] !== offender) {
    const text = `offender address (${plain([offender])}) does not match the signer's address ([${plain(counted)}])`;
    refuseWith('epos/slash-wrong-offender', text);
  }
}

/**
 * The node also asks here whether the two votes differ as bytes; those of different blocks always do.
 */
function assertBallots(
  evidence: SlashEvidence,
  common: readonly Uint8Array[],
  context: EvidenceContext,
): void {
  const { epoch, height, viewId, firstVote, secondVote } = evidence;
  if (hasStatements(context)) {
    assertStatements(evidence, context);
    return;
  }
  const bound = isStrict(context) || isActive(context.network, 'slashBallotSignerFix', epoch);
  const check = ({ signerPublicKeys, blockHash, signature }: SlashVote) => {
    if (bound && signerPublicKeys.length !== common.length) refuse('epos/slash-signers-mismatch');
    const keys = bound ? common : signerPublicKeys;
    const payload = commitPayload(height, blockHash, viewId, true);
    if (!context.bls.verifyAggregate(signature, payload, keys)) {
      refuse('epos/slash-invalid-signature');
    }
  };
  check(firstVote);
  check(secondVote);
}

/** Each vote is signed by its keys, which are all members' and the offender's. */
function assertStatements(
  { epoch, shardId, height, firstVote, secondVote }: SlashEvidence,
  { network, bls }: EvidenceContext,
): void {
  for (const { signerPublicKeys, blockHash, signature, statement } of [firstVote, secondVote]) {
    const { kind, viewId, justifiedBy } = statement!;
    const payload = strictPayload(
      { chainId: network.chainId, shardId, epoch },
      { kind, height, viewId, hash: blockHash, certificateView: justifiedBy },
    );
    if (!bls.verifyAggregate(signature, payload, signerPublicKeys)) {
      refuse('epos/slash-invalid-signature');
    }
  }
}

/**
 * Checks one record, in this order: the offender's record, staking era, not banned, reporter and
 * offender differ, key sizes, different blocks, a common key, not from the future, the epoch of its
 * height, committee, membership, offender, signatures.
 *
 * Before `slashBallotSignerFix` (asked for the epoch of the evidence) a vote may name keys outside the
 * committee; from then on, and always in strict mode, both votes name the common keys only. The
 * height is measured by the beacon's schedule, for evidence of every shard.
 *
 * Under consensus version 2 the two statements must contradict each other as `findOffence` says, all
 * keys must be the offender's in the committee, and each signature must hold over its statement. That
 * binds the epoch, so the schedule is not asked.
 *
 * @throws {@link EposError} a refusal with the node's text.
 * @source harmony/staking/slash/double-sign.go: Verify
 */
export function assertValidEvidence(
  view: StakingView,
  record: SlashRecord,
  context: EvidenceContext,
): void {
  const { evidence, reporter } = record;
  const { offender, epoch } = evidence;
  const wrapper = readWrapper(view, offender, context);
  if (!isActive(context.network, 'staking', epoch)) refuse('epos/slash-before-staking');
  if (wrapper.status === 'banned') refuse('epos/slash-already-banned');
  if (offender === reporter) refuse('epos/slash-reporter-is-offender');
  const common = assertConflict(evidence, context);
  assertMoment(evidence, context);
  assertOffender(offender, signersOf(evidence, common, context), context);
  assertBallots(evidence, common, context);
}

/**
 * Checks all records of a beacon header before the block is executed: none repeats another's evidence,
 * also with the votes swapped (from `rejectDuplicateSlashEvidence`), and each holds against the state
 * (from `verifyBeaconHeaderSlash`). Before, and not in strict mode, a header's records are taken as
 * they are.
 *
 * @throws {@link EposError} `epos/invalid-slash-payload`, with the refusal as its cause.
 * @activation rejectDuplicateSlashEvidence, verifyBeaconHeaderSlash
 * @source harmony/core/beacon_slash_validate.go
 */
export function assertValidSlashes(
  view: StakingView,
  records: readonly SlashRecord[],
  context: EvidenceContext,
): void {
  if (isRepaired(context, 'rejectDuplicateSlashEvidence') && hasRepeatedEvidence(records)) {
    refuse('epos/invalid-slash-payload');
  }
  if (!isRepaired(context, 'verifyBeaconHeaderSlash')) return;
  for (const record of records) {
    try {
      assertValidEvidence(view, record, context);
    } catch (cause) {
      if (!(cause instanceof EposError)) throw cause;
      const code = 'epos/invalid-slash-payload';
      throw new EposError({ code, text: `${cause.message}: ${REFUSAL_TEXTS[code]}` }, { cause });
    }
  }
}
