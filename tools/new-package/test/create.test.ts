import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPackage } from '../src/create.js';
import { errorClassName } from '../src/template.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const created = { name: 'proof-store', layer: 3, description: 'Keeps proofs for later.' };

let folder = '';
const read = (path: string): string => readFileSync(join(folder, path), 'utf8');
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'new-package-')));
  for (const path of ['ARCHITECTURE.md', 'docs/compatibility.md']) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    copyFileSync(join(root, path), join(folder, path));
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('writes the package, its changeset and its entries', () => {
  expect(createPackage(folder, created)).toEqual([
    'packages/proof-store/package.json',
    'packages/proof-store/tsconfig.build.json',
    'packages/proof-store/README.md',
    'packages/proof-store/src/errors.ts',
    'packages/proof-store/src/index.ts',
    'packages/proof-store/vectors/errors.json',
    'packages/proof-store/test/errors.vectors.test.ts',
    '.changeset/proof-store-begins.md',
    'ARCHITECTURE.md',
    'docs/compatibility.md',
  ]);
  expect(read('ARCHITECTURE.md')).toMatch(/^\| 3 [^|]*\|[^|]*`chain`[^|]* · `proof-store` \|/m);
  expect(read('docs/compatibility.md')).toContain('`proof-store/errors`');
  expect(read('.changeset/proof-store-begins.md')).toContain("'@polyphony/proof-store': minor");
});

test('the new package compiles strictly and its vector test passes', () => {
  createPackage(folder, created);
  const link = (path: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(realpathSync(join(root, path)), join(folder, path), 'junction');
  };
  for (const name of ['vitest', 'typescript', '@types/node']) link(`node_modules/${name}`);
  for (const [name, path] of [
    ['primitives', 'packages/primitives'],
    ['testkit', 'tools/testkit'],
  ]) {
    mkdirSync(join(folder, 'node_modules/@polyphony'), { recursive: true });
    symlinkSync(join(root, path!), join(folder, 'node_modules/@polyphony', name!), 'junction');
  }
  for (const file of ['tsconfig.base.json', 'tsconfig.json'])
    copyFileSync(join(root, file), join(folder, file));
  const conditions = "['@polyphony/source']";
  writeFileSync(
    join(folder, 'vitest.config.mjs'),
    `export default { resolve: { conditions: ${conditions} }, ssr: { resolve: { conditions: ${conditions} } } };`,
  );
  const node = (script: string, ...args: string[]): string =>
    execFileSync(process.execPath, [join(root, 'node_modules', script), ...args], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
    });
  node('typescript/bin/tsc', '-p', 'tsconfig.json');
  expect(node('vitest/vitest.mjs', 'run', '--reporter=default')).toMatch(/Tests\s+2 passed/);
});

test.each([
  ['a bad name', { ...created, name: 'Proof' }, /not a name/],
  ['a name that leaves the folder', { ...created, name: '../x' }, /not a name/],
  ['no layer', { ...created, layer: Number.NaN }, /not between/],
  ['a layer for examples', { ...created, layer: 7 }, /not between/],
  ['a description that is no sentence', { ...created, description: 'proofs' }, /one sentence/],
])('refuses %s and writes nothing', (_, wrong, problem) => {
  const before = read('ARCHITECTURE.md');
  expect(() => createPackage(folder, wrong)).toThrow(problem);
  expect(read('ARCHITECTURE.md')).toBe(before);
});

test('refuses a package that exists', () => {
  createPackage(folder, created);
  expect(() => createPackage(folder, created)).toThrow(/exists/);
});

test('error classes are named after the package', () => {
  expect(errorClassName('bls')).toBe('BlsError');
  expect(errorClassName('light-client')).toBe('LightClientError');
});
