/**
 * The machine: one pure function from a state and an input to a state and effects.
 *
 * Nothing here or below reads a clock, draws a random number, waits, or computes a pairing; equal
 * inputs give equal effects, so a log of inputs replays a run. What peers send never throws.
 *
 * Phase × input → effects (verified messages; `→` leads to the phase on the right)
 *
 * | phase, role         | input                          | effects                                              |
 * | ------------------- | ------------------------------ | ---------------------------------------------------- |
 * | announce, leader    | `proposed`                     | persist, sign, ANNOUNCE when due → prepare           |
 * | announce, validator | ANNOUNCE                       | validate → prepare                                   |
 * | prepare, validator  | `validated`, valid             | persist, sign, PREPARE                               |
 * | prepare, validator  | `validated`, invalid           | none; counted views: view change                     |
 * | prepare, validator  | other ANNOUNCE, same view      | view change                                          |
 * | prepare, leader     | PREPARE, no quorum yet         | none                                                 |
 * | prepare, leader     | PREPARE, quorum                | aggregate, persist, sign, PREPARED → commit          |
 * | ≤ prepare, validator| PREPARED                       | validate if new; persist, sign, COMMIT → commit      |
 * | commit, leader      | COMMIT, no quorum yet          | none                                                 |
 * | commit, leader      | COMMIT, quorum                 | aggregate, sign, COMMITTED, `commit` → deciding      |
 * | any, block known    | COMMITTED                      | verify seal, `commit` → deciding                     |
 * | any, block unknown  | COMMITTED                      | sync                                                 |
 * | deciding            | `head`                         | next height → announce                               |
 * | any                 | `head` from elsewhere          | next height → announce                               |
 * | next height, leader | COMMIT for the head, in grace  | aggregate at the end of grace, improve-seal          |
 * | any, normal         | timer `phase`                  | persist, sign, VIEWCHANGE → announce, view-changing  |
 * | view-changing       | timer `view-change`            | the same for the next view                           |
 * | normal or changing  | VIEWCHANGE of > 1/3, later view| the same for that view                               |
 * | changing, candidate | VIEWCHANGE, quorum, no M1      | wait, aggregate, sign, NEWVIEW, propose → announce   |
 * | changing, candidate | VIEWCHANGE, quorum, with M1    | aggregate, persist, sign, NEWVIEW → commit           |
 * | any                 | NEWVIEW without M1             | none → announce, normal                              |
 * | any                 | NEWVIEW with M1                | validate, persist, sign, COMMIT → commit, normal     |
 * | any                 | two COMMITs of a key, one view | report-double-sign                                   |
 * | any                 | message of a later height      | keep it, sync                                        |
 *
 * @source harmony/consensus/consensus_v2.go: HandleMessageUpdate, Start, tick; leader.go;
 *   validator.go; view_change.go
 */
import { assertLength } from '@polyphony/primitives';
import {
  type DecodedMessage,
  type DecodedPayload,
  type DecodedStrict,
  decodePayload,
} from './decoded.js';
import { onDoubleSignChecked } from './double-sign.js';
import { FbftError } from './errors.js';
import {
  checkCommitted,
  decisionAt,
  onBetterSeal,
  onCommitted,
  onCommittedSeal,
  onCommittedSigned,
  onGraceTimer,
  onHead,
  onLateSummed,
  onLateVote,
  onStart,
} from './heights.js';
import { onMessage } from './intake.js';
import { KeyIndex } from './key-index.js';
import { emptyMark } from './mark.js';
import {
  checkOwnSum,
  countVote,
  onAnnounce,
  onAnnounceTimer,
  onCommitSummed,
  onLeaderSigned,
  onPreparedSeal,
  onPrepareSummed,
  onProposed,
  onProposeTimer,
  onValidated,
  onVotesSigned,
  sendVotes,
} from './phases.js';
import { guarded } from './profile.js';
import { relateView } from './reception.js';
import { onPersisted } from './signing.js';
import { SlotMap } from './slot-map.js';
import { changeResend, changeTimer, NO_RESENDS, noTimers } from './state.js';
import { onStrictMessage } from './strict/intake.js';
import * as strictViews from './strict/view-change.js';
import { assertValidTiming } from './timing.js';
import {
  addCandidate,
  askForSync,
  asksForSync,
  broadcast,
  type Done,
  ignore,
  leaderAt,
  setTimer,
  stopResending,
  type Task,
  type Turn,
  update,
} from './turn.js';
import type {
  AggregateItem,
  Effect,
  Input,
  MachineConfig,
  PeerMessage,
  ResendSlot,
  SignPlan,
  State,
  TimerName,
  VerifyItem,
} from './types.js';
import * as views from './view-change.js';
import { acceptsNewView, adoptView, isNewerReport, startViewChange } from './view-change.js';
import { hasVoted } from './votes.js';

