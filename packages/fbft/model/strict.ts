/**
 * The network of `strict`, in which every vote names its view, a carried block is prepared again,
 * and a prepare vote names the view of the certificate that justified it.
 *
 * The voting rules are functions of the library, given real signed marks. By default the adversary
 * may open any view with any certificate that exists or with none, so agreement rests on the votes
 * alone; with `reports` a view opens only as the machine lets it: with the newest certificate that a
 * quorum of reports shows.
 */
import { emptyMark, markView, type SignedMark, type VotingRules } from '../src/index.js';
import { blockRenamings, HEIGHT, hashOf, markKey, renameMark, viewOf } from './carried.js';
import type { Act, Network } from './search.js';

/** The rules of a row. */
export interface StrictRules {
  readonly voting: VotingRules;
  /** Views open by reports of a quorum. */
  readonly reports?: boolean;
  /** A restart forgets the mark. */
  readonly forgets?: boolean;
}

/** One member. */
export interface StrictMember {
  readonly mark: SignedMark;
  /** Kinds of votes ever signed, as fact numbers, ascending. */
  readonly signed: readonly number[];
  /** By view: 0 for no report, otherwise 1 + the view of the certificate it showed (0 for none). */
  readonly reports: readonly number[];
}

/** A prepare vote: what a certificate is made of. */
interface PrepareVote {
  readonly view: number;
  readonly block: number;
  /** View of the certificate that justified it, 0 for a fresh block. */
  readonly justifiedBy: number;
}

const SEAL = { signature: new Uint8Array(96), bitmap: new Uint8Array(1) };
const NO_BYTES = new Uint8Array(0);

