/**
 * What comes from peers under wire version 1: decoding and every check that costs no pairing.
 *
 * A message leads to at most one `verify` effect, or to an entry in the bounded queue of early
 * messages, or to nothing with a reason. Nothing is believed here: the handlers of verified
 * messages check again against the state of their moment.
 *
 * Order: cheap before dear; shape, shard, height, view, sender, role, bitmap, repeats, signatures.
 *
 * @source harmony/node/harmony/node.go: validateShardBoundMessage; harmony/consensus/consensus_v2.go:
 *   HandleMessageUpdate; harmony/consensus/checks.go
 */
import { bitmapIndices } from '@polyphony/bls/bitmap';
import { equalBytes, type Hash } from '@polyphony/primitives';
import {
  type DecodedMessage,
  type HeardVote,
  hashIn,
  heardVote,
  notesFor,
  sealIn,
} from './decoded.js';
import { checkBetterSeal } from './heights.js';
import { computeSenderDigest } from './message-encoding.js';
import { isViewMessage, type Message, type PhaseMessage, type ViewMessage } from './messages.js';
import { type BadSeal, type NamedSeal, sealCheck } from './named-seal.js';
import { repeatVotes } from './phases.js';
import type { HeadInfo, VotingCommittee } from './ports.js';
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
} from './reception.js';
import {
  decodePreparedClaim,
  isIdentitySignature,
  NOTHING_PREPARED,
  type PreparedClaim,
  preparePayload,
  SEAL_SIGNATURE_LENGTH,
  type Seal,
  sealSigners,
  viewIdPayload,
} from './seal.js';
import type { SignatureCheck } from './signature-check.js';
import {
  type Done,
  emit,
  hashOf,
  headOf,
  highestView,
  ignore,
  leaderAt,
  leads,
  slotOfKey,
  slotsAbove,
  type Turn,
  validCandidate,
} from './turn.js';
import type { State, ViewReport } from './types.js';
import { acceptsNewView, isNewerReport } from './view-change.js';

/** A decoded message on its way through the checks. */
interface Incoming extends Heard {
  readonly decoded: DecodedMessage;
}

/** A message from a peer. */
export function onMessage(turn: Turn, from: string, decoded: DecodedMessage): Done {
  const { state } = turn;
  const { message } = decoded;
  if (message.type === 'last-sign-power') return ignore(turn, 'metric', from);
  if (message.shardId !== state.config.shardId) return ignore(turn, 'wrong-shard', from);
  // A vote heard by another machine of this process before.
  if (decoded.vote?.height === state.height) return onVote(turn, from, decoded.vote);
  const incoming = { from, decoded };
  if (message.height > state.height) return onLater(turn, incoming, message);
  if (message.height < state.height) return onEarlierHeight(turn, incoming, message);
  if (isViewMessage(message)) {
    if (message.type === 'view-change') onViewChange(turn, incoming, message);
    else onNewViewMessage(turn, incoming, message);
  } else if (message.type === 'prepare' || message.type === 'commit') {
    onVote(turn, from, voteIn(decoded, message, message.type, state.leaderBlock));
  } else if (message.type === 'committed') {
    onCommittedMessage(turn, incoming, message);
  } else {
    onLeaderMessage(turn, incoming, message, message.type);
  }
}

// --- Shared checks ------------------------------------------------------------------------------

/** The check of the sender's signature over the whole message. */
function senderCheck({ decoded }: Incoming): SignatureCheck {
  const { message, unknown } = decoded;
  decoded.digest ??= computeSenderDigest(message, unknown);
  return { keys: [message.senderKey], message: decoded.digest, signature: message.signature };
}

function isSigned(message: Message): boolean {
  return isSignature(message.signature);
}

/** The seal in a leader's message; why it is none where it is none. */
function sealOf(
  decoded: DecodedMessage,
  { payload }: PhaseMessage,
  { committee }: HeadInfo,
): NamedSeal | BadSeal {
  return sealIn(decoded, committee, () => {
    if (payload.length < SEAL_SIGNATURE_LENGTH) return undefined;
    return {
      signature: payload.subarray(0, SEAL_SIGNATURE_LENGTH),
      bitmap: payload.subarray(SEAL_SIGNATURE_LENGTH),
    };
  });
}

function parseClaim(state: State, bytes: Uint8Array): PreparedClaim | undefined {
  try {
    return decodePreparedClaim(bytes, headOf(state).committee.keys.length);
  } catch {
    return undefined;
  }
}

/** The slot of a message's sender in the committee of the current height. */
function senderSlot(state: State, { decoded }: Incoming): number | undefined {
  const notes = notesFor(decoded, headOf(state).committee);
  if (notes.slot === -1) notes.slot = slotOfKey(state, decoded.message.senderKey);
  return notes.slot;
}