/**
 * The state of a machine that has not started.
 *
 * @throws {@link FbftError} `fbft/invalid-config`.
 */
export function createState(config: MachineConfig): State {
  assertValidTiming(config.timing);
  if (!Number.isInteger(config.shardId) || config.shardId < 0 || config.shardId > 0xffffffff)
    throw new FbftError({
      code: 'fbft/invalid-config',
      option: 'shardId',
      reason: 'must fit 32 bits',
    });
  for (const key of config.publicKeys) assertLength(key, 48, 'public key');
  const { profile = guarded } = config;
  if (profile.unsafe && config.publicKeys.length > 0 && config.allowUnsafeSigning !== true)
    throw new FbftError({
      code: 'fbft/invalid-config',
      option: 'allowUnsafeSigning',
      reason: `must be true to sign under the profile ${profile.name}, which can fork`,
    });
  if (profile.wire === 2) assertStrictConfig(config);
  return {
    config: { ...config, profile },
    mode: 'idle',
    head: undefined,
    height: 0n,
    firstViewId: 0n,
    viewId: 0n,
    viewChangingId: 0n,
    viewSure: false,
    phase: 'announce',
    viewLeader: undefined,
    leading: false,
    slots: new KeyIndex([]),
    ownSlots: [],
    mark: emptyMark(config.shardId, 0n, profile.wire === 2 ? 2 : undefined),
    candidates: [],
    leaderBlock: undefined,
    justifiedBy: 0n,
    carried: undefined,
    opened: undefined,
    certificate: undefined,
    preparedProof: undefined,
    committedProofs: new Map(),
    prepareVotes: undefined,
    commitVotes: undefined,
    decision: undefined,
    last: undefined,
    sentPrepare: undefined,
    sentCommit: undefined,
    prepareCast: false,
    commitCast: false,
    commitMessage: undefined,
    reports: new Map(),
    newViewFor: undefined,
    newViewWaited: false,
    proposal: undefined,
    watch: SlotMap.empty(),
    reported: new Set(),
    early: [],
    resends: NO_RESENDS,
    timers: noTimers(),
    nextTimerId: 1,
    nextCandidateId: 1,
    nextDueMs: 0,
    heightStartedMs: 0,
    syncHeight: 0n,
    syncMs: 0,
  };
}

function assertStrictConfig({ chainId, timing }: MachineConfig): void {
  const refuse = (option: string, reason: string): never => {
    throw new FbftError({ code: 'fbft/invalid-config', option, reason });
  };
  if (chainId === undefined || chainId < 0n || chainId >> 64n !== 0n)
    refuse('chainId', 'must be given under the profile strict, and fit 64 bits');
  if (timing.viewIds !== 'count')
    refuse('timing.viewIds', 'must be count under the profile strict');
}

/** What a step gives. */
export interface StepResult {
  readonly state: State;
  /** To be carried out in order. */
  readonly effects: readonly Effect[];
}

/**
 * Advances the machine by one input. Pure: the given state is not changed.
 *
 * @throws `TypeError` only for a host's mistake (a `start` twice, a mark of another shard); never
 *   for what a peer sent.
 * @example
 * let { state, effects } = step(createState(config), { type: 'start', now, head })
 */
