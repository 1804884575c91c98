/**
 * Whoever makes a fork is named: random histories of votes with more liars than a protocol bears, in
 * which honest members keep the rules of `strict` and liars sign everything.
 */
import { bitmapFromIndices } from '@polyphony/bls/bitmap';
import type { Hash } from '@polyphony/primitives';
import { propertyRuns, type SeededRandom, seededRandom } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { uniformCommittee } from '../src/committee.js';
import { emptyMark, type SignedMark } from '../src/mark.js';
import type { Seal } from '../src/seal.js';
import { sumTags } from '../src/simulator/tag-bls.js';
import {
  type DecisionProof,
  findGuilty,
  isThird,
  type PrepareProof,
  verifyDecision,
} from '../src/strict/accountability.js';
import { findOffence } from '../src/strict/offences.js';
import { strictVoting } from '../src/strict/rules.js';
import { type Statement, strictPayload } from '../src/strict/statements.js';
import { testKey, testOnlyBls, testSign } from './support/test-only-bls.js';

const bls = testOnlyBls();
const domain = { chainId: 7n, shardId: 0, epoch: 3n };
const height = 5n;
const hashOf = (n: number): Hash => `0x${(n + 1).toString(16).padStart(64, '0')}`;

interface History {
  readonly committee: ReturnType<typeof uniformCommittee>;
  readonly liars: ReadonlySet<number>;
  readonly certificates: PrepareProof[];
  readonly decisions: DecisionProof[];
}

function sealOf(slots: readonly number[], members: number, statement: Statement): Seal {
  const payload = strictPayload(domain, statement);
  return {
    signature: sumTags(slots.map((slot) => testSign(testKey(slot), payload))),
    bitmap: bitmapFromIndices(slots, members),
  };
}

/**
 * Views go up; in each, leaders propose up to two blocks with any justification there is, and a
 * random part of the honest members hears of each.
 */
function history(random: SeededRandom, members: number, lies: number, views: number): History {
  const committee = uniformCommittee(Array.from({ length: members }, (_, i) => testKey(i)));
  const liars = new Set<number>();
  while (liars.size < lies) liars.add(random.below(members));
  const marks: SignedMark[] = Array.from({ length: members }, () => emptyMark(0, height, 2));
  const certificates: PrepareProof[] = [];
  const decisions: DecisionProof[] = [];
  let blocks = 0;
  for (let view = 1n; view <= BigInt(views); view++) {
    for (let proposal = 0; proposal < 1 + random.below(2); proposal++) {
      const carried = random.below(2)
        ? certificates[random.below(certificates.length + 1)]
        : undefined;
      const usable = carried && carried.viewId < view ? carried : undefined;
      const blockHash = usable?.blockHash ?? hashOf(blocks++);
      const justifiedBy = usable?.viewId ?? 0n;
      const vote = { blockHash, viewId: view, justifiedBy };
      const voters = marks.flatMap((mark, slot) => {
        if (liars.has(slot)) return [slot];
        if (random.below(10) < 3) return [];
        if (strictVoting.refusePrepare(mark, height, vote, view, undefined)) return [];
        marks[slot] = strictVoting.markPrepare(mark, height, vote, view);
        return [slot];
      });
      if (!committee.hasQuorum(voters)) continue;
      const base = { height, viewId: view, hash: blockHash };
      const prepared = sealOf(voters, members, {
        ...base,
        kind: 'prepare',
        certificateView: justifiedBy,
      });
      certificates.push({ height, viewId: view, blockHash, justifiedBy, seal: prepared });
      const committers = marks.flatMap((mark, slot) => {
        if (liars.has(slot)) return [slot];
        if (random.below(10) < 3) return [];
        const certificate = { ...vote, seal: prepared, block: new Uint8Array(1) };
        if (strictVoting.refuseCommit(mark, height, certificate, view)) return [];
        marks[slot] = strictVoting.markCommit(mark, height, certificate, view);
        return [slot];
      });
      if (!committee.hasQuorum(committers)) continue;
      const seal = sealOf(committers, members, { ...base, kind: 'commit', certificateView: 0n });
      decisions.push({
        height,
        viewId: view,
        blockHash,
        seal,
        prepared: { justifiedBy, seal: prepared },
      });
    }
  }
  return { committee, liars, certificates, decisions };
}

