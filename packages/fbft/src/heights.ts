/**
 * From one height to the next: COMMITTED, the new head, late votes and better seals.
 *
 * A block is final when it is valid here and a quorum's commit signatures over it verify. Then the
 * application makes it durable and answers with the new head; only that moves the height. Votes
 * that come late still enter the seal for the next block's header until the grace period ends.
 *
 * @source harmony/consensus/validator.go: onCommitted; harmony/consensus/leader.go: onCommit;
 *   harmony/consensus/consensus_v2.go: commitBlock, setupForNewConsensus
 */
import { bitmapFromIndices } from '@polyphony/bls/bitmap';
import type { Hash } from '@polyphony/primitives';
import { markAt } from './invariants.js';
import { slotsOf } from './key-index.js';
import { emptyMark, type SignedMark } from './mark.js';
import { type NamedSeal, sealCheck, sealedBy } from './named-seal.js';
import { commitBytes, prepareBytes } from './payloads.js';
import { beginView, decide, giveParentSeal, leaveView, startLeading } from './phases.js';
import type { HeadInfo } from './ports.js';
import { senderRequest, signOnly } from './signing.js';
import { SlotMap } from './slot-map.js';
import { committedMessage, gossipOf } from './speech.js';
import { changeDecision } from './state.js';
import { firstView } from './timing.js';
import {
  addCandidate,
  blockPeriod,
  broadcast,
  cancelTimer,
  type Done,
  draft,
  emit,
  findCandidate,
  hasPassed,
  headOf,
  ignore,
  isLeading,
  keepResending,
  later,
  leaderAt,
  setTimer,
  stopResending,
  type Turn,
  tell,
  update,
  validCandidate,
} from './turn.js';
import type {
  AggregateItem,
  CommittedProof,
  Decision,
  NamedPart,
  PreparedPart,
  SignPlan,
  State,
} from './types.js';
import { addBallot, type Ballot } from './votes.js';

// --- Heads --------------------------------------------------------------------------------------

/** The chain's head at start, and what an earlier run signed. */
export function onStart(turn: Turn, head: HeadInfo, mark: SignedMark | undefined): Done {
  const { shardId, profile } = turn.state.config;
  update(turn, {
    mark:
      (profile.durable ? mark : undefined) ??
      emptyMark(shardId, head.height + 1n, profile.wire === 2 ? 2 : undefined),
    nextDueMs: turn.now,
  });
  enterHeight(turn, head, undefined);
}

/** A block is durable: decided here, or come from elsewhere. */
export function onHead(turn: Turn, head: HeadInfo): Done {
  const { state } = turn;
  if (head.height < state.height) return ignore(turn, 'stale');
  const { decision } = state;
  const mine = decision?.height === head.height && decision.blockHash === head.hash;
  enterHeight(turn, head, mine ? decision : undefined);
}

/** Slots by key and the own ones; those of before while the committee is the same. */
function membersOf(state: State, { committee }: HeadInfo): Pick<State, 'slots' | 'ownSlots'> {
  if (state.head?.committee === committee) return state;
  const slots = slotsOf(committee);
  const ownSlots = state.config.publicKeys
    .map((key) => slots.slotOf(key))
    .filter((slot) => slot !== undefined)
    .sort((a, b) => a - b);
  return { slots, ownSlots };
}

function enterHeight(turn: Turn, head: HeadInfo, decided: Decision | undefined): Done {
  const { config } = turn.state;
  const height = head.height + 1n;
  // Under `strict` views start from the header, so that all members start with the same one.
  const strict = config.profile.wire === 2;
  const decidedInView = decided?.viewSure && !strict ? decided.decidedInView : undefined;
  const first = firstView(head.viewId, decidedInView, config.viewIdFloor);
  const { slots, ownSlots } = membersOf(turn.state, head);
  cancelTimer(turn, 'phase');
  if (decided === undefined) {
    cancelTimer(turn, 'grace');
    stopResending(turn, 'committed');
  }
  const mark = markAt(turn.state.mark, height);
  const own = mark.height === height;
  leaveView(turn);
  const next = draft(turn);
  next.head = head;
  next.height = height;
  next.firstViewId = first;
  next.slots = slots;
  next.ownSlots = ownSlots;
  next.mark = mark;
  if (next.candidates.length > 0) next.candidates = [];
  next.certificate = own ? mark.certificate : undefined;
  if (next.committedProofs.size > 0) next.committedProofs = new Map();
  next.decision = undefined;
  next.last = decided;
  if (next.reports.size > 0) next.reports = new Map();
  next.newViewFor = undefined;
  next.newViewWaited = false;
  if (next.watch.changes > 0) next.watch = SlotMap.empty(2 * head.committee.keys.length);
  if (next.reported.size > 0) next.reported = new Set();
  next.heightStartedMs = turn.now;
  next.syncHeight = 0n;
  next.syncMs = 0;
  beginView(turn, next, first, strict || decidedInView !== undefined);
  const { mode } = turn.state;
  const leading = isLeading(turn.state);
  tell(turn, { type: 'height-started', height, viewId: first, mode, leading });
  if (own && mark.certificate)
    addCandidate(turn, mark.certificate.blockHash, mark.certificate.block, first);
  if (decided?.graceOver) finishSeal(turn);
  if (mode === 'normal' && own && mark.viewId > first) {
    // An earlier run was further on: take up the view it had asked for.
    later(turn, { do: 'view-change', cause: 'restart', target: mark.viewId });
  } else if (leading) {
    lead(turn, decided);
  }
  if (turn.state.early.length > 0) later(turn, { do: 'replay' });
}

