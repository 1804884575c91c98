/**
 * The three phases of one height in one view: announce, prepare, commit, for leader and validator.
 *
 * Only what is verified comes here. A validator prepares a block after validating it and commits it
 * after a prepare certificate; a leader proposes, counts and publishes. Which of these votes may be
 * signed is asked in `signing.ts`; views are `view-change.ts`; heights are `heights.ts`.
 *
 * @source harmony/consensus/leader.go; harmony/consensus/validator.go
 */
import { bitmapFromIndices } from '@polyphony/bls/bitmap';
import type { Hash } from '@polyphony/primitives';
import { MAX_BLOCK_BYTES } from './limits.js';
import type { Certificate, MarkedVote } from './mark.js';
import { sealedBy } from './named-seal.js';
import { commitBytes, prepareBytes } from './payloads.js';
import type { ValidationResult } from './ports.js';
import type { Seal } from './seal.js';
import { castCommit, castPrepare, senderPlan, signOnly } from './signing.js';
import {
  announceMessage,
  committedMessage,
  gossipOf,
  preparedMessage,
  votePayload,
} from './speech.js';
import type { Draft } from './state.js';
import { commitGrace, phaseTimeout } from './timing.js';
import {
  addCandidate,
  addOwnCandidate,
  amend,
  blockPeriod,
  broadcast,
  cancelTimer,
  cancelViewTimers,
  type Done,
  draft,
  emit,
  findCandidate,
  headOf,
  ignore,
  isLeading,
  keepResending,
  later,
  leaderAt,
  leads,
  setTimer,
  stopResending,
  type Turn,
  tell,
  update,
  validCandidate,
} from './turn.js';
import type {
  AggregateItem,
  Decision,
  OutMessage,
  PreparedPart,
  PreparedProof,
  ProposedBlock,
  Resend,
  SignPlan,
  State,
} from './types.js';
import { addBallot, type Ballot, emptyTally, isQuorum, type Tally } from './votes.js';

/** How often a member sends NEWVIEW on to others that missed it. */
export const RELAYS = 8;

// --- Entering a view ----------------------------------------------------------------------------

/** Normal operation in a view, with nothing seen in it yet. */
export function enterView(
  turn: Turn,
  viewId: bigint,
  viewSure: boolean,
  viewLeader?: number,
): Done {
  leaveView(turn);
  beginView(turn, draft(turn), viewId, viewSure, viewLeader);
}

/** Nothing of the view so far goes on. */
export function leaveView(turn: Turn): Done {
  stopResending(turn, 'announce', 'prepared', 'view-change', 'new-view');
  cancelViewTimers(turn);
}

/** Normal operation in a view, once the last one was left. @param next - The turn's draft. */
export function beginView(
  turn: Turn,
  next: Draft,
  viewId: bigint,
  viewSure: boolean,
  viewLeader?: number,
): Done {
  next.mode = next.ownSlots.length === 0 ? 'listening' : 'normal';
  next.viewId = viewId;
  next.viewChangingId = viewId;
  next.viewSure = viewSure;
  next.viewLeader = viewLeader;
  next.phase = 'announce';
  next.leaderBlock = undefined;
  next.justifiedBy = 0n;
  next.carried = undefined;
  next.opened = undefined;
  next.preparedProof = undefined;
  next.prepareVotes = undefined;
  next.commitVotes = undefined;
  next.proposal = undefined;
  next.sentPrepare = undefined;
  next.sentCommit = undefined;
  next.prepareCast = false;
  next.commitCast = false;
  next.leading = leads(next, viewId);
  startPhaseTimer(turn, next);
}

/** A fresh wait for the height to end, counted from when its block is due. */
function startPhaseTimer(turn: Turn, next: Draft): Done {
  const due = Math.min(Math.max(0, next.nextDueMs - turn.now), blockPeriod(next));
  const wait = phaseTimeout(next.firstViewId, next.viewId, next.config.timing);
  setTimer(turn, 'phase', due + wait, next);
}

// --- Leader: proposing --------------------------------------------------------------------------

