import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  brokenLinks,
  compatibilityProblems,
  layerTableProblems,
  withCaseNumbers,
} from '../src/documents.js';
import { anchorsOf, fencesOf, linksOf } from '../src/markdown.js';

describe('markdown', () => {
  test('fences, with their words and first lines', () => {
    const text = ['a', '```ts', 'one', 'two', '```', '', '~~~sh no-run', '```', '~~~'].join('\n');
    expect(fencesOf(text)).toEqual([
      { info: 'ts', text: 'one\ntwo', line: 3 },
      { info: 'sh no-run', text: '```', line: 8 },
    ]);
  });

  test('links outside code only', () => {
    const text =
      '[a](b.md) `[c](d.md)` ![e](f.png "t")\n```\n[g](h.md)\n```\n[i]: j.md\n[k](<l.md>)';
    expect(linksOf(text)).toEqual([
      { target: 'b.md', line: 1 },
      { target: 'f.png', line: 1 },
      { target: 'j.md', line: 5 },
      { target: 'l.md', line: 6 },
    ]);
  });

  test('anchors: case, marks, repeats', () => {
    const text = '# One: `two`, three!\n## Same\n### Same\n```\n# not me\n```\n';
    expect([...anchorsOf(text)]).toEqual(['one-two-three', 'same', 'same-1']);
  });
});

describe('links', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'links-'));
    mkdirSync(join(folder, 'docs'));
    writeFileSync(join(folder, 'README.md'), '# Top\n## Two words\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    ['../README.md', undefined],
    ['../README.md#two-words', undefined],
    ['#here', undefined],
    ['https://example.org/x', undefined],
    ['../', undefined],
    ['../README.md#three', 'no such heading'],
    ['missing.md', 'no such file'],
    ['../../outside.md', 'leaves the repository'],
  ])('%s', (target, problem) => {
    writeFileSync(join(folder, 'docs/a.md'), `# Here\n[x](${target})\n`);
    const found = brokenLinks(folder, 'docs/a.md');
    if (problem === undefined) expect(found).toEqual([]);
    else expect(found).toEqual([expect.stringContaining(problem)]);
  });
});

describe('the layer table', () => {
  const table = '| layer | packages |\n|---|---|\n| 0 words | `a` |\n| 1 tools | `b` · `c` |\n';
  test('in step with the manifests', () => {
    expect(
      layerTableProblems(
        table,
        new Map([
          ['a', 0],
          ['b', 1],
          ['c', 1],
        ]),
      ),
    ).toEqual([]);
  });
  test('a package in another row, a package too many', () => {
    expect(
      layerTableProblems(
        table,
        new Map([
          ['a', 0],
          ['b', 0],
        ]),
      ),
    ).toEqual([
      'ARCHITECTURE.md: the table lacks `b` in layer 0',
      'ARCHITECTURE.md: `b` is not in layer 1',
      'ARCHITECTURE.md: `c` is not in layer 1',
    ]);
  });
});

describe('the compatibility table', () => {
  const head = '| rule | activation | package | vectors |\n|---|---|---|---|\n';
  const table = `${head}| r | always | \`bls\` | \`bls/sign\`: 3 \`bls/map\` |\n`;
  const cases = new Map([
    ['bls/sign', 4],
    ['bls/map', 2],
  ]);

  test('names every file, with its number of cases', () => {
    const right = withCaseNumbers(table, cases);
    expect(right).toBe(`${head}| r | always | \`bls\` | \`bls/sign\`: 4 \`bls/map\`: 2 |\n`);
    expect(compatibilityProblems(right, cases)).toEqual([]);
    expect(withCaseNumbers(right, cases)).toBe(right);
  });

  test('a wrong number, a missing number, a missing row, a file too many', () => {
    const bitmap = new Map([...cases, ['bls/bitmap', 1] as const]);
    bitmap.delete('bls/map');
    expect(compatibilityProblems(table, bitmap)).toEqual([
      'docs/compatibility.md: no row names the vectors `bls/bitmap`',
      'docs/compatibility.md:3: `bls/sign` has 4 cases',
      'docs/compatibility.md:3: no vector file `bls/map`',
    ]);
    expect(compatibilityProblems(table, cases)).toContain(
      'docs/compatibility.md:3: `bls/map` has 2 cases',
    );
  });
});
