/**
 * Changing the view: giving one up, reporting, collecting reports, and entering the next.
 *
 * A member that waited long enough asks for a view and reports the best prepare certificate it
 * holds (M1) or that it holds none (M2). The leader of that view carries the certified block with
 * the greatest view in its header, or proposes anew. Agreement does not rest on what is carried
 * but on `invariants.ts`; carrying well is what keeps heights from getting stuck.
 *
 * @source harmony/consensus/view_change.go; harmony/consensus/view_change_construct.go;
 *   harmony/consensus/view_change_msg.go
 */
import { bitmapFromIndices } from '@polyphony/bls/bitmap';
import type { Hash } from '@polyphony/primitives';
import { markView, releaseMark } from './invariants.js';
import type { Certificate } from './mark.js';
import type { ViewMessage } from './messages.js';
import {
  collectCommits,
  enterView,
  keepCertificate,
  onPreparedSeal,
  startLeading,
} from './phases.js';
import {
  decodePreparedClaim,
  encodePreparedClaim,
  NOTHING_PREPARED,
  viewIdPayload,
} from './seal.js';
import { commitTo, NO_HASH, requestOf, senderPlan, senderRequest, signOnly } from './signing.js';
import { gossipOf } from './speech.js';
import { countedTimeout, phaseTimeout } from './timing.js';
import {
  addCandidate,
  blockPeriod,
  broadcast,
  cancelTimer,
  type Done,
  emit,
  headOf,
  ignore,
  keepResending,
  largest,
  later,
  leaderAt,
  leads,
  NO_BYTES,
  nextViewOf,
  setTimer,
  stopResending,
  type Turn,
  tell,
  update,
  validCandidate,
} from './turn.js';
import type {
  AggregateItem,
  SignPlan,
  SignRequest,
  State,
  VerifyItem,
  ViewChangeCause,
  ViewReport,
} from './types.js';

/**
 * Nothing was decided here for long: perhaps it was elsewhere, and whoever knows says nothing any more,
 * as after a restart, or out of the next committee.
 */
function lookAround(turn: Turn): Done {
  emit(turn, { type: 'sync', hint: { reason: 'silence', height: turn.state.height } });
}

/** A node without a vote at this height heard of no decision: it asks, and goes on listening. */
export function onSilence(turn: Turn): Done {
  const { state } = turn;
  if (state.mode !== 'listening' || state.decision !== undefined) return;
  lookAround(turn);
  const { firstViewId, viewId, config } = state;
  setTimer(turn, 'phase', phaseTimeout(firstViewId, viewId, config.timing));
}

// --- Giving up a view ---------------------------------------------------------------------------

/**
 * Leaves normal operation, or moves on from a view that did not come about.
 *
 * @param target - A view to ask for at least.
 * @source harmony/consensus/view_change.go: startViewChange
 */
export function startViewChange(turn: Turn, cause: ViewChangeCause, target = 0n): Done {
  const { state } = turn;
  const { mode, config } = state;
  if (state.decision !== undefined || (mode !== 'normal' && mode !== 'view-changing')) return;
  if (mode === 'view-changing' && cause === 'timeout') lookAround(turn);
  if (mode === 'view-changing' && cause === 'timeout' && !mayGiveUp(state)) {
    const { viewChangingId, firstViewId } = state;
    setTimer(turn, 'view-change', countedTimeout(viewChangingId, firstViewId, config.timing));
    later(turn, { do: 'report' });
    return;
  }
  const planned = nextViewOf(state, turn.now);
  const viewId = largest(planned.viewId, target, state.viewId + 1n, state.viewChangingId);
  const timeoutMs =
    config.timing.viewIds === 'count'
      ? countedTimeout(viewId, state.firstViewId, config.timing)
      : planned.timeoutMs;
  for (const timer of ['phase', 'announce', 'propose', 'new-view'] as const)
    cancelTimer(turn, timer);
  stopResending(turn, 'announce', 'prepared', 'new-view', 'view-change');
  update(turn, {
    mode: 'view-changing',
    viewChangingId: viewId,
    phase: 'announce',
    proposal: undefined,
    newViewWaited: false,
    syncHeight: 0n,
    syncMs: 0,
  });
  setTimer(turn, 'view-change', timeoutMs);
  tell(turn, { type: 'view-change-started', height: state.height, viewId, cause });
  later(turn, { do: 'report' }, { do: 'check-new-view' }, { do: 'replay' });
}