/** Asks for a block, or takes the one that was announced before a restart. */
export function startLeading(turn: Turn): Done {
  const { state } = turn;
  const slot = leaderAt(state, state.viewId);
  if (slot === undefined) return;
  const { proposal } = state.mark;
  if (state.mark.height === state.height && proposal?.viewId === state.viewId) {
    announceWhenDue(turn, { block: proposal.block, blockHash: proposal.blockHash });
    return;
  }
  emit(turn, { type: 'propose', height: state.height, viewId: state.viewId, slot });
  if (state.timers.grace === undefined) giveParentSeal(turn);
}

/** Hands the best known seal of the head to the proposer. */
export function giveParentSeal(turn: Turn): Done {
  const { last, height } = turn.state;
  const known = last?.height === height - 1n ? last : undefined;
  const seal = known && { ...known.seal.seal, decidedInView: known.decidedInView };
  emit(turn, { type: 'parent-seal', height: height - 1n, ...(seal && { seal }) });
}

/** The application made a block, or has nothing to propose yet. */
export function onProposed(
  turn: Turn,
  height: bigint,
  viewId: bigint,
  proposal: ProposedBlock | undefined,
): Done {
  const { state } = turn;
  if (height !== state.height || viewId !== state.viewId || !isLeading(state))
    return ignore(turn, 'stale');
  if (state.phase !== 'announce' || state.proposal !== undefined) return ignore(turn, 'stale');
  if (proposal === undefined) {
    setTimer(turn, 'propose', state.config.timing.proposalRetryMs);
    return;
  }
  if (proposal.block.length > MAX_BLOCK_BYTES) {
    const { blockHash } = proposal;
    tell(turn, { type: 'block-refused', height, blockHash, reason: 'it is too long' });
    return;
  }
  announceWhenDue(turn, proposal);
}

/** Asks again for a block. */
export function onProposeTimer(turn: Turn): Done {
  const { state } = turn;
  if (isLeading(state) && state.phase === 'announce' && state.proposal === undefined)
    startLeading(turn);
}

function announceWhenDue(turn: Turn, proposal: ProposedBlock): Done {
  const wait = Math.min(turn.state.nextDueMs - turn.now, blockPeriod(turn.state));
  if (wait <= 0) return announce(turn, proposal);
  update(turn, { proposal });
  setTimer(turn, 'announce', wait);
}

/** The block's time has come. */
export function onAnnounceTimer(turn: Turn): Done {
  const { proposal } = turn.state;
  if (proposal !== undefined && isLeading(turn.state)) announce(turn, proposal);
}

function announce(turn: Turn, { block, blockHash }: ProposedBlock): Done {
  const { state } = turn;
  const slot = leaderAt(state, state.viewId)!;
  const message = announceMessage(state, slot, blockHash, block);
  addOwnCandidate(turn, blockHash, block, state.viewId);
  const proposal = { viewId: state.viewId, blockHash, block };
  const vote = voteFor(state, blockHash, state.viewId);
  if (!castPrepare(turn, vote, { slot, message, proposal })) return;
  collectPrepares(turn, blockHash);
  update(turn, {
    proposal: undefined,
    nextDueMs: turn.now + blockPeriod(turn.state),
  });
  tell(turn, { type: 'block-announced', height: state.height, blockHash });
}

/** The block as a prepare vote of the current view names it. */
function voteFor(state: State, blockHash: Hash, headerView: bigint): MarkedVote {
  if (state.config.profile.wire === 1) return { blockHash, viewId: headerView };
  return { blockHash, viewId: state.viewId, justifiedBy: state.justifiedBy };
}

function collectPrepares(turn: Turn, blockHash: Hash): Done {
  const { state } = turn;
  const message = prepareBytes(state, blockHash, state.viewId, state.justifiedBy);
  update(turn, {
    phase: 'prepare',
    leaderBlock: blockHash,
    prepareVotes: emptyTally(blockHash, message),
  });
}

/** `strict`: the new leader has a carried block prepared again, with NEWVIEW as its announcement. */
export function prepareCarried(
  turn: Turn,
  blockHash: Hash,
  leader: { readonly slot: number; readonly message: OutMessage },
): Done {
  collectPrepares(turn, blockHash);
  castPrepare(turn, voteFor(turn.state, blockHash, 0n), { ...leader, type: 'new-view' });
}

