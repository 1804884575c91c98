import { createHash } from 'node:crypto';
import { bytesToPlainHex, hexToBytes } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { goRandom } from '../src/cuckoo-2019/go-random.js';
import { SEEDING_WORDS } from '../src/cuckoo-2019/go-random-table.js';
import { type Resharding2019, reshard2019 } from '../src/cuckoo-2019/reshard-2019.js';
import { ShardingError } from '../src/errors.js';

const numbers = loadVectors<
  { readonly seed?: string; readonly table?: boolean },
  {
    readonly int63?: readonly string[];
    readonly int63After1000?: string;
    readonly uint64?: readonly string[];
    readonly int63n?: readonly string[];
    readonly intn?: readonly number[];
    readonly perm10?: readonly number[];
    readonly shuffle10?: readonly number[];
    readonly sha256?: string;
    readonly first?: readonly string[];
    readonly last?: readonly string[];
  }
>(import.meta.url, 'go-random', {
  in: ['seed', 'table'],
  out: [
    'int63',
    'int63After1000',
    'uint64',
    'int63n',
    'intn',
    'perm10',
    'shuffle10',
    'sha256',
    'first',
    'last',
  ],
});

const WORDS = 607;
const TAP = 273;
const MASK = (1n << 64n) - 1n;

/** A polynomial as one integer, with room for the products of two. */
const ROOM = 160;

function square(polynomial: readonly bigint[]): bigint[] {
  const packed = BigInt(
    `0x${polynomial
      .toReversed()
      .map((c) => c.toString(16).padStart(ROOM / 4, '0'))
      .join('')}`,
  );
  const product = (packed * packed).toString(16).padStart(((2 * WORDS - 1) * ROOM) / 4, '0');
  const digits = ROOM / 4;
  return Array.from({ length: 2 * WORDS - 1 }, (_, i) => {
    const end = product.length - i * digits;
    return BigInt(`0x${product.slice(end - digits, end)}`) & MASK;
  });
}

/** Modulo x^607 = x^334 + 1. */
function reduce(polynomial: bigint[]): bigint[] {
  for (let i = polynomial.length - 1; i >= WORDS; i--) {
    polynomial[i - TAP] = (polynomial[i - TAP]! + polynomial[i]!) & MASK;
    polynomial[i - WORDS] = (polynomial[i - WORDS]! + polynomial[i]!) & MASK;
  }
  return polynomial.slice(0, WORDS);
}

/** The words again: the generator without them, seeded with 1, after 7.8 × 10^12 steps. */
function derivedWords(): string {
  let x = 1;
  const next = (): bigint => {
    x = (48271 * x) % (2 ** 31 - 1);
    return BigInt(x);
  };
  for (let skipped = 0; skipped < 20; skipped++) next();
  const state = Array.from({ length: WORDS }, () => (next() << 20n) ^ (next() << 10n) ^ next());
  const place = (n: number): number => (((334 - n) % WORDS) + WORDS) % WORDS;
  const run = Array.from({ length: WORDS }, (_, j) => state[place(j - 606)]!);
  for (let j = WORDS; j < 2 * WORDS; j++) run.push((run[j - TAP]! + run[j - WORDS]!) & MASK);
  const steps = 7_800_000_000_000;
  let power = [1n, ...Array.from({ length: WORDS - 1 }, () => 0n)];
  for (const bit of steps.toString(2)) {
    power = reduce(square(power));
    if (bit === '1') power = reduce([0n, ...power]);
  }
  const words: bigint[] = [];
  for (let k = 0; k < WORDS; k++) {
    const word = power.reduce((sum, c, i) => (sum + c * run[i + k]!) & MASK, 0n);
    words[place(k - 606 + (steps % WORDS))] = word;
  }
  return words.map((word) => word.toString(16).padStart(16, '0')).join('');
}

