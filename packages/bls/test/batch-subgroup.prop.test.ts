/**
 * Batches whose signatures are checked to be in the subgroup all at once: right signatures with an error of small
 * order are found, also where errors cancel out or the weights are multiples of their order.
 */
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { type Bls, type BlsOptions, generateSecretKey } from '@polyphony/bls';
import { propertyRuns, seededRandom } from '@polyphony/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { harmonyNobleBackend } from '../src/harmony.js';
import { ietfNobleBackend } from '../src/ietf.js';
import { mod, rightSide2, sqrt2 } from '../src/noble/field.js';
import { harmonyEngines, ietfEngines } from './engines.js';

const G2 = bls12_381.G2.Point;
type Point = typeof G2.BASE;
const COFACTOR = G2.CURVE().h;
const ORDER = G2.Fn.ORDER;
/** Above the least batch that is proven as a whole. */
const SIGNERS = 26;

/** Any multiple, also by scalars above the order. */
function times(point: Point, scalar: bigint): Point {
  let sum = G2.ZERO;
  for (const bit of scalar.toString(2)) {
    sum = sum.double();
    if (bit === '1') sum = sum.add(point);
  }
  return sum;
}

/** Points outside the subgroup whose order divides the cofactor: of order 13, 23, 2713, and a large one. */
function errors(): readonly Point[] {
  for (let c0 = 5n; ; c0++) {
    const x = { c0, c1: mod(c0 * 3n) };
    const y = sqrt2(rightSide2(x));
    if (y === undefined) continue;
    const outside = times(G2.fromAffine({ x, y }), ORDER);
    const parts = [13n, 23n, 2713n].map((prime) => {
      let rest = COFACTOR;
      while (rest % prime === 0n) rest /= prime;
      let part = times(outside, rest);
      for (let next = part; !next.is0(); next = times(next, prime)) part = next;
      return part;
    });
    if (parts.every((part) => !part.is0())) return [...parts, outside];
  }
}

const engines = [
  ...harmonyEngines.map(([name, create]) => ['harmony', name, create] as const),
  ...ietfEngines.map(([name, create]) => ['ietf', name, create] as const),
];

describe.each(engines)('%s on %s', (suite, engine, create) => {
  const backend = suite === 'harmony' ? harmonyNobleBackend() : ietfNobleBackend();
  const message = new Uint8Array(40).fill(9);
  const outside = errors();
  let options: BlsOptions;
  let bls: Bls;
  let entries: readonly { readonly publicKey: Uint8Array; readonly signature: Uint8Array }[];

  beforeAll(async () => {
    options = { cachedPublicKeys: SIGNERS, cachedMessages: 1 };
    bls = await create(options);
    entries = Array.from({ length: SIGNERS }, () => {
      const secretKey = generateSecretKey(bls.suite);
      return { publicKey: bls.getPublicKey(secretKey), signature: bls.sign(message, secretKey) };
    });
  });

  const plus = (signature: Uint8Array, error: Point): Uint8Array =>
    backend.encodeSignature(backend.decodeSignature(signature).add(error));

  test('errors outside the subgroup are found', () => {
    const slot = fc.nat(SIGNERS - 1);
    fc.assert(
      fc.property(
        slot,
        slot,
        fc.nat(outside.length - 1),
        fc.boolean(),
        fc.integer(),
        (a, b, kind, cancels, seed) => {
          const batch = [...entries];
          const error = outside[kind]!;
          const bad = cancels && a !== b ? [a, b] : [a];
          bad.forEach((at, i) => {
            const signature = plus(entries[at]!.signature, i === 0 ? error : error.negate());
            batch[at] = { ...entries[at]!, signature };
          });
          const weights = seededRandom(seed).bytes(8 * SIGNERS);
          const view = new DataView(weights.buffer, weights.byteOffset);
          for (const at of bad) {
            // One sum with these weights is in the subgroup; the sum of each digit place is not.
            const multiple = 13n * 23n * 2713n;
            view.setBigUint64(
              8 * at,
              (view.getBigUint64(8 * at) / multiple) * multiple || multiple,
            );
          }
          expect(bls.verifyBatch(message, batch, weights)).toBe(false);
          expect(bls.findInvalid(message, batch, weights)).toEqual(bad.toSorted((x, y) => x - y));
        },
      ),
      propertyRuns(engine === 'noble' ? 1 : 6),
    );
  });

  test('a batch that was proven is remembered, one that was not is not', async () => {
    const remembering = await create({ ...options, cachedSignatures: SIGNERS });
    const weights = seededRandom(3).bytes(8 * SIGNERS);
    const batch = [...entries];
    batch[4] = { ...entries[4]!, signature: plus(entries[4]!.signature, outside[0]!) };
    expect(remembering.findInvalid(message, batch, weights)).toEqual([4]);
    expect(remembering.isValidSignature(batch[4].signature)).toBe(false);
    expect(remembering.isValidSignature(batch[5]!.signature)).toBe(true);
    expect(remembering.verifyBatch(message, entries, weights)).toBe(true);
    expect(remembering.findInvalid(message, entries, weights)).toEqual([]);
    const sum = remembering.aggregateSignatures(entries.map(({ signature }) => signature));
    const keys = entries.map(({ publicKey }) => publicKey);
    expect(remembering.verifyAggregate(sum, message, keys)).toBe(true);
  });
});