/**
 * Whether a view that did not come about may be given up: alone, or when a quorum asks for it or a
 * later one. Until then the report is repeated, so nobody runs ahead of the others.
 */
function mayGiveUp(state: State): boolean {
  const { profile, timing } = state.config;
  // Views that follow the clock come together by it.
  if (profile.givesUp === 'alone' || timing.viewIds === 'clock') return true;
  // Nobody reports for a view without a leader.
  if (leaderAt(state, state.viewChangingId) === undefined) return true;
  // After a restart in a view that has a certificate nobody can report for that view any more.
  if (state.certificate && state.certificate.viewId >= state.viewChangingId) return true;
  const there = [...state.reports.values()].filter(({ viewId }) => viewId >= state.viewChangingId);
  return headOf(state).committee.hasQuorum(there.map(({ slot }) => slot));
}

/** Asks for the signatures of the own reports. */
export function report(turn: Turn): Done {
  const { state } = turn;
  const { height, viewChangingId: viewId, certificate } = state;
  if (leaderAt(state, viewId) === undefined) return;
  const mark = markView(state.mark, height, viewId, certificate);
  if (mark === undefined) return;
  const claim = certificate && encodePreparedClaim(certificate.blockHash, certificate.seal);
  const requests: SignRequest[] = state.ownSlots.flatMap((slot) => [
    requestOf(state, slot, {
      kind: claim ? 'prepared-claim' : 'nothing-prepared',
      bytes: claim ?? NOTHING_PREPARED,
      height,
      viewId,
    }),
    requestOf(state, slot, { kind: 'view-id', bytes: viewIdPayload(viewId), height, viewId }),
  ]);
  const blockHash = certificate?.blockHash ?? NO_HASH;
  const plan: SignPlan = { type: 'view-claims', height, viewId, blockHash, requests, messages: [] };
  commitTo(turn, mark, plan);
}

/** The own reports are signed: enter them, and have the messages around them signed. */
export function onClaimsSigned(
  turn: Turn,
  plan: SignPlan,
  signatures: readonly (Uint8Array | undefined)[],
): Done {
  const { state } = turn;
  if (!isCurrent(state, plan)) return ignore(turn, 'stale');
  const leaderSlot = leaderAt(state, plan.viewId);
  const { keys } = headOf(state).committee;
  const carried = plan.blockHash === NO_HASH ? undefined : carriedBlock(state, plan.blockHash);
  if (leaderSlot === undefined || (plan.blockHash !== NO_HASH && carried === undefined))
    return ignore(turn, 'stale');
  const messages: ViewMessage[] = [];
  const senders: SignRequest[] = [];
  const reports = new Map(state.reports);
  for (let i = 0; i < plan.requests.length; i += 2) {
    const { slot, payload } = plan.requests[i]!;
    const [claimSignature, viewIdSignature] = [signatures[i], signatures[i + 1]];
    if (claimSignature === undefined || viewIdSignature === undefined) continue;
    const claim = carried && payload.bytes;
    const message: ViewMessage = {
      ...emptyViewMessage(state, 'view-change', plan.viewId, keys[slot]!),
      leaderKey: keys[leaderSlot]!,
      payload: claim ?? NO_BYTES,
      viewChangeSignature: claimSignature,
      viewIdSignature,
      preparedBlock: carried?.block ?? NO_BYTES,
    };
    messages.push(message);
    senders.push(senderRequest(state, slot, message));
    reports.set(slot, {
      slot,
      viewId: plan.viewId,
      viewIdSignature,
      claimSignature,
      full: true,
      ...(carried && {
        claim: { blockHash: plan.blockHash, payload: payload.bytes, seal: carried.seal },
      }),
    });
  }
  if (messages.length === 0) return;
  update(turn, { reports });
  if (carried) addCandidate(turn, plan.blockHash, carried.block, plan.viewId);
  signOnly(turn, { ...plan, type: 'view-change', requests: senders, messages });
  later(turn, { do: 'check-new-view' });
}

