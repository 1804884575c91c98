import { describe, expect, test } from 'vitest';
import {
  assertEqualOutputs,
  type BenchRow,
  formatCount,
  formatRatio,
  judge,
  measureRow,
  ratioOf,
  row,
  spread,
} from '../src/harness.js';
import { formatRow, formatSummary } from '../src/report.js';

const work = (times: number) => (): number => {
  let sum = 0;
  for (let i = 0; i < times; i++) sum = (sum * 31 + i) | 0;
  return sum;
};
const base: BenchRow = {
  name: 'sum',
  unit: 'sums',
  contenders: [
    { name: 'slow', run: work(40_000), output: () => 'same' },
    { name: 'fast', run: work(4_000), output: () => 'same' },
  ],
  baseline: 'slow',
};

describe('a row', () => {
  test.each<[string, Partial<BenchRow>]>([
    ['no contender is named "other"', { baseline: 'other' }],
    ['a contender is named twice', { contenders: [base.contenders[0]!, base.contenders[0]!] }],
    ['perRun must be positive', { perRun: 0 }],
    ['target for unknown "x"', { targets: [{ contender: 'x', perSecond: 1 }] }],
    ['a target has no figure', { targets: [{ contender: 'fast' }] }],
    ['"ratio" and "to" belong together', { targets: [{ contender: 'fast', ratio: 2 }] }],
    ['target against unknown "x"', { targets: [{ contender: 'fast', ratio: 2, to: 'x' }] }],
  ])('is refused: %s', (problem, change) => {
    expect(() => row({ ...base, ...change })).toThrow(problem);
  });

  test('that is sound comes back unchanged', () => {
    expect(row(base)).toBe(base);
  });
});

describe('equality before speed', () => {
  const withOutputs = (a: unknown, b: unknown): BenchRow => ({
    ...base,
    contenders: [
      { name: 'slow', run: work(1), output: () => a as string },
      { name: 'fast', run: work(1), output: () => b as string },
    ],
  });

  test.each([
    ['bytes', Uint8Array.of(1, 2), Buffer.from([1, 2])],
    ['integers', 10n, 10n],
    ['lists', ['a', [Uint8Array.of(1)]], ['a', [Buffer.from([1])]]],
    ['nothing', undefined, undefined],
  ])('%s that are equal', async (_, a, b) => {
    await expect(assertEqualOutputs(withOutputs(a, b))).resolves.toBeUndefined();
  });

  test.each([
    ['bytes', Uint8Array.of(1, 2), Uint8Array.of(1, 3)],
    ['a bigint and a number', 10n, 10],
    ['text and bytes', '0x01', Uint8Array.of(1)],
    ['answers', true, false],
  ])('%s that differ', async (_, a, b) => {
    await expect(assertEqualOutputs(withOutputs(a, b))).rejects.toThrow(
      /bench row "sum": fast gives/,
    );
  });

  test('a difference ends the measurement before the first timed call', async () => {
    let runs = 0;
    const wrong: BenchRow = {
      ...base,
      contenders: [
        { name: 'slow', run: () => runs++, output: () => 1 },
        { name: 'fast', run: () => runs++, output: () => 2 },
      ],
    };
    await expect(measureRow(wrong, { rounds: 1, batchMs: 1 })).rejects.toThrow();
    expect(runs).toBe(0);
  });
});

test('ten times the work is measured as slower, and targets are judged by it', async () => {
  const targets = [
    { contender: 'fast', ratio: 3, to: 'slow' },
    { contender: 'slow', ratio: 1, to: 'fast' },
    { contender: 'slow', perSecond: 1, ratio: 1, to: 'fast' },
  ];
  const unable = [{ name: 'other', reason: 'has no sums' }];
  const result = await measureRow(
    { ...base, perRun: 2, targets, unable },
    { rounds: 5, batchMs: 10 },
  );
  expect(result.measured.map(({ name }) => name)).toEqual(['slow', 'fast']);
  expect(result.measured[0]!.ratio).toBe(1);
  expect(result.measured[0]!.samples).toHaveLength(5);
  expect(result.targets.map(({ met }) => met)).toEqual([true, false, true]);

  const text = formatRow(result);
  expect(text).toContain('other   not measured: has no sums');
  expect(text).toContain('MISSED slow at least 1.00x fast');
  expect(formatSummary([result])).toMatch(/^2 of 3 targets met\n {2}missed: sum: slow at least/);
});

test('promises are awaited one after the other', async () => {
  let open = 0;
  let most = 0;
  const run = async (): Promise<void> => {
    most = Math.max(most, ++open);
    await Promise.resolve();
    open--;
  };
  const waiting: BenchRow = {
    name: 'wait',
    unit: 'waits',
    contenders: [{ name: 'async', run, output: async () => 'same' }],
    baseline: 'async',
  };
  const result = await measureRow(waiting, { rounds: 3, batchMs: 2 });
  expect(result.measured[0]!.perCpuSecond.median).toBeGreaterThan(0);
  expect({ open, most }).toEqual({ open: 0, most: 1 });
});

test('medians and figures', () => {
  expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  expect(spread([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
  expect([1_234_567, 45_678, 789, 12.345, 1.234].map(formatCount)).toEqual([
    '1.23 M',
    '45.7 k',
    '789',
    '12.3',
    '1.23',
  ]);
  expect([0.951, 12.34, 0.1, 0, 1].map(formatRatio)).toEqual([
    '0.95x',
    '12.3x',
    '0.10x',
    '0.00x',
    '1.00x',
  ]);
  expect([0.0999, 0.05, 0.01, 0.00423, 0.0000678].map(formatRatio)).toEqual([
    '0.100x',
    '0.050x',
    '0.010x',
    '0.0042x',
    '0.000068x',
  ]);
  // A round that was slow for both counts like any other.
  expect(ratioOf([20, 2, 30], [10, 1, 10])).toBe(2);
  const measured = [{ name: 'a', samples: [10] }];
  expect(judge({ contender: 'a', perSecond: 10 }, measured)).toMatchObject({
    met: true,
    text: 'a at least 10.0/CPU-s',
    reached: '10.0/CPU-s',
  });
});
