/** Two votes of one key: those of an honest member never accuse it, whatever it is shown. */
import type { Hash } from '@polyphony/primitives';
import { propertyRuns, seededRandom } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { emptyMark, type SignedMark } from '../src/mark.js';
import { type CastVote, findOffence } from '../src/strict/offences.js';
import { strictVoting } from '../src/strict/rules.js';

const height = 5n;
const hashOf = (n: number): Hash => `0x${(n + 1).toString(16).padStart(64, '0')}`;
const vote = (
  kind: CastVote['kind'],
  viewId: bigint,
  block: number,
  justifiedBy = 0n,
): CastVote => ({ kind, viewId, blockHash: hashOf(block), justifiedBy });

describe('offences', () => {
  test.each([
    ['committed-twice', vote('commit', 4n, 0), vote('commit', 4n, 1)],
    ['prepared-twice', vote('prepare', 4n, 0), vote('prepare', 4n, 1)],
    ['prepared-twice', vote('prepare', 4n, 0), vote('prepare', 4n, 0, 2n)],
    ['broke-lock', vote('commit', 4n, 0), vote('prepare', 6n, 1, 3n)],
    [undefined, vote('commit', 4n, 0), vote('commit', 4n, 0)],
    [undefined, vote('commit', 4n, 0), vote('commit', 5n, 1)],
    [undefined, vote('prepare', 4n, 0), vote('prepare', 5n, 1)],
    [undefined, vote('commit', 4n, 0), vote('prepare', 6n, 0, 3n)],
    [undefined, vote('commit', 4n, 0), vote('prepare', 6n, 1, 4n)],
    [undefined, vote('commit', 4n, 0), vote('prepare', 4n, 1)],
    [undefined, vote('commit', 4n, 0), vote('prepare', 3n, 1)],
  ] as const)('%s', (offence, one, two) => {
    expect(findOffence(one, two)).toBe(offence);
    expect(findOffence(two, one)).toBe(offence);
  });

  test('no two votes that the rules allow are an offence; the others of a key often are', () => {
    const { numRuns, seed = 1 } = propertyRuns(400);
    let offences = 0;
    for (let run = 0; run < numRuns; run++) {
      const random = seededRandom(seed + run);
      let mark: SignedMark = emptyMark(0, height, 2);
      const cast: CastVote[] = [];
      const refused: CastVote[] = [];
      for (let i = 0; i < 12; i++) {
        const viewId = BigInt(1 + random.below(6));
        const justifiedBy = BigInt(random.below(Number(viewId)));
        const blockHash = hashOf(random.below(3));
        const kind = random.below(2) === 0 ? 'prepare' : 'commit';
        const said = {
          kind,
          viewId,
          blockHash,
          justifiedBy: kind === 'commit' ? 0n : justifiedBy,
        } as const;
        const asked = { blockHash, viewId, justifiedBy: said.justifiedBy };
        const refuse = kind === 'prepare' ? strictVoting.refusePrepare : strictVoting.refuseCommit;
        if (refuse(mark, height, asked, viewId, undefined) !== undefined) {
          refused.push(said);
          continue;
        }
        const certificate = {
          ...asked,
          seal: { signature: new Uint8Array(96), bitmap: Uint8Array.of(1) },
          block: Uint8Array.of(1),
        };
        mark =
          kind === 'prepare'
            ? strictVoting.markPrepare(mark, height, asked, viewId)
            : strictVoting.markCommit(mark, height, certificate, viewId);
        cast.push(said);
      }
      for (const one of cast)
        for (const two of cast) expect(findOffence(one, two), `SEED=${seed + run}`).toBeUndefined();
      offences += refused.filter((one) => cast.some((two) => findOffence(one, two))).length;
    }
    expect(offences).toBeGreaterThan(numRuns / 4);
  });
});