/** Starts to lead; a leader that did not collect the votes waits for the former one's full seal. */
function lead(turn: Turn, decided: Decision | undefined): Done {
  const { state } = turn;
  if (decided !== undefined && decided.tally === undefined && state.timers.grace === undefined) {
    const dueIn = Math.min(state.nextDueMs - turn.now, blockPeriod(state));
    setTimer(turn, 'grace', Math.max(dueIn, state.config.timing.gracePeriodMs));
  }
  startLeading(turn);
}

// --- COMMITTED ----------------------------------------------------------------------------------

/**
 * A COMMITTED of the current height whose sender is verified.
 *
 * Its seal can be checked only when the block is known, since the votes cover the view id in the
 * block's header.
 */
export function onCommitted(turn: Turn, slot: number, proof: CommittedProof): Done {
  const { state } = turn;
  if (state.decision !== undefined) return ignore(turn, 'deciding');
  if (validCandidate(state, proof.blockHash) !== undefined) return checkProof(turn, proof);
  update(turn, { committedProofs: new Map(state.committedProofs).set(slot, proof) });
  if (findCandidate(state, proof.blockHash) === undefined) {
    const { blockHash } = proof;
    emit(turn, {
      type: 'sync',
      hint: { reason: 'missing-block', height: state.height, blockHash },
    });
  }
}

/** A block became valid: look for its COMMITTED. */
export function checkCommitted(turn: Turn, blockHash: Hash): Done {
  const { state } = turn;
  if (state.decision !== undefined) return;
  for (const proof of state.committedProofs.values())
    if (proof.blockHash === blockHash) checkProof(turn, proof);
}

function checkProof(turn: Turn, proof: CommittedProof): Done {
  const { state } = turn;
  const { blockHash, seal, prepared, leaderView = 0n } = proof;
  const { viewId } = validCandidate(state, blockHash)!;
  const head = headOf(state);
  const checks = [sealCheck(seal, commitBytes(state, head, { blockHash, viewId }, leaderView))];
  if (prepared) {
    const message = prepareBytes(state, blockHash, leaderView, prepared.justifiedBy);
    checks.push(sealCheck(prepared.seal, message));
  }
  emit(turn, {
    type: 'verify',
    item: { type: 'committed-seal', proof, height: state.height },
    checks,
  });
}

/** A commit seal over a valid block verified. */
export function onCommittedSeal(turn: Turn, height: bigint, proof: CommittedProof): Done {
  const { state } = turn;
  const block = validCandidate(state, proof.blockHash);
  if (height !== state.height || state.decision !== undefined || block === undefined)
    return ignore(turn, 'stale');
  decide(turn, {
    height,
    blockHash: proof.blockHash,
    viewId: block.viewId,
    decidedInView: proof.leaderView ?? block.viewId,
    viewSure: proof.leaderView !== undefined,
    head: headOf(state),
    seal: proof.seal,
    prepared: proof.prepared && partOf(proof.prepared),
    tally: undefined,
    payload: proof.payload,
    helpedMs: 0,
    graceOver: false,
  });
}

/** The prepare votes as the world sees them. */
function partOf({ justifiedBy, seal }: NamedPart): PreparedPart {
  return { justifiedBy, seal: seal.seal };
}

// --- Late votes ---------------------------------------------------------------------------------

/** The decided block at a height: still being made durable, or the head. */
export function decisionAt(state: State, height: bigint): Decision | undefined {
  if (state.decision?.height === height) return state.decision;
  return state.last?.height === height ? state.last : undefined;
}

function replaceDecision(turn: Turn, change: Partial<Decision>, height: bigint): Done {
  const { decision, last } = turn.state;
  if (decision?.height === height) draft(turn).decision = changeDecision(decision, change);
  else if (last?.height === height) draft(turn).last = changeDecision(last, change);
}

/** A verified commit vote for a block that is decided already. */
export function onLateVote(turn: Turn, height: bigint, blockHash: Hash, ballot: Ballot): Done {
  const decision = decisionAt(turn.state, height);
  if (decision?.tally === undefined || decision.blockHash !== blockHash)
    return ignore(turn, 'stale');
  const { tally, outcome } = addBallot(decision.tally, ballot, decision.head.committee);
  if (tally === decision.tally)
    return ignore(turn, outcome === 'mixed-operators' ? outcome : 'repeated');
  replaceDecision(turn, { tally }, height);
}