export function step(state: State, input: Input): StepResult {
  const turn: Turn = {
    before: state,
    state,
    now: input.now,
    effects: undefined,
    tasks: undefined,
  };
  take(turn, input);
  finish(turn);
  return { state: turn.state, effects: turn.effects ?? [] };
}

/** Does what was left as a task. Tasks may add tasks. */
function finish(turn: Turn): Done {
  const { tasks } = turn;
  if (tasks === undefined) return;
  for (let task = tasks.shift(); task; task = tasks.shift()) perform(turn, task);
}

/** The first input that counts is `start`. */
function begin(turn: Turn, input: Input): Done {
  if (input.type !== 'start') return ignore(turn, 'idle');
  if (input.mark !== undefined && input.mark.shardId !== turn.state.config.shardId)
    throw new TypeError('the signed mark belongs to another shard');
  if (input.mark !== undefined && (input.mark.wire ?? 1) !== turn.state.config.profile.wire)
    throw new TypeError('the signed mark belongs to a profile of another wire version');
  onStart(turn, input.head, input.mark);
}

function take(turn: Turn, input: Input): Done {
  if (turn.state.mode === 'idle') return begin(turn, input);
  switch (input.type) {
    case 'start':
      throw new TypeError('the machine has started before');
    case 'message':
      return hear(turn, input.from, decodedOf(turn.state, input));
    case 'messages':
      for (const message of input.messages) {
        hear(turn, message.from, decodedOf(turn.state, message));
        finish(turn);
      }
      return;
    case 'verified':
      return onVerified(turn, input.item, input.results);
    case 'validated':
      if (input.height !== turn.state.height) return ignore(turn, 'stale');
      return onValidated(turn, input.candidate, input.result);
    case 'persisted':
      return onPersisted(turn, input.plan);
    case 'signed':
      return onSigned(turn, input.plan, input.signatures);
    case 'aggregated':
      return onAggregated(turn, input.item, input.signatures);
    case 'proposed':
      return onProposed(turn, input.height, input.viewId, input.proposal);
    case 'head':
      return onHead(turn, input.head);
    case 'timer':
      return onTimer(turn, input.timer, input.id);
    case 'release':
      return views.onRelease(turn, input.height, input.viewId);
  }
}

/** The payload as a message. It belongs to the transport, so it is copied before it is kept. */
function decodedOf({ config }: State, { decoded, payload }: PeerMessage): DecodedPayload {
  return decoded ?? decodePayload(new Uint8Array(payload), config);
}

function hear(turn: Turn, from: string, decoded: DecodedPayload): Done {
  if (decoded.problem !== undefined) return ignore(turn, decoded.problem, from);
  if (turn.state.config.profile.wire === 2) onStrictMessage(turn, from, decoded as DecodedStrict);
  else onMessage(turn, from, decoded as DecodedMessage);
}

/** The parts of the view change that differ by wire version. */
const VIEWS = {
  1: {
    report: views.report,
    onClaimsSigned: views.onClaimsSigned,
    checkNewView: views.checkNewView,
    onNewViewSummed: views.onNewViewSummed,
    onNewView: views.onNewView,
  },
  2: {
    report: strictViews.report,
    onClaimsSigned: strictViews.onClaimsSigned,
    checkNewView: strictViews.checkNewView,
    onNewViewSummed: strictViews.onNewViewSummed,
    onNewView: strictViews.onNewView,
  },
} as const;

const viewsOf = (turn: Turn) => VIEWS[turn.state.config.profile.wire];

function perform(turn: Turn, task: Task): Done {
  switch (task.do) {
    case 'view-change':
      return startViewChange(turn, task.cause, task.target);
    case 'report':
      return viewsOf(turn).report(turn);
    case 'check-new-view':
      return viewsOf(turn).checkNewView(turn);
    case 'check-committed':
      return checkCommitted(turn, task.blockHash);
    case 'replay': {
      const { early } = turn.state;
      update(turn, { early: [] });
      for (const { from, decoded } of early) hear(turn, from, decoded);
      return;
    }
  }
}

