/**
 * The voting rules alone: as predicates, and as a mark on disk. What they give together is searched
 * exhaustively in `model.test.ts`.
 */
import { bytesToHex, type Hash } from '@polyphony/primitives';
import { mutateBytes, propertyRuns, seededRandom } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FbftError } from '../src/errors.js';
import {
  isMarked,
  markAt,
  markCommit,
  markPrepare,
  markView,
  refuseCommit,
  refusePrepare,
  releaseMark,
} from '../src/invariants.js';
import {
  type Certificate,
  decodeSignedMark,
  emptyMark,
  encodeSignedMark,
  type SignedMark,
} from '../src/mark.js';

const hash = (n: number): Hash => bytesToHex(new Uint8Array(32).fill(n));
const block = (n: number, viewId: bigint) => ({ blockHash: hash(n), viewId });
const certificate = (n: number, viewId: bigint): Certificate => ({
  ...block(n, viewId),
  seal: { signature: new Uint8Array(96).fill(1), bitmap: Uint8Array.of(7) },
  block: Uint8Array.of(n),
});

describe('predicates', () => {
  const start = emptyMark(0, 5n);
  test('R1: one block for each view, and only of the current view', () => {
    const mark = markPrepare(start, 5n, block(1, 3n), 3n);
    expect(refusePrepare(mark, 5n, block(1, 3n), 3n, undefined)).toBeUndefined();
    expect(refusePrepare(mark, 5n, block(2, 3n), 3n, undefined)).toBe('prepared-other');
    expect(refusePrepare(mark, 5n, block(2, 4n), 4n, undefined)).toBeUndefined();
    expect(refusePrepare(start, 5n, block(1, 3n), 4n, undefined)).toBe('wrong-view');
    expect(refusePrepare(mark, 5n, block(2, 2n), 2n, undefined)).toBe('view-passed');
  });
  test('R2: a lock holds against blocks without a newer certificate', () => {
    const mark = markCommit(start, 5n, certificate(1, 3n), 3n);
    expect(refusePrepare(mark, 5n, block(2, 4n), 4n, undefined)).toBe('locked');
    expect(refusePrepare(mark, 5n, block(2, 4n), 4n, block(3, 4n))).toBe('locked');
    expect(refusePrepare(mark, 5n, block(2, 4n), 4n, block(2, 4n))).toBeUndefined();
    expect(refusePrepare(mark, 5n, block(1, 3n), 3n, undefined)).toBeUndefined();
    expect(refuseCommit(mark, 5n, block(2, 4n), 4n)).toBeUndefined();
    expect(refuseCommit(mark, 5n, block(2, 3n), 4n)).toBe('locked');
    expect(refuseCommit(mark, 5n, block(2, 2n), 4n)).toBe('locked');
    expect(refuseCommit(mark, 5n, block(1, 3n), 9n)).toBeUndefined();
  });
  test('R3: no commit vote behind a later prepare vote', () => {
    const mark = markPrepare(start, 5n, block(2, 4n), 4n);
    expect(refuseCommit(mark, 5n, block(1, 3n), 5n)).toBe('prepared-later');
    expect(refuseCommit(mark, 5n, block(1, 4n), 5n)).toBeUndefined();
    expect(refuseCommit(mark, 5n, block(2, 4n), 5n)).toBeUndefined();
  });
  test('one commit vote for each view of messages', () => {
    const mark = markCommit(start, 5n, certificate(1, 3n), 6n);
    expect(refuseCommit(mark, 5n, block(2, 6n), 6n)).toBe('committed-other');
    expect(refuseCommit(mark, 5n, block(2, 6n), 7n)).toBeUndefined();
    expect(refuseCommit(mark, 5n, block(1, 3n), 5n)).toBe('view-passed');
  });
  test('heights: a lower mark is fresh, a higher one bars everything', () => {
    const mark = markCommit(start, 5n, certificate(1, 3n), 3n);
    expect(refusePrepare(mark, 6n, block(2, 1n), 1n, undefined)).toBeUndefined();
    expect(refusePrepare(mark, 4n, block(2, 9n), 9n, undefined)).toBe('mark-ahead');
    expect(refuseCommit(mark, 4n, block(2, 9n), 9n)).toBe('mark-ahead');
    expect(markView(mark, 4n, 9n, undefined)).toBeUndefined();
    expect(markAt(mark, 6n)).toEqual(emptyMark(0, 6n));
    expect(markPrepare(mark, 6n, block(2, 1n), 1n)).toEqual({
      ...emptyMark(0, 6n),
      viewId: 1n,
      prepared: block(2, 1n),
    });
  });
  test('views asked for do not go down', () => {
    const mark = markView(start, 5n, 8n, undefined)!;
    expect(markView(mark, 5n, 7n, undefined)).toBeUndefined();
    expect(markView(mark, 5n, 8n, certificate(1, 3n))).toMatchObject({
      certificate: { viewId: 3n },
    });
    expect(refusePrepare(mark, 5n, block(1, 7n), 7n, undefined)).toBe('view-passed');
  });
  test('only what is marked is signed', () => {
    const mark = markPrepare(start, 5n, block(1, 3n), 3n);
    expect(isMarked(mark, 'prepare', 5n, hash(1))).toBe(true);
    expect(isMarked(mark, 'prepare', 5n, hash(2))).toBe(false);
    expect(isMarked(mark, 'prepare', 6n, hash(1))).toBe(false);
    expect(isMarked(mark, 'commit', 5n, hash(1))).toBe(false);
  });
  test('a release drops lock and certificate, and bars all blocks up to its view', () => {
    const mark = markCommit(markPrepare(start, 5n, block(2, 4n), 4n), 5n, certificate(2, 4n), 6n);
    expect(releaseMark(mark, 5n, 5n)).toBeUndefined();
    expect(releaseMark(mark, 4n, 9n)).toBeUndefined();
    const released = releaseMark(mark, 5n, 7n)!;
    expect(released).toEqual({ ...emptyMark(0, 5n), viewId: 7n, floor: 7n });
    expect(refuseCommit(released, 5n, block(2, 4n), 8n)).toBe('released');
    expect(refuseCommit(released, 5n, block(1, 7n), 8n)).toBe('released');
    expect(refusePrepare(released, 5n, block(3, 7n), 7n, undefined)).toBe('released');
    expect(refusePrepare(released, 5n, block(3, 8n), 8n, undefined)).toBeUndefined();
    const again = markPrepare(released, 5n, block(3, 8n), 8n);
    expect(again.floor).toBe(7n);
    expect(refuseCommit(again, 5n, block(3, 8n), 8n)).toBeUndefined();
    expect(markAt(again, 6n)).toEqual(emptyMark(0, 6n));
    expect(releaseMark(start, 6n, 1n)).toEqual({ ...emptyMark(0, 6n), viewId: 1n, floor: 1n });
  });
});