/** The wait for late votes is over. */
export function onGraceTimer(turn: Turn): Done {
  const { decision } = turn.state;
  if (decision !== undefined) draft(turn).decision = changeDecision(decision, { graceOver: true });
  else finishSeal(turn);
}

function finishSeal(turn: Turn): Done {
  const { state } = turn;
  const { last } = state;
  const tally = last?.tally;
  if (last !== undefined && tally !== undefined) {
    if (tally.signers.length > last.seal.signers.length) {
      const item: AggregateItem = {
        type: 'late-commit',
        height: last.height,
        viewId: last.viewId,
        blockHash: last.blockHash,
        signers: [tally.signers],
      };
      const groups = [tally.ballots.map((ballot) => ballot.signature)];
      emit(turn, { type: 'aggregate', item, groups });
      return;
    }
  }
  giveParentSeal(turn);
}

/** The full set of commit votes is summed. */
export function onLateSummed(turn: Turn, item: AggregateItem, signature: Uint8Array): Done {
  const { last } = turn.state;
  if (last === undefined || last.height !== item.height || last.blockHash !== item.blockHash)
    return ignore(turn, 'stale');
  const { committee } = last.head;
  const signers = item.signers[0]!;
  const seal = { signature, bitmap: bitmapFromIndices(signers, committee.keys.length) };
  const better = improve(turn, last, sealedBy(committee, seal, signers));
  giveParentSeal(turn);
  if (!better) return;
  const before: State = {
    ...turn.state,
    head: last.head,
    height: last.height,
    viewId: last.decidedInView,
  };
  const slot = leaderAt(before, last.decidedInView);
  if (slot === undefined) return;
  const message = committedMessage(before, slot, last.blockHash, seal, last.prepared);
  const request = senderRequest(before, slot, message, last.head);
  signOnly(turn, {
    type: 'committed',
    height: last.height,
    viewId: last.decidedInView,
    blockHash: last.blockHash,
    requests: [request],
    messages: [message],
  });
}

/** Both seals fit the committee of one block, so more signers are better. */
function isBetter(seal: NamedSeal, than: NamedSeal): boolean {
  return seal.signers.length > than.signers.length;
}

/** @param payload - COMMITTED that brought the seal. */
function improve(turn: Turn, last: Decision, seal: NamedSeal, payload?: Uint8Array): boolean {
  if (!isBetter(seal, last.seal)) return false;
  replaceDecision(turn, payload === undefined ? { seal } : { seal, payload }, last.height);
  const { height, blockHash, decidedInView } = last;
  const { signature, bitmap } = seal.seal;
  const better = { signature, bitmap, decidedInView };
  emit(turn, { type: 'improve-seal', height, blockHash, seal: better });
  return true;
}

/** Asks to check a seal of the head that names more signers than the known one. */
export function checkBetterSeal(
  turn: Turn,
  from: string,
  seal: NamedSeal,
  payload: Uint8Array,
): Done {
  const { last } = turn.state;
  if (last === undefined) return ignore(turn, 'stale', from);
  const { height, blockHash, head } = last;
  if (!isBetter(seal, last.seal)) return ignore(turn, 'repeated', from);
  const message = commitBytes(turn.state, head, last, last.decidedInView);
  const check = sealCheck(seal, message);
  const item = { type: 'better-seal', from, height, blockHash, seal, payload } as const;
  emit(turn, { type: 'verify', item, checks: [check] });
}

/** A seal of the head with more signers verified. */
export function onBetterSeal(
  turn: Turn,
  height: bigint,
  blockHash: Hash,
  seal: NamedSeal,
  payload: Uint8Array,
): Done {
  const { last } = turn.state;
  if (last?.height !== height || last.blockHash !== blockHash) return ignore(turn, 'stale');
  improve(turn, last, seal, payload);
}

// --- Sending COMMITTED --------------------------------------------------------------------------

/** The sender's signature over COMMITTED is there. */
export function onCommittedSigned(
  turn: Turn,
  plan: SignPlan,
  signature: Uint8Array | undefined,
): Done {
  const { state } = turn;
  const message = plan.messages[0];
  const decision = decisionAt(state, plan.height);
  if (message === undefined || signature === undefined || decision?.blockHash !== plan.blockHash)
    return ignore(turn, 'stale');
  const payload = gossipOf({ ...message, signature });
  // The full seal travels in the next header anyway: a leader that goes on sends it only if stuck.
  const goesOn = decision.payload !== undefined && isLeading(state);
  replaceDecision(turn, { payload }, plan.height);
  if (!goesOn) broadcast(turn, 'committed', [payload]);
  keepResending(turn, 'committed', [payload]);
}

/**
 * A member is stuck at the height below: send it what finished that height. Not more often than
 * messages are repeated, whoever asks, but for as long as somebody does.
 */
export function helpLagging(turn: Turn): Done {
  const { last, config } = turn.state;
  if (last?.payload === undefined || !hasPassed(last.helpedMs, turn.now, config.timing.resendMs))
    return;
  replaceDecision(turn, { helpedMs: turn.now }, last.height);
  broadcast(turn, 'committed', [last.payload]);
}