// --- Validator ----------------------------------------------------------------------------------

/**
 * A verified ANNOUNCE of the current view's leader.
 *
 * A second block of one leader in one view ends the view at once.
 *
 * @source harmony/consensus/validator.go: onAnnounce; harmony/consensus/checks.go: onAnnounceSanityChecks
 */
export function onAnnounce(turn: Turn, blockHash: Hash, block: Uint8Array): Done {
  const { state } = turn;
  if (state.leaderBlock !== undefined && state.leaderBlock !== blockHash) {
    tell(turn, { type: 'leader-equivocated', height: state.height, viewId: state.viewId });
    if (state.mode === 'normal') later(turn, { do: 'view-change', cause: 'equivocation' });
    return;
  }
  const next = followLeader(turn, blockHash);
  addCandidate(turn, blockHash, block, next.viewId, next);
  tryPrepare(turn);
}

/** `strict`: a verified NEWVIEW of the current view's leader carries a block to prepare again. */
export function onCarried(turn: Turn, blockHash: Hash, block: Uint8Array): Done {
  const next = followLeader(turn, blockHash);
  addCandidate(turn, blockHash, block, next.viewId, next);
  tryPrepare(turn);
}

function followLeader(turn: Turn, blockHash: Hash): Draft {
  const { state, now } = turn;
  const next = draft(turn);
  if (state.leaderBlock === undefined) next.nextDueMs = now + blockPeriod(state);
  next.leaderBlock = blockHash;
  next.viewSure = true;
  if (state.phase === 'announce') next.phase = 'prepare';
  return next;
}

/** `strict`: takes the certificate that NEWVIEW carried, once its block is valid. */
function keepCarried(turn: Turn): Done {
  const { carried } = turn.state;
  const block = carried && validCandidate(turn.state, carried.blockHash);
  if (carried === undefined || block === undefined) return;
  keepCertificate(turn, { ...carried, block: block.block });
  update(turn, { carried: undefined });
}

function tryPrepare(turn: Turn): Done {
  keepCarried(turn);
  const { state } = turn;
  if (state.mode !== 'normal' || state.prepareCast || state.leaderBlock === undefined) return;
  if (state.phase === 'deciding' || isLeading(state)) return;
  // With a certificate there already, a prepare vote would help nobody.
  if (state.preparedProof?.blockHash === state.leaderBlock) return;
  const blockHash = state.leaderBlock;
  if (state.config.profile.preparesWhen === 'announced') {
    castPrepare(turn, { viewId: state.viewId, blockHash });
    return;
  }
  const block = validCandidate(state, blockHash);
  if (block === undefined) return;
  // Under `strict` a vote names its own view, so the header's is checked here.
  const fresh = state.config.profile.wire === 2 && state.justifiedBy === 0n;
  if (fresh && block.viewId !== state.viewId) {
    const { height } = state;
    tell(turn, { type: 'vote-refused', phase: 'prepare', height, blockHash, rule: 'wrong-view' });
    update(turn, { prepareCast: true });
    return;
  }
  castPrepare(turn, voteFor(state, blockHash, block.viewId));
}

/**
 * A verified prepare seal from the leader of the current view, by PREPARED or carried by NEWVIEW.
 *
 * @source harmony/consensus/validator.go: onPrepared
 */
export function onPreparedSeal(
  turn: Turn,
  blockHash: Hash,
  seal: Seal,
  block: Uint8Array,
  justifiedBy?: bigint,
): Done {
  const { state } = turn;
  if (state.leaderBlock !== undefined && state.leaderBlock !== blockHash) {
    // Two blocks, but this one has a quorum behind it: go on with it.
    tell(turn, { type: 'leader-equivocated', height: state.height, viewId: state.viewId });
    update(turn, { preparedProof: undefined });
  }
  const next = followLeader(turn, blockHash);
  next.preparedProof ??= proofOf(blockHash, seal, state.viewId, justifiedBy);
  if (block.length > 0) addCandidate(turn, blockHash, block, state.viewId, next);
  tryCommit(turn);
}