/** Whether a plan or sum is about the view that is asked for now. */
export function isCurrent(state: State, plan: { height: bigint; viewId: bigint }): boolean {
  return (
    state.mode === 'view-changing' &&
    plan.height === state.height &&
    plan.viewId === state.viewChangingId
  );
}

/** The certificate behind an own M1: the best one now, or the one the mark has. */
function carriedBlock(state: State, blockHash: Hash): Certificate | undefined {
  return [state.certificate, state.mark.certificate].find(
    (known) => known?.blockHash === blockHash,
  );
}

function emptyViewMessage(
  state: State,
  type: ViewMessage['type'],
  viewId: bigint,
  senderKey: Uint8Array,
): ViewMessage {
  return {
    type,
    signature: NO_BYTES,
    viewId,
    height: state.height,
    shardId: state.config.shardId,
    senderKey,
    leaderKey: NO_BYTES,
    payload: NO_BYTES,
    viewChangeSignature: NO_BYTES,
    viewIdSignature: NO_BYTES,
    m2Signature: NO_BYTES,
    m2Bitmap: NO_BYTES,
    m3Signature: NO_BYTES,
    m3Bitmap: NO_BYTES,
    preparedBlock: NO_BYTES,
  };
}

/** The messages are signed: publish them, and repeat all of them. */
export function onReportsSigned(
  turn: Turn,
  plan: SignPlan,
  signatures: readonly (Uint8Array | undefined)[],
): Done {
  if (!isCurrent(turn.state, plan)) return ignore(turn, 'stale');
  const payloads = plan.messages.flatMap((message, i) => {
    const signature = signatures[i];
    return signature ? [gossipOf({ ...message, signature })] : [];
  });
  broadcast(turn, 'view-change', payloads);
  keepResending(turn, 'view-change', payloads);
}

// --- Reports of others --------------------------------------------------------------------------

/** A verified report of another member. */
export function onReport(turn: Turn, report: ViewReport, block: Uint8Array): Done {
  const { state } = turn;
  const known = state.reports.get(report.slot);
  if (known !== undefined && !isNewerReport(report, known)) return ignore(turn, 'repeated');
  const reports = new Map(state.reports);
  reports.delete(report.slot); // so that the order is that of arrival
  update(turn, { reports: reports.set(report.slot, report) });
  if (report.claim && report.full) addCandidate(turn, report.claim.blockHash, block, report.viewId);
  const target = state.config.profile.joinsViewChanges ? joinTarget(turn.state) : undefined;
  if (target !== undefined) later(turn, { do: 'view-change', cause: 'joined', target });
  later(turn, { do: 'check-new-view' });
}

/** Whether a report says more than the one known of the same member. */
export function isNewerReport(
  report: Pick<ViewReport, 'viewId' | 'full'>,
  known: ViewReport,
): boolean {
  if (report.viewId !== known.viewId) return report.viewId > known.viewId;
  return report.full && !known.full;
}

/**
 * The view to join: the greatest one that so many members have asked for, or gone beyond, that the
 * others are no quorum without them. Among so many at least one is honest.
 */
function joinTarget(state: State): bigint | undefined {
  const current = state.mode === 'view-changing' ? state.viewChangingId : state.viewId;
  const ahead = [...state.reports.values()]
    .filter((report) => report.viewId > current)
    .sort((a, b) => (a.viewId === b.viewId ? a.slot - b.slot : a.viewId > b.viewId ? -1 : 1));
  const { committee } = headOf(state);
  const others = new Set(committee.keys.keys());
  for (const report of ahead) {
    others.delete(report.slot);
    if (!committee.hasQuorum([...others])) return report.viewId;
  }
  return undefined;
}

