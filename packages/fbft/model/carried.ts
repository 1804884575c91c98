/**
 * The network of wire version 1, in which prepare votes name a block and no view, and a carried
 * block goes straight to COMMIT: the world of `compat` and `guarded`.
 *
 * The voting rules are functions of the library, given real signed marks; what is varied is which
 * of them a row of the table leaves out.
 */
import { bytesToHex, type Hash } from '@polyphony/primitives';
import {
  emptyMark,
  markView,
  releaseMark,
  type SignedMark,
  type VotingRules,
} from '../src/index.js';
import type { Act, JointPart, Network } from './search.js';

/** What a row of the table is about. */
export interface CarriedRules {
  readonly voting: VotingRules;
  /** View changes carry reports, and these drop when a quorum of reports shows nothing newer. */
  readonly released?: { readonly later?: boolean; readonly lock?: boolean };
  /** In a view a member either prepares a fresh block or commits a carried one. */
  readonly oneAct?: boolean;
  /** A restart forgets the mark. */
  readonly forgets?: boolean;
  /** Operators may once say `release`: each on its own, or all at once when the height is stuck. */
  readonly operators?: 'alone' | 'together';
  /** They name a view that none of them has passed, and vote for blocks of later views only. */
  readonly floor?: boolean;
}

/** One member. */
export interface CarriedMember {
  readonly mark: SignedMark;
  /** Blocks it ever prepared, and ever commit-voted, as bits. */
  readonly prepared: number;
  readonly committed: number;
  /** By view: 0 for no report, otherwise 1 + the view of the certificate it showed (0 for none). */
  readonly reports: readonly number[];
  /** What it did in the view of its mark. */
  readonly did: '' | 'fresh' | 'carried';
  /** -1 before a release, then the view at which it was, if it matters. */
  readonly released: number;
}

export const HEIGHT = 1n;

/** The hash of a block by number. */
export function hashOf(block: number): Hash {
  return bytesToHex(new Uint8Array(32).fill(block + 1));
}

/** The number of a block by hash. */
export function blockOf(hash: Hash): number {
  return Number.parseInt(hash.slice(2, 4), 16) - 1;
}

/** Two blocks can be proposed in each view, the first of them 1. Block `i` is of view `1 + i / 2`. */
export function viewOf(block: number): number {
  return 1 + (block >> 1);
}

/** The subsets of views whose two blocks change names, as maps of block numbers. */
export function blockRenamings(views: number): readonly ((block: number) => number)[] {
  return Array.from(
    { length: 1 << views },
    (_, swapped) => (block) => ((swapped >> (block >> 1)) & 1 ? block ^ 1 : block),
  );
}

const SEAL = { signature: new Uint8Array(96), bitmap: new Uint8Array(1) };
const NO_BYTES = new Uint8Array(0);

/** A block as the marks know it. */
function voteFor(block: number) {
  return { blockHash: hashOf(block), viewId: BigInt(viewOf(block)) };
}

/** A text for a mark: everything that a rule looks at. */
export function markKey({ viewId, prepared, lock }: SignedMark): string {
  const voted = prepared && `${blockOf(prepared.blockHash)}@${prepared.viewId}`;
  const why = prepared && extra(prepared, 'justifiedBy');
  const locked = lock && `${blockOf(lock.blockHash)}@${lock.viewId}/${lock.votedInView}`;
  return `${viewId};${voted}${why};${locked}${lock ? extra(lock, 'otherViewId') : ''}`;
}

/** A field that only marks of `strict` have. */
function extra(vote: object, field: string): string {
  const value = (vote as Record<string, unknown>)[field];
  return value === undefined ? '' : `<${value}`;
}

/** A mark with blocks renamed. */
export function renameMark(mark: SignedMark, rename: (block: number) => number): SignedMark {
  const { prepared, lock } = mark;
  const renamed = <Vote extends { readonly blockHash: Hash }>(vote: Vote): Vote => ({
    ...vote,
    blockHash: hashOf(rename(blockOf(vote.blockHash))),
  });
  return {
    ...mark,
    ...(prepared && { prepared: renamed(prepared) }),
    ...(lock && { lock: renamed(lock) }),
  };
}

/** Bits renamed. */
function renameBits(bits: number, rename: (block: number) => number): number {
  let renamed = 0;
  for (let block = 0; bits >> block; block++)
    if ((bits >> block) & 1) renamed |= 1 << rename(block);
  return renamed;
}