/** Whether this is a message of a leader, by shape. */
function hasLeaderShape(message: PhaseMessage): boolean {
  if (message.senderKey.length !== 48 || message.senderBitmap.length !== 0) return false;
  if (message.type === 'announce')
    return message.block.length > 0 && equalBytes(message.payload, message.blockHash);
  return message.type === 'committed' ? message.block.length === 0 : message.block.length > 0;
}

// --- Other heights ------------------------------------------------------------------------------

function onLater(turn: Turn, incoming: Incoming, message: PhaseMessage | ViewMessage): Done {
  const isVote = message.type === 'prepare' || message.type === 'commit';
  const isMember = !isVote && slotOfKey(turn.state, message.senderKey) !== undefined;
  onLaterHeight(turn, incoming, {
    type: message.type,
    height: message.height,
    isMember,
    isSigned: !isVote && isSigned(message),
    check: () => senderCheck(incoming),
  });
}

function onEarlierHeight(
  turn: Turn,
  incoming: Incoming,
  message: PhaseMessage | ViewMessage,
): Done {
  const { state } = turn;
  const { from, decoded } = incoming;
  const { last } = state;
  if (last === undefined || message.height !== last.height) return ignore(turn, 'old-height', from);
  if (message.type === 'view-change') {
    // In the committee of that height, which may be another one.
    const slot = slotsAbove(state, last.head).slotOf(message.senderKey);
    return onLaggard(turn, from, slot !== undefined);
  }
  if (isViewMessage(message)) return ignore(turn, 'old-height', from);
  if (message.type === 'committed') {
    if (hashIn(decoded, message.blockHash) !== last.blockHash)
      return ignore(turn, 'wrong-block', from);
    const seal = sealOf(decoded, message, last.head);
    if (typeof seal === 'string') return ignore(turn, 'bad-bitmap', from);
    return checkBetterSeal(turn, from, seal, decoded.payload);
  }
  if (message.type === 'commit')
    return onLateCommit(turn, from, voteIn(decoded, message, 'commit', last.blockHash));
  ignore(turn, 'old-height', from);
}

// --- Leader messages ----------------------------------------------------------------------------

function onLeaderMessage(
  turn: Turn,
  incoming: Incoming,
  message: PhaseMessage,
  kind: 'announce' | 'prepared',
): Done {
  const { state } = turn;
  const { from, decoded } = incoming;
  if (!hasLeaderShape(message)) return ignore(turn, 'malformed', from);
  if (state.decision !== undefined) return ignore(turn, 'deciding', from);
  const relation = relateView(state, message.viewId, turn.now);
  if (relation === 'old' || relation === 'far') return ignore(turn, `${relation}-view`, from);
  const slot = senderSlot(state, incoming);
  if (slot === undefined) return ignore(turn, 'not-a-member', from);
  if (slot !== leaderAt(state, message.viewId)) return ignore(turn, 'not-the-leader', from);
  if (state.ownSlots.includes(slot)) return ignore(turn, 'repeated', from);
  if (relation === 'early') return keepEarly(turn, incoming);
  if (!isSigned(message)) return ignore(turn, 'bad-signature', from);
  const blockHash = hashIn(decoded, message.blockHash);
  const { height, viewId, block } = message;
  if (kind === 'announce') {
    if (relation === 'current' && state.leaderBlock === blockHash) {
      repeatVotes(turn, 'prepare');
      return ignore(turn, 'repeated', from);
    }
    const notes = notesFor(decoded, headOf(state).committee);
    notes.checks ??= [senderCheck(incoming)];
    return verifyLeader(
      turn,
      incoming,
      { kind, height, viewId, slot, blockHash, block },
      notes.checks,
    );
  }
  if (relation === 'current' && state.preparedProof?.blockHash === blockHash) {
    repeatVotes(turn, 'commit');
    // The block may have come without a valid body before.
    if (validCandidate(state, blockHash)) return ignore(turn, 'repeated', from);
  }
  const seal = sealOf(decoded, message, headOf(state));
  if (typeof seal === 'string') return ignore(turn, seal, from);
  const notes = notesFor(decoded, headOf(state).committee);
  notes.checks ??= [senderCheck(incoming), sealCheck(seal, preparePayload(message.blockHash))];
  verifyLeader(
    turn,
    incoming,
    { kind, height, viewId, slot, blockHash, block, seal },
    notes.checks,
  );
}

