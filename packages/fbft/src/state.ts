/**
 * Copies of the state.
 *
 * Written out field by field: an object made from one literal has a fixed shape, and copying fifty
 * fields that way costs a twentieth of a spread. The type says when a field is missing here.
 */
import type { State } from './types.js';

/** A copy of a state that may still be changed. */
export function copyState(state: State): { -readonly [Field in keyof State]: State[Field] } {
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
