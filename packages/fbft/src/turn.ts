/**
 * One step in the making: the state so far, the effects so far, and small helpers on both.
 *
 * A `Turn` lives only inside one call of `step`; the states it passes through are never changed in
 * place. Work that belongs to a later layer (starting a view change, replaying early messages) is
 * left as a task, so that no file here depends on one above it.
 */
import { bytesToHex, equalBytes, type Hash } from '@polyphony/primitives';
import { type KeySlots, slotsOf } from './key-index.js';
import { MAX_BLOCK_BYTES, MAX_CANDIDATES, MAX_FAR_VIEW } from './limits.js';
import type { MessageType } from './messages.js';
import type { HeadInfo } from './ports.js';
import { preparePayload } from './seal.js';
import { changeResend, changeTimer, copyState, type Draft, NO_RESENDS } from './state.js';
import { nextView } from './timing.js';
import type {
  Candidate,
  Effect,
  IgnoreReason,
  MachineEvent,
  ResendSlot,
  State,
  TimerName,
  ViewChangeCause,
} from './types.js';

/** What handlers return: nothing, in a way that lets a guard end with `return ignore(…)`. */
export type Done = undefined;

/** Work for the layers above, done before `step` returns. */
export type Task =
  | { readonly do: 'view-change'; readonly cause: ViewChangeCause; readonly target?: bigint }
  | { readonly do: 'report' }
  | { readonly do: 'check-new-view' }
  | { readonly do: 'check-committed'; readonly blockHash: Hash }
  | { readonly do: 'replay' };

/** A step in the making. */
export interface Turn {
  /** The state it began with. */
  readonly before: State;
  state: State;
  readonly now: number;
  /** Undefined: none so far; most steps have one. */
  effects: Effect[] | undefined;
  /** Undefined: none so far. */
  tasks: Task[] | undefined;
}

/** Bytes of an unused field. */
export const NO_BYTES: Uint8Array = new Uint8Array(0);

/**
 * A copy of the state, the turn's from now on, to be changed at once: before anything else is called.
 */
export function draft(turn: Turn): Draft {
  const next = copyState(turn.state);
  turn.state = next;
  return next;
}

/**
 * The state to be changed at once, in place if this turn made it already. Only for fields that nobody up the stack
 * reads from an older reference.
 */
export function amend(turn: Turn): Draft {
  return turn.state === turn.before ? draft(turn) : (turn.state as Draft);
}

/** Replaces some fields of the state. */
export function update(turn: Turn, change: Partial<State>): Done {
  Object.assign(draft(turn), change);
}

/** Adds an effect. */
export function emit(turn: Turn, effect: Effect): Done {
  if (turn.effects === undefined) turn.effects = [effect];
  else turn.effects.push(effect);
}

/** Tells of a fact. */
export function tell(turn: Turn, event: MachineEvent): Done {
  emit(turn, { type: 'event', event });
}

/** Leaves work for the layers above, in order. */
export function later(turn: Turn, ...tasks: readonly Task[]): Done {
  turn.tasks ??= [];
  turn.tasks.push(...tasks);
}

/** Gives up on a message or an answer. */
export function ignore(turn: Turn, reason: IgnoreReason, from?: string): Done {
  emit(turn, from === undefined ? { type: 'ignore', reason } : { type: 'ignore', reason, from });
}

/** Starts or restarts a timer. @param next - The turn's draft, while it may still be changed. */
export function setTimer(
  turn: Turn,
  timer: TimerName,
  afterMs: number,
  next: Draft = draft(turn),
): Done {
  const id = next.nextTimerId;
  next.nextTimerId = id + 1;
  next.timers = changeTimer(next.timers, timer, id);
  emit(turn, { type: 'set-timer', timer, id, afterMs: Math.max(0, Math.ceil(afterMs)) });
}

/** Stops a timer if it runs. @param changed - As in {@link setTimer}. */
export function cancelTimer(turn: Turn, timer: TimerName, changed?: Draft): Done {
  if (turn.state.timers[timer] === undefined) return;
  const next = changed ?? draft(turn);
  next.timers = changeTimer(next.timers, timer, undefined);
  emit(turn, { type: 'cancel-timer', timer });
}