function proofOf(
  blockHash: Hash,
  seal: Seal,
  viewId: bigint,
  justifiedBy: bigint | undefined,
): PreparedProof {
  if (justifiedBy === undefined) return { blockHash, seal, viewId };
  return { blockHash, seal, viewId, justifiedBy };
}

/** Takes a certificate if its block has the greatest view of all known ones, or in any case. */
export function keepCertificate(turn: Turn, certificate: Certificate): Done {
  if (isBestCertificate(turn.state, certificate)) draft(turn).certificate = certificate;
}

function isBestCertificate(state: State, certificate: Certificate): boolean {
  const { certificate: known, mark } = state;
  // What operators released is not carried any further.
  if (mark.height === state.height && certificate.viewId <= (mark.floor ?? 0n)) return false;
  const newest = state.config.profile.carries === 'first';
  return newest || known === undefined || certificate.viewId > known.viewId;
}

/** A certificate of the current view: it keeps the header's view, or that of the votes. */
function certificateOf(
  state: State,
  proof: { readonly blockHash: Hash; readonly seal: Seal; readonly justifiedBy?: bigint },
  { block, viewId }: { readonly block: Uint8Array; readonly viewId: bigint },
): Certificate {
  const { blockHash, seal, justifiedBy = 0n } = proof;
  if (state.config.profile.wire === 1) return { block, viewId, blockHash, seal };
  return { block, viewId: state.viewId, blockHash, seal, justifiedBy };
}

/** Commits the block that the leader proved prepared, once it is valid here. */
function tryCommit(turn: Turn): Done {
  const { state } = turn;
  const proof = state.preparedProof;
  if (proof === undefined || proof.viewId !== state.viewId) return;
  const block = validCandidate(state, proof.blockHash);
  if (block === undefined) return;
  const certificate = certificateOf(state, proof, block);
  const silent = state.mode !== 'normal' || state.commitCast || state.phase === 'deciding';
  if (silent || isLeading(state)) return keepCertificate(turn, certificate);
  const best = isBestCertificate(state, certificate);
  const next = amend(turn);
  if (best) next.certificate = certificate;
  next.phase = 'commit';
  castCommit(turn, certificate);
}

/** A validated block, good or bad. */
export function onValidated(turn: Turn, id: number, result: ValidationResult): Done {
  const { state } = turn;
  const candidate = state.candidates.find((other) => other.id === id);
  if (candidate === undefined || candidate.status.type !== 'validating')
    return ignore(turn, 'stale');
  const { blockHash } = candidate;
  const problem = problemOf(state, blockHash, result);
  const status: (typeof candidate)['status'] =
    problem === undefined && result.valid
      ? { type: 'valid', viewId: result.viewId }
      : { type: 'invalid' };
  draft(turn).candidates = state.candidates.map((other) =>
    other.id === id ? { ...other, status } : other,
  );
  if (problem === undefined) {
    tryPrepare(turn);
    tryCommit(turn);
    if (state.mode === 'view-changing') later(turn, { do: 'check-new-view' });
    if (state.committedProofs.size > 0) later(turn, { do: 'check-committed', blockHash });
    return;
  }
  tell(turn, { type: 'block-refused', height: state.height, blockHash, reason: problem });
  if (findCandidate(turn.state, blockHash) !== undefined) return;
  const { height } = state;
  const proofs = [...state.committedProofs.values()];
  if (proofs.some((proof) => proof.blockHash === blockHash))
    emit(turn, { type: 'sync', hint: { reason: 'refused-block', height, blockHash } });
  // By the clock, the others' view id comes when their timers end; leaving early would only cost votes.
  const early = state.mode === 'normal' && state.config.timing.viewIds === 'count';
  if (early && state.leaderBlock === blockHash && state.phase !== 'deciding')
    later(turn, { do: 'view-change', cause: 'invalid-block' });
}