/** The first pair of decisions that conflict. */
function forkIn({ decisions }: History): [DecisionProof, DecisionProof] | undefined {
  for (const first of decisions)
    for (const second of decisions)
      if (first.blockHash !== second.blockHash) return [first, second];
  return undefined;
}

describe('accountability', () => {
  test('every fork names a third of the members or more, and only liars', () => {
    const { numRuns, seed = 1 } = propertyRuns(1500);
    const seen = new Set<string>();
    let forks = 0;
    for (let run = 0; run < numRuns; run++) {
      const random = seededRandom(seed + run);
      const members = 4 + random.below(7);
      const lies = Math.floor((members - 1) / 3) + 1 + random.below(2);
      const past = history(random, members, lies, 6);
      const fork = forkIn(past);
      if (fork === undefined) continue;
      forks++;
      const [first, second] = random.below(2) ? fork : [fork[1], fork[0]];
      const { committee, certificates } = past;
      const found = findGuilty(bls, { domain, committee, first, second, certificates });
      if (found === undefined || !('guilty' in found))
        throw new Error(`SEED=${seed + run} RUNS=1: nobody is named`);
      seen.add(found.offence);
      expect(findOffence(...found.statements)).toBe(found.offence);
      expect(isThird(committee, found.guilty), `SEED=${seed + run}`).toBe(true);
      for (const slot of found.guilty)
        expect(past.liars.has(slot), `SEED=${seed + run}: ${slot} is honest`).toBe(true);
    }
    expect(forks).toBeGreaterThan(numRuns / 20);
    expect([...seen].sort()).toEqual(['broke-lock', 'committed-twice', 'prepared-twice']);
  });

  test('with fewer than a third of liars there is no fork', () => {
    const { numRuns, seed = 1 } = propertyRuns(800);
    let decided = 0;
    for (let run = 0; run < numRuns; run++) {
      const random = seededRandom(seed + run);
      const members = 4 + random.below(7);
      const past = history(random, members, Math.floor((members - 1) / 3), 6);
      decided += past.decisions.length;
      expect(forkIn(past), `SEED=${seed + run} RUNS=1`).toBeUndefined();
    }
    expect(decided).toBeGreaterThan(0);
  });

  test('what does not verify or does not conflict names nobody; what is missing is named', () => {
    let checked = 0;
    for (let seed = 1; checked < 5; seed++) {
      const past = history(seededRandom(seed), 7, 4, 6);
      const fork = forkIn(past);
      if (fork === undefined) continue;
      const { committee, certificates } = past;
      const [first, second] = fork;
      const base = { domain, committee, first, second, certificates };
      expect(verifyDecision(bls, base, first)).toBe(true);
      expect(findGuilty(bls, { ...base, second: first })).toBeUndefined();
      expect(findGuilty(bls, { ...base, domain: { ...domain, chainId: 8n } })).toBeUndefined();
      const forged = { ...second, viewId: second.viewId + 1n };
      expect(findGuilty(bls, { ...base, second: forged })).toBeUndefined();
      const later = first.viewId < second.viewId ? second : first;
      const earlier = first.viewId < second.viewId ? first : second;
      const alone = findGuilty(bls, { ...base, certificates: [] });
      if (later.prepared.justifiedBy >= earlier.viewId && earlier.viewId !== later.viewId)
        expect(alone).toEqual({ missing: later.prepared.justifiedBy, blockHash: later.blockHash });
      else expect(alone).toHaveProperty('guilty');
      checked++;
    }
  });
});
