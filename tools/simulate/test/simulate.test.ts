/** The command: options, figures that depend on nothing else, a plot that is well-formed, the page. */
import { readFileSync } from 'node:fs';
import { type Dec, parseDec } from '@polyphony/primitives';
import { describe, expect, test } from 'vitest';
import { simulate } from '../src/figures.js';
import { parseOptions } from '../src/options.js';
import { pagePlot, withFigures } from '../src/page.js';
import { lorenz, plot } from '../src/plot.js';
import { fixed, percent, report, wholeOne } from '../src/report.js';
import { createScenario } from '../src/scenario.js';

const root = new URL('../../../', import.meta.url);
const run = (...words: string[]) => {
  const options = parseOptions(words)!;
  return simulate(createScenario(options), options.epochs);
};

describe('options', () => {
  test('have defaults, and help is asked for', () => {
    expect(parseOptions([])).toMatchObject({ network: 'reference', validators: 40, bound: 35 });
    expect(parseOptions(['--bound', '15'])!.bound).toBe(15);
    expect(parseOptions(['-h'])).toBeUndefined();
  });

  test.each([
    [['--validators', '0'], '--validators must be an integer from 1 to 20000, got "0"'],
    [['--epochs', 'x'], '--epochs must be an integer from 1 to 1000, got "x"'],
    [['--network', 'moon'], '--network must be reference or live, got "moon"'],
  ])('%j is refused', (words, message) => {
    expect(() => parseOptions(words)).toThrow(message);
  });
});

describe('figures', () => {
  test('equal options give equal figures; the seed changes them', () => {
    const words = ['--epochs', '2', '--validators', '12', '--blocks', '16'];
    expect(run(...words)).toEqual(run(...words));
    expect(run(...words, '--seed', '2')).not.toEqual(run(...words));
  });

  test('a whale with one key counts for little more than the median', () => {
    const words = ['--epochs', '1', '--spread', 'whale', '--keys', '1', '--validators', '20'];
    const { epochs, slots } = run(...words);
    const [{ raw, effective, median }] = epochs as [(typeof epochs)[number]];
    expect([raw.nakamoto, effective.nakamoto]).toEqual([1, 7]);
    expect(slots[0]!.effective).toBe((median * 135n) / 100n);
    expect(effective.gini).toBeLessThan(raw.gini);
  });

  test('on the live rules the recovery account has a quarter', () => {
    const { epochs } = run('--network', 'live', '--epochs', '2', '--absent', '0', '--shards', '2');
    const [, { issued, recovered }] = epochs as [unknown, (typeof epochs)[number]];
    expect(recovered * 4n).toBe(14n * 10n ** 18n * 128n);
    // The rest is the validators', but for what cutting leaves of 128 payouts.
    const lost = recovered * 3n - (issued - recovered);
    expect(lost > -1_000_000n && lost < 1_000_000n).toBe(true);
  });
});

describe('text and plot', () => {
  test('numbers are cut, not rounded', () => {
    expect(wholeOne(-1_234_567_999_999_999_999_999_999n)).toBe('-1,234,567');
    expect(fixed(parseDec('0.98765'), 3)).toBe('0.987');
    expect(percent(parseDec('0.0999') as Dec)).toBe('9.9 %');
  });

  test('a report has a row for each epoch and for the greatest members', () => {
    const lines = report(run('--epochs', '3', '--blocks', '16'), 2).split('\n');
    expect(lines.filter((line) => /^ +[234] /.test(line))).toHaveLength(3);
    expect(lines.filter((line) => line.startsWith('validator '))).toHaveLength(2);
    expect(new Set(lines.slice(2, 6).map((line) => line.length)).size).toBe(1);
  });

  test('the plot is well-formed, whatever the title', () => {
    const svg = plot(run('--epochs', '1', '--blocks', '16'), 'a < b & "c" > d');
    expect(svg).toContain('a &lt; b &amp; "c" &gt; d');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    const open = svg.match(/<(svg|style|text)\b/g)!.length;
    expect(svg.match(/<\/(svg|style|text)>/g)).toHaveLength(open);
  });

  test('a Lorenz curve leads from nothing to everything', () => {
    expect(lorenz([1n, 3n])).toEqual([
      [0, 0],
      [160, 67.5],
      [320, 270],
    ]);
  });
});

describe('docs/economics.md', () => {
  const page = readFileSync(new URL('docs/economics.md', root), 'utf8');

  test('has the figures that the code computes', () => {
    expect(page.match(/<!-- figures: /g)!.length).toBeGreaterThanOrEqual(5);
    expect(withFigures(page)).toBe(page);
  });

  test('shows the plot that the code draws', () => {
    const image = readFileSync(new URL('docs/images/effective-stake.svg', root), 'utf8');
    expect(pagePlot()).toBe(image);
  });

  test('unknown figures are refused', () => {
    expect(() => withFigures('<!-- figures: none --><!-- end -->')).toThrow('none');
  });
});
