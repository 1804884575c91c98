/**
 * What comes from peers under wire version 2: decoding and every check that costs no pairing.
 *
 * The same order as under version 1, with fewer cases: a vote says what it signs, a report has one
 * signature, and a certificate that is known already is not verified again.
 */
import { bitmapIndices } from '@polyphony/bls/bitmap';
import { equalBytes, type Hash } from '@polyphony/primitives';
import {
  type DecodedStrict,
  type HeardVote,
  hashIn,
  heardVote,
  notesFor,
  sealIn,
} from '../decoded.js';
import { checkBetterSeal } from '../heights.js';
import { nameSeal, sealCheck } from '../named-seal.js';
import { prepareBytes, strictSenderBytes } from '../payloads.js';
import { repeatVotes } from '../phases.js';
import type { HeadInfo } from '../ports.js';
import {
  type Incoming as Heard,
  isSignature,
  keepEarly,
  keysOf,
  onLaggard,
  onLateCommit,
  onLaterHeight,
  onVote,
  relateView,
  verifyLeader,
} from '../reception.js';
import type { SignatureCheck } from '../signature-check.js';
import {
  type Done,
  emit,
  hashOf,
  headOf,
  highestView,
  ignore,
  leaderAt,
  leads,
  NO_BYTES,
  type Turn,
  validCandidate,
} from '../turn.js';
import type { CarriedBlock, State, ViewReport } from '../types.js';
import { acceptsNewView, isNewerReport } from '../view-change.js';
import {
  isStrictVote,
  type StrictAnnounce,
  type StrictCertificate,
  type StrictCommitted,
  type StrictMessage,
  type StrictNewView,
  type StrictPrepared,
  type StrictViewChange,
  type StrictVote,
} from './messages.js';
import { helpBehind, reportBytes } from './view-change.js';

/** A decoded message on its way through the checks. */
interface Incoming extends Heard {
  readonly decoded: DecodedStrict;
}

/** A message from a peer. */
export function onStrictMessage(turn: Turn, from: string, decoded: DecodedStrict): Done {
  const { state } = turn;
  const { message } = decoded;
  if (message.shardId !== state.config.shardId) return ignore(turn, 'wrong-shard', from);
  const incoming = { from, decoded };
  if (message.height > state.height) return onLater(turn, incoming, message);
  if (message.height < state.height) return onEarlier(turn, incoming, message);
  if (message.epoch !== headOf(state).epoch) return ignore(turn, 'wrong-epoch', from);
  switch (message.type) {
    case 'prepare':
    case 'commit':
      return onVote(turn, from, voteIn(decoded, message, state.leaderBlock));
    case 'announce':
    case 'prepared':
      return onLeaderMessage(turn, incoming, message);
    case 'committed':
      return onCommittedMessage(turn, incoming, message);
    case 'view-change':
      return onViewChange(turn, incoming, message);
    case 'new-view':
      return onNewViewMessage(turn, incoming, message);
  }
}

type SignedMessage = Exclude<StrictMessage, StrictVote>;

/** The check of who sent a message: over all of it, or over the report. */
function senderCheck(state: State, message: SignedMessage, decoded: DecodedStrict): SignatureCheck {
  const { digest } = decoded;
  const bytes =
    message.type === 'view-change'
      ? reportBytes(state, message.viewId, namedBy(message))
      : (digest ?? strictSenderBytes(state, message));
  if (message.type !== 'view-change') decoded.digest = bytes;
  return { keys: keysOf(state, [message.slot]), message: bytes, signature: message.signature };
}

function namedBy({ certificate }: StrictViewChange) {
  return certificate && { viewId: certificate.viewId, blockHash: hashOf(certificate.blockHash) };
}

const isMember = (head: HeadInfo, slot: number): boolean => slot < head.committee.keys.length;

// --- Other heights ------------------------------------------------------------------------------

function onLater(turn: Turn, incoming: Incoming, message: StrictMessage): Done {
  const { state } = turn;
  const { type, height, slot, signature } = message;
  onLaterHeight(turn, incoming, {
    type,
    height,
    // Slots of another epoch are those of a committee that is not known here.
    isMember: message.epoch === headOf(state).epoch && isMember(headOf(state), slot),
    isSigned: isSignature(signature),
    check: () => laterCheck(state, message, incoming.decoded),
  });
}