function onVerified(turn: Turn, item: VerifyItem, results: readonly boolean[]): Done {
  const { state } = turn;
  if (item.type === 'double-sign') return onDoubleSignChecked(turn, item, results);
  const { from } = item as { readonly from?: string };
  if (results.length === 0 || results.includes(false)) return ignore(turn, 'bad-signature', from);
  switch (item.type) {
    case 'leader-message':
      return onLeaderMessage(turn, item);
    case 'vote': {
      const { kind, height, blockHash, ballot } = item;
      if (height !== state.height || item.viewId !== state.viewId)
        return ignore(turn, 'stale', from);
      if (kind === 'commit' && state.decision !== undefined)
        return onLateVote(turn, height, blockHash, ballot);
      return countVote(turn, kind, blockHash, ballot, from);
    }
    case 'late-vote':
      return onLateVote(turn, item.height, item.blockHash, item.ballot);
    case 'committed-seal':
      return onCommittedSeal(turn, item.height, item.proof);
    case 'better-seal':
      return onBetterSeal(turn, item.height, item.blockHash, item.seal, item.payload);
    case 'view-change':
      if (item.height !== state.height || item.report.viewId <= state.viewId)
        return ignore(turn, 'stale', from);
      return views.onReport(turn, item.report, item.block);
    case 'new-view':
      if (item.height !== state.height) return ignore(turn, 'stale', from);
      return viewsOf(turn).onNewView(turn, item);
    case 'own-sum':
      if (item.sum.height !== state.height || item.sum.viewId !== state.viewId)
        return ignore(turn, 'stale');
      return onCommitSummed(turn, item.sum, item.signature);
    case 'behind':
      if (!asksForSync(state, item.height, turn.now)) return ignore(turn, 'stale', from);
      askForSync(turn, item.height);
  }
}

/**
 * Whether the answer to a `verify` effect could no longer change anything, so that its signatures
 * need not be checked. A host with a backlog asks before it computes; asking is optional.
 */
export function isOutdated(state: State, item: VerifyItem, now: number): boolean {
  const { height, decision } = state;
  switch (item.type) {
    case 'leader-message': {
      if (item.height !== height || decision !== undefined) return true;
      const bound = item.kind !== 'committed' && state.mode !== 'listening';
      return bound && relateView(state, item.viewId, now) === 'old';
    }
    case 'vote': {
      const { kind, ballot } = item;
      if (item.height !== height || item.viewId !== state.viewId) return true;
      if (kind === 'prepare' && state.phase !== 'prepare') return true;
      const tally = kind === 'prepare' ? state.prepareVotes : state.commitVotes;
      if (decision !== undefined || tally === undefined) return false;
      return ballot.signers.every((slot) => hasVoted(tally, slot));
    }
    case 'late-vote':
      return decisionAt(state, item.height)?.tally === undefined;
    case 'committed-seal':
      return item.height !== height || decision !== undefined;
    case 'better-seal':
      return state.last?.height !== item.height;
    case 'view-change': {
      const known = state.reports.get(item.report.slot);
      if (item.height !== height || item.report.viewId <= state.viewId) return true;
      return known !== undefined && !isNewerReport(item.report, known);
    }
    case 'new-view':
      return item.height !== height || !acceptsNewView(state, item.viewId);
    case 'own-sum':
      return item.sum.height !== height || item.sum.viewId !== state.viewId;
    case 'behind':
      return !asksForSync(state, item.height, now);
    case 'double-sign':
      return item.evidence.height !== height || state.reported.has(item.slot);
  }
}