/** COMMITTED of the current height: any member may bring it, since the seal proves itself. */
function onCommittedMessage(turn: Turn, incoming: Incoming, message: PhaseMessage): Done {
  const { state } = turn;
  const { from, decoded } = incoming;
  if (!hasLeaderShape(message)) return ignore(turn, 'malformed', from);
  if (state.decision !== undefined) return ignore(turn, 'deciding', from);
  const slot = senderSlot(state, incoming);
  if (slot === undefined) return ignore(turn, 'not-a-member', from);
  const seal = sealOf(decoded, message, headOf(state));
  if (typeof seal === 'string') return ignore(turn, seal, from);
  const known = state.committedProofs.get(slot);
  if (known !== undefined && equalBytes(known.seal.seal.signature, seal.seal.signature))
    return ignore(turn, 'repeated', from);
  if (!isSigned(message)) return ignore(turn, 'bad-signature', from);
  const notes = notesFor(decoded, headOf(state).committee);
  notes.checks ??= [senderCheck(incoming)];
  const { height, viewId, block } = message;
  const blockHash = hashIn(decoded, message.blockHash);
  const kind = 'committed';
  verifyLeader(
    turn,
    incoming,
    { kind, height, viewId, slot, blockHash, block, seal },
    notes.checks,
  );
}

// --- Votes --------------------------------------------------------------------------------------

/** A vote in the form that both wire versions share; made once for each decoded message. */
function voteIn(
  decoded: DecodedMessage,
  message: PhaseMessage,
  kind: 'prepare' | 'commit',
  likely: Hash | undefined,
): HeardVote {
  if (decoded.vote !== undefined) return decoded.vote;
  const { height, viewId, payload: signature } = message;
  const blockHash = hashIn(decoded, message.blockHash, likely);
  const findSigners = namedIn(message);
  decoded.vote = heardVote({ kind, height, viewId, blockHash, signature, findSigners });
  return decoded.vote;
}

/** The slots behind a vote, ascending; undefined if the fields do not name any properly. */
function namedIn(message: PhaseMessage): HeardVote['findSigners'] {
  const { payload, block, signature, senderKey, senderBitmap } = message;
  if (!isSignature(payload) || block.length > 0 || signature.length > 0) return () => undefined;
  if (senderKey.length !== 48) return (committee) => slotsNamed(senderBitmap, committee);
  if (senderBitmap.length > 0) return () => undefined;
  return (_, slots) => {
    const slot = slots.slotOf(senderKey);
    return slot === undefined ? undefined : [slot];
  };
}

function slotsNamed(bitmap: Uint8Array, committee: VotingCommittee): number[] | undefined {
  try {
    const signers = bitmapIndices(bitmap, committee.keys.length);
    return signers.length > 0 ? signers : undefined;
  } catch {
    return undefined;
  }
}

// --- View change --------------------------------------------------------------------------------

function onViewChange(turn: Turn, incoming: Incoming, message: ViewMessage): Done {
  const { state } = turn;
  const { from } = incoming;
  if (state.decision !== undefined) return ignore(turn, 'deciding', from);
  if (state.mode === 'listening') return ignore(turn, 'not-leading', from);
  if (!state.config.profile.joinsViewChanges && state.mode !== 'view-changing')
    return ignore(turn, 'not-changing', from);
  if (message.viewId <= state.viewId) return ignore(turn, 'old-view', from);
  if (message.viewId > highestView(state, turn.now)) return ignore(turn, 'far-view', from);
  const slot = senderSlot(state, incoming);
  if (slot === undefined) return ignore(turn, 'not-a-member', from);
  if (state.ownSlots.includes(slot)) return ignore(turn, 'repeated', from);
  const full = leads(state, message.viewId);
  const known = state.reports.get(slot);
  if (known && !isNewerReport({ viewId: message.viewId, full }, known))
    return ignore(turn, 'repeated', from);
  for (const signature of [message.signature, message.viewChangeSignature, message.viewIdSignature])
    if (signature.length !== 96 || isIdentitySignature(signature))
      return ignore(turn, 'bad-signature', from);
  const checks = [senderCheck(incoming)];
  const report: ViewReport = {
    slot,
    viewId: message.viewId,
    viewIdSignature: message.viewIdSignature,
    claimSignature: message.viewChangeSignature,
    full,
  };
  const { height, preparedBlock: block } = message;
  const item = { type: 'view-change', from, height, block } as const;
  if (!full) {
    emit(turn, { type: 'verify', item: { ...item, report }, checks });
    return;
  }
  const keys = [message.senderKey];
  checks.push({
    keys,
    message: viewIdPayload(message.viewId),
    signature: message.viewIdSignature,
  });
  if (message.payload.length === 0 || message.preparedBlock.length === 0) {
    checks.push({ keys, message: NOTHING_PREPARED, signature: message.viewChangeSignature });
    emit(turn, { type: 'verify', item: { ...item, report }, checks });
    return;
  }
  const claim = parseClaim(state, message.payload);
  const signers = claim && sealSigners(headOf(state).committee, claim.seal);
  if (claim === undefined || signers === undefined) return ignore(turn, 'bad-claim', from);
  checks.push(
    { keys, message: message.payload, signature: message.viewChangeSignature },
    {
      keys: keysOf(state, signers),
      message: preparePayload(claim.blockHash),
      signature: claim.seal.signature,
    },
  );
  const { payload } = message;
  const withClaim = {
    ...report,
    claim: { blockHash: hashOf(claim.blockHash), payload, seal: claim.seal },
  };
  emit(turn, { type: 'verify', item: { ...item, report: withClaim }, checks });
}