function laterCheck(state: State, message: StrictMessage, decoded: DecodedStrict): SignatureCheck {
  if (isStrictVote(message)) throw new TypeError('a vote is no hint');
  if (message.type !== 'view-change') return senderCheck(state, message, decoded);
  const head = { ...headOf(state), epoch: message.epoch };
  return senderCheck({ ...state, head, height: message.height }, message, decoded);
}

function onEarlier(turn: Turn, incoming: Incoming, message: StrictMessage): Done {
  const { state } = turn;
  const { from, decoded } = incoming;
  const { last } = state;
  if (last === undefined || message.height !== last.height) return ignore(turn, 'old-height', from);
  switch (message.type) {
    case 'view-change':
      return onLaggard(turn, from, isMember(last.head, message.slot));
    case 'commit':
      return onLateCommit(turn, from, voteIn(decoded, message, last.blockHash));
    case 'committed': {
      const { seal, certificate, viewId } = message;
      if (hashIn(decoded, certificate.blockHash) !== last.blockHash)
        return ignore(turn, 'wrong-block', from);
      // Votes of another view of the same block cannot take the place of these.
      if (viewId !== last.decidedInView) return ignore(turn, 'old-view', from);
      const named = sealIn(decoded, last.head.committee, () => seal);
      if (typeof named === 'string') return ignore(turn, 'bad-bitmap', from);
      return checkBetterSeal(turn, from, named, decoded.payload);
    }
    default:
      return ignore(turn, 'old-height', from);
  }
}

// --- Votes --------------------------------------------------------------------------------------

function voteIn(decoded: DecodedStrict, message: StrictVote, likely: Hash | undefined): HeardVote {
  if (decoded.vote !== undefined) return decoded.vote;
  const { type: kind, height, viewId, justifiedBy, signature } = message;
  const blockHash = hashIn(decoded, message.blockHash, likely);
  const vote = { kind, height, viewId, blockHash, signature, findSigners: namedIn(message) };
  decoded.vote = heardVote(vote, kind === 'prepare' ? justifiedBy : undefined);
  return decoded.vote;
}

/** The slots behind a vote; undefined where they are not in the committee. */
function namedIn({ signature, slot, bitmap }: StrictVote): HeardVote['findSigners'] {
  if (!isSignature(signature)) return () => undefined;
  if (slot >= 0) return ({ keys }) => (slot < keys.length ? [slot] : undefined);
  return ({ keys }) => {
    try {
      return bitmapIndices(bitmap, keys.length);
    } catch {
      return undefined;
    }
  };
}

// --- Leader messages ----------------------------------------------------------------------------

function onLeaderMessage(
  turn: Turn,
  incoming: Incoming,
  message: StrictAnnounce | StrictPrepared,
): Done {
  const { state } = turn;
  const { from, decoded } = incoming;
  const { height, viewId, slot, block, type: kind } = message;
  if (state.decision !== undefined) return ignore(turn, 'deciding', from);
  const relation = relateView(state, viewId, turn.now);
  if (relation === 'old' || relation === 'far') return ignore(turn, `${relation}-view`, from);
  if (!isMember(headOf(state), slot)) return ignore(turn, 'not-a-member', from);
  if (slot !== leaderAt(state, viewId)) return ignore(turn, 'not-the-leader', from);
  if (state.ownSlots.includes(slot)) return ignore(turn, 'repeated', from);
  // A certificate of a later view proves that view; a fresh block waits for NEWVIEW.
  if (relation === 'early' && kind === 'announce') return keepEarly(turn, incoming);
  if (!isSignature(message.signature)) return ignore(turn, 'bad-signature', from);
  if (message.type === 'announce') {
    const blockHash = hashIn(decoded, message.blockHash);
    if (relation === 'current' && state.leaderBlock === blockHash) {
      repeatVotes(turn, 'prepare');
      return ignore(turn, 'repeated', from);
    }
    const notes = notesFor(decoded, headOf(state).committee);
    notes.checks ??= [senderCheck(state, message, decoded)];
    return verifyLeader(
      turn,
      incoming,
      { kind, height, viewId, slot, blockHash, block },
      notes.checks,
    );
  }
  const { certificate } = message;
  const blockHash = hashIn(decoded, certificate.blockHash);
  if (relation === 'current' && state.preparedProof?.blockHash === blockHash) {
    repeatVotes(turn, 'commit');
    // The block may have come without a valid body before.
    if (validCandidate(state, blockHash)) return ignore(turn, 'repeated', from);
  }
  const seal = sealIn(decoded, headOf(state).committee, () => certificate.seal);
  if (typeof seal === 'string') return ignore(turn, seal, from);
  const { justifiedBy } = certificate;
  const sender = senderCheck(state, message, decoded);
  let checks: readonly SignatureCheck[] = [sender];
  if (!isKnown(state, certificate, blockHash)) {
    const notes = notesFor(decoded, headOf(state).committee);
    notes.checks ??= [
      sender,
      sealCheck(seal, prepareBytes(state, certificate.blockHash, viewId, justifiedBy)),
    ];
    checks = notes.checks;
  }
  const prepared = { seal, justifiedBy };
  const said = { kind, height, viewId, slot, blockHash, block, seal, prepared };
  verifyLeader(turn, incoming, said, checks);
}

