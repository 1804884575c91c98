/**
 * Bugs that the simulator must find. Each is a small change of a rule in a copy of the sources; none
 * can be reached in the published code. A change of the sources that moves a line breaks its entry
 * here loudly: an edit must find its line exactly once.
 */
import type { Edit } from './load.js';

/** A planted bug. */
export interface Bug {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** The profile whose rule it breaks; `guarded` by default. */
  readonly profile?: 'guarded' | 'strict';
  /** It takes more than about fifty seeds to find: not looked for on every change. */
  readonly rare?: true;
  /** Members of the networks it is looked for in. */
  readonly nodes?: readonly number[];
}

const edit = (file: string, from: string, to = ''): Edit => ({ file, from, to });

/** All planted bugs. */
export const BUGS: readonly Bug[] = [
  // Voting rules of guarded
  {
    name: 'R1: two blocks may be prepared in one view',
    rare: true,
    edits: [
      edit(
        'invariants.ts',
        "if (prepared.viewId >= block.viewId) return 'prepared-other';",
        "if (prepared.viewId > block.viewId) return 'prepared-other';",
      ),
    ],
  },
  {
    name: 'R1: the view in the header is not looked at',
    edits: [edit('invariants.ts', "if (block.viewId !== viewId) return 'wrong-view';")],
  },
  {
    name: 'R2: a lock does not bar prepare votes',
    edits: [
      edit('invariants.ts', "if (!certified || block.viewId <= lock.viewId) return 'locked';"),
    ],
  },
  {
    name: 'R3: a later prepare vote does not bar commit votes',
    edits: [edit('invariants.ts', "if (prepared.viewId > block.viewId) return 'prepared-later';")],
  },
  {
    name: 'a mark of a lower height still binds',
    edits: [
      edit(
        'invariants.ts',
        'return mark.height < height ? emptyMark(mark.shardId, height, mark.wire) : mark;',
        'return mark;',
      ),
    ],
  },
  // Durability
  {
    name: 'the lock is not written to disk',
    edits: [edit('mark.ts', 'lock ? [...voteItems(lock)', 'false ? [...voteItems(lock!)')],
  },
  {
    name: 'the prepare vote is not written to disk',
    rare: true,
    edits: [
      edit('mark.ts', 'prepared ? [...voteItems(prepared)', 'false ? [...voteItems(prepared!)'),
    ],
  },
  {
    name: 'the mark is not read after a restart',
    edits: [edit('heights.ts', '(profile.durable ? mark : undefined)', '(mark && undefined)')],
  },
  {
    name: 'votes are signed before the mark is durable',
    rare: true,
    edits: [
      edit(
        'signing.ts',
        "if (turn.state.config.profile.durable) emit(turn, { type: 'persist', mark, plan });\n  else signOnly(turn, plan);",
        "signOnly(turn, plan);\n  emit(turn, { type: 'persist', mark, plan: { ...plan, type: 'record' } });",
      ),
    ],
  },
  {
    name: 'votes are not entered in the mark',
    edits: [
      edit(
        'signing.ts',
        'const next = voting.markPrepare(',
        'const next = ((m: SignedMark, ..._: unknown[]) => m)(',
      ),
      edit('invariants.ts', 'if (mark.height !== height) return false;', 'return true;'),
    ],
  },
  // Counting
  {
    name: 'two thirds are a quorum (>= for >)',
    nodes: [6],
    edits: [edit('committee.ts', '(total * 2n) / 3n;', '(total * 2n - 1n) / 3n;')],
  },
  {
    name: 'a tally is a quorum at two thirds of its power',
    nodes: [4, 6],
    edits: [
      edit('votes.ts', 'tally.power > powers.quorumAbove', 'tally.power >= powers.quorumAbove'),
    ],
  },
  {
    name: 'a member is counted twice',
    edits: [
      edit(
        'votes.ts',
        "=== undefined ? 'counted' : 'repeated';",
        "=== undefined ? 'counted' : 'counted';",
      ),
      edit('votes.ts', "if (covered === 0) return 'counted';", "return 'counted';"),
    ],
  },
  {
    name: 'the leader publishes after the first prepare vote',
    edits: [
      edit(
        'phases.ts',
        "if (tally === undefined || state.phase !== 'prepare' || !isLeading(state)) return;\n  if (!isQuorum(tally, headOf(state).committee)) return;",
        "if (tally === undefined || state.phase !== 'prepare' || !isLeading(state)) return;",
      ),
    ],
  },
  {
    name: 'the leader decides after the first commit vote',
    edits: [
      edit(
        'phases.ts',
        "if (tally === undefined || state.phase !== 'commit' || !isLeading(state)) return;\n  if (!isQuorum(tally, headOf(state).committee)) return;",
        "if (tally === undefined || state.phase !== 'commit' || !isLeading(state)) return;",
      ),
    ],
  },
  {
    name: 'a signature is left out of the sum',
    edits: [
      edit(
        'phases.ts',
        'groups: [ballots.map((ballot) => ballot.signature)],\n  });\n}\n\nfunction tellQuorum',
        'groups: [ballots.map((ballot) => ballot.signature).slice(1)],\n  });\n}\n\nfunction tellQuorum',
      ),
    ],
  },
  // Checks of what comes from peers
  {
    name: 'signatures are not checked',
    rare: true,
    edits: [
      edit('machine.ts', 'results.length === 0 || results.includes(false)', 'results.length === 0'),
    ],
  },
  {
    name: 'a seal needs no quorum',
    edits: [
      edit(
        'seal.ts',
        'signers.length > 0 && committee.hasQuorum(signers) ? signers',
        'signers.length > 0 ? signers',
      ),
    ],
  },
  {
    name: 'the length of a bitmap is not checked',
    edits: [
      edit('committee-bitmap.ts', 'if (bitmap.length !== bitmapLength(signers)) return false;'),
    ],
  },
  {
    name: 'what cannot be decoded throws',
    edits: [
      edit('decoded.ts', "if (isProtocolError(error)) return { problem: 'malformed', payload };"),
    ],
  },
  {
    name: 'one peer may fill the queue of early messages',
    rare: true,
    edits: [edit('reception.ts', 'if (fromPeer >= MAX_EARLY_PER_PEER) {', 'if (fromPeer < 0) {')],
  },
  {
    name: 'votes of two views are taken for a double sign',
    profile: 'strict',
    edits: [edit('strict/offences.ts', 'if (one.viewId !== two.viewId) return undefined;')],
  },
  // View changes and heights
  {
    name: 'the phase timer does not start with a view',
    edits: [
      edit(
        'phases.ts',
        '  next.leading = leads(next, viewId);\n  startPhaseTimer(turn, next);',
        '  next.leading = leads(next, viewId);',
      ),
    ],
  },
  {
    name: 'a view change has no timer',
    edits: [edit('view-change.ts', "setTimer(turn, 'view-change', timeoutMs);")],
  },
  {
    name: 'a view change drops the prepared block',
    edits: [
      edit(
        'view-change.ts',
        'const { height, viewChangingId: viewId, certificate } = state;',
        'const { height, viewChangingId: viewId } = state;\n  const certificate = undefined as State["certificate"];',
      ),
    ],
  },
  {
    name: 'a new leader carries the oldest prepared block',
    rare: true,
    edits: [edit('view-change.ts', 'block.viewId > best.viewId', 'block.viewId < best.viewId')],
  },
  {
    name: 'the first view of a height is the last of the height below',
    edits: [edit('timing.ts', 'return last + 1n;', 'return last;')],
  },
  {
    name: 'who lags behind asks nobody',
    edits: [
      edit('turn.ts', "emit(turn, { type: 'sync', hint: { reason: 'behind', height } });"),
      edit(
        'view-change.ts',
        "emit(turn, { type: 'sync', hint: { reason: 'silence', height: turn.state.height } });",
      ),
    ],
  },
  {
    name: 'timers are random',
    edits: [
      edit(
        'phases.ts',
        "setTimer(turn, 'phase', due + wait, next);",
        "setTimer(turn, 'phase', due + wait + Math.floor(Math.random() * 60), next);",
      ),
    ],
  },
  // Strict
  {
    name: 'strict: two blocks may be prepared in one view',
    rare: true,
    profile: 'strict',
    edits: [
      edit(
        'strict/rules.ts',
        "if (!same || (prepared.justifiedBy ?? 0n) !== justifiedBy) return 'prepared-other';",
      ),
    ],
  },
  {
    name: 'strict: the lock does not bind',
    rare: true,
    profile: 'strict',
    edits: [
      edit(
        'strict/rules.ts',
        "return justifiedBy < bound ? 'locked' : undefined;",
        'return undefined;',
      ),
    ],
  },
  {
    name: 'strict: a commit vote leaves no lock',
    profile: 'strict',
    edits: [
      edit(
        'strict/rules.ts',
        'next.lock = otherViewId === undefined ? lock : { ...lock, otherViewId };',
        'next.lock = before;',
      ),
    ],
  },
  {
    name: 'strict: the lock is not written to disk',
    rare: true,
    profile: 'strict',
    edits: [edit('mark.ts', 'lock ? [...voteItems(lock)', 'false ? [...voteItems(lock!)')],
  },
];