/**
 * NEWVIEW: only from the leader of its view, with a quorum of M3, and with an M1 unless all of the
 * reports it counts said M2.
 */
function onNewViewMessage(turn: Turn, incoming: Incoming, message: ViewMessage): Done {
  const { state } = turn;
  const { from } = incoming;
  if (state.decision !== undefined) return ignore(turn, 'deciding', from);
  if (!acceptsNewView(state, message.viewId)) return ignore(turn, 'old-view', from);
  if (message.viewId > highestView(state, turn.now)) return ignore(turn, 'far-view', from);
  const slot = senderSlot(state, incoming);
  if (slot === undefined) return ignore(turn, 'not-a-member', from);
  const { newViewFrom, checksCarriedQuorum } = state.config.profile;
  if (newViewFrom === 'leader' && slot !== leaderAt(state, message.viewId))
    return ignore(turn, 'not-the-leader', from);
  if (state.ownSlots.includes(slot)) return ignore(turn, 'repeated', from);
  if (!isSigned(message)) return ignore(turn, 'bad-signature', from);
  const { committee } = headOf(state);
  const m3 = { signature: message.m3Signature, bitmap: message.m3Bitmap };
  const m3Signers = sealSigners(committee, m3);
  if (m3Signers === undefined) return ignore(turn, 'no-quorum', from);
  const checks: SignatureCheck[] = [
    senderCheck(incoming),
    {
      keys: keysOf(state, m3Signers),
      message: viewIdPayload(message.viewId),
      signature: m3.signature,
    },
  ];
  let m2Count = 0;
  if (message.m2Signature.length > 0 || message.m2Bitmap.length > 0) {
    const m2Signers = signersIn(message.m2Signature, message.m2Bitmap, committee.keys.length);
    const foreign = m2Signers?.some((signer) => !m3Signers.includes(signer));
    if (m2Signers === undefined || (foreign && newViewFrom === 'leader'))
      return ignore(turn, 'bad-bitmap', from);
    m2Count = m2Signers.length;
    checks.push({
      keys: keysOf(state, m2Signers),
      message: NOTHING_PREPARED,
      signature: message.m2Signature,
    });
  }
  const hasClaim = message.payload.length > 0 || message.preparedBlock.length > 0;
  const { height, viewId, preparedBlock: block } = message;
  const { payload } = incoming.decoded;
  const item = { type: 'new-view', from, height, viewId, slot, block, payload } as const;
  if (!hasClaim) {
    if (m3Signers.length > m2Count) return ignore(turn, 'bad-claim', from);
    emit(turn, { type: 'verify', item, checks });
    return;
  }
  const claim = parseClaim(state, message.payload);
  const signers = claim && carriedSigners(committee, claim.seal, checksCarriedQuorum);
  if (claim === undefined || signers === undefined || message.preparedBlock.length === 0)
    return ignore(turn, 'bad-claim', from);
  checks.push({
    keys: keysOf(state, signers),
    message: preparePayload(claim.blockHash),
    signature: claim.seal.signature,
  });
  const carried = { blockHash: hashOf(claim.blockHash), seal: claim.seal };
  emit(turn, { type: 'verify', item: { ...item, claim: carried }, checks });
}

/** The signers of the certificate that NEWVIEW carries. */
function carriedSigners(
  committee: VotingCommittee,
  seal: Seal,
  quorum: boolean,
): number[] | undefined {
  if (quorum) return sealSigners(committee, seal);
  return signersIn(seal.signature, seal.bitmap, committee.keys.length);
}

/** The signers of a sum that needs no quorum; undefined if it is malformed or empty. */
function signersIn(
  signature: Uint8Array,
  bitmap: Uint8Array,
  members: number,
): number[] | undefined {
  if (signature.length !== 96 || isIdentitySignature(signature)) return undefined;
  try {
    const signers = bitmapIndices(bitmap, members);
    return signers.length > 0 ? signers : undefined;
  } catch {
    return undefined;
  }
}
