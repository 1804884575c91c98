/**
 * What comes from peers: decoding and every check that costs no pairing.
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
import { bytesToPlainHex, equalBytes, isProtocolError } from '@polyphony/primitives';
import { checkBetterSeal, decisionAt, helpLagging } from './heights.js';
import {
  MAX_EARLY_BYTES,
  MAX_EARLY_MESSAGES,
  MAX_EARLY_PER_PEER,
  MAX_FAR_HEIGHT,
} from './limits.js';
import { isViewMessage, type Message, type PhaseMessage, type ViewMessage } from './messages.js';
import { commitMessageOf, repeatVotes } from './phases.js';
import {
  commitPayload,
  decodePreparedClaim,
  decodeSeal,
  isIdentitySignature,
  NOTHING_PREPARED,
  type PreparedClaim,
  preparePayload,
  type Seal,
  sealSigners,
  viewIdPayload,
} from './seal.js';
import {
  askForSync,
  asksForSync,
  commitsView,
  type Done,
  emit,
  hashOf,
  headOf,
  highestView,
  ignore,
  isLeading,
  leaderAt,
  leads,
  slotOfKey,
  type Turn,
  update,
  validCandidate,
} from './turn.js';
import type {
  DecodedMessage,
  DecodedPayload,
  SignatureCheck,
  State,
  ViewReport,
  WatchedVote,
} from './types.js';
import { acceptsNewView, isNewerReport } from './view-change.js';
import { weighBallot } from './votes.js';
import { computeSenderDigest, decodeGossip, decodeMessage, decodeMessageLenient } from './wire.js';

/** A decoded message on its way through the checks. */
interface Incoming {
  readonly from: string;
  readonly payload: Uint8Array;
  readonly decoded: DecodedMessage;
}

/** One gossip payload from a peer. */
export function onMessage(turn: Turn, from: string, payload: Uint8Array): Done {
  const { state } = turn;
  if (state.mode === 'idle') return ignore(turn, 'idle', from);
  const decoded = decode(state, payload);
  if (decoded === 'malformed' || decoded === 'not-consensus') return ignore(turn, decoded, from);
  const { message } = decoded;
  if (message.type === 'last-sign-power') return ignore(turn, 'metric', from);
  if (message.shardId !== state.config.shardId) return ignore(turn, 'wrong-shard', from);
  const incoming = { from, payload, decoded };
  if (message.height > state.height) return onLaterHeight(turn, incoming, message);
  if (message.height < state.height) return onEarlierHeight(turn, incoming, message);
  if (isViewMessage(message)) {
    if (message.type === 'view-change') onViewChange(turn, incoming, message);
    else onNewViewMessage(turn, incoming, message);
  } else if (message.type === 'prepare' || message.type === 'commit') {
    onVote(turn, incoming, message);
  } else if (message.type === 'committed') {
    onCommittedMessage(turn, incoming, message);
  } else {
    onLeaderMessage(turn, incoming, message);
  }
}

function decode(state: State, payload: Uint8Array): DecodedPayload {
  const { decoded, decoding } = state.config;
  const known = decoded?.get(payload);
  if (known !== undefined) return known;
  const result = decodePayload(payload, decoding === 'strict');
  decoded?.set(payload, result);
  return result;
}