/** Stops the timers that belong to a view, but for the one of its phases. */
export function cancelViewTimers(turn: Turn): Done {
  // Written out: fields that are named are read faster.
  const { timers } = turn.state;
  if (timers['view-change'] !== undefined) cancelTimer(turn, 'view-change');
  if (timers['new-view'] !== undefined) cancelTimer(turn, 'new-view');
  if (timers.propose !== undefined) cancelTimer(turn, 'propose');
  if (timers.announce !== undefined) cancelTimer(turn, 'announce');
}

/** The head; the machine is not idle where this is called. */
export function headOf(state: State): HeadInfo {
  if (state.head === undefined) throw new Error('machine has not started');
  return state.head;
}

/** The slot that leads a view of the current height. */
export function leaderAt(state: State, viewId: bigint): number | undefined {
  const head = headOf(state);
  if (state.viewLeader !== undefined && viewId === state.viewId) return state.viewLeader;
  const schedule = head.leaders ?? state.config.leaders;
  const slot = schedule.leaderAt({ height: state.height, viewId, head });
  return slot !== undefined && head.committee.keys[slot] !== undefined ? slot : undefined;
}

/** Whether this node leads a view. */
export function leads(state: State, viewId: bigint): boolean {
  const slot = leaderAt(state, viewId);
  return slot !== undefined && state.ownSlots.includes(slot);
}

/** Whether this node leads the current view in normal operation. */
export function isLeading(state: State): boolean {
  return state.mode === 'normal' && state.leading;
}

/** The slot of a key, or undefined for a key that is not in the committee. */
export function slotOfKey(state: State, key: Uint8Array): number | undefined {
  return state.slots.slotOf(key);
}

/** Slots by key of the committee above a head. */
export function slotsAbove(state: State, { committee }: HeadInfo): KeySlots {
  return state.head?.committee === committee ? state.slots : slotsOf(committee);
}

/** A hash from 32 bytes of the wire. */
export function hashOf(bytes: Uint8Array): Hash {
  return bytesToHex(bytes);
}

/** A hash as 32 bytes that others may share; those kept with the block, if it is a candidate. */
export function hashBytes(state: State, blockHash: Hash): Uint8Array {
  for (const candidate of state.candidates)
    if (candidate.blockHash === blockHash) return candidate.hash;
  return preparePayload(blockHash);
}

/** The largest of some numbers. */
export function largest(first: bigint, ...others: readonly bigint[]): bigint {
  let best = first;
  for (const value of others) if (value > best) best = value;
  return best;
}

/** Highest view id of this height that a peer may speak of. */
export function highestView(state: State, now: number): bigint {
  const { viewChangingId } = state;
  let near = state.viewId;
  if (viewChangingId > near) near = viewChangingId;
  near += MAX_FAR_VIEW;
  if (state.config.timing.viewIds === 'count') return near;
  return largest(nextViewOf(state, now).viewId + 1n, near);
}

/** What the timing says about the next view. */
export function nextViewOf(
  state: State,
  now: number,
): { readonly viewId: bigint; readonly timeoutMs: number } {
  const head = headOf(state);
  return nextView(
    {
      headViewId: head.viewId,
      firstViewId: state.firstViewId,
      headTimestampMs: head.timestampMs,
      nowMs: now,
      viewId: state.viewId,
      viewChangingId: state.viewChangingId,
      ...(state.config.viewIdFloor !== undefined && { floor: state.config.viewIdFloor }),
    },
    state.config.timing,
  );
}

/** Distance between blocks at the current height. */
export function blockPeriod(state: State): number {
  return headOf(state).blockPeriodMs ?? state.config.timing.blockPeriodMs;
}

/** Whether commit votes of the current height cover the view id. */
export function commitsView(head: HeadInfo): boolean {
  return head.commitViewId !== false;
}

/** Whether some time has passed; a clock that was set back counts as well. */
export function hasPassed(since: number, now: number, forMs: number): boolean {
  return now < since || now - since >= forMs;
}

/** Whether a height that somebody spoke of is worth a look: news, or old news and still behind. */
export function asksForSync(state: State, height: bigint, now: number): boolean {
  if (height <= state.height) return false;
  const { phaseTimeoutMs } = state.config.timing;
  return height > state.syncHeight || hasPassed(state.syncMs, now, phaseTimeoutMs);
}

/** Asks the host to look for blocks up to a height that somebody spoke of. */
export function askForSync(turn: Turn, height: bigint): Done {
  update(turn, { syncHeight: height, syncMs: turn.now });
  emit(turn, { type: 'sync', hint: { reason: 'behind', height } });
}