function problemOf(state: State, blockHash: Hash, result: ValidationResult): string | undefined {
  if (!result.valid) return result.reason;
  if (result.blockHash !== blockHash) return 'its hash is another one';
  if (result.height !== state.height) return 'its height is another one';
  if (result.parentHash !== headOf(state).hash) return 'its parent is not the head';
  return undefined;
}

// --- Sending votes ------------------------------------------------------------------------------

/** Own signatures are there: leaders count them, validators send them. */
export function onVotesSigned(
  turn: Turn,
  kind: 'prepare' | 'commit',
  plan: SignPlan,
  signatures: readonly (Uint8Array | undefined)[],
): Done {
  const { state } = turn;
  const ballots = ballotsOf(kind, plan, signatures);
  if (ballots === undefined) return;
  if (isLeading(state)) {
    for (const ballot of ballots) countVote(turn, kind, plan.blockHash, ballot);
    return;
  }
  const sums = ballots.length > 1 && state.config.aggregateVotes;
  if (!sums) return sendVotes(turn, kind, plan.blockHash, ballots);
  const item: AggregateItem = {
    type: kind === 'prepare' ? 'own-prepare' : 'own-commit',
    height: plan.height,
    viewId: plan.viewId,
    blockHash: plan.blockHash,
    signers: [ballots.flatMap((ballot) => ballot.signers)],
  };
  const groups = [ballots.map((ballot) => ballot.signature)];
  emit(turn, { type: 'aggregate', item, groups });
}

/** The signed votes of a kind; undefined if there is none. */
function ballotsOf(
  kind: 'prepare' | 'commit',
  { requests }: SignPlan,
  signatures: readonly (Uint8Array | undefined)[],
): Ballot[] | undefined {
  let ballots: Ballot[] | undefined;
  for (let i = 0; i < requests.length; i++) {
    const { slot, payload } = requests[i]!;
    const signature = signatures[i];
    if (payload.kind !== kind || !signature) continue;
    const ballot = { signers: [slot], signature };
    if (ballots === undefined) ballots = [ballot];
    else ballots.push(ballot);
  }
  return ballots;
}

/** Publishes own votes, one message for each ballot. */
export function sendVotes(
  turn: Turn,
  kind: 'prepare' | 'commit',
  blockHash: Hash,
  ballots: readonly Ballot[],
): Done {
  const { state } = turn;
  const payloads = ballots.map((ballot) => votePayload(state, kind, blockHash, ballot));
  const sent: Resend = { payloads, left: state.config.timing.resendTimes };
  if (kind === 'prepare') draft(turn).sentPrepare = sent;
  else draft(turn).sentCommit = sent;
  broadcast(turn, kind, payloads);
}

/** The leader repeats itself: perhaps a vote was lost. */
export function repeatVotes(turn: Turn, kind: 'prepare' | 'commit'): Done {
  const sent = kind === 'prepare' ? turn.state.sentPrepare : turn.state.sentCommit;
  if (sent === undefined || sent.left === 0) return;
  const spent = { ...sent, left: sent.left - 1 };
  update(turn, kind === 'prepare' ? { sentPrepare: spent } : { sentCommit: spent });
  broadcast(turn, kind, sent.payloads);
}

// --- Leader: counting ---------------------------------------------------------------------------

/** A verified vote for the block of the current view. */
export function countVote(
  turn: Turn,
  kind: 'prepare' | 'commit',
  blockHash: Hash,
  ballot: Ballot,
  from?: string,
): Done {
  const { state } = turn;
  const tally = kind === 'prepare' ? state.prepareVotes : state.commitVotes;
  const any = kind === 'commit' && state.config.profile.countsCommitsFor === 'known-blocks';
  if (tally === undefined || (tally.blockHash !== blockHash && !any))
    return ignore(turn, 'stale', from);
  if (kind === 'prepare' && state.phase !== 'prepare') return ignore(turn, 'repeated', from);
  const added = addBallot(tally, ballot, headOf(state).committee);
  if (added.tally === tally) return ignore(turn, 'repeated', from);
  if (kind === 'prepare') draft(turn).prepareVotes = added.tally;
  else draft(turn).commitVotes = added.tally;
  if (kind === 'prepare') checkPrepareQuorum(turn);
  else checkCommitQuorum(turn);
}

