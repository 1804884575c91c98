/**
 * Permit, then persist, then sign, then send: the only way from a decision to a signature.
 *
 * Votes are asked of `invariants.ts`, entered in the signed mark, made durable (`persist`), and
 * only the answer `persisted` leads to `sign`. Signatures that bind nothing for the future (the
 * sender's over a message) are asked for directly.
 */
import { bytesToHex, hexToBytes } from '@polyphony/primitives';
import { isMarked, markCommit, markPrepare, refuseCommit, refusePrepare } from './invariants.js';
import type { Certificate, MarkedVote, OwnProposal } from './mark.js';
import { isViewMessage, type PhaseMessage, type ViewMessage } from './messages.js';
import type { SignPayload } from './ports.js';
import { commitPayload } from './seal.js';
import { commitsView, type Done, emit, headOf, ignore, type Turn, tell, update } from './turn.js';
import type { SignPlan, SignRequest, State } from './types.js';
import { computeSenderDigest } from './wire.js';

/** A request for one of the node's keys. */
export function requestOf(state: State, slot: number, payload: SignPayload): SignRequest {
  return { slot, key: headOf(state).committee.keys[slot]!, payload };
}

/** The request for a sender's signature over a message; its key is the message's. */
export function senderRequest(slot: number, message: PhaseMessage | ViewMessage): SignRequest {
  const payload: SignPayload = {
    kind: 'sender',
    bytes: computeSenderDigest(message),
    height: message.height,
    viewId: message.viewId,
  };
  return { slot, key: message.senderKey, payload };
}

/** What a commit vote for a block of the current height signs. */
export function commitBytes(state: State, block: MarkedVote): Uint8Array {
  return commitPayload(state.height, block.blockHash, block.viewId, commitsView(headOf(state)));
}

function voteRequests(state: State, kind: 'prepare' | 'commit', block: MarkedVote): SignRequest[] {
  const bytes = kind === 'prepare' ? hexToBytes(block.blockHash) : commitBytes(state, block);
  const { blockHash, viewId } = block;
  return state.ownSlots.map((slot) =>
    requestOf(state, slot, { kind, bytes, height: state.height, viewId, blockHash }),
  );
}

/** A leader's message that goes out together with the leader's votes. */
export interface LeaderMessage {
  readonly slot: number;
  readonly message: PhaseMessage | ViewMessage;
}

function planOf(
  state: State,
  type: SignPlan['type'],
  block: MarkedVote,
  votes: readonly SignRequest[],
  leader: LeaderMessage | undefined,
): SignPlan {
  const sender = leader ? [senderRequest(leader.slot, leader.message)] : [];
  return {
    type,
    height: state.height,
    viewId: state.viewId,
    blockHash: block.blockHash,
    requests: [...sender, ...votes],
    messages: leader ? [leader.message] : [],
  };
}

/**
 * Prepare votes of all own keys for a valid block, if the rules allow.
 *
 * @param leader - ANNOUNCE, on the leader, with the proposal to remember.
 * @returns Whether the votes were permitted.
 */
export function castPrepare(
  turn: Turn,
  block: MarkedVote,
  leader?: LeaderMessage & { readonly proposal: OwnProposal },
): boolean {
  const { state } = turn;
  const { mark, height, viewId } = state;
  const rule = refusePrepare(mark, height, block, viewId, state.certificate);
  if (rule !== undefined) {
    tell(turn, {
      type: 'vote-refused',
      phase: 'prepare',
      height,
      blockHash: block.blockHash,
      rule,
    });
    return false;
  }
  const next = markPrepare(mark, height, block, viewId, leader?.proposal);
  const votes = voteRequests(state, 'prepare', block);
  const plan = planOf(state, leader ? 'announce' : 'prepare', block, votes, leader);
  update(turn, { mark: next, prepareCast: true });
  emit(turn, { type: 'persist', mark: next, plan });
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
  const rule = refuseCommit(mark, height, certificate, viewId);
  if (rule !== undefined) {
    tell(turn, { type: 'vote-refused', phase: 'commit', height, blockHash, rule });
    if (leader) signOnly(turn, planOf(state, type, certificate, [], leader));
    return false;
  }
  const next = markCommit(mark, height, certificate, viewId);
  const votes = voteRequests(state, 'commit', certificate);
  const plan = planOf(state, type, certificate, votes, leader);
  update(turn, { mark: next, commitCast: true });
  emit(turn, { type: 'persist', mark: next, plan });
  return true;
}

/** Asks for signatures that need no durable record. */
export function signOnly(turn: Turn, plan: SignPlan): Done {
  emit(turn, { type: 'sign', plan });
}

/** A plan for the sender's signature over one message. */
export function senderPlan(state: State, type: SignPlan['type'], leader: LeaderMessage): SignPlan {
  const hash = isViewMessage(leader.message) ? new Uint8Array(32) : leader.message.blockHash;
  const block = { viewId: state.viewId, blockHash: bytesToHex(hash) };
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