function onLeaderMessage(turn: Turn, item: VerifyItem & { type: 'leader-message' }): Done {
  const { kind, viewId, slot, blockHash, seal, prepared, from } = item;
  const { state } = turn;
  if (item.height !== state.height || state.decision !== undefined)
    return ignore(turn, 'stale', from);
  if (kind === 'committed') {
    // Under wire version 2 the votes bind the view, so it is believed whoever brings them.
    const sentByLeader = slot === leaderAt(state, viewId);
    const near = relateView(state, viewId, turn.now) !== 'far';
    const believed = prepared !== undefined || (sentByLeader && near);
    return onCommitted(turn, slot, {
      blockHash,
      seal: seal!,
      payload: item.payload,
      prepared,
      leaderView: believed ? viewId : undefined,
    });
  }
  if (state.mode === 'listening') {
    addCandidate(turn, blockHash, item.block, viewId);
    return;
  }
  const relation = relateView(state, viewId, turn.now);
  const proven = relation === 'early' && prepared !== undefined;
  if (relation === 'adopt' || proven) adoptView(turn, viewId);
  else if (relation !== 'current') return ignore(turn, 'stale', from);
  if (kind === 'announce') onAnnounce(turn, blockHash, item.block);
  else onPreparedSeal(turn, blockHash, seal!.seal, item.block, prepared?.justifiedBy);
}

function onSigned(
  turn: Turn,
  plan: SignPlan,
  signatures: readonly (Uint8Array | undefined)[],
): Done {
  const { state } = turn;
  if (plan.type === 'committed') return onCommittedSigned(turn, plan, signatures[0]);
  if (plan.type === 'view-claims') return viewsOf(turn).onClaimsSigned(turn, plan, signatures);
  if (plan.type === 'view-change') return views.onReportsSigned(turn, plan, signatures);
  if (plan.height !== state.height || plan.viewId !== state.viewId || state.mode !== 'normal')
    return ignore(turn, 'stale');
  if (plan.type === 'prepare' || plan.type === 'commit')
    return onVotesSigned(turn, plan.type, plan, signatures);
  onLeaderSigned(turn, plan, signatures);
}

function onAggregated(turn: Turn, item: AggregateItem, signatures: readonly Uint8Array[]): Done {
  const { state } = turn;
  const signature = signatures[0]!;
  if (item.type === 'late-commit') return onLateSummed(turn, item, signature);
  if (item.type === 'new-view') return viewsOf(turn).onNewViewSummed(turn, item, signatures);
  if (item.height !== state.height || item.viewId !== state.viewId || state.mode !== 'normal')
    return ignore(turn, 'stale');
  switch (item.type) {
    case 'prepare':
      return onPrepareSummed(turn, item, signature);
    case 'commit':
      if (state.config.profile.countsCommitsFor === 'known-blocks')
        return checkOwnSum(turn, item, signature);
      return onCommitSummed(turn, item, signature);
    case 'own-prepare':
    case 'own-commit': {
      const kind = item.type === 'own-prepare' ? 'prepare' : 'commit';
      const ballot = { signers: item.signers[0]!, signature };
      return sendVotes(turn, kind, item.blockHash, [ballot]);
    }
  }
}

function onTimer(turn: Turn, timer: TimerName, id: number): Done {
  const { state } = turn;
  if (state.timers[timer] !== id) return ignore(turn, 'stale');
  update(turn, { timers: changeTimer(state.timers, timer, undefined) });
  switch (timer) {
    case 'phase':
      if (state.mode === 'listening') return views.onSilence(turn);
      return startViewChange(turn, 'timeout');
    case 'view-change':
      return startViewChange(turn, 'timeout');
    case 'new-view':
      update(turn, { newViewWaited: true });
      return viewsOf(turn).checkNewView(turn);
    case 'propose':
      return onProposeTimer(turn);
    case 'announce':
      return onAnnounceTimer(turn);
    case 'grace':
      return onGraceTimer(turn);
    default:
      return onResendTimer(turn, timer.slice('resend-'.length) as ResendSlot);
  }
}

const RESENT = {
  announce: 'announce',
  prepared: 'prepared',
  committed: 'committed',
  'view-change': 'view-change',
  'new-view': 'new-view',
} as const;

function onResendTimer(turn: Turn, slot: ResendSlot): Done {
  const resend = turn.state.resends[slot];
  if (resend === undefined) return;
  broadcast(turn, RESENT[slot], resend.payloads);
  if (resend.left <= 1) return stopResending(turn, slot);
  const left = resend.left - 1;
  update(turn, { resends: changeResend(turn.state.resends, slot, { ...resend, left }) });
  setTimer(turn, `resend-${slot}`, turn.state.config.timing.resendMs);
}
