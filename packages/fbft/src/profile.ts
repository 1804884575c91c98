/**
 * The three ways to vote, as values: `compat`, `guarded`, `strict`.
 *
 * A profile names the wire and holds the rules that differ: predicates and choices over plain
 * values, each in its own file. The machine asks the profile it was made with and knows none by
 * name, so all three run through the same phases, timers, driver and simulator.
 */
import { compatVoting } from './compat-rules.js';
import { markCommit, markPrepare, refuseCommit, refusePrepare } from './invariants.js';
import { strictVoting } from './strict/rules.js';
import type { VotingRules } from './voting.js';

/** A set of rules for consensus, chosen when a machine or driver is made. */
export interface Profile {
  readonly name: 'compat' | 'guarded' | 'strict';
  /** Version of the messages: 1 those of Harmony's Go node, 2 the own ones. */
  readonly wire: 1 | 2;
  readonly voting: VotingRules;
  /** Whether a vote waits until the mark is durable, and a restart reads the mark. */
  readonly durable: boolean;
  /** Whether PREPARE waits until the block is valid, or follows ANNOUNCE at once. */
  readonly preparesWhen: 'validated' | 'announced';
  /** Which of several certificates is kept and carried: the one of the greatest view, or the first. */
  readonly carries: 'greatest-view' | 'first';
  /** Who may open a view: its leader, or any member that shows a quorum of reports. */
  readonly newViewFrom: 'leader' | 'member';
  /** Whether the certificate that NEWVIEW carries must have a quorum. */
  readonly checksCarriedQuorum: boolean;
  /** Whether more than a third of the reports makes a member give up its view as well. */
  readonly joinsViewChanges: boolean;
  /** Where views are counted: whether a member tries the next one alone, or only once a quorum has given up as well. */
  readonly givesUp: 'alone' | 'together';
  /** Whether an operator may release a height on which members hold different blocks. */
  readonly canRelease: boolean;
  /** What a leader takes commit votes for: its block only, or any block it knows. */
  readonly countsCommitsFor: 'current-block' | 'known-blocks';
  /** Who looks for two commit votes of one key in one view. */
  readonly watchesDoubleSigns: 'everybody' | 'leader' | 'nobody';
  /** Whether signing needs the option `allowUnsafeSigning`. */
  readonly unsafe: boolean;
}

/**
 * The Go node of release 2025.1.1 as it votes, without its crashes, endless loops and identity
 * keys. Can fork and halt; for differential tests, traces and study.
 *
 * PREPARE before validation, no lock, nothing durable; a new leader carries the first prepared
 * block it hears of, its own before all others; any member may open a view with a quorum of M3;
 * a commit vote counts for the block it names, whichever the height is about.
 *
 * @source harmony/consensus (release 2025.1.1)
 */
export const compat: Profile = {
  name: 'compat',
  wire: 1,
  voting: compatVoting,
  durable: false,
  preparesWhen: 'announced',
  carries: 'first',
  newViewFrom: 'member',
  checksCarriedQuorum: false,
  joinsViewChanges: false,
  givesUp: 'alone',
  canRelease: false,
  countsCommitsFor: 'known-blocks',
  watchesDoubleSigns: 'nobody',
  unsafe: true,
};

/**
 * {@link compat} with what the releases of 2026 changed without a fork: the certificate inside
 * NEWVIEW must have a quorum, and leaders look for double commit votes again.
 *
 * @activation releases from 2026-07 on
 * @source harmony/consensus/view_change_newview_test.go; harmony/consensus/double_sign.go (2026 releases)
 */
export const compat2026: Profile = {
  ...compat,
  checksCarriedQuorum: true,
  watchesDoubleSigns: 'leader',
};

/**
 * The bytes of the Go node with stricter votes: R1 to R3 of `refusePrepare` and `refuseCommit`,
 * durable votes, validation before PREPARE, expected leader and quorum on NEWVIEW. The default.
 */
export const guarded: Profile = {
  name: 'guarded',
  wire: 1,
  voting: { refusePrepare, refuseCommit, markPrepare, markCommit },
  durable: true,
  preparesWhen: 'validated',
  carries: 'greatest-view',
  newViewFrom: 'leader',
  checksCarriedQuorum: true,
  joinsViewChanges: true,
  givesUp: 'together',
  canRelease: true,
  countsCommitsFor: 'current-block',
  watchesDoubleSigns: 'everybody',
  unsafe: false,
};

/**
 * For own networks: own messages, a lock that every member can check, and votes that name whoever
 * makes a fork; see `strict/rules.ts`. A carried block is prepared again in the new view, a new
 * leader shows the reports of a quorum, and members give up views together, after waits that grow.
 * Needs `chainId` and counted view ids.
 */
export const strict: Profile = {
  name: 'strict',
  wire: 2,
  voting: strictVoting,
  durable: true,
  preparesWhen: 'validated',
  carries: 'greatest-view',
  newViewFrom: 'leader',
  checksCarriedQuorum: true,
  joinsViewChanges: true,
  givesUp: 'together',
  canRelease: false,
  countsCommitsFor: 'current-block',
  watchesDoubleSigns: 'everybody',
  unsafe: false,
};
