import { bytesToBigInt, concatBytes, hexToBytes } from '@polyphony/primitives';
import { codeOf, hostileBytes, loadVectors, seededRandom } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  assertValidVdf,
  bigintArithmetic,
  decodeForm,
  deriveDiscriminant,
  encodeForm,
  evaluateVdf,
  evaluateVdfInSlices,
  type VdfProgress,
  vdfResultLength,
  verifyVdf,
} from '../src/vdf/index.js';
import { textbookArithmetic } from './support/textbook.js';

const seed = new Uint8Array(32).fill(5);
const bits = 256;
const discriminant = deriveDiscriminant(seed, bits);
const input = { seed, iterations: 1000, discriminantBits: bits };
const options = { discriminant };
const result = evaluateVdf(input, options);
const half = result.length / 2;

/** Seed, result and discriminant of the published row of 5,000 squarings. */
const published = loadVectors<
  { readonly seed: string; readonly iterations: number },
  { readonly result?: string; readonly sha256?: string; readonly challenge?: string }
>(import.meta.url, 'vdf', {
  in: ['seed', 'iterations'],
  out: ['result', 'sha256', 'challenge'],
}).find(({ in: given }) => given.iterations === 5000)!;

describe('evaluation', () => {
  test.each([1, 2, 31, 63, 64, 65, 127, 128, 129, 700])(
    '%i squarings: the textbook gives the same output and proof',
    (iterations) => {
      const given = { ...input, iterations };
      const ours = evaluateVdf(given, options);
      expect(ours).toEqual(evaluateVdf(given, { ...options, arithmetic: textbookArithmetic }));
      expect(verifyVdf(given, ours, options)).toBe(true);
      expect(verifyVdf(given, ours)).toBe(true);
    },
  );

  test('sizes that are no multiple of 16 bits work the same', () => {
    for (const discriminantBits of [64, 71, 79, 80, 97, 129]) {
      const given = { seed, iterations: 300, discriminantBits };
      const found = evaluateVdf(given);
      expect(found).toHaveLength(vdfResultLength(discriminantBits));
      expect(verifyVdf(given, found)).toBe(true);
    }
  });

  test('so many squarings that powers are kept sparsely', () => {
    const small = { seed, iterations: 130_000, discriminantBits: 64 };
    const found = evaluateVdf(small);
    expect(verifyVdf(small, found)).toBe(true);
    expect(verifyVdf({ ...small, iterations: 129_999 }, found)).toBe(false);
  });

  test('progress grows to the end in both phases, and an abort stops between slices', () => {
    const seen: VdfProgress[] = [];
    evaluateVdf(input, { ...options, onProgress: (progress) => seen.push(progress) });
    const squaring = seen.filter(({ phase }) => phase === 'squaring');
    expect(squaring.map(({ done }) => done)).toEqual(
      Array.from({ length: 15 }, (_, i) => 64 * (i + 1)),
    );
    expect(seen.some(({ phase }) => phase === 'proving')).toBe(true);

    expect(codeOf(() => evaluateVdf(input, { ...options, signal: { aborted: true } }))).toBe(
      'randomness/aborted',
    );
    const signal = { aborted: false };
    let last = 0;
    const stopped = codeOf(() =>
      evaluateVdf(input, {
        ...options,
        signal,
        onProgress({ done }) {
          last = done;
          signal.aborted = done >= 192;
        },
      }),
    );
    expect([stopped, last]).toEqual(['randomness/aborted', 192]);
  });
});