// --- New leader ---------------------------------------------------------------------------------

/** Whether a block that somebody reports prepared is valid here, and of no released view. */
function mayCarry(state: State, blockHash: Hash): boolean {
  const { height, floor = 0n } = state.mark;
  const block = validCandidate(state, blockHash);
  return block !== undefined && (height !== state.height || block.viewId > floor);
}

/** Whether there are reports enough to open the view, and opens it. */
export function checkNewView(turn: Turn): Done {
  const { state } = turn;
  const viewId = state.viewChangingId;
  if (state.mode !== 'view-changing' || state.newViewFor === viewId || !leads(state, viewId))
    return;
  const arrived = [...state.reports.values()]
    .filter((report) => report.full && report.viewId === viewId)
    .filter((report) => !report.claim || mayCarry(state, report.claim.blockHash));
  const countable = [...arrived].sort((a, b) => a.slot - b.slot);
  const { committee } = headOf(state);
  if (!committee.hasQuorum(countable.map((report) => report.slot))) return;
  const first = state.config.profile.carries === 'first';
  const best = first ? firstClaim(state, arrived) : bestClaim(state, countable);
  const { newViewWaitMs } = state.config.timing;
  // Whoever holds a certificate may just be slower; without it the view might be in vain.
  if (
    !best &&
    !first &&
    !state.newViewWaited &&
    countable.length < committee.keys.length &&
    newViewWaitMs > 0
  ) {
    if (state.timers['new-view'] === undefined) setTimer(turn, 'new-view', newViewWaitMs);
    return;
  }
  const nothing = countable.filter((report) => !report.claim);
  const item: AggregateItem = {
    type: 'new-view',
    height: state.height,
    viewId,
    blockHash: best?.blockHash ?? NO_HASH,
    signers: [countable.map((report) => report.slot), nothing.map((report) => report.slot)],
    ...(best?.payload && { claim: best.payload }),
  };
  const groups = [countable.map((report) => report.viewIdSignature)];
  if (nothing.length > 0) groups.push(nothing.map((report) => report.claimSignature));
  update(turn, { newViewFor: viewId });
  emit(turn, { type: 'aggregate', item, groups });
}

/** The own claim, else the first that came. @source harmony/consensus/view_change_construct.go */
function firstClaim(state: State, reports: readonly ViewReport[]): ViewReport['claim'] {
  const claims = reports.filter(({ claim }) => claim !== undefined);
  return (claims.find(({ slot }) => state.ownSlots.includes(slot)) ?? claims[0])?.claim;
}

/** The claim whose block has the greatest view in its header; the lowest slot's among equals. */
function bestClaim(state: State, reports: readonly ViewReport[]): ViewReport['claim'] {
  let best: { claim: NonNullable<ViewReport['claim']>; viewId: bigint } | undefined;
  for (const { claim } of reports) {
    if (claim === undefined) continue;
    const block = validCandidate(state, claim.blockHash)!;
    if (best === undefined || block.viewId > best.viewId) best = { claim, viewId: block.viewId };
  }
  return best?.claim;
}