/** The check of a certificate's votes; none for the one that is known, a reason for a bad one. */
function certificateCheck(
  state: State,
  certificate: StrictCertificate,
): SignatureCheck | undefined | 'bad-bitmap' | 'no-quorum' {
  const { viewId, justifiedBy, blockHash } = certificate;
  const seal = nameSeal(headOf(state).committee, certificate.seal);
  if (typeof seal === 'string') return seal;
  if (isKnown(state, certificate, hashOf(blockHash))) return undefined;
  return sealCheck(seal, prepareBytes(state, blockHash, viewId, justifiedBy));
}

/** Whether a certificate is the one that is known, so that its votes were verified before. */
function isKnown(state: State, certificate: StrictCertificate, blockHash: Hash): boolean {
  const { certificate: known } = state;
  return (
    known?.viewId === certificate.viewId &&
    known.justifiedBy === certificate.justifiedBy &&
    known.blockHash === blockHash &&
    sameSeal(known.seal, certificate.seal)
  );
}

function sameSeal(a: StrictCertificate['seal'], b: StrictCertificate['seal']): boolean {
  return equalBytes(a.bitmap, b.bitmap) && equalBytes(a.signature, b.signature);
}

/** COMMITTED of the current height: any member may bring it, since the votes prove themselves. */
function onCommittedMessage(turn: Turn, incoming: Incoming, message: StrictCommitted): Done {
  const { state } = turn;
  const { from, decoded } = incoming;
  const { height, viewId, slot, certificate } = message;
  if (state.decision !== undefined) return ignore(turn, 'deciding', from);
  const { committee } = headOf(state);
  if (!isMember(headOf(state), slot)) return ignore(turn, 'not-a-member', from);
  const seal = sealIn(decoded, committee, () => message.seal);
  const notes = notesFor(decoded, committee);
  notes.certificate ??= nameSeal(committee, certificate.seal);
  const { certificate: named } = notes;
  if (typeof seal === 'string' || typeof named === 'string') return ignore(turn, 'no-quorum', from);
  const known = state.committedProofs.get(slot);
  if (known !== undefined && sameSeal(known.seal.seal, seal.seal))
    return ignore(turn, 'repeated', from);
  if (!isSignature(message.signature)) return ignore(turn, 'bad-signature', from);
  notes.checks ??= [senderCheck(state, message, decoded)];
  const blockHash = hashIn(decoded, certificate.blockHash);
  const prepared = { seal: named, justifiedBy: certificate.justifiedBy };
  const kind = 'committed';
  const said = { kind, height, viewId, slot, blockHash, block: NO_BYTES, seal, prepared } as const;
  verifyLeader(turn, incoming, said, notes.checks);
}

// --- View change --------------------------------------------------------------------------------

