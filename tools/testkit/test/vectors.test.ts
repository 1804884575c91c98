import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadVectors, packageFolder, unreadVectorFiles } from '../src/index.js';

let folder = '';
let testUrl = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vectors-'));
  writeFileSync(join(folder, 'package.json'), '{}');
  for (const name of ['vectors', 'test/deep']) mkdirSync(join(folder, name), { recursive: true });
  testUrl = pathToFileURL(join(folder, 'test/deep/a.vectors.test.ts')).href;
});
afterEach(() => rmSync(folder, { recursive: true }));

const birth = { what: 'w', source: 's', 'made-by': 'm' };
const good = { name: 'one', in: { a: 1 }, out: { b: 2 } };
const write = (file: object, name = 'sums'): void =>
  writeFileSync(join(folder, 'vectors', `${name}.json`), JSON.stringify(file));
const load = (fields = {}): unknown => loadVectors(testUrl, 'sums', fields);

test('the package folder is the nearest one with a package.json', () => {
  expect(packageFolder(testUrl)).toBe(folder);
});

describe('loadVectors', () => {
  test('returns the cases of a good file, with notes and errors', () => {
    const failing = { name: 'two', in: { a: 2 }, error: 'x/y', note: 'n', source: 'elsewhere' };
    write({ ...birth, note: 'n', cases: [good, failing] });
    expect(load({ in: ['a'], out: ['b'] })).toEqual([good, failing]);
  });

  test.each([
    ['no file', undefined, /ENOENT/],
    [
      'an unknown field of the file',
      { ...birth, extra: 1, cases: [good] },
      /unknown field "extra"/,
    ],
    ['no origin', { what: 'w', 'made-by': 'm', cases: [good] }, /"source" is missing/],
    ['an empty origin', { ...birth, 'made-by': '', cases: [good] }, /"made-by" is missing/],
    ['no cases', { ...birth, cases: [] }, /no cases/],
    ['cases that are no list', { ...birth, cases: {} }, /no cases/],
    ['a name twice', { ...birth, cases: [good, good] }, /name used twice/],
    ['an unknown field of a case', { ...birth, cases: [{ ...good, x: 1 }] }, /unknown field "x"/],
    [
      'neither out nor error',
      { ...birth, cases: [{ name: 'n', in: {} }] },
      /either "out" or "error"/,
    ],
    [
      'both out and error',
      { ...birth, cases: [{ ...good, error: 'e' }] },
      /either "out" or "error"/,
    ],
    [
      'an unknown field of in',
      { ...birth, cases: [{ ...good, in: { c: 1 } }] },
      /in: unknown field "c"/,
    ],
    [
      'an unknown field of out',
      { ...birth, cases: [{ ...good, out: { c: 1 } }] },
      /out: unknown field "c"/,
    ],
  ])('refuses %s', (_, file, problem) => {
    if (file !== undefined) write(file);
    expect(() => load({ in: ['a'], out: ['b'] })).toThrow(problem);
  });
});

describe('unreadVectorFiles', () => {
  test('names the files that no test names', () => {
    write({ ...birth, cases: [good] }, 'read');
    write({ ...birth, cases: [good] }, 'unread');
    writeFileSync(
      join(folder, 'test/deep/a.vectors.test.ts'),
      "loadVectors(import.meta.url, 'read'); // unread",
    );
    expect(unreadVectorFiles(folder)).toEqual(['unread.json']);
  });

  test('a package without vectors has none unread', () => {
    rmSync(join(folder, 'vectors'), { recursive: true });
    expect(unreadVectorFiles(folder)).toEqual([]);
  });
});