/** The network with some rules, for views 1 to `views`. */
export function strictNetwork(rules: StrictRules, views: number): Network<StrictMember> {
  const { voting } = rules;
  const blocks = Array.from({ length: 2 * views }, (_, block) => block);
  const prepares: PrepareVote[] = blocks.flatMap((block) => {
    const fresh = { view: viewOf(block), block, justifiedBy: 0 };
    const later: PrepareVote[] = [];
    for (let view = viewOf(block) + 1; view <= views; view++)
      for (let justifiedBy = viewOf(block); justifiedBy < view; justifiedBy++)
        later.push({ view, block, justifiedBy });
    return [fresh, ...later];
  });
  const numbers = new Map(prepares.map((vote, i) => [keyOfVote(vote), i]));
  const prepareFact = (vote: PrepareVote): number => numbers.get(keyOfVote(vote))!;
  const commitFact = (view: number, block: number): number =>
    prepares.length + (view - 1) * blocks.length + block;
  const reportFact = (view: number, atMost: number): number =>
    prepares.length + views * blocks.length + (view - 1) * views + atMost;
  /** The certificates of a block in a view: whatever justified them. */
  const certificates = (view: number, block: number): number[] =>
    prepares.flatMap((vote, i) => (vote.view === view && vote.block === block ? [i] : []));

  function keep(member: StrictMember, mark: SignedMark, fact: number): StrictMember {
    const { certificate: _certificate, proposal: _proposal, ...rest } = mark;
    const signed = [...new Set([...member.signed, fact])].sort((a, b) => a - b);
    return { ...member, mark: rest, signed };
  }

  const marked = ({ view, block, justifiedBy }: PrepareVote) => ({
    blockHash: hashOf(block),
    viewId: BigInt(view),
    justifiedBy: BigInt(justifiedBy),
  });

  function prepareActs(member: StrictMember): Act<StrictMember>[] {
    return prepares.flatMap((vote, fact) => {
      const { view, block, justifiedBy } = vote;
      const given = BigInt(view);
      if (voting.refusePrepare(member.mark, HEIGHT, marked(vote), given, undefined) !== undefined)
        return [];
      const mark = voting.markPrepare(member.mark, HEIGHT, marked(vote), given);
      const next = keep(member, mark, fact);
      const label = `prepare ${block} in view ${view}, justified by view ${justifiedBy}`;
      const opened = rules.reports && view > 1 ? [reportFact(view, justifiedBy)] : [];
      const proofs = justifiedBy === 0 ? [[]] : certificates(justifiedBy, block).map((id) => [id]);
      const does = { kind: 'prepare', block, view, justifiedBy } as const;
      return proofs.map((proof) => ({ label, does, next, needs: [...proof, ...opened] }));
    });
  }

  function commitActs(member: StrictMember): Act<StrictMember>[] {
    return prepares.flatMap((vote, fact) => {
      const { view, block, justifiedBy } = vote;
      const certificate = { ...marked(vote), seal: SEAL, block: NO_BYTES };
      const given = BigInt(view);
      if (voting.refuseCommit(member.mark, HEIGHT, certificate, given) !== undefined) return [];
      const mark = voting.markCommit(member.mark, HEIGHT, certificate, given);
      const next = keep(member, mark, commitFact(view, block));
      const does = { kind: 'commit', block, view, justifiedBy } as const;
      return [{ label: `commit ${block} in view ${view}`, does, next, needs: [fact] }];
    });
  }

  function reportActs(member: StrictMember): Act<StrictMember>[] {
    const acts: Act<StrictMember>[] = [];
    if (!rules.reports) return acts;
    for (let view = Math.max(2, Number(member.mark.viewId) + 1); view <= views; view++) {
      const mark = markView(member.mark, HEIGHT, BigInt(view), undefined)!;
      const shown = Number(member.mark.lock?.viewId ?? 0n);
      const reports = member.reports.map((kept, at) => (at === view ? 1 + shown : kept));
      const label = `ask for view ${view}, showing a certificate of view ${shown}`;
      acts.push({ label, next: { ...member, mark, reports }, needs: [] });
    }
    return acts;
  }

  function forget(member: StrictMember): Act<StrictMember> {
    const next = { ...member, mark: emptyMark(0, HEIGHT, 2) };
    return { label: 'restart without a mark', next, needs: [] };
  }

  /**
   * Whether a new view with an honest leader that hears all three ends with a final block, whichever
   * of the certificates that they may know is the newest reported.
   */
  function canDecide(members: readonly StrictMember[], hasQuorum: (fact: number) => boolean) {
    const next = BigInt(views + 1);
    const locks = members.map(({ mark }) => Number(mark.lock?.viewId ?? 0n));
    const newestLock = Math.max(...locks);
    const openings = prepares
      .filter((vote, fact) => vote.view >= Math.max(1, newestLock) && hasQuorum(fact))
      .map((vote) => ({ block: vote.block, justifiedBy: vote.view }));
    if (newestLock === 0) openings.push({ block: 2 * views, justifiedBy: 0 });
    return (
      openings.length > 0 &&
      openings.every(({ block, justifiedBy }) => {
        const vote = marked({ view: views + 1, block, justifiedBy });
        return members.every(({ mark }) => {
          if (voting.refusePrepare(mark, HEIGHT, vote, next, undefined) !== undefined) return false;
          const prepared = voting.markPrepare(mark, HEIGHT, vote, next);
          return voting.refuseCommit(prepared, HEIGHT, vote, next) === undefined;
        });
      })
    );
  }

  function renameFact(fact: number, rename: (block: number) => number): number {
    const vote = prepares[fact];
    if (vote !== undefined) return prepareFact({ ...vote, block: rename(vote.block) });
    const [view, block] = [
      1 + Math.floor((fact - prepares.length) / blocks.length),
      (fact - prepares.length) % blocks.length,
    ];
    return commitFact(view, rename(block));
  }

  return {
    start: {
      mark: emptyMark(0, HEIGHT, 2),
      signed: [],
      reports: new Array(views + 1).fill(0),
    },
    keyOf: ({ mark, signed, reports }) => `${markKey(mark)}|${signed}|${reports}`,
    actsOf: (member) => [
      ...prepareActs(member),
      ...commitActs(member),
      ...reportActs(member),
      ...(rules.forgets ? [forget(member)] : []),
    ],
    factsOf: ({ signed, reports }) => [
      ...signed,
      ...reports.flatMap((report, view) =>
        report === 0
          ? []
          : Array.from({ length: views }, (_, atMost) => atMost)
              .filter((atMost) => report - 1 <= atMost)
              .map((atMost) => reportFact(view, atMost)),
      ),
    ],
    isProven: ({ kind, block, view, justifiedBy = 0 }, hasQuorum) => {
      if (kind === 'commit') return hasQuorum(prepareFact({ view, block, justifiedBy }));
      return justifiedBy === 0 || certificates(justifiedBy, block).some(hasQuorum);
    },
    factCount: prepares.length + views * blocks.length + views * views,
    finalBy: blocks.map((block) =>
      Array.from({ length: views }, (_, i) => commitFact(i + 1, block)),
    ),
    renamings: blockRenamings(views).map((rename) => (member) => ({
      ...member,
      mark: renameMark(member.mark, rename),
      signed: member.signed.map((fact) => renameFact(fact, rename)).sort((a, b) => a - b),
    })),
    canDecide,
  };
}

function keyOfVote({ view, block, justifiedBy }: PrepareVote): string {
  return `${view}/${block}/${justifiedBy}`;
}