function onViewChange(turn: Turn, incoming: Incoming, message: StrictViewChange): Done {
  const { state } = turn;
  const { from } = incoming;
  const { height, viewId, slot, certificate, block, signature } = message;
  if (state.decision !== undefined) return ignore(turn, 'deciding', from);
  if (state.mode === 'listening') return ignore(turn, 'not-leading', from);
  if (!isMember(headOf(state), slot)) return ignore(turn, 'not-a-member', from);
  if (viewId <= state.viewId) {
    helpBehind(turn);
    return ignore(turn, 'old-view', from);
  }
  if (viewId > highestView(state, turn.now)) return ignore(turn, 'far-view', from);
  if (state.ownSlots.includes(slot)) return ignore(turn, 'repeated', from);
  const full = leads(state, viewId);
  const known = state.reports.get(slot);
  if (known && !isNewerReport({ viewId, full }, known)) return ignore(turn, 'repeated', from);
  if (!isSignature(signature)) return ignore(turn, 'bad-signature', from);
  const checks = [senderCheck(state, message, incoming.decoded)];
  const report: ViewReport = {
    slot,
    viewId,
    viewIdSignature: NO_BYTES,
    claimSignature: signature,
    full,
    ...(full && certificate && { claim: carriedOf(certificate) }),
  };
  if (full && certificate) {
    const check = certificateCheck(state, certificate);
    if (typeof check === 'string') return ignore(turn, 'bad-claim', from);
    if (check) checks.push(check);
  }
  emit(turn, {
    type: 'verify',
    item: { type: 'view-change', from, height, report, block: full ? block : NO_BYTES },
    checks,
  });
}

function carriedOf({ viewId, blockHash, seal, justifiedBy }: StrictCertificate): CarriedBlock {
  return { viewId, blockHash: hashOf(blockHash), seal, justifiedBy };
}

/** NEWVIEW: from the leader of its view, with reports of a quorum and the newest certificate in them. */
function onNewViewMessage(turn: Turn, incoming: Incoming, message: StrictNewView): Done {
  const { state } = turn;
  const { from, decoded } = incoming;
  const { payload } = decoded;
  const { height, viewId, slot, certificate, block } = message;
  if (state.decision !== undefined) return ignore(turn, 'deciding', from);
  if (!acceptsNewView(state, viewId)) {
    // The leader repeats itself: perhaps a vote was lost.
    const carried = certificate && hashOf(certificate.blockHash);
    if (viewId === state.viewId && carried === state.leaderBlock) repeatVotes(turn, 'prepare');
    return ignore(turn, 'old-view', from);
  }
  if (viewId > highestView(state, turn.now)) return ignore(turn, 'far-view', from);
  if (!isMember(headOf(state), slot)) return ignore(turn, 'not-a-member', from);
  if (slot !== leaderAt(state, viewId)) return ignore(turn, 'not-the-leader', from);
  if (state.ownSlots.includes(slot)) return ignore(turn, 'repeated', from);
  if (!isSignature(message.signature)) return ignore(turn, 'bad-signature', from);
  const reports = reportChecks(state, message);
  if (typeof reports === 'string') return ignore(turn, reports, from);
  const checks = [senderCheck(state, message, decoded), ...reports];
  if (certificate) {
    const check = certificateCheck(state, certificate);
    if (typeof check === 'string') return ignore(turn, 'bad-claim', from);
    if (check) checks.push(check);
  }
  const claim = certificate && carriedOf(certificate);
  const item = { type: 'new-view', from, height, viewId, slot, block, payload } as const;
  emit(turn, { type: 'verify', item: claim ? { ...item, claim } : item, checks });
}

/** The checks of the reports in a NEWVIEW, or what is wrong with them. */
function reportChecks(
  state: State,
  { viewId, groups }: StrictNewView,
): SignatureCheck[] | 'bad-bitmap' | 'no-quorum' {
  const { committee } = headOf(state);
  const seen = new Set<number>();
  const checks: SignatureCheck[] = [];
  for (const { certificateView, blockHash, seal } of groups) {
    let slots: number[];
    try {
      slots = bitmapIndices(seal.bitmap, committee.keys.length);
    } catch {
      return 'bad-bitmap';
    }
    if (slots.length === 0 || !isSignature(seal.signature)) return 'bad-bitmap';
    for (const slot of slots) {
      if (seen.has(slot)) return 'bad-bitmap';
      seen.add(slot);
    }
    const named =
      certificateView > 0n ? { viewId: certificateView, blockHash: hashOf(blockHash) } : undefined;
    checks.push({
      keys: keysOf(state, slots),
      message: reportBytes(state, viewId, named),
      signature: seal.signature,
    });
  }
  return committee.hasQuorum([...seen]) ? checks : 'no-quorum';
}