function aggregate(turn: Turn, type: AggregateItem['type'], tally: Tally): Done {
  const { height, viewId } = turn.state;
  const { blockHash, signers, ballots } = tally;
  emit(turn, {
    type: 'aggregate',
    item: { type, height, viewId, blockHash, signers: [signers] },
    groups: [ballots.map((ballot) => ballot.signature)],
  });
}

function tellQuorum(turn: Turn, phase: 'prepare' | 'commit', tally: Tally): Done {
  const { height, heightStartedMs } = turn.state;
  tell(turn, {
    type: 'quorum-reached',
    phase,
    height,
    blockHash: tally.blockHash,
    signers: tally.signers.length,
    afterMs: turn.now - heightStartedMs,
  });
}

function checkPrepareQuorum(turn: Turn): Done {
  const { state } = turn;
  const tally = state.prepareVotes;
  if (tally === undefined || state.phase !== 'prepare' || !isLeading(state)) return;
  if (!isQuorum(tally, headOf(state).committee)) return;
  update(turn, { phase: 'commit' });
  stopResending(turn, 'announce', 'committed');
  tellQuorum(turn, 'prepare', tally);
  aggregate(turn, 'prepare', tally);
}

function checkCommitQuorum(turn: Turn): Done {
  const { state } = turn;
  const tally = state.commitVotes;
  if (tally === undefined || state.phase !== 'commit' || !isLeading(state)) return;
  if (!isQuorum(tally, headOf(state).committee)) return;
  update(turn, { phase: 'deciding' });
  stopResending(turn, 'prepared', 'new-view');
  tellQuorum(turn, 'commit', tally);
  aggregate(turn, 'commit', tally);
}

/** The prepare votes are summed: publish PREPARED and commit. */
export function onPrepareSummed(turn: Turn, item: AggregateItem, signature: Uint8Array): Done {
  const { state } = turn;
  const block = validCandidate(state, item.blockHash);
  if (state.phase !== 'commit' || !isLeading(state) || block === undefined)
    return ignore(turn, 'stale');
  const { keys } = headOf(state).committee;
  const { blockHash } = item;
  const seal = { signature, bitmap: bitmapFromIndices(item.signers[0]!, keys.length) };
  const certificate = certificateOf(
    state,
    { blockHash, seal, justifiedBy: state.justifiedBy },
    block,
  );
  keepCertificate(turn, certificate);
  const slot = leaderAt(state, state.viewId)!;
  const message = preparedMessage(state, slot, certificate);
  collectCommits(turn, certificate, { slot, message, type: 'prepared' });
}

/** Opens the commit votes of a block with a prepare certificate, own votes first. */
export function collectCommits(
  turn: Turn,
  certificate: Certificate,
  leader: Parameters<typeof castCommit>[2],
): Done {
  const { blockHash } = certificate;
  const message = commitMessageOf(turn.state, blockHash);
  update(turn, {
    phase: 'commit',
    leaderBlock: blockHash,
    commitVotes: emptyTally(blockHash, message),
  });
  castCommit(turn, certificate, leader);
}

/** What commit votes for a block sign, once it is valid; where they count, also for the head. */
export function commitMessageOf(state: State, blockHash: Hash): Uint8Array | undefined {
  const block = validCandidate(state, blockHash);
  if (block !== undefined)
    return commitBytes(state, headOf(state), { blockHash, viewId: block.viewId }, state.viewId);
  const { last, config } = state;
  if (config.profile.countsCommitsFor !== 'known-blocks' || last?.blockHash !== blockHash) return;
  return commitBytes(state, last.head, last, last.decidedInView);
}

/**
 * Has a sum of commit votes verified before it is used, where it may hold votes for other blocks.
 * A sum that does not verify leads to nothing, and the height waits for a view change.
 *
 * @source harmony/consensus/consensus_v2.go: preCommitAndPropose
 */
