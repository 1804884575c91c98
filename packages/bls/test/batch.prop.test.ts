/** Batches answer what one-by-one verification answers. */
import { type BatchEntry, type Bls, generateSecretKey, WEIGHT_LENGTH } from '@polyphony/bls';
import { propertyRuns, seededRandom } from '@polyphony/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { harmonyEngines, ietfEngines } from './engines.js';

const SIGNERS = 40;

describe.each([
  ['harmony', ...harmonyEngines[0]!, 6],
  ['harmony', ...harmonyEngines[1]!, 2],
  ['ietf', ...ietfEngines[0]!, 12],
  ['ietf', ...ietfEngines[1]!, 3],
] as const)('%s on %s', (_suite, engine, create, runs) => {
  let bls: Bls;
  let entries: readonly BatchEntry[];
  const message = new Uint8Array(40).fill(3);
  // noble takes a few milliseconds for each decoding: a smaller committee there.
  const signers = engine === 'noble' ? 6 : SIGNERS;
  beforeAll(async () => {
    bls = await create({ cachedPublicKeys: 64, cachedSignatures: 128, cachedMessages: 2 });
    entries = Array.from({ length: signers }, () => {
      const secretKey = generateSecretKey(bls.suite);
      return { publicKey: bls.getPublicKey(secretKey), signature: bls.sign(message, secretKey) };
    });
  });

  test('wrong entries are found wherever they stand', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: signers }),
        fc.uniqueArray(fc.tuple(fc.nat(signers - 1), fc.nat(3)), {
          maxLength: 3,
          selector: ([at]) => at,
        }),
        fc.integer(),
        (size, changes, seed) => {
          const batch = entries.slice(0, size);
          const expected: number[] = [];
          for (const [at, kind] of changes) {
            if (at >= size) continue;
            const entry = batch[at]!;
            const other = entries[(at + 1) % signers]!;
            const wrong = [
              { ...entry, signature: other.signature },
              { ...entry, publicKey: other.publicKey },
              { ...entry, signature: entry.signature.slice(1) },
              { ...entry, publicKey: new Uint8Array(48).fill(0xff) },
            ];
            batch[at] = wrong[kind]!;
            expected.push(at);
          }
          expected.sort((a, b) => a - b);
          const weights = seededRandom(seed).bytes(size * WEIGHT_LENGTH);
          for (let i = 0; i < size; i++) weights[i * WEIGHT_LENGTH] ||= 1;
          expect(bls.findInvalid(message, batch, weights)).toEqual(expected);
          expect(bls.verifyBatch(message, batch, weights)).toBe(expected.length === 0);
        },
      ),
      propertyRuns(runs),
    );
  });

  test('the sum of all verifies, and not for all but one', () => {
    const keys = entries.map(({ publicKey }) => publicKey);
    const sum = bls.aggregateSignatures(entries.map(({ signature }) => signature));
    expect(bls.verifyAggregate(sum, message, keys)).toBe(true);
    expect(bls.verifyAggregate(sum, message, keys.slice(1))).toBe(false);
    expect(bls.verifyAggregate(sum, message, keys.toReversed())).toBe(true);
  });
});