/** The network with some rules, for views 1 to `views`. */
export function carriedNetwork(rules: CarriedRules, views: number): Network<CarriedMember> {
  const { voting, released } = rules;
  const blocks = Array.from({ length: 2 * views }, (_, block) => block);
  // Facts: block prepared, block committed, "reported for view w nothing above view x".
  const preparedFact = (block: number): number => block;
  const committedFact = (block: number): number => 2 * views + block;
  const reportFact = (view: number, atMost: number): number =>
    4 * views + (view - 1) * (views + 1) + atMost;

  function withoutCertificate(mark: SignedMark): SignedMark {
    const { certificate: _certificate, proposal: _proposal, ...rest } = mark;
    return rest;
  }

  /** The member after an act in a view; undefined where it can not act (again). */
  function after(
    member: CarriedMember,
    view: number,
    did: 'fresh' | 'carried' | 'commit',
    changes: Partial<CarriedMember> & { readonly mark: SignedMark },
  ): CarriedMember | undefined {
    if (member.mark.viewId > BigInt(view)) return undefined; // no machine goes back
    const before = member.mark.viewId === BigInt(view) ? member.did : '';
    const now = did === 'commit' ? before : did;
    if (rules.oneAct && before !== '' && before !== now) return undefined;
    return {
      ...member,
      ...changes,
      mark: withoutCertificate(changes.mark),
      did: rules.oneAct ? now : '',
    };
  }

  function prepares(member: CarriedMember, view: number): Act<CarriedMember>[] {
    const acts: Act<CarriedMember>[] = [];
    for (const block of blocks.filter((one) => viewOf(one) === view)) {
      const vote = voteFor(block);
      const add = (mark: SignedMark, shown: number | undefined, needs: number[], why: string) => {
        const certificate = shown === undefined ? undefined : voteFor(shown);
        const given = BigInt(view);
        if (voting.refusePrepare(mark, HEIGHT, vote, given, certificate) !== undefined)
          return false;
        const next = after(member, view, 'fresh', {
          mark: voting.markPrepare(member.mark, HEIGHT, vote, given),
          prepared: member.prepared | (1 << block),
        });
        if (next)
          acts.push({
            label: `prepare ${block} in view ${view}${why}`,
            does: { kind: 'prepare', block, view },
            next,
            needs,
          });
        return true;
      };
      if (add(member.mark, undefined, [], '')) continue;
      for (const shown of blocks)
        add(member.mark, shown, [preparedFact(shown)], `, shown a certificate of ${shown}`);
      const { lock, ...free } = member.mark;
      if (!released?.lock || lock === undefined) continue;
      const nothing = [reportFact(view, Number(lock.viewId) - 1)];
      add(free, undefined, nothing, ', its lock released');
    }
    return acts;
  }

  function commits(member: CarriedMember, view: number): Act<CarriedMember>[] {
    const acts: Act<CarriedMember>[] = [];
    for (const block of blocks) {
      const headerView = viewOf(block);
      if (headerView > view) continue;
      const certificate = { ...voteFor(block), seal: SEAL, block: NO_BYTES };
      const did = headerView < view ? 'carried' : 'commit';
      const add = (mark: SignedMark, needs: number[], why: string) => {
        if (voting.refuseCommit(barring(member, mark), HEIGHT, voteFor(block), BigInt(view)))
          return false;
        const next = after(member, view, did, {
          mark: voting.markCommit(member.mark, HEIGHT, certificate, BigInt(view)),
          committed: member.committed | (1 << block),
        });
        if (next)
          acts.push({
            label: `commit ${block} in view ${view}${why}`,
            does: { kind: 'commit', block, view },
            next,
            needs,
          });
        return true;
      };
      if (add(member.mark, [preparedFact(block)], '')) continue;
      const { prepared: _prepared, ...free } = member.mark;
      if (!released?.later) continue;
      const nothing = [preparedFact(block), reportFact(view, headerView)];
      add(free, nothing, ', its later prepare vote released');
    }
    return acts;
  }

  function reports(member: CarriedMember, view: number): Act<CarriedMember>[] {
    if (released === undefined || view === 1 || member.reports[view] !== 0) return [];
    if (member.mark.viewId >= BigInt(view)) return [];
    const mark = markView(member.mark, HEIGHT, BigInt(view), undefined)!;
    const shown = Number(member.mark.lock?.viewId ?? 0n);
    const next = {
      ...member,
      mark,
      reports: member.reports.map((kept, at) => (at === view ? 1 + shown : kept)),
      did: '' as const,
    };
    return [
      { label: `ask for view ${view}, showing a certificate of view ${shown}`, next, needs: [] },
    ];
  }

  /** The member released at a view; undefined when it was before, or has passed that view. */
  function releaseAt(member: CarriedMember, view: number): JointPart<CarriedMember> {
    if (member.released >= 0 || member.mark.viewId > BigInt(view)) return undefined;
    const { lock: _lock, ...free } = member.mark;
    const mark = rules.floor ? releaseMark(member.mark, HEIGHT, BigInt(view))! : free;
    const next = { ...member, mark, released: rules.floor ? view : 0 };
    return { label: rules.floor ? `release up to view ${view}` : 'release', next };
  }

  function releases(member: CarriedMember): JointPart<CarriedMember>[] {
    if (!rules.floor) return [releaseAt(member, views)];
    return Array.from({ length: views }, (_, i) => releaseAt(member, i + 1));
  }

  /** After a release without a view a prepare vote bars other prepare votes only. */
  function barring(member: CarriedMember, mark: SignedMark): SignedMark {
    if (rules.floor || member.released < 0) return mark;
    const { prepared: _prepared, ...free } = mark;
    return free;
  }

  /** Whether three members with these marks, and nobody else, can finish a block in a new view. */
  function canDecide(members: readonly CarriedMember[], hasQuorum: (fact: number) => boolean) {
    const next = BigInt(views + 1);
    const fresh = { blockHash: hashOf(2 * views), viewId: next };
    const freshPasses = members.every(
      ({ mark }) => voting.refusePrepare(mark, HEIGHT, fresh, next, undefined) === undefined,
    );
    if (freshPasses) return true;
    return blocks.some(
      (block) =>
        hasQuorum(preparedFact(block)) &&
        members.every((member) => {
          const mark = barring(member, member.mark);
          return voting.refuseCommit(mark, HEIGHT, voteFor(block), next) === undefined;
        }),
    );
  }

  return {
    start: {
      mark: emptyMark(0, HEIGHT),
      prepared: 0,
      committed: 0,
      reports: new Array(views + 1).fill(0),
      did: '',
      released: -1,
    },
    keyOf: ({ mark, prepared, committed, reports: shown, did, released: was }) =>
      `${markKey(mark)}|${prepared}|${committed}|${shown}|${did}|${was}`,
    actsOf: (member) => {
      const acts: Act<CarriedMember>[] = [];
      for (let view = 1; view <= views; view++)
        acts.push(...prepares(member, view), ...commits(member, view), ...reports(member, view));
      const forgotten = { ...member, mark: emptyMark(0, HEIGHT) };
      if (rules.forgets) acts.push({ label: 'restart without a mark', next: forgotten, needs: [] });
      if (rules.operators === 'alone')
        for (const release of releases(member)) if (release) acts.push({ ...release, needs: [] });
      return acts;
    },
    together: (member) => (rules.operators === 'together' ? releases(member) : []),
    factsOf: ({ prepared, committed, reports: shown }) => [
      ...blocks.filter((block) => (prepared >> block) & 1).map(preparedFact),
      ...blocks.filter((block) => (committed >> block) & 1).map(committedFact),
      ...shown.flatMap((report, view) =>
        report === 0
          ? []
          : Array.from({ length: views + 1 }, (_, atMost) => atMost)
              .filter((atMost) => report - 1 <= atMost)
              .map((atMost) => reportFact(view, atMost)),
      ),
    ],
    isProven: ({ kind, block }, hasQuorum) => kind === 'prepare' || hasQuorum(preparedFact(block)),
    factCount: 4 * views + views * (views + 1) + 1,
    finalBy: blocks.map((block) => [committedFact(block)]),
    renamings: blockRenamings(views).map((rename) => (member) => ({
      ...member,
      mark: renameMark(member.mark, rename),
      prepared: renameBits(member.prepared, rename),
      committed: renameBits(member.committed, rename),
    })),
    canDecide,
  };
}
