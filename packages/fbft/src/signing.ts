/**
 * Permit, then persist, then sign, then send: the only way from a decision to a signature.
 *
 * Votes are asked of `invariants.ts`, entered in the signed mark, made durable (`persist`), and
 * only the answer `persisted` leads to `sign`. Signatures that bind nothing for the future (the
 * sender's over a message) are asked for directly.
 */
import type { Hash } from '@polyphony/primitives';
import { isMarked } from './invariants.js';
import type { Certificate, MarkedVote, OwnProposal, SignedMark } from './mark.js';
import { commitBytes, prepareBytes, senderBytes } from './payloads.js';
import type { HeadInfo, SignPayload } from './ports.js';
import type { Draft } from './state.js';
import { amend, type Done, draft, emit, headOf, ignore, type Turn, tell } from './turn.js';
import type { OutMessage, SignPlan, SignRequest, State } from './types.js';

/** Stands where no block is meant. */
export const NO_HASH: Hash = `0x${'00'.repeat(32)}`;

/** A request for one of the node's keys. */
export function requestOf(state: State, slot: number, payload: SignPayload): SignRequest {
  return { slot, key: headOf(state).committee.keys[slot]!, payload };
}

/** The request for a sender's signature over a message. @param head - Below its height. */
export function senderRequest(
  state: State,
  slot: number,
  message: OutMessage,
  head: HeadInfo = headOf(state),
): SignRequest {
  const payload: SignPayload = {
    kind: 'sender',
    bytes: senderBytes(state, message),
    height: message.height,
    viewId: message.viewId,
  };
  return { slot, key: head.committee.keys[slot]!, payload };
}

function voteRequests(
  state: State,
  kind: 'prepare' | 'commit',
  block: MarkedVote,
  bytes: Uint8Array,
): SignRequest[] {
  const { blockHash, viewId, justifiedBy } = block;
  const vote = { kind, bytes, height: state.height, viewId, blockHash };
  const payload = justifiedBy === undefined || kind === 'commit' ? vote : { ...vote, justifiedBy };
  return state.ownSlots.map((slot) => requestOf(state, slot, payload));
}

/** A leader's message that goes out together with the leader's votes. */
export interface LeaderMessage {
  readonly slot: number;
  readonly message: OutMessage;
}

function planOf(
  state: State,
  type: SignPlan['type'],
  block: MarkedVote,
  votes: readonly SignRequest[],
  leader: LeaderMessage | undefined,
): SignPlan {
  const requests = leader ? [senderRequest(state, leader.slot, leader.message), ...votes] : votes;
  return {
    type,
    height: state.height,
    viewId: state.viewId,
    blockHash: block.blockHash,
    requests,
    messages: leader ? [leader.message] : [],
  };
}

/**
 * Prepare votes of all own keys for a valid block, if the rules allow.
 *
 * @param leader - ANNOUNCE, or NEWVIEW with a carried block, on the leader; with an own proposal
 *   to remember.
 * @returns Whether the votes were permitted.
 */
export function castPrepare(
  turn: Turn,
  block: MarkedVote,
  leader?: LeaderMessage & {
    readonly proposal?: OwnProposal;
    readonly type?: 'new-view';
  },
): boolean {
  const { state } = turn;
  const { mark, height, viewId } = state;
  const { voting } = state.config.profile;
  const rule = voting.refusePrepare(mark, height, block, viewId, state.certificate);
  if (rule !== undefined) {
    tell(turn, {
      type: 'vote-refused',
      phase: 'prepare',
      height,
      blockHash: block.blockHash,
      rule,
    });
    if (leader?.type === 'new-view') signOnly(turn, planOf(state, 'new-view', block, [], leader));
    return false;
  }
  const next = voting.markPrepare(mark, height, block, viewId, leader?.proposal);
  const bytes = prepareBytes(state, block.blockHash, viewId, block.justifiedBy ?? 0n);
  const votes = voteRequests(state, 'prepare', block, bytes);
  const type = leader?.type ?? (leader ? 'announce' : 'prepare');
  const plan = planOf(state, type, block, votes, leader);
  const changed = amend(turn);
  changed.prepareCast = true;
  commitTo(turn, next, plan, changed);
  return true;
}

/**
 * Commit votes of all own keys for a valid block with a prepare certificate, if the rules allow.
 *
 * @param leader - PREPARED or NEWVIEW, on the leader: sent also when the votes are refused.
 * @returns Whether the votes were permitted.
 */
export function castCommit(
  turn: Turn,
  certificate: Certificate,
  leader?: LeaderMessage & { readonly type: 'prepared' | 'new-view' },
): boolean {
  const { state } = turn;
  const { mark, height, viewId } = state;
  const { blockHash } = certificate;
  const type = leader?.type ?? 'commit';
  const { voting } = state.config.profile;
  const rule = voting.refuseCommit(mark, height, certificate, viewId);
  if (rule !== undefined) {
    tell(turn, { type: 'vote-refused', phase: 'commit', height, blockHash, rule });
    if (leader) signOnly(turn, planOf(state, type, certificate, [], leader));
    return false;
  }
  const next = voting.markCommit(mark, height, certificate, viewId);
  const head = headOf(state);
  const bytes = commitBytes(state, head, certificate, viewId);
  const votes = voteRequests(state, 'commit', certificate, bytes);
  const plan = planOf(state, type, certificate, votes, leader);
  const changed = amend(turn);
  changed.commitCast = true;
  changed.commitMessage = { head, blockHash, viewId: certificate.viewId, votedIn: viewId, bytes };
  commitTo(turn, next, plan, changed);
  return true;
}

/**
 * Enters votes or reports in the mark; they are signed when it is durable, if it has to be.
 *
 * @param next - The turn's draft, while it may still be changed.
 */
export function commitTo(
  turn: Turn,
  mark: SignedMark,
  plan: SignPlan,
  next: Draft = draft(turn),
): Done {
  next.mark = mark;
  if (turn.state.config.profile.durable) emit(turn, { type: 'persist', mark, plan });
  else signOnly(turn, plan);
}

/** Asks for signatures that need no durable record. */
export function signOnly(turn: Turn, plan: SignPlan): Done {
  emit(turn, { type: 'sign', plan });
}

/** A plan for the sender's signature over one message about a block, or about none. */
export function senderPlan(
  state: State,
  type: SignPlan['type'],
  leader: LeaderMessage,
  blockHash: Hash = NO_HASH,
): SignPlan {
  const block = { viewId: state.viewId, blockHash };
  return { ...planOf(state, type, block, [], leader), viewId: leader.message.viewId };
}

/** A mark is durable: its votes may be signed, if they still matter. */
export function onPersisted(turn: Turn, plan: SignPlan): Done {
  const { state } = turn;
  if (plan.type === 'record') return;
  const claims = plan.type === 'view-claims';
  const current = claims ? state.viewChangingId : state.viewId;
  if (plan.height !== state.height || plan.viewId !== current) return ignore(turn, 'stale');
  if (state.mode !== (claims ? 'view-changing' : 'normal')) return ignore(turn, 'stale');
  for (const { payload } of plan.requests) {
    if (payload.kind !== 'prepare' && payload.kind !== 'commit') continue;
    if (!isMarked(state.mark, payload.kind, payload.height, payload.blockHash))
      return ignore(turn, 'stale');
  }
  emit(turn, { type: 'sign', plan });
}
