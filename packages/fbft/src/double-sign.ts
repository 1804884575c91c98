/**
 * Noticing members that contradict themselves, at any node.
 *
 * Two commit votes of one key for two blocks at one height and view are Harmony's offence. Votes of
 * different views are legal there: the block may have been carried over, so both votes must sign
 * the same view id; for a block that is not known here it is taken from the message.
 *
 * Under `strict` every vote says all that matters, so there are more: two prepare votes in one view,
 * and a prepare vote against an earlier commit vote without a certificate that justifies it. Nobody
 * who follows `strict/rules.ts` casts such a pair, and members that make a fork must.
 *
 * @source harmony/consensus/double_sign.go: checkDoubleSign; harmony/staking/slash/double-sign.go: Verify
 */
import type { HeardVote, WatchedVote } from './decoded.js';
import { commitBytes, prepareBytes } from './payloads.js';
import type { EvidenceVote } from './ports.js';
import { type CastVote, findOffence } from './strict/offences.js';
import {
  amend,
  type Done,
  emit,
  headOf,
  ignore,
  isLeading,
  type Turn,
  update,
  validCandidate,
} from './turn.js';
import type { State, VerifyItem } from './types.js';

/** Commit votes of all slots stand before the prepare votes. */
const placeOf = (state: State, kind: WatchedVote['kind'], slot: number): number =>
  kind === 'commit' ? slot : slot + headOf(state).committee.keys.length;

/** Looks at a vote that is not verified yet. */
export function watchVote(
  turn: Turn,
  from: string,
  vote: HeardVote,
  signers: readonly number[],
): Done {
  const { state } = turn;
  const { wire, watchesDoubleSigns } = state.config.profile;
  if (wire === 1 && vote.kind === 'prepare') return;
  if (watchesDoubleSigns === 'nobody') return;
  if (watchesDoubleSigns === 'leader' && !isLeading(state)) return;
  // A vote of a view still to come would hide those of this view.
  if (vote.viewId > state.viewChangingId) return;
  vote.watched ??= watchedOf(vote, signers);
  const { kind } = vote;
  const seen = vote.watched;
  let { watch } = state;
  for (const slot of signers) {
    const known = watch.get(placeOf(state, kind, slot));
    if (known === undefined) {
      if (watch === turn.before.watch) watch = watch.add(placeOf(state, kind, slot), seen);
      else watch.extend(placeOf(state, kind, slot), seen);
    } else if (known.messageView < seen.messageView)
      watch = watch.set(placeOf(state, kind, slot), seen);
    const partner = partnerOf(state, slot, seen, known);
    if (partner === undefined) continue;
    report(turn, from, slot, ...partner, seen);
    break;
  }
  if (watch !== state.watch) amend(turn).watch = watch;
}

function watchedOf(vote: HeardVote, signers: readonly number[]): WatchedVote {
  const { kind, viewId: messageView, blockHash, signature, justifiedBy } = vote;
  const watched = { kind, messageView, signers, blockHash, signature };
  return justifiedBy === undefined ? watched : { ...watched, justifiedBy };
}

/** The vote that a seen one contradicts, in the order in which they were cast. */
function partnerOf(
  state: State,
  slot: number,
  seen: WatchedVote,
  known: WatchedVote | undefined,
): [first: WatchedVote, second: WatchedVote] | undefined {
  if (known !== undefined && contradicts(state, known, seen)) return [known, seen];
  if (state.config.profile.wire === 1) return undefined;
  const other = state.watch.get(
    placeOf(state, seen.kind === 'commit' ? 'prepare' : 'commit', slot),
  );
  if (other === undefined || !contradicts(state, other, seen)) return undefined;
  return seen.kind === 'commit' ? [seen, other] : [other, seen];
}

function contradicts(state: State, one: WatchedVote, two: WatchedVote): boolean {
  const agree = one.blockHash === two.blockHash && one.justifiedBy === two.justifiedBy;
  if (agree) return false;
  if (state.config.profile.wire === 1) return one.messageView === two.messageView;
  return findOffence(castOf(one), castOf(two)) !== undefined;
}

function castOf({ kind, messageView: viewId, blockHash, justifiedBy = 0n }: WatchedVote): CastVote {
  return { kind, viewId, blockHash, justifiedBy };
}

/** View id that a vote signs: under wire version 1 that of the block's header. */
function signedView(state: State, vote: WatchedVote): bigint {
  if (state.config.profile.wire === 2) return vote.messageView;
  return validCandidate(state, vote.blockHash)?.viewId ?? vote.messageView;
}

function report(
  turn: Turn,
  from: string,
  slot: number,
  first: WatchedVote,
  second: WatchedVote,
  seen: WatchedVote,
): Done {
  const { state } = turn;
  const head = headOf(state);
  const strict = state.config.profile.wire === 2;
  const viewId = signedView(state, second);
  if (state.reported.has(slot) || (!strict && viewId !== signedView(state, first))) return;
  const keysOf = (vote: WatchedVote): Uint8Array[] =>
    vote.signers.map((signer) => head.committee.keys[signer]!);
  const evidenceOf = (vote: WatchedVote): EvidenceVote => ({
    signers: vote.signers,
    keys: keysOf(vote),
    blockHash: vote.blockHash,
    signature: vote.signature,
    ...(strict && {
      statement: {
        kind: vote.kind,
        viewId: vote.messageView,
        justifiedBy: vote.justifiedBy ?? 0n,
      },
    }),
  });
  const messageOf = ({
    kind,
    blockHash,
    messageView,
    justifiedBy = 0n,
  }: WatchedVote): Uint8Array =>
    kind === 'prepare'
      ? prepareBytes(state, blockHash, messageView, justifiedBy)
      : commitBytes(state, head, { blockHash, viewId }, messageView);
  const evidence = {
    height: state.height,
    viewId,
    epoch: head.epoch,
    key: head.committee.keys[slot]!,
    first: evidenceOf(first),
    second: evidenceOf(second),
  };
  const checks = [first, second].map((vote) => ({
    keys: keysOf(vote),
    message: messageOf(vote),
    signature: vote.signature,
  }));
  const item = { type: 'double-sign', from, slot, evidence, watched: seen } as const;
  emit(turn, { type: 'verify', item, checks });
}

/** The signatures of two contradicting votes were looked at. */
export function onDoubleSignChecked(
  turn: Turn,
  item: VerifyItem & { type: 'double-sign' },
  results: readonly boolean[],
): Done {
  const { state } = turn;
  const { evidence, slot, watched } = item;
  if (evidence.height !== state.height || state.reported.has(slot))
    return ignore(turn, 'stale', item.from);
  const [firstRight, secondRight] = results;
  if (firstRight === true && secondRight === true) {
    update(turn, { reported: new Set(state.reported).add(slot) });
    emit(turn, { type: 'report-double-sign', evidence });
    return;
  }
  // Of the one kept and the one seen, a wrong one that was kept gives up its place.
  const seenFirst = evidence.first.signature === watched.signature;
  const seenRight = seenFirst ? firstRight : secondRight;
  const keptRight = seenFirst ? secondRight : firstRight;
  if (seenRight === true && keptRight !== true) {
    const kept = seenFirst ? evidence.second : evidence.first;
    const place = placeOf(state, kept.statement?.kind ?? watched.kind, slot);
    const same = place === placeOf(state, watched.kind, slot);
    update(turn, { watch: same ? state.watch.set(place, watched) : state.watch.delete(place) });
    return ignore(turn, 'bad-signature');
  }
  ignore(turn, 'bad-signature', item.from);
}
