/**
 * Copies of the state.
 *
 * Written out field by field: an object made from one literal has a fixed shape, and copying fifty
 * fields that way costs a twentieth of a spread. The type says when a field is missing here.
 */
import type { Decision, Resends, State, TimerIds } from './types.js';

/** A state in the making. */
export type Draft = { -readonly [Field in keyof State]: State[Field] };

/** A copy of a state that may still be changed. */
export function copyState(state: State): Draft {
  return {
    config: state.config,
    mode: state.mode,
    head: state.head,
    height: state.height,
    firstViewId: state.firstViewId,
    viewId: state.viewId,
    viewChangingId: state.viewChangingId,
    viewSure: state.viewSure,
    phase: state.phase,
    viewLeader: state.viewLeader,
    leading: state.leading,
    slots: state.slots,
    ownSlots: state.ownSlots,
    mark: state.mark,
    candidates: state.candidates,
    leaderBlock: state.leaderBlock,
    justifiedBy: state.justifiedBy,
    carried: state.carried,
    opened: state.opened,
    certificate: state.certificate,
    preparedProof: state.preparedProof,
    committedProofs: state.committedProofs,
    prepareVotes: state.prepareVotes,
    commitVotes: state.commitVotes,
    decision: state.decision,
    last: state.last,
    sentPrepare: state.sentPrepare,
    sentCommit: state.sentCommit,
    prepareCast: state.prepareCast,
    commitCast: state.commitCast,
    commitMessage: state.commitMessage,
    reports: state.reports,
    newViewFor: state.newViewFor,
    newViewWaited: state.newViewWaited,
    proposal: state.proposal,
    watch: state.watch,
    reported: state.reported,
    early: state.early,
    resends: state.resends,
    timers: state.timers,
    nextTimerId: state.nextTimerId,
    nextCandidateId: state.nextCandidateId,
    nextDueMs: state.nextDueMs,
    heightStartedMs: state.heightStartedMs,
    syncHeight: state.syncHeight,
    syncMs: state.syncMs,
  };
}

/** No timer running. */
export function noTimers(): TimerIds {
  return {
    phase: undefined,
    'view-change': undefined,
    'new-view': undefined,
    propose: undefined,
    announce: undefined,
    grace: undefined,
    'resend-announce': undefined,
    'resend-prepared': undefined,
    'resend-committed': undefined,
    'resend-view-change': undefined,
    'resend-new-view': undefined,
  };
}

/** A copy of the timers with one changed. */
export function changeTimer(
  timers: TimerIds,
  timer: keyof TimerIds,
  id: number | undefined,
): TimerIds {
  const next = {
    phase: timers.phase,
    'view-change': timers['view-change'],
    'new-view': timers['new-view'],
    propose: timers.propose,
    announce: timers.announce,
    grace: timers.grace,
    'resend-announce': timers['resend-announce'],
    'resend-prepared': timers['resend-prepared'],
    'resend-committed': timers['resend-committed'],
    'resend-view-change': timers['resend-view-change'],
    'resend-new-view': timers['resend-new-view'],
  };
  next[timer] = id;
  return next;
}

/** Nothing to repeat. */
export const NO_RESENDS: Resends = {
  announce: undefined,
  prepared: undefined,
  committed: undefined,
  'view-change': undefined,
  'new-view': undefined,
};

/** A copy of what is repeated with one slot changed; {@link NO_RESENDS} if nothing is left. */
export function changeResend(
  resends: Resends,
  slot: keyof Resends,
  resend: Resends[keyof Resends],
): Resends {
  const next = { ...resends, [slot]: resend };
  return Object.values(next).some((known) => known !== undefined) ? next : NO_RESENDS;
}

/** A copy of a decision with some fields changed. */
export function changeDecision(decision: Decision, change: Partial<Decision>): Decision {
  return Object.assign(
    {
      height: decision.height,
      blockHash: decision.blockHash,
      viewId: decision.viewId,
      decidedInView: decision.decidedInView,
      viewSure: decision.viewSure,
      head: decision.head,
      seal: decision.seal,
      prepared: decision.prepared,
      tally: decision.tally,
      payload: decision.payload,
      helpedMs: decision.helpedMs,
      graceOver: decision.graceOver,
    },
    change,
  );
}