describe('checkpoints', () => {
  const checkpoints: Uint8Array[] = [];
  evaluateVdf(input, {
    ...options,
    checkpointEvery: 128,
    onProgress: ({ checkpoint }) => checkpoint && checkpoints.push(checkpoint),
  });

  test('an evaluation goes on from each of them and gives the same bytes', () => {
    expect(checkpoints).toHaveLength(7);
    for (const checkpoint of checkpoints) {
      const slices = evaluateVdfInSlices(input, { ...options, checkpoint });
      const first = slices.next().value as VdfProgress;
      expect(first.done).toBeGreaterThan(128);
      let slice = slices.next();
      while (!slice.done) slice = slices.next();
      expect(slice.value).toEqual(result);
    }
  });

  const resume = (checkpoint: Uint8Array, given = input): string | undefined =>
    codeOf(() => evaluateVdf(given, { checkpoint }));

  test('damaged bytes and those of another input are refused', () => {
    const checkpoint = checkpoints[3]!;
    const random = seededRandom(1);
    for (let i = 0; i < 40; i++) {
      const changed = Uint8Array.from(checkpoint);
      changed[random.below(changed.length)]! ^= 1 + random.below(255);
      expect(resume(changed)).toBe('randomness/invalid-checkpoint');
    }
    for (const cut of [0, 74, 75, 200, checkpoint.length - 1]) {
      expect(resume(checkpoint.subarray(0, cut))).toBe('randomness/invalid-checkpoint');
    }
    for (const other of [
      { ...input, seed: new Uint8Array(32) },
      { ...input, iterations: 1001 },
      { ...input, discriminantBits: 272 },
    ]) {
      expect(resume(checkpoint, other)).toBe('randomness/invalid-checkpoint');
    }
  });

  test('made-up powers are found out at the end', async () => {
    const { sha256 } = await import('@noble/hashes/sha2.js');
    const body = Uint8Array.from(checkpoints[3]!.subarray(0, -32));
    const size = half;
    // The form reached becomes its inverse: still a reduced form.
    const at = body.length - size;
    const { a, b } = decodeForm(body.subarray(at), discriminant);
    body.set(encodeForm({ a, b: -b }, discriminant), at);
    const forged = concatBytes(body, sha256(body));
    expect(() => evaluateVdf(input, { ...options, checkpoint: forged })).toThrow(
      'its powers are not those of the input',
    );
    const beyond = Uint8Array.from(checkpoints[3]!.subarray(0, -32));
    new DataView(beyond.buffer).setUint32(39, 5000);
    expect(() =>
      evaluateVdf(input, { ...options, checkpoint: concatBytes(beyond, sha256(beyond)) }),
    ).toThrow('more squarings than wanted');
  });
});