describe("Go's math/rand", () => {
  test.each(numbers)('$name', ({ in: { seed, table }, out }) => {
    if (table) {
      const words = SEEDING_WORDS.replaceAll('\n', '');
      expect(createHash('sha256').update(words, 'hex').digest('hex')).toBe(out!.sha256);
      expect(words.startsWith(out!.first!.join(''))).toBe(true);
      expect(words.endsWith(out!.last!.join(''))).toBe(true);
      return;
    }
    const fresh = (): ReturnType<typeof goRandom> => goRandom(BigInt(seed!));
    const texts = (count: number, next: () => bigint): string[] =>
      Array.from({ length: count }, () => String(next()));
    const many = fresh();
    expect(texts(5, fresh().int63)).toEqual(out!.int63);
    expect(texts(1001, many.int63)[1000]).toBe(out!.int63After1000);
    expect(texts(3, fresh().uint64)).toEqual(out!.uint64);
    const wide = fresh();
    expect([200n, 98765654323123134n, 1048576n].map((limit) => String(wide.int63n(limit)))).toEqual(
      out!.int63n,
    );
    const narrow = fresh();
    expect([10, 7, 16, 1000003].map((limit) => narrow.intn(limit))).toEqual(out!.intn);
    expect(fresh().perm(10)).toEqual(out!.perm10);
    const list = Array.from({ length: 10 }, (_, index) => index);
    fresh().shuffle(list);
    expect(list).toEqual(out!.shuffle10);
  });

  test('the words of seeding follow from the recipe', () => {
    expect(derivedWords()).toBe(SEEDING_WORDS.replaceAll('\n', ''));
  });

  test('narrower numbers are parts of the same 63 bits', () => {
    const wide = goRandom(7n).int63();
    expect(goRandom(7n).uint32()).toBe(Number(wide >> 31n));
    expect(goRandom(7n).int31()).toBe(Number(wide >> 32n));
    expect(goRandom(7n).float64()).toBe(Number(wide & ((1n << 53n) - 1n)) / 2 ** 53);
  });

  test('a seed counts modulo 2^31 - 1, negative ones too', () => {
    expect(goRandom(-1n).uint64()).toBe(goRandom(2n ** 31n - 2n).uint64());
    expect(goRandom(2n ** 64n + 5n).uint64()).toBe(goRandom(5n).uint64());
  });

  test('limits on which Go panics are refused', () => {
    const random = goRandom(1n);
    for (const limit of [0, -1, 1.5, 2 ** 31]) {
      expect(() => random.intn(limit)).toThrow(ShardingError);
    }
    for (const limit of [0n, -1n, 2n ** 63n]) {
      expect(() => random.int63n(limit)).toThrow(ShardingError);
    }
  });
});

const cases = loadVectors<
  {
    readonly shards: readonly (readonly string[])[];
    readonly newKeys: readonly string[];
    readonly percent: number;
    readonly seed: string;
  },
  { readonly shards: readonly (readonly string[])[] }
>(import.meta.url, 'cuckoo-2019', {
  in: ['shards', 'newKeys', 'percent', 'seed'],
  out: ['shards'],
});

const key = (text: string): Uint8Array => hexToBytes(text + '00'.repeat(46));

function inputOf(given: (typeof cases)[number]['in']): Resharding2019 {
  return {
    shards: given.shards.map((keys, shardId) => ({ shardId, keys: keys.map(key) })),
    newKeys: given.newKeys.map(key),
    percent: given.percent,
    seed: BigInt(given.seed),
  };
}

describe('resharding of 2019', () => {
  test.each(cases)('$name', ({ in: given, out }) => {
    const input = inputOf(given);
    const shards = reshard2019(input);
    expect(shards.map(({ shardId }) => shardId)).toEqual(given.shards.map((_, index) => index));
    expect(
      shards.map(({ keys }) => keys.map((bytes) => bytesToPlainHex(bytes).slice(0, 4))),
    ).toEqual(out!.shards);
    const turned = { ...input, newKeys: input.newKeys.toReversed() };
    expect(reshard2019(turned)).toEqual(shards);
  });

  test('a single shard takes the newcomers and gives none', () => {
    const [shard] = reshard2019({
      shards: [{ shardId: 3, keys: ['01', '02'].map((text) => key(`${text}00`)) }],
      newKeys: [key('0300')],
      percent: 1,
      seed: 1n,
    });
    expect(shard!.keys.map((bytes) => bytes[0])).toEqual([1, 2, 3]);
  });

  test('a larger shard is never emptied', () => {
    const shards = [0, 1].map((shardId) => ({ shardId, keys: [key(`0${shardId}00`)] }));
    expect(reshard2019({ shards, newKeys: [], percent: 1, seed: 1n })).toEqual(shards);
  });

  test('what the node panicked on is refused', () => {
    const input = inputOf(cases[0]!.in);
    for (const change of [
      { shards: [] },
      { shards: [...input.shards, { shardId: 9, keys: [] }] },
      { newKeys: [key('0100')] },
      { percent: -0.1 },
      { percent: 1.1 },
      { percent: Number.NaN },
    ]) {
      expect(() => reshard2019({ ...input, ...change })).toThrow(ShardingError);
    }
  });
});
