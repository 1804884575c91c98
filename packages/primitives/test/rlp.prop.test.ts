import { RLP as ethereumRlp } from '@ethereumjs/rlp';
import { hostileBytes, mutateBytes, propertyRuns, seededRandom } from '@polyphony/testkit';
import fc from 'fast-check';
import peerRlp from 'rlp';
import { describe, expect, test } from 'vitest';
import { equalBytes } from '../src/bytes.js';
import { PrimitivesError } from '../src/errors.js';
import { decodeRlp, encodeRlp, MAX_RLP_DEPTH, type RlpItem } from '../src/rlp.js';

/** Lengths around the borders of the prefix forms are as likely as all others together. */
const bytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 3 }),
  fc.uint8Array({ maxLength: 40 }),
  fc
    .constantFrom(0, 1, 54, 55, 56, 57, 255, 256, 257, 65535, 65536)
    .chain((length) => fc.integer({ min: 0, max: 255 }).map((b) => new Uint8Array(length).fill(b))),
);
const item: fc.Arbitrary<RlpItem> = fc.letrec<{ item: RlpItem }>((tie) => ({
  item: fc.oneof(
    { depthSize: 'small', maxDepth: 5 },
    bytes,
    fc.array(bytes, { maxLength: 60 }),
    fc.array(tie('item'), { maxLength: 6 }),
  ),
})).item;

/** Deep equality that is fast on long strings. */
function same(a: RlpItem, b: RlpItem): boolean {
  if (a instanceof Uint8Array) return b instanceof Uint8Array && equalBytes(a, b);
  return (
    !(b instanceof Uint8Array) &&
    a.length === b.length &&
    a.every((child, i) => same(child, b[i] as RlpItem))
  );
}

/** The rule once more, as plain as it can be said. */
function naiveEncode(value: RlpItem): Uint8Array {
  const header = (length: number, base: number): number[] => {
    if (length < 56) return [base + length];
    const digits: number[] = [];
    for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
    return [base + 55 + digits.length, ...digits];
  };
  if (value instanceof Uint8Array) {
    if (value.length === 1 && value[0]! < 0x80) return value;
    return Buffer.concat([Uint8Array.from(header(value.length, 0x80)), value]);
  }
  const payload = Buffer.concat(value.map(naiveEncode));
  return Buffer.concat([Uint8Array.from(header(payload.length, 0xc0)), payload]);
}

const mutable = (value: RlpItem): Uint8Array | unknown[] =>
  value instanceof Uint8Array ? value : value.map(mutable);

type Outcome = { readonly item: RlpItem } | 'refused';
const outcome = (run: () => unknown): Outcome => {
  try {
    return { item: run() as RlpItem };
  } catch {
    return 'refused';
  }
};

describe('round trips', () => {
  test('a tree comes back, and our bytes are those of the rule and of both peers', () => {
    fc.assert(
      fc.property(item, (value) => {
        const encoded = encodeRlp(value);
        expect(same(decodeRlp(encoded), value)).toBe(true);
        for (const other of [
          naiveEncode(value),
          peerRlp.encode(mutable(value) as Uint8Array),
          ethereumRlp.encode(mutable(value) as Uint8Array),
        ]) {
          expect(equalBytes(other, encoded)).toBe(true);
        }
        expect(same(peerRlp.decode(encoded) as RlpItem, value)).toBe(true);
        expect(same(ethereumRlp.decode(encoded) as RlpItem, value)).toBe(true);
      }),
      propertyRuns(300),
    );
  });

  test('integers come back at every size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2600 }), fc.bigInt({ min: 0n }), (bits, salt) => {
        const value = (1n << BigInt(bits)) + (salt & ((1n << BigInt(bits)) - 1n));
        const encoded = encodeRlp(value);
        expect(encoded).toEqual(ethereumRlp.encode(value));
      }),
      propertyRuns(500),
    );
  });
});

describe('hostile bytes', () => {
  const accept = (input: Uint8Array): void => {
    let decoded: RlpItem;
    try {
      decoded = decodeRlp(input);
    } catch (error) {
      expect(error).toBeInstanceOf(PrimitivesError);
      expect((error as PrimitivesError).code).toBe('primitives/invalid-rlp');
      return;
    }
    // Whatever is accepted is canonical: encoding it gives the same bytes.
    expect(equalBytes(encodeRlp(decoded), input)).toBe(true);
  };

  for (const [name, input] of hostileBytes) test(name, () => accept(input));

  test('random bytes are canonical or refused', () => {
    const prefixes = fc.constantFrom(0, 0x7f, 0x80, 0x81, 0xb7, 0xb8, 0xbf, 0xc0, 0xc1, 0xf8, 0xff);
    const spiced = fc
      .array(fc.oneof(prefixes, fc.integer({ min: 0, max: 255 })), { maxLength: 40 })
      .map((list) => Uint8Array.from(list));
    fc.assert(fc.property(spiced, accept), propertyRuns(5000));
  });

  test('changed valid bytes are canonical or refused', () => {
    fc.assert(
      fc.property(item, fc.integer(), (value, seed) => {
        const random = seededRandom(seed);
        const valid = encodeRlp(value);
        fc.pre(valid.length < 3000);
        let changed = valid;
        for (let i = 0; i < 20; i++) {
          changed = mutateBytes(i % 5 === 0 ? valid : changed, random);
          accept(changed);
        }
      }),
      propertyRuns(200),
    );
  });

  test('what we accept, the peers accept as the same tree', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (input) => {
        const ours = outcome(() => decodeRlp(input));
        if (ours === 'refused') return;
        expect(outcome(() => ethereumRlp.decode(input))).toEqual(ours);
        expect(outcome(() => peerRlp.decode(input))).toEqual(ours);
      }),
      propertyRuns(5000),
    );
  });
});

test('nesting is bounded on both sides alike', () => {
  let value: RlpItem = [];
  for (let i = 1; i < MAX_RLP_DEPTH; i++) value = [value];
  expect(decodeRlp(encodeRlp(value))).toEqual(value);
  const tooDeep = [value];
  expect(() => encodeRlp(tooDeep)).toThrow('nested deeper than 64');
  expect(() => decodeRlp(ethereumRlp.encode(mutable(tooDeep) as Uint8Array))).toThrow(
    'nested deeper than 64',
  );
});
