/**
 * The view change of wire version 2: signed reports, and a new view that shows a quorum of them.
 *
 * A report says which view a member wants and names the newest prepare certificate it knows, in one
 * signature. The leader of that view sums equal reports, so that a quorum's worth fits a few
 * hundred bytes, and must go on with the newest certificate among them; everybody can check that it
 * does. A carried block is prepared again in the new view: NEWVIEW is its announcement.
 */
import { bitmapFromIndices } from '@polyphony/bls/bitmap';
import { hexToBytes } from '@polyphony/primitives';
import { markView } from '../invariants.js';
import type { Certificate } from '../mark.js';
import { statementBytes } from '../payloads.js';
import {
  enterView,
  keepCertificate,
  onCarried,
  prepareCarried,
  RELAYS,
  startLeading,
} from '../phases.js';
import { commitTo, NO_HASH, requestOf, senderPlan, signOnly } from '../signing.js';
import { gossipOf, strictFields, wireCertificate } from '../speech.js';
import {
  addCandidate,
  blockPeriod,
  broadcast,
  type Done,
  emit,
  headOf,
  ignore,
  keepResending,
  later,
  leaderAt,
  leads,
  NO_BYTES,
  setTimer,
  type Turn,
  update,
  validCandidate,
} from '../turn.js';
import type {
  AggregateItem,
  CarriedBlock,
  SignPlan,
  State,
  VerifyItem,
  ViewReport,
} from '../types.js';
import { acceptsNewView, isCurrent, tellEntered } from '../view-change.js';
import type { ReportGroup, StrictNewView } from './messages.js';
import { compareGroups } from './wire.js';

// --- Own reports --------------------------------------------------------------------------------

/** What a report signs. @param certificate - The one it names, if any. */
export function reportBytes(
  state: State,
  viewId: bigint,
  certificate:
    | { readonly viewId: bigint; readonly blockHash: Certificate['blockHash'] }
    | undefined,
): Uint8Array {
  const hash = certificate?.blockHash ?? NO_HASH;
  const certificateView = certificate?.viewId ?? 0n;
  return statementBytes(state, { kind: 'view-change', viewId, hash, certificateView });
}

/** Asks for the signatures of the own reports. */
export function report(turn: Turn): Done {
  const { state } = turn;
  const { height, viewChangingId: viewId, certificate } = state;
  if (state.mode !== 'view-changing' || leaderAt(state, viewId) === undefined) return;
  // Restarted after a commit vote in this very view: there is nothing to report, only to wait for.
  if (certificate !== undefined && certificate.viewId >= viewId) return;
  const mark = markView(state.mark, height, viewId, certificate);
  if (mark === undefined) return;
  const bytes = reportBytes(state, viewId, certificate);
  const requests = state.ownSlots.map((slot) =>
    requestOf(state, slot, { kind: 'view-change', bytes, height, viewId }),
  );
  const blockHash = certificate?.blockHash ?? NO_HASH;
  const plan = { type: 'view-claims', height, viewId, blockHash, requests, messages: [] } as const;
  commitTo(turn, mark, certificate ? { ...plan, certificate } : plan);
}

/** The own reports are signed: enter them, publish them, and repeat them. */
export function onClaimsSigned(
  turn: Turn,
  plan: SignPlan,
  signatures: readonly (Uint8Array | undefined)[],
): Done {
  const { state } = turn;
  if (!isCurrent(state, plan)) return ignore(turn, 'stale');
  const { viewId, certificate } = plan;
  const reports = new Map(state.reports);
  const payloads: Uint8Array[] = [];
  plan.requests.forEach(({ slot }, i) => {
    const signature = signatures[i];
    if (signature === undefined) return;
    reports.set(slot, {
      slot,
      viewId,
      viewIdSignature: NO_BYTES,
      claimSignature: signature,
      full: true,
      ...(certificate && { claim: claimOf(certificate) }),
    });
    const message = {
      ...strictFields(state),
      type: 'view-change',
      viewId,
      slot,
      signature,
      certificate: certificate && wireCertificate(certificate),
      // The block travels once, however many keys report.
      block: payloads.length === 0 && certificate ? certificate.block : NO_BYTES,
    } as const;
    payloads.push(gossipOf(message));
  });
  if (payloads.length === 0) return;
  update(turn, { reports });
  if (certificate) addCandidate(turn, certificate.blockHash, certificate.block, viewId);
  broadcast(turn, 'view-change', payloads);
  keepResending(turn, 'view-change', payloads);
  later(turn, { do: 'check-new-view' });
}

function claimOf({ viewId, blockHash, seal, justifiedBy = 0n }: Certificate): CarriedBlock {
  return { viewId, blockHash, seal, justifiedBy };
}

// --- New leader ---------------------------------------------------------------------------------

/** Whether there are reports enough to open the view, and opens it. */
export function checkNewView(turn: Turn): Done {
  const { state } = turn;
  const viewId = state.viewChangingId;
  if (state.mode !== 'view-changing' || state.newViewFor === viewId || !leads(state, viewId))
    return;
  const countable = [...state.reports.values()]
    .filter((report) => report.full && report.viewId === viewId)
    .filter((report) => !report.claim || validCandidate(state, report.claim.blockHash))
    .sort((a, b) => a.slot - b.slot);
  const { committee } = headOf(state);
  if (!committee.hasQuorum(countable.map(({ slot }) => slot))) return;
  if (mustWait(turn, countable)) return;
  const groups = groupsOf(countable);
  const best = groups[0]!;
  const item: AggregateItem = {
    type: 'new-view',
    height: state.height,
    viewId,
    blockHash: best.blockHash,
    signers: groups.map(({ reports }) => reports.map(({ slot }) => slot)),
    reported: groups.map(({ certificateView, blockHash }) => ({
      viewId: certificateView,
      blockHash,
    })),
  };
  update(turn, { newViewFor: viewId });
  emit(turn, {
    type: 'aggregate',
    item,
    groups: groups.map(({ reports }) => reports.map(({ claimSignature }) => claimSignature)),
  });
}

