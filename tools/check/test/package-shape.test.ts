import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Manifest } from '../src/files.js';
import { checkPackageShape, README_HEADINGS } from '../src/package-shape.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shape-'));
  for (const name of ['src', 'test']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'src/index.ts'), '');
  writeFileSync(join(folder, 'test/a.test.ts'), '');
  writeFileSync(join(folder, 'README.md'), README_HEADINGS.map((word) => `## ${word}\n`).join(''));
});
afterEach(() => rmSync(folder, { recursive: true }));

const published = { types: './dist/index.d.ts', default: './dist/index.js' };
const good: Manifest = {
  name: 'a',
  version: '0.1.0',
  polyphony: { layer: 1 },
  exports: { '.': { '@polyphony/source': './src/index.ts', ...published } },
  publishConfig: { exports: { '.': published } },
};
const check = (manifest: Manifest): readonly string[] => checkPackageShape({ folder, manifest });

test('a package in shape has no problem', () => {
  expect(check(good)).toEqual([]);
});

test('a missing layer', () => {
  expect(check({ ...good, polyphony: {} })).toEqual(['a: polyphony.layer is missing']);
});

test('maps out of step', () => {
  const drifted = { publishConfig: { exports: { '.': { ...published, default: './dist/x.js' } } } };
  expect(check({ ...good, ...drifted })).toEqual([
    'a: exports and publishConfig.exports differ at "."',
  ]);
  expect(check({ ...good, publishConfig: {} })).toHaveLength(1);
});

test('a subpath whose source does not exist, or whose files have other names', () => {
  const entry = { types: './dist/b.d.ts', default: './dist/b.js' };
  const withB = (source: string): Manifest => ({
    ...good,
    exports: { ...good.exports, './b': { '@polyphony/source': source, ...entry } },
    publishConfig: { exports: { '.': published, './b': entry } },
  });
  expect(check(withB('./src/b.ts'))).toEqual(['a: ./src/b.ts is missing']);
  expect(check(withB('./src/index.ts'))).toEqual([
    'a: exports of "./b" must name one file as source, types and default',
  ]);
});

test('a README without a heading, or with two swapped', () => {
  const write = (words: readonly string[]): void =>
    writeFileSync(join(folder, 'README.md'), words.map((word) => `## ${word}\n`).join(''));
  write(README_HEADINGS.slice(1));
  expect(check(good)).toEqual([`a: README.md lacks the headings ${README_HEADINGS[0]}`]);
  write([README_HEADINGS[1]!, README_HEADINGS[0]!, ...README_HEADINGS.slice(2)]);
  expect(check(good)).toEqual(['a: README.md has its headings out of order']);
});

test('no tests', () => {
  rmSync(join(folder, 'test/a.test.ts'));
  expect(check(good)).toEqual(['a: has no tests']);
});
