/**
 * The rows of the table: sets of rules, and what the search must find for each with two and with
 * three views. Rules are left out by hiding a part of the mark from the library's own functions.
 */
import { compat, guarded as guardedProfile, strict, type VotingRules } from '../src/index.js';
import { type CarriedRules, carriedNetwork } from './carried.js';
import type { Network } from './search.js';
import { type StrictRules, strictNetwork } from './strict.js';

/** A row. */
export interface Row {
  readonly name: string;
  /** The network up to a view. */
  network(views: number): Network<unknown>;
  /** Whether there is a fork, by views. */
  readonly forks: { readonly 2: boolean; readonly 3: boolean };
  /** Whether a height can get stuck. */
  readonly sticks: boolean;
}

const guarded = guardedProfile.voting;

/** Without R2: as if there were no lock. */
const withoutR2: VotingRules = {
  ...guarded,
  refusePrepare: ({ lock: _lock, ...mark }, ...rest) => guarded.refusePrepare(mark, ...rest),
  refuseCommit: (mark, height, block, viewId) => {
    const { lock, ...free } = mark;
    // What stays is the bar on two commit votes in one view.
    const again = lock?.votedInView === viewId && lock.blockHash !== block.blockHash;
    return again ? 'committed-other' : guarded.refuseCommit(free, height, block, viewId);
  },
};

/** Without R3: as if nothing had been prepared. */
const withoutR3: VotingRules = {
  ...guarded,
  refuseCommit: ({ prepared: _prepared, ...mark }, ...rest) => guarded.refuseCommit(mark, ...rest),
};

/** R1 alone. */
const onlyR1: VotingRules = {
  ...withoutR2,
  refuseCommit: ({ prepared: _prepared, ...mark }, ...rest) =>
    withoutR2.refuseCommit(mark, ...rest),
};

/** Without R1: as if nothing had been prepared before. */
const withoutR1: VotingRules = {
  ...guarded,
  refusePrepare: ({ prepared: _prepared, ...mark }, ...rest) =>
    guarded.refusePrepare(mark, ...rest),
};

/** R3 alone, with nothing that bars a second commit vote. */
const onlyR3: VotingRules = {
  ...guarded,
  refusePrepare: ({ prepared: _prepared, lock: _lock, ...mark }, ...rest) =>
    guarded.refusePrepare(mark, ...rest),
  refuseCommit: ({ lock: _lock, ...mark }, ...rest) => guarded.refuseCommit(mark, ...rest),
};

const always = { 2: true, 3: true };
const never = { 2: false, 3: false };

function carried(
  name: string,
  forks: Row['forks'],
  sticks: boolean,
  voting: VotingRules,
  rules: Omit<CarriedRules, 'voting'> = {},
): Row {
  const network = (views: number) => carriedNetwork({ voting, ...rules }, views);
  return { name, forks, sticks, network: network as (views: number) => Network<unknown> };
}

const later = { later: true };
const lock = { lock: true };
const both = { later: true, lock: true };
const together = { operators: 'together' } as const;

/** Wire version 1: the table of rules that repair agreement without changing the wire, and more. */
export const carriedRows: readonly Row[] = [
  carried('compat', always, false, compat.voting),
  carried('R1: one PREPARE in a view', always, false, onlyR1),
  carried('R1 + R2', always, false, withoutR3),
  carried('R1 + R3', always, false, withoutR2),
  carried('R3', always, false, onlyR3),
  carried('R2 + R3', never, true, withoutR1),
  carried('R1 + R2 + R3 (guarded)', never, true, guarded),
  carried('… with view-change reports', never, true, guarded, { released: {} }),
  carried('… R3 released by reports', always, true, guarded, { released: later }),
  carried('… lock released by reports', always, true, guarded, { released: lock }),
  carried('… both released', always, true, guarded, { released: both }),
  carried('… R3 released, one act in a view', { 2: false, 3: true }, true, guarded, {
    released: later,
    oneAct: true,
  }),
  carried('… lock released, one act', always, true, guarded, { released: lock, oneAct: true }),
  carried('… both released, one act', always, true, guarded, { released: both, oneAct: true }),
  carried('… a restart forgets the mark', always, true, guarded, { forgets: true }),
  carried('… operators release, each alone', always, true, guarded, { operators: 'alone' }),
  carried('… all release when stuck', always, true, guarded, together),
  carried('… all release up to one view', never, true, guarded, { ...together, floor: true }),
];

/** Without S1: as if nothing had been prepared. */
const withoutS1: VotingRules = {
  ...strict.voting,
  refusePrepare: ({ prepared: _prepared, ...mark }, ...rest) =>
    strict.voting.refusePrepare(mark, ...rest),
};

/** Without S2: as if there were no lock. */
const withoutS2: VotingRules = {
  ...strict.voting,
  refusePrepare: ({ lock: _lock, ...mark }, ...rest) => strict.voting.refusePrepare(mark, ...rest),
};

function own(
  name: string,
  forks: Row['forks'],
  voting: VotingRules,
  rules: Omit<StrictRules, 'voting'> = {},
): Row {
  const network = (views: number) => strictNetwork({ voting, ...rules }, views);
  return { name, forks, sticks: false, network: network as (views: number) => Network<unknown> };
}

/** Wire version 2. */
export const strictRows: readonly Row[] = [
  own('S1 + S2 + S3 (strict), any opening', never, strict.voting),
  own('… views opened by reports', never, strict.voting, { reports: true }),
  own('S1 + S3', always, withoutS2),
  own('S1 + S3, opened by reports', never, withoutS2, { reports: true }),
  own('S2 + S3', always, withoutS1),
  own('strict, a restart forgets the mark', always, strict.voting, { forgets: true }),
];