describe('refusals', () => {
  const refusal = (bytes: Uint8Array, given = input): string | undefined => {
    const code = codeOf(() => assertValidVdf(given, bytes, given === input ? options : {}));
    expect(verifyVdf(given, bytes, given === input ? options : {})).toBe(code === undefined);
    return code;
  };

  test('any changed byte, exchanged halves, and another seed, number or size', () => {
    expect(refusal(result)).toBeUndefined();
    const random = seededRandom(2);
    for (let at = 0; at < result.length; at++) {
      const changed = Uint8Array.from(result);
      changed[at]! ^= 1 << random.below(8);
      expect(refusal(changed)).toMatch(/invalid-form|invalid-proof/);
    }
    const swapped = concatBytes(result.subarray(half), result.subarray(0, half));
    expect(refusal(swapped)).toBe('randomness/invalid-proof');
    expect(refusal(result, { ...input, seed: new Uint8Array(32) })).toBe('randomness/invalid-form');
    for (const iterations of [1, 999, 1001, 2000]) {
      expect(refusal(result, { ...input, iterations })).toBe('randomness/invalid-proof');
    }
    expect(refusal(result, { ...input, discriminantBits: 272 })).toBe('randomness/invalid-length');
  });

  test('true forms in the wrong place: the inverse, the start, the identity', () => {
    const output = decodeForm(result.subarray(0, half), discriminant);
    const proof = decodeForm(result.subarray(half), discriminant);
    const group = bigintArithmetic.openGroup(discriminant);
    const one = { a: 1n, b: 1n };
    const start = { a: 2n, b: 1n };
    for (const [y, pi] of [
      [{ a: output.a, b: -output.b }, proof],
      [output, { a: proof.a, b: -proof.b }],
      [
        { a: output.a, b: -output.b },
        { a: proof.a, b: -proof.b },
      ],
      [start, one],
      [one, one],
      [output, one],
      [group.square(output, 1), group.square(proof, 1)],
    ] as const) {
      const forged = concatBytes(encodeForm(y, discriminant), encodeForm(pi, discriminant));
      expect(refusal(forged)).toBe('randomness/invalid-proof');
    }
  });

  test('forms that are not reduced, though of the same class', () => {
    const { a, b } = decodeForm(result.subarray(0, half), discriminant);
    const c = (b * b + discriminant) / (4n * a);
    for (const other of [
      { a, b: b + 2n * a },
      { a, b: b - 2n * a },
      { a: c, b: -b },
      { a: c, b: 2n * c - b },
      { a: -a, b },
      { a: 0n, b },
      { a: 1n, b: -1n },
    ]) {
      const changed = concatBytes(encodeForm(other, discriminant), result.subarray(half));
      expect(refusal(changed)).toBe('randomness/invalid-form');
    }
  });

  test('a = c goes with b of 0 or more', () => {
    // 4·a² - b² = |D| with a = 6, b = 5 and a = 4, b = 3.
    expect(decodeForm(encodeForm({ a: 6n, b: 5n }, 119n), 119n)).toEqual({ a: 6n, b: 5n });
    expect(codeOf(() => decodeForm(encodeForm({ a: 6n, b: -5n }, 119n), 119n))).toBe(
      'randomness/invalid-form',
    );
  });

  test.each(hostileBytes)('hostile result: %s', (_name, bytes) => {
    expect(refusal(bytes)).toBe('randomness/invalid-length');
    expect(codeOf(() => decodeForm(bytes, discriminant))).toMatch(/invalid-(length|form)/);
  });

  test('the published result of 5,000 squarings, changed anywhere', () => {
    const { seed: text, iterations } = published.in;
    const full = hexToBytes(published.out!.result!);
    const given = { seed: hexToBytes(text), iterations };
    const known = { discriminant: deriveDiscriminant(given.seed, 2048) };
    expect(verifyVdf(given, full, known)).toBe(true);
    for (const at of [0, 1, 128, 129, 257, 258, 300, 386, 387, 515]) {
      const changed = Uint8Array.from(full);
      changed[at]! ^= 1;
      expect(verifyVdf(given, changed, known)).toBe(false);
    }
    expect(verifyVdf({ ...given, iterations: 5001 }, full, known)).toBe(false);
    expect(verifyVdf(given, full, { discriminant: known.discriminant + 8n })).toBe(false);
  });

  test('inputs out of range and discriminants of the wrong kind', () => {
    for (const iterations of [0, -1, 0.5, Number.NaN, 2 ** 24 + 1]) {
      const given = { ...input, iterations };
      expect(codeOf(() => evaluateVdf(given, options))).toBe('randomness/out-of-range');
      expect(codeOf(() => verifyVdf(given, result, options))).toBe('randomness/out-of-range');
    }
    for (const given of [
      { ...input, seed: new Uint8Array(0) },
      { ...input, seed: new Uint8Array(1025) },
      { ...input, discriminantBits: 63 },
      { ...input, discriminantBits: 4097 },
    ]) {
      expect(codeOf(() => evaluateVdf(given))).toBe('randomness/out-of-range');
    }
    for (const wrong of [0n, -discriminant, discriminant + 1n, discriminant >> 8n, 1n << 255n]) {
      expect(codeOf(() => verifyVdf(input, result, { discriminant: wrong }))).toBe(
        'randomness/invalid-discriminant',
      );
    }
    expect(() => evaluateVdf({ ...input, iterations: 0 })).toThrow(
      'iterations must be a whole number from 1 to 16777216, got 0',
    );
    expect(() => verifyVdf(input, result, { discriminant: 7n })).toThrow(
      'the discriminant must have 256 bits and be 7 modulo 8',
    );
  });
});

test('a form is a and b in two’s complement, each 129 bytes at 2048 bits', () => {
  const magnitude = (1n << 2048n) - 1n;
  const bytes = encodeForm({ a: 258n, b: -3n }, magnitude);
  expect(bytes).toHaveLength(258);
  expect(bytesToBigInt(bytes.subarray(0, 129))).toBe(258n);
  expect(bytesToBigInt(bytes.subarray(129))).toBe((1n << 1032n) - 3n);
});