/** Publishes gossip payloads of one type. */
export function broadcast(turn: Turn, message: MessageType, payloads: readonly Uint8Array[]): Done {
  for (const payload of payloads) emit(turn, { type: 'broadcast', message, payload });
}

/** Keeps payloads to be repeated, in place of the former ones of the slot. */
export function keepResending(turn: Turn, slot: ResendSlot, payloads: readonly Uint8Array[]): Done {
  const { resendTimes, resendMs } = turn.state.config.timing;
  if (resendTimes === 0) return;
  const resend = { payloads, left: resendTimes };
  draft(turn).resends = changeResend(turn.state.resends, slot, resend);
  setTimer(turn, `resend-${slot}`, resendMs);
}

/** Stops repeating. */
export function stopResending(turn: Turn, ...slots: readonly ResendSlot[]): Done {
  if (turn.state.resends === NO_RESENDS) return;
  for (const slot of slots) {
    if (turn.state.resends[slot] === undefined) continue;
    draft(turn).resends = changeResend(turn.state.resends, slot, undefined);
    cancelTimer(turn, `resend-${slot}`);
  }
}

/** The candidate with a hash: a valid one, else one under validation. */
export function findCandidate(state: State, blockHash: Hash): Candidate | undefined {
  let found: Candidate | undefined;
  for (const candidate of state.candidates) {
    if (candidate.blockHash !== blockHash) continue;
    if (candidate.status.type === 'valid') return candidate;
    if (candidate.status.type === 'validating') found ??= candidate;
  }
  return found;
}

/** The candidate with a hash and the view id in its header, once it is valid. */
export function validCandidate(
  state: State,
  blockHash: Hash,
): { readonly block: Uint8Array; readonly viewId: bigint } | undefined {
  const candidate = findCandidate(state, blockHash);
  if (candidate?.status.type !== 'valid') return undefined;
  return { block: candidate.block, viewId: candidate.status.viewId };
}

function withRoom(state: State): readonly Candidate[] | undefined {
  const { candidates } = state;
  if (candidates.length < MAX_CANDIDATES) return candidates;
  const needed = new Set([
    state.leaderBlock,
    state.certificate?.blockHash,
    state.preparedProof?.blockHash,
  ]);
  const leaves =
    candidates.find((candidate) => candidate.status.type === 'invalid') ??
    candidates.find((candidate) => !needed.has(candidate.blockHash));
  return leaves && candidates.filter((candidate) => candidate !== leaves);
}

/**
 * Takes in a block and asks for its validation, unless the same bytes are known.
 *
 * @param changed - As in {@link setTimer}.
 * @returns False for a block that is too long, and when every kept block is needed.
 */
export function addCandidate(
  turn: Turn,
  blockHash: Hash,
  block: Uint8Array,
  viewId: bigint,
  changed?: Draft,
): boolean {
  const { state } = turn;
  if (block.length > MAX_BLOCK_BYTES) return false;
  if (validCandidate(state, blockHash) !== undefined) return true;
  for (const other of state.candidates)
    if (other.blockHash === blockHash && equalBytes(other.block, block)) return true;
  const kept = withRoom(state);
  if (kept === undefined) return false;
  const id = state.nextCandidateId;
  const hash = preparePayload(blockHash);
  const candidate: Candidate = { id, blockHash, hash, block, status: { type: 'validating' } };
  const next = changed ?? draft(turn);
  next.candidates = [...kept, candidate];
  next.nextCandidateId = id + 1;
  emit(turn, { type: 'validate', candidate: id, height: state.height, viewId, blockHash, block });
  return true;
}

/** Takes in an own block, valid by construction. */
export function addOwnCandidate(
  turn: Turn,
  blockHash: Hash,
  block: Uint8Array,
  viewId: bigint,
): Done {
  const { state } = turn;
  const others = state.candidates.filter((candidate) => candidate.blockHash !== blockHash);
  const kept = withRoom({ ...state, candidates: others }) ?? others.slice(1);
  const id = state.nextCandidateId;
  const hash = preparePayload(blockHash);
  const candidate: Candidate = { id, blockHash, hash, block, status: { type: 'valid', viewId } };
  update(turn, { candidates: [...kept, candidate], nextCandidateId: id + 1 });
}