describe('marks as bytes', () => {
  const full: SignedMark = {
    shardId: 3,
    height: 1n << 40n,
    viewId: 12n,
    floor: 11n,
    prepared: block(1, 12n),
    lock: { ...block(2, 11n), votedInView: 12n },
    certificate: certificate(2, 11n),
    proposal: { ...block(1, 12n), block: new Uint8Array(1000).fill(4) },
  };
  test('round trip, each part alone and all together', () => {
    const { prepared, lock, certificate: proof, proposal, ...head } = full;
    const parts = [{ prepared }, { lock }, { certificate: proof }, { proposal }] as const;
    for (const part of [...parts, {}, full]) {
      const mark = { ...head, ...part } as SignedMark;
      expect(decodeSignedMark(encodeSignedMark(mark))).toEqual(mark);
    }
  });
  test('any change of the bytes is noticed', () => {
    const bytes = encodeSignedMark(full);
    const random = seededRandom(2);
    for (let i = 0; i < 500; i++) {
      const changed = mutateBytes(bytes, random);
      if (bytesToHex(changed) === bytesToHex(bytes)) continue;
      expect(() => decodeSignedMark(changed)).toThrow(FbftError);
    }
    for (let cut = 0; cut < bytes.length; cut += 7)
      expect(() => decodeSignedMark(bytes.subarray(0, cut))).toThrow(/invalid signed mark/);
  });
});

test('any sequence of permitted votes keeps the rules', () => {
  const votes = fc.array(
    fc.record({
      kind: fc.constantFrom('prepare', 'commit'),
      n: fc.integer({ min: 1, max: 4 }),
      headerView: fc.bigInt({ min: 1n, max: 4n }),
      viewId: fc.bigInt({ min: 1n, max: 5n }),
      shown: fc.integer({ min: 0, max: 4 }),
    }),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(votes, (sequence) => {
      let mark = emptyMark(0, 1n);
      const cast: { kind: string; n: number; view: bigint }[] = [];
      for (const { kind, n, headerView, viewId, shown } of sequence) {
        // A block has one header, so one view.
        const view =
          BigInt(((n * 7) % 4) + 1) === headerView ? headerView : BigInt(((n * 7) % 4) + 1);
        const vote = block(n, view);
        if (kind === 'prepare') {
          const proof = shown === n ? vote : undefined;
          if (refusePrepare(mark, 1n, vote, viewId, proof) !== undefined) continue;
          mark = markPrepare(mark, 1n, vote, viewId);
        } else {
          if (refuseCommit(mark, 1n, vote, viewId) !== undefined) continue;
          mark = markCommit(mark, 1n, certificate(n, view), viewId);
        }
        for (const before of cast) {
          if (before.n === n) continue;
          if (before.kind === kind) expect(before.view).not.toBe(view);
          if (kind === 'commit' && before.kind === 'prepare')
            expect(before.view <= view).toBe(true);
        }
        cast.push({ kind, n, view });
      }
    }),
    propertyRuns(300),
  );
});