function decodePayload(payload: Uint8Array, strict: boolean): DecodedPayload {
  try {
    const content = decodeGossip(payload, { head: strict ? 'check' : 'skip' });
    if (content.category !== 'consensus') return 'not-consensus';
    // The payload belongs to the transport, so it is copied before it is kept.
    const bytes = new Uint8Array(content.message);
    if (strict) return { message: decodeMessage(bytes), unknown: undefined };
    return decodeMessageLenient(bytes);
  } catch (error) {
    if (isProtocolError(error)) return 'malformed';
    throw error;
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
  return message.signature.length === 96 && !isIdentitySignature(message.signature);
}

function sealKeys(state: State, signers: readonly number[]): Uint8Array[] {
  const { keys } = headOf(state).committee;
  return signers.map((slot) => keys[slot]!);
}

function parseSeal(state: State, bytes: Uint8Array): Seal | undefined {
  try {
    return decodeSeal(bytes, headOf(state).committee.keys.length);
  } catch {
    return undefined;
  }
}

function parseClaim(state: State, bytes: Uint8Array): PreparedClaim | undefined {
  try {
    return decodePreparedClaim(bytes, headOf(state).committee.keys.length);
  } catch {
    return undefined;
  }
}

/** Whether this is a message of a leader, by shape. */
function hasLeaderShape(message: PhaseMessage): boolean {
  if (message.senderKey.length !== 48 || message.senderBitmap.length !== 0) return false;
  if (message.type === 'announce')
    return message.block.length > 0 && equalBytes(message.payload, message.blockHash);
  return message.type === 'committed' ? message.block.length === 0 : message.block.length > 0;
}

// --- Other heights ------------------------------------------------------------------------------

function onLaterHeight(turn: Turn, incoming: Incoming, message: PhaseMessage | ViewMessage): Done {
  const { state } = turn;
  const { from } = incoming;
  if (message.type === 'prepare' || message.type === 'commit')
    return ignore(turn, 'far-height', from);
  const next = message.height === state.height + 1n;
  if (next) keepEarly(turn, incoming);
  if (message.type === 'announce') {
    if (!next) ignore(turn, 'far-height', from);
    return;
  }
  // While the own block is being made durable, the next height is no news.
  if (next && state.phase === 'deciding') return;
  const far = message.height > state.height + MAX_FAR_HEIGHT;
  const height = far ? state.height + MAX_FAR_HEIGHT : message.height;
  if (!asksForSync(state, height, turn.now))
    return next ? undefined : ignore(turn, 'repeated', from);
  const member = slotOfKey(state, message.senderKey) !== undefined;
  if (next && !isSigned(message)) return;
  // The next height may have other members, who cannot be told from strangers here. Without the
  // hint, a committee of newcomers would wait for members that never hear of its height.
  if (next && !member) return askForSync(turn, height);
  if (!member) return ignore(turn, 'not-a-member', from);
  if (!isSigned(message)) return ignore(turn, 'bad-signature', from);
  emit(turn, {
    type: 'verify',
    item: { type: 'behind', from, height },
    checks: [senderCheck(incoming)],
  });
}

function onEarlierHeight(
  turn: Turn,
  incoming: Incoming,
  message: PhaseMessage | ViewMessage,
): Done {
  const { state } = turn;
  const { from, payload } = incoming;
  const { last } = state;
  if (last === undefined || message.height !== last.height) return ignore(turn, 'old-height', from);
  if (message.type === 'view-change') {
    if (slotOfKey(state, message.senderKey) === undefined)
      return ignore(turn, 'not-a-member', from);
    return helpLagging(turn);
  }
  if (isViewMessage(message)) return ignore(turn, 'old-height', from);
  if (message.type === 'committed') {
    if (hashOf(message.blockHash) !== last.blockHash) return ignore(turn, 'wrong-block', from);
    const seal = parseSealOf(last.head.committee.keys.length, message.payload);
    if (seal === undefined || sealSigners(last.head.committee, seal) === undefined)
      return ignore(turn, 'bad-bitmap', from);
    return checkBetterSeal(turn, from, message, seal, payload);
  }
  if (message.type === 'commit') return onLateCommit(turn, incoming, message);
  ignore(turn, 'old-height', from);
}

function parseSealOf(members: number, bytes: Uint8Array): Seal | undefined {
  try {
    return decodeSeal(bytes, members);
  } catch {
    return undefined;
  }
}

/** Keeps a message for the next height or view; the peer with most entries makes room. */
function keepEarly(turn: Turn, { from, payload }: Incoming): Done {
  const { early } = turn.state;
  if (early.some((other) => equalBytes(other.payload, payload)))
    return ignore(turn, 'repeated', from);
  if (payload.length > MAX_EARLY_BYTES) return ignore(turn, 'early-queue-full', from);
  let kept = early;
  let bytes = early.reduce((sum, other) => sum + other.payload.length, payload.length);
  const fromPeer = early.filter((other) => other.from === from).length;
  if (fromPeer >= MAX_EARLY_PER_PEER) {
    kept = withoutFirst(kept, from);
    bytes = kept.reduce((sum, other) => sum + other.payload.length, payload.length);
  }
  while (kept.length >= MAX_EARLY_MESSAGES || bytes > MAX_EARLY_BYTES) {
    const busiest = busiestPeer(kept);
    kept = withoutFirst(kept, busiest);
    bytes = kept.reduce((sum, other) => sum + other.payload.length, payload.length);
  }
  update(turn, { early: [...kept, { from, payload: new Uint8Array(payload) }] });
}

function withoutFirst(early: State['early'], from: string): State['early'] {
  const index = early.findIndex((other) => other.from === from);
  return early.filter((_, i) => i !== index);
}

function busiestPeer(early: State['early']): string {
  const counts = new Map<string, number>();
  for (const { from } of early) counts.set(from, (counts.get(from) ?? 0) + 1);
  let busiest = early[0]!.from;
  for (const [from, count] of counts) if (count > counts.get(busiest)!) busiest = from;
  return busiest;
}

// --- Leader messages ----------------------------------------------------------------------------

/** How a leader's view stands to the own one. */
type ViewRelation = 'current' | 'adopt' | 'early' | 'old' | 'far';

/** Where the view of a leader's message stands. Only a node just started or synced adopts. */
export function relateView(state: State, viewId: bigint, now: number): ViewRelation {
  if (viewId > highestView(state, now)) return 'far';
  if (state.mode === 'listening') return 'current';
  if (state.mode === 'view-changing') {
    if (viewId < state.viewChangingId) return 'old';
    return state.viewSure ? 'early' : 'adopt';
  }
  if (viewId === state.viewId) return 'current';
  if (viewId < state.viewId) return 'old';
  return state.viewSure || state.leaderBlock !== undefined ? 'early' : 'adopt';
}

function onLeaderMessage(turn: Turn, incoming: Incoming, message: PhaseMessage): Done {
  const { state } = turn;
  const { from } = incoming;
  if (!hasLeaderShape(message)) return ignore(turn, 'malformed', from);
  if (state.decision !== undefined) return ignore(turn, 'deciding', from);
  const relation = relateView(state, message.viewId, turn.now);
  if (relation === 'old' || relation === 'far') return ignore(turn, `${relation}-view`, from);
  const slot = slotOfKey(state, message.senderKey);
  if (slot === undefined) return ignore(turn, 'not-a-member', from);
  if (slot !== leaderAt(state, message.viewId)) return ignore(turn, 'not-the-leader', from);
  if (state.ownSlots.includes(slot)) return ignore(turn, 'repeated', from);
  if (relation === 'early') return keepEarly(turn, incoming);
  if (!isSigned(message)) return ignore(turn, 'bad-signature', from);
  const blockHash = hashOf(message.blockHash);
  const checks = [senderCheck(incoming)];
  if (message.type === 'announce') {
    if (relation === 'current' && state.leaderBlock === blockHash) {
      repeatVotes(turn, 'prepare');
      return ignore(turn, 'repeated', from);
    }
    const item = { type: 'phase-message', from, message, payload: incoming.payload } as const;
    emit(turn, { type: 'verify', item, checks });
    return;
  }
  if (relation === 'current' && state.preparedProof?.blockHash === blockHash) {
    repeatVotes(turn, 'commit');
    // The block may have come without a valid body before.
    if (validCandidate(state, blockHash)) return ignore(turn, 'repeated', from);
  }
  const seal = parseSeal(state, message.payload);
  if (seal === undefined) return ignore(turn, 'bad-bitmap', from);
  const signers = sealSigners(headOf(state).committee, seal);
  if (signers === undefined) return ignore(turn, 'no-quorum', from);
  checks.push({
    keys: sealKeys(state, signers),
    message: preparePayload(message.blockHash),
    signature: seal.signature,
  });
  const item = { type: 'phase-message', from, message, seal, payload: incoming.payload } as const;
  emit(turn, { type: 'verify', item, checks });
}

/** COMMITTED of the current height: any member may bring it, since the seal proves itself. */
function onCommittedMessage(turn: Turn, incoming: Incoming, message: PhaseMessage): Done {
  const { state } = turn;
  const { from, payload } = incoming;
  if (!hasLeaderShape(message)) return ignore(turn, 'malformed', from);
  if (state.decision !== undefined) return ignore(turn, 'deciding', from);
  const slot = slotOfKey(state, message.senderKey);
  if (slot === undefined) return ignore(turn, 'not-a-member', from);
  const seal = parseSeal(state, message.payload);
  if (seal === undefined) return ignore(turn, 'bad-bitmap', from);
  if (sealSigners(headOf(state).committee, seal) === undefined)
    return ignore(turn, 'no-quorum', from);
  const known = state.committedProofs.get(slot);
  if (known !== undefined && equalBytes(known.seal.signature, seal.signature))
    return ignore(turn, 'repeated', from);
  if (!isSigned(message)) return ignore(turn, 'bad-signature', from);
  emit(turn, {
    type: 'verify',
    item: { type: 'phase-message', from, message, seal, payload: new Uint8Array(payload) },
    checks: [senderCheck(incoming)],
  });
}

// --- Votes --------------------------------------------------------------------------------------

/** The slots behind a vote, ascending; undefined if the fields do not name any properly. */
function votersOf(state: State, message: PhaseMessage): number[] | undefined {
  if (message.payload.length !== 96 || isIdentitySignature(message.payload)) return undefined;
  if (message.block.length > 0 || message.signature.length > 0) return undefined;
  const members = headOf(state).committee.keys.length;
  if (message.senderKey.length === 48) {
    if (message.senderBitmap.length > 0) return undefined;
    const slot = slotOfKey(state, message.senderKey);
    return slot === undefined ? undefined : [slot];
  }
  try {
    const signers = bitmapIndices(message.senderBitmap, members);
    return signers.length > 0 ? signers : undefined;
  } catch {
    return undefined;
  }
}

function onVote(turn: Turn, incoming: Incoming, message: PhaseMessage): Done {
  const { state } = turn;
  const { from } = incoming;
  const signers = votersOf(state, message);
  if (signers === undefined) return ignore(turn, 'malformed', from);
  if (message.type === 'commit') watchCommit(turn, from, message, signers);
  if (!isLeading(state) || message.viewId !== state.viewId)
    return ignore(turn, 'not-leading', from);
  const blockHash = hashOf(message.blockHash);
  const { decision } = state;
  if (message.type === 'commit' && decision !== undefined)
    return onLateCommit(turn, incoming, message);
  const tally = message.type === 'prepare' ? state.prepareVotes : state.commitVotes;
  if (tally === undefined || tally.blockHash !== blockHash)
    return ignore(turn, 'wrong-block', from);
  // Once a quorum prepared, further prepare votes prove nothing more.
  if (message.type === 'prepare' && state.phase !== 'prepare')
    return ignore(turn, 'repeated', from);
  const { committee } = headOf(state);
  const outcome = weighBallot(tally, signers, committee);
  if (outcome === 'mixed-operators') return ignore(turn, outcome, from);
  if (outcome !== 'counted' && outcome !== 'replaced') return ignore(turn, 'repeated', from);
  const signed =
    message.type === 'prepare'
      ? preparePayload(message.blockHash)
      : commitMessageOf(state, blockHash);
  if (signed === undefined) return ignore(turn, 'wrong-block', from);
  emit(turn, {
    type: 'verify',
    item: { type: 'vote', from, message, signers },
    checks: [{ keys: sealKeys(state, signers), message: signed, signature: message.payload }],
  });
}

/** A commit vote for a block that is decided already, while late votes are taken. */
function onLateCommit(turn: Turn, incoming: Incoming, message: PhaseMessage): Done {
  const { from } = incoming;
  const decision = decisionAt(turn.state, message.height);
  if (decision?.tally === undefined || hashOf(message.blockHash) !== decision.blockHash)
    return ignore(turn, 'old-height', from);
  if (turn.state.timers.grace === undefined) return ignore(turn, 'old-height', from);
  const { committee } = decision.head;
  const then: State = {
    ...turn.state,
    head: decision.head,
    slots: slotsOf(turn.state, decision.head),
  };
  const signers = votersOf(then, message);
  if (signers === undefined) return ignore(turn, 'malformed', from);
  const outcome = weighBallot(decision.tally, signers, committee);
  if (outcome !== 'counted' && outcome !== 'replaced') return ignore(turn, 'repeated', from);
  const { height, blockHash, viewId } = decision;
  emit(turn, {
    type: 'verify',
    item: {
      type: 'late-vote',
      from,
      height,
      blockHash,
      ballot: { signers, signature: message.payload },
    },
    checks: [
      {
        keys: signers.map((slot) => committee.keys[slot]!),
        message: commitPayload(height, blockHash, viewId, commitsView(decision.head)),
        signature: message.payload,
      },
    ],
  });
}

/** Slots by key of an earlier head's committee; the same map when the committee did not change. */
function slotsOf(
  state: State,
  head: { readonly committee: { readonly keys: readonly Uint8Array[] } },
): State['slots'] {
  if (state.head?.committee === head.committee) return state.slots;
  return new Map(head.committee.keys.map((key, slot) => [bytesToPlainHex(key), slot]));
}

// --- Double signing -----------------------------------------------------------------------------

/**
 * Notices two commit votes of one key for two blocks at one height and view, at any node.
 *
 * Votes of different views are legal: the block may have been carried over. So both votes must
 * sign the same view id; for a block that is not known here it is taken from the message.
 *
 * @source harmony/consensus/double_sign.go: checkDoubleSign; harmony/staking/slash/double-sign.go: Verify
 */
function watchCommit(
  turn: Turn,
  from: string,
  message: PhaseMessage,
  signers: readonly number[],
): Done {
  const { state } = turn;
  const vote: WatchedVote = {
    messageView: message.viewId,
    signers,
    blockHash: hashOf(message.blockHash),
    signature: message.payload,
  };
  const watch = new Map(state.watch);
  for (const slot of signers) {
    const known = watch.get(slot);
    if (known === undefined || known.messageView < vote.messageView) {
      watch.set(slot, vote);
    } else if (known.messageView === vote.messageView && known.blockHash !== vote.blockHash) {
      checkDoubleSign(turn, from, slot, known, vote);
      break;
    }
  }
  update(turn, { watch });
}

function checkDoubleSign(
  turn: Turn,
  from: string,
  slot: number,
  first: WatchedVote,
  second: WatchedVote,
): Done {
  const { state } = turn;
  const head = headOf(state);
  const viewOf = (vote: WatchedVote): bigint =>
    validCandidate(state, vote.blockHash)?.viewId ?? vote.messageView;
  const viewId = viewOf(first);
  if (viewId !== viewOf(second) || state.reported.has(slot)) return;
  const { height } = state;
  const evidence = (vote: WatchedVote) => ({
    signers: vote.signers,
    keys: sealKeys(state, vote.signers),
    blockHash: vote.blockHash,
    signature: vote.signature,
  });
  const check = (vote: WatchedVote): SignatureCheck => ({
    keys: sealKeys(state, vote.signers),
    message: commitPayload(height, vote.blockHash, viewId, commitsView(head)),
    signature: vote.signature,
  });
  emit(turn, {
    type: 'verify',
    item: {
      type: 'double-sign',
      from,
      height,
      viewId,
      slot,
      first: evidence(first),
      second: evidence(second),
      watched: second,
    },
    checks: [check(first), check(second)],
  });
}

// --- View change --------------------------------------------------------------------------------

function onViewChange(turn: Turn, incoming: Incoming, message: ViewMessage): Done {
  const { state } = turn;
  const { from } = incoming;
  if (state.decision !== undefined) return ignore(turn, 'deciding', from);
  if (state.mode === 'listening') return ignore(turn, 'not-leading', from);
  if (message.viewId <= state.viewId) return ignore(turn, 'old-view', from);
  if (message.viewId > highestView(state, turn.now)) return ignore(turn, 'far-view', from);
  const slot = slotOfKey(state, message.senderKey);
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
  const item = { type: 'view-change', from, message } as const;
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
      keys: sealKeys(state, signers),
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
  const slot = slotOfKey(state, message.senderKey);
  if (slot === undefined) return ignore(turn, 'not-a-member', from);
  if (slot !== leaderAt(state, message.viewId)) return ignore(turn, 'not-the-leader', from);
  if (state.ownSlots.includes(slot)) return ignore(turn, 'repeated', from);
  if (!isSigned(message)) return ignore(turn, 'bad-signature', from);
  const { committee } = headOf(state);
  const m3 = { signature: message.m3Signature, bitmap: message.m3Bitmap };
  const m3Signers = sealSigners(committee, m3);
  if (m3Signers === undefined) return ignore(turn, 'no-quorum', from);
  const checks: SignatureCheck[] = [
    senderCheck(incoming),
    {
      keys: sealKeys(state, m3Signers),
      message: viewIdPayload(message.viewId),
      signature: m3.signature,
    },
  ];
  let m2Count = 0;
  if (message.m2Signature.length > 0 || message.m2Bitmap.length > 0) {
    const m2Signers = signersIn(message.m2Signature, message.m2Bitmap, committee.keys.length);
    if (m2Signers === undefined || m2Signers.some((signer) => !m3Signers.includes(signer)))
      return ignore(turn, 'bad-bitmap', from);
    m2Count = m2Signers.length;
    checks.push({
      keys: sealKeys(state, m2Signers),
      message: NOTHING_PREPARED,
      signature: message.m2Signature,
    });
  }
  const hasClaim = message.payload.length > 0 || message.preparedBlock.length > 0;
  if (!hasClaim) {
    if (m3Signers.length > m2Count) return ignore(turn, 'bad-claim', from);
    emit(turn, { type: 'verify', item: { type: 'new-view', from, message }, checks });
    return;
  }
  const claim = parseClaim(state, message.payload);
  const signers = claim && sealSigners(committee, claim.seal);
  if (claim === undefined || signers === undefined || message.preparedBlock.length === 0)
    return ignore(turn, 'bad-claim', from);
  checks.push({
    keys: sealKeys(state, signers),
    message: preparePayload(claim.blockHash),
    signature: claim.seal.signature,
  });
  const carried = { blockHash: hashOf(claim.blockHash), seal: claim.seal };
  emit(turn, { type: 'verify', item: { type: 'new-view', from, message, claim: carried }, checks });
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
