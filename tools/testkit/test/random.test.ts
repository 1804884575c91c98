import { afterEach, describe, expect, test, vi } from 'vitest';
import { hostileBytes, mutateBytes, propertyRuns, seededRandom } from '../src/index.js';

describe('seededRandom', () => {
  test('equal seeds give equal streams, other seeds other ones', () => {
    const draw = (seed: number): string => {
      const random = seededRandom(seed);
      return [random.uint32(), random.below(10), random.bigint(100), ...random.bytes(8)].join();
    };
    expect(draw(7)).toBe(draw(7));
    expect(draw(7)).not.toBe(draw(8));
    expect(seededRandom(7).seed).toBe(7);
  });

  test('the first values of seed 1 never change', () => {
    const random = seededRandom(1);
    expect([random.uint32(), random.uint32(), random.uint32()]).toMatchInlineSnapshot(`
      [
        1580013426,
        350525680,
        3524174333,
      ]
    `);
  });

  test('values stay in range and reach both ends', () => {
    const random = seededRandom(3);
    const below = Array.from({ length: 1000 }, () => random.below(5));
    expect([...new Set(below)].sort()).toEqual([0, 1, 2, 3, 4]);
    for (const bits of [1, 31, 32, 33, 64, 256]) {
      const values = Array.from({ length: 200 }, () => random.bigint(bits));
      expect(values.every((value) => value >= 0n && value < 1n << BigInt(bits))).toBe(true);
      expect(values.some((value) => value >> BigInt(bits - 1) === 1n)).toBe(true);
    }
    expect(random.bytes(0)).toHaveLength(0);
    expect(['a', 'b']).toContain(random.pick(['a', 'b']));
  });
});

describe('propertyRuns', () => {
  afterEach(() => vi.unstubAllEnvs());

  test('keeps the given number without settings', () => {
    vi.stubEnv('SEED', undefined);
    vi.stubEnv('RUNS', undefined);
    vi.stubEnv('CI', undefined);
    expect(propertyRuns(50)).toEqual({ numRuns: 50 });
  });

  test('gets one seed where a change is judged', () => {
    vi.stubEnv('SEED', undefined);
    vi.stubEnv('RUNS', undefined);
    vi.stubEnv('CI', 'true');
    expect(propertyRuns(50)).toEqual({ numRuns: 50, seed: 20261122 });
  });

  test('SEED repeats a run and RUNS sets its length', () => {
    vi.stubEnv('SEED', '-12');
    vi.stubEnv('RUNS', '9');
    expect(propertyRuns(50)).toEqual({ numRuns: 9, seed: -12 });
  });
});

describe('hostile bytes', () => {
  test('names and contents are distinct', () => {
    expect(new Set(hostileBytes.map(([name]) => name)).size).toBe(hostileBytes.length);
    const contents = hostileBytes.map(([, bytes]) => Buffer.from(bytes).toString('latin1'));
    expect(new Set(contents).size).toBe(hostileBytes.length);
  });

  test('the nested lists are well formed to the last level', () => {
    const [, nested] = hostileBytes.find(([name]) => name.includes('nested'))!;
    let at = 0;
    let depth = 0;
    while (at < nested.length) {
      const prefix = nested[at]!;
      const long = prefix > 0xf7 ? prefix - 0xf7 : 0;
      let length = long === 0 ? prefix - 0xc0 : 0;
      for (let i = 1; i <= long; i++) length = length * 256 + nested[at + i]!;
      at += 1 + long;
      expect(length).toBe(nested.length - at);
      depth++;
    }
    expect(depth).toBe(10_000);
  });

  test('mutations change most inputs, leave the original alone and repeat from a seed', () => {
    const original = Uint8Array.from({ length: 40 }, (_, i) => i);
    const run = (): Uint8Array[] => {
      const random = seededRandom(11);
      return Array.from({ length: 200 }, () => mutateBytes(original, random));
    };
    const mutated = run();
    expect(run()).toEqual(mutated);
    expect(original).toEqual(Uint8Array.from({ length: 40 }, (_, i) => i));
    const changed = mutated.filter((bytes) => Buffer.compare(bytes, original) !== 0);
    expect(changed.length).toBeGreaterThan(150);
    const lengths = new Set(mutated.map((bytes) => Math.sign(bytes.length - original.length)));
    expect(lengths).toEqual(new Set([-1, 0, 1]));
  });

  test('nothing can be mutated too', () => {
    const random = seededRandom(2);
    for (let i = 0; i < 50; i++)
      expect(mutateBytes(new Uint8Array(0), random).length).toBeLessThan(10);
  });
});