export function checkOwnSum(turn: Turn, sum: AggregateItem, signature: Uint8Array): Done {
  const { state } = turn;
  const message = commitMessageOf(state, sum.blockHash);
  if (message === undefined) return ignore(turn, 'stale');
  const { keys } = headOf(state).committee;
  const check = { keys: sum.signers[0]!.map((slot) => keys[slot]!), message, signature };
  emit(turn, { type: 'verify', item: { type: 'own-sum', sum, signature }, checks: [check] });
}

/** The commit votes are summed: the block is final. */
export function onCommitSummed(turn: Turn, item: AggregateItem, signature: Uint8Array): Done {
  const { state } = turn;
  const block = validCandidate(state, item.blockHash);
  const tally = state.commitVotes;
  if (state.phase !== 'deciding' || state.decision !== undefined || block === undefined || !tally)
    return ignore(turn, 'stale');
  const { committee } = headOf(state);
  const signers = item.signers[0]!;
  const seal = { signature, bitmap: bitmapFromIndices(signers, committee.keys.length) };
  const slot = leaderAt(state, state.viewId)!;
  const prepared = preparedPart(state, item.blockHash);
  const message = committedMessage(state, slot, item.blockHash, seal, prepared);
  signOnly(turn, senderPlan(state, 'committed', { slot, message }, item.blockHash));
  decide(turn, {
    height: state.height,
    blockHash: item.blockHash,
    viewId: block.viewId,
    decidedInView: state.viewId,
    viewSure: true,
    head: headOf(state),
    seal: sealedBy(committee, seal, signers),
    prepared,
    tally,
    payload: undefined,
    helpedMs: 0,
    graceOver: false,
  });
  setTimer(turn, 'grace', commitGrace(turn.state.nextDueMs - turn.now, state.config.timing));
}

/** `strict`: the prepare votes of the current view, which go with the commit votes. */
function preparedPart(state: State, blockHash: Hash): PreparedPart | undefined {
  const { certificate } = state;
  if (certificate?.blockHash !== blockHash || certificate.justifiedBy === undefined) return;
  return { justifiedBy: certificate.justifiedBy, seal: certificate.seal };
}

/** Makes a block final: it is valid here and a quorum committed it. */
export function decide(turn: Turn, decision: Decision): Done {
  const { state } = turn;
  const candidate = validCandidate(state, decision.blockHash);
  if (candidate === undefined || state.decision !== undefined) return;
  const { keys } = headOf(state).committee;
  const next = draft(turn);
  next.phase = 'deciding';
  next.decision = decision;
  cancelTimer(turn, 'phase', next);
  cancelViewTimers(turn);
  stopResending(turn, 'announce', 'prepared', 'view-change', 'new-view');
  const { height, blockHash, viewId, decidedInView, prepared } = decision;
  const { seal, signers } = decision.seal;
  const afterMs = turn.now - state.heightStartedMs;
  tell(turn, {
    type: 'height-decided',
    height,
    blockHash,
    viewId,
    decidedInView,
    signers: signers.length,
    members: keys.length,
    afterMs,
  });
  const { block } = candidate;
  const type = 'commit';
  const facts = { type, height, blockHash, block, viewId, decidedInView, seal, signers } as const;
  emit(turn, prepared ? { ...facts, prepared } : facts);
}

// --- Leader: signed messages --------------------------------------------------------------------

/** The leader's message and votes are signed. */
export function onLeaderSigned(
  turn: Turn,
  plan: SignPlan,
  signatures: readonly (Uint8Array | undefined)[],
): Done {
  const { state } = turn;
  const unsigned = plan.messages[0];
  const signature = signatures[0];
  if (unsigned === undefined || signature === undefined) return ignore(turn, 'stale');
  if (!isLeading(state)) return ignore(turn, 'stale');
  const payload = gossipOf({ ...unsigned, signature });
  const slot = plan.type === 'announce' || plan.type === 'prepared' ? plan.type : 'new-view';
  broadcast(turn, unsigned.type, [payload]);
  keepResending(turn, slot, [payload]);
  if (slot === 'new-view') update(turn, { opened: { payloads: [payload], left: RELAYS } });
  for (const kind of ['prepare', 'commit'] as const) onVotesSigned(turn, kind, plan, signatures);
}