/** The reports are summed: open the view and lead it. */
export function onNewViewSummed(
  turn: Turn,
  item: AggregateItem,
  signatures: readonly Uint8Array[],
): Done {
  const { state } = turn;
  const slot = leaderAt(state, item.viewId);
  const claim = item.claim && decodePreparedClaim(item.claim, headOf(state).committee.keys.length);
  const block = claim && validCandidate(state, item.blockHash);
  if (!isCurrent(state, item) || slot === undefined || (claim && !block))
    return ignore(turn, 'stale');
  const { keys } = headOf(state).committee;
  const [m3, m2] = item.signers;
  const message: ViewMessage = {
    ...emptyViewMessage(state, 'new-view', item.viewId, keys[slot]!),
    payload: item.claim ?? NO_BYTES,
    ...(m2!.length > 0 && {
      m2Signature: signatures[1]!,
      m2Bitmap: bitmapFromIndices(m2!, keys.length),
    }),
    m3Signature: signatures[0]!,
    m3Bitmap: bitmapFromIndices(m3!, keys.length),
    preparedBlock: block?.block ?? NO_BYTES,
  };
  enterView(turn, item.viewId, true);
  tellEntered(turn, claim && item.blockHash);
  if (claim && block) {
    const certificate: Certificate = { ...block, blockHash: item.blockHash, seal: claim.seal };
    keepCertificate(turn, certificate);
    update(turn, { nextDueMs: turn.now + blockPeriod(turn.state) });
    collectCommits(turn, certificate, { slot, message, type: 'new-view' });
    return;
  }
  signOnly(turn, senderPlan(turn.state, 'new-view', { slot, message }));
  startLeading(turn);
}

// --- Entering -----------------------------------------------------------------------------------

/** Tells that a view began. */
export function tellEntered(turn: Turn, carried: Hash | undefined): Done {
  const { height, viewId } = turn.state;
  tell(turn, { type: 'view-entered', height, viewId, ...(carried && { carried }) });
}

/**
 * Whether a proven NEWVIEW for a view would be followed: it must be later than the view of normal
 * operation and not earlier than the view asked for.
 */
export function acceptsNewView(state: State, viewId: bigint): boolean {
  if (state.decision !== undefined) return false;
  if (state.config.profile.newViewFrom === 'member')
    return state.mode === 'view-changing' && viewId >= state.viewId;
  if (state.mode === 'view-changing') return viewId >= state.viewChangingId;
  if (viewId > state.viewId) return true;
  return !state.viewSure && viewId === state.viewId && state.leaderBlock === undefined;
}

/**
 * A verified NEWVIEW of the leader of its view.
 *
 * @source harmony/consensus/view_change.go: onNewView
 */
export function onNewView(turn: Turn, item: VerifyItem & { readonly type: 'new-view' }): Done {
  const { viewId, claim } = item;
  if (!acceptsNewView(turn.state, viewId)) return ignore(turn, 'old-view');
  const { newViewFrom } = turn.state.config.profile;
  enterView(turn, viewId, true, newViewFrom === 'member' ? item.slot : undefined);
  tellEntered(turn, claim?.blockHash);
  if (claim) onPreparedSeal(turn, claim.blockHash, claim.seal, item.block);
  later(turn, { do: 'replay' });
}

/** Follows the leader of a later view without NEWVIEW, right after a start or sync. */
export function adoptView(turn: Turn, viewId: bigint): Done {
  enterView(turn, viewId, true);
  tellEntered(turn, undefined);
  later(turn, { do: 'replay' });
}

/**
 * Operators release a stuck height up to a view: what was signed there no longer binds, and the
 * members ask for the next view.
 */
export function onRelease(turn: Turn, height: bigint, viewId: bigint): Done {
  const { state } = turn;
  if (!state.config.profile.canRelease) return ignore(turn, 'no-release');
  if (height !== state.height || state.decision !== undefined) return ignore(turn, 'stale');
  const mark = releaseMark(state.mark, height, viewId);
  if (mark === undefined || viewId < state.viewChangingId) return ignore(turn, 'old-view');
  update(turn, { mark, certificate: undefined, preparedProof: undefined });
  const plan: SignPlan = {
    type: 'record',
    height,
    viewId: state.viewId,
    blockHash: NO_HASH,
    requests: [],
    messages: [],
  };
  emit(turn, { type: 'persist', mark, plan });
  tell(turn, { type: 'height-released', height, viewId });
  later(turn, { do: 'view-change', cause: 'released', target: viewId + 1n });
}