/**
 * Whether to wait for further reports: a member that holds a newer certificate and is not heard
 * would not vote. The wait grows with the views that failed, so it outlasts any delay in the end.
 */
function mustWait(turn: Turn, countable: readonly ViewReport[]): boolean {
  const { state } = turn;
  const { viewChangingId: viewId, firstViewId } = state;
  const { newViewWaitMs, viewChangeTimeoutMs } = state.config.timing;
  if (state.newViewWaited || newViewWaitMs === 0) return false;
  if (countable.length === headOf(state).committee.keys.length) return false;
  // Nobody can hold one that is newer than the view before.
  if (countable.some(({ claim }) => claim?.viewId === viewId - 1n)) return false;
  if (state.timers['new-view'] === undefined) {
    const tried = Number(viewId - firstViewId);
    setTimer(turn, 'new-view', Math.min(newViewWaitMs * tried, viewChangeTimeoutMs / 2));
  }
  return true;
}

function groupsOf(reports: readonly ViewReport[]) {
  const groups = new Map<
    string,
    { certificateView: bigint; blockHash: Certificate['blockHash']; reports: ViewReport[] }
  >();
  for (const report of reports) {
    const certificateView = report.claim?.viewId ?? 0n;
    const blockHash = report.claim?.blockHash ?? NO_HASH;
    const name = `${certificateView} ${blockHash}`;
    const group = groups.get(name) ?? { certificateView, blockHash, reports: [] };
    group.reports.push(report);
    groups.set(name, group);
  }
  const bytes = (group: { certificateView: bigint; blockHash: Certificate['blockHash'] }) => ({
    certificateView: group.certificateView,
    blockHash: hexToBytes(group.blockHash),
  });
  return [...groups.values()].sort((a, b) => compareGroups(bytes(a), bytes(b)));
}

/** The reports are summed: open the view and lead it. */
export function onNewViewSummed(
  turn: Turn,
  item: AggregateItem,
  signatures: readonly Uint8Array[],
): Done {
  const { state } = turn;
  const { viewId, reported = [] } = item;
  const slot = leaderAt(state, viewId);
  const best = reported[0];
  if (!isCurrent(state, item) || slot === undefined || best === undefined)
    return ignore(turn, 'stale');
  const claim = [...state.reports.values()]
    .map((report) => report.claim)
    .find((known) => known?.viewId === best.viewId && known.blockHash === best.blockHash);
  const block = claim && validCandidate(state, claim.blockHash);
  if (best.viewId > 0n && block === undefined) return ignore(turn, 'stale');
  const members = headOf(state).committee.keys.length;
  const groups = reported.map(
    (group, i): ReportGroup => ({
      certificateView: group.viewId,
      blockHash: hexToBytes(group.blockHash),
      seal: { signature: signatures[i]!, bitmap: bitmapFromIndices(item.signers[i]!, members) },
    }),
  );
  const certificate = block && claim ? certificateOf(claim, block.block) : undefined;
  enterView(turn, viewId, true);
  const message: StrictNewView = {
    ...strictFields(turn.state),
    type: 'new-view',
    slot,
    groups,
    certificate: certificate && wireCertificate(certificate),
    block: certificate?.block ?? NO_BYTES,
  };
  tellEntered(turn, certificate?.blockHash);
  if (certificate) {
    keepCertificate(turn, certificate);
    update(turn, {
      justifiedBy: certificate.viewId,
      nextDueMs: turn.now + blockPeriod(turn.state),
    });
    prepareCarried(turn, certificate.blockHash, { slot, message });
    return;
  }
  signOnly(turn, senderPlan(turn.state, 'new-view', { slot, message }));
  startLeading(turn);
}

function certificateOf(claim: CarriedBlock, block: Uint8Array): Certificate {
  const { viewId = 0n, blockHash, seal, justifiedBy = 0n } = claim;
  return { viewId, blockHash, seal, justifiedBy, block };
}

// --- Entering -----------------------------------------------------------------------------------

/** A verified NEWVIEW of the leader of its view. */
export function onNewView(turn: Turn, item: VerifyItem & { readonly type: 'new-view' }): Done {
  const { viewId, claim } = item;
  if (!acceptsNewView(turn.state, viewId)) return ignore(turn, 'old-view');
  enterView(turn, viewId, true);
  update(turn, { opened: { payloads: [new Uint8Array(item.payload)], left: RELAYS } });
  tellEntered(turn, claim?.blockHash);
  if (claim) {
    const { viewId: certified = 0n, blockHash, seal, justifiedBy = 0n } = claim;
    update(turn, {
      justifiedBy: certified,
      carried: { viewId: certified, blockHash, seal, justifiedBy },
    });
    onCarried(turn, blockHash, item.block);
  }
  later(turn, { do: 'replay' });
}

/** A member asks for a view that is open already: send it NEWVIEW again, a few times. */
export function helpBehind(turn: Turn): Done {
  const { opened } = turn.state;
  if (opened === undefined || opened.left === 0) return;
  update(turn, { opened: { ...opened, left: opened.left - 1 } });
  broadcast(turn, 'new-view', opened.payloads);
}
