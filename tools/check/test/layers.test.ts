import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../src/files.js';

/** A file of a small repository under the real rules, and the rules that it breaks. */
const cases: readonly (readonly [string, string, string, ...string[]])[] = [
  ['downward', 'chain', "import '@polyphony/primitives';"],
  ['executor to the seal of fbft', 'executor', "import '@polyphony/fbft/seal';"],
  [
    'upward',
    'primitives',
    "import '@polyphony/chain';",
    'packages/primitives imports only from layers below 0',
  ],
  [
    'a type upward',
    'primitives',
    "export type A = typeof import('@polyphony/chain');",
    'packages/primitives imports only from layers below 0',
  ],
  [
    'sideways',
    'storage',
    "import '@polyphony/bls';",
    'packages/storage imports only from layers below 1',
  ],
  [
    'fbft to storage',
    'fbft',
    "import '@polyphony/storage';",
    'fbft knows nothing of networks, transport or storage',
  ],
  ['chain to bls', 'chain', "import '@polyphony/bls';", 'chain treats keys and seals as bytes'],
  [
    'executor to the machine of fbft',
    'executor',
    "import '@polyphony/fbft';",
    'epos, light-client and executor use only the seal of fbft',
  ],
  [
    'a path outside the exports map',
    'chain',
    "import '@polyphony/primitives/src/seal.ts';",
    'every import resolves: no path outside an exports map',
  ],
  [
    'the files of another package',
    'chain',
    "import '../../primitives/src/seal.js';",
    'another package is imported by its name, not by its files',
  ],
  [
    'the index of its own package',
    'chain',
    "import './index.js';",
    'index.ts is imported by no file of its own package',
  ],
  ['a Node module', 'chain', "import 'node:fs';", 'published packages use no Node module'],
];

let folder = '';
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};
const link = (target: string, path: string): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  symlinkSync(target, join(folder, path), 'junction');
};

function addPackage(name: string, layer: number, rest: object = {}): void {
  const target = (file: string): object => ({ '@polyphony/source': `./src/${file}.ts` });
  const exports = { '.': target('index'), './seal': target('seal') };
  write(
    `packages/${name}/package.json`,
    JSON.stringify({
      name: `@polyphony/${name}`,
      type: 'module',
      polyphony: { layer },
      exports,
      ...rest,
    }),
  );
  write(`packages/${name}/src/index.ts`, 'export const a = 1;\n');
  write(`packages/${name}/src/seal.ts`, 'export const seal = 1;\n');
  link(join(folder, 'packages', name), `node_modules/@polyphony/${name}`);
}

/** `file: rule` for every broken rule; rejects with what the tool said if it did not run. */
function brokenRules(): Promise<string[]> {
  const tool = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [tool, '--output-type', 'json', 'packages'],
      { cwd: folder, maxBuffer: 1 << 26 },
      (_, stdout, stderr) => {
        try {
          const report = JSON.parse(stdout) as {
            summary: { violations: { from: string; rule: { name: string } }[] };
          };
          const found = report.summary.violations.map(({ from, rule }) => `${from}: ${rule.name}`);
          resolve([...new Set(found)]);
        } catch {
          reject(new Error(stderr));
        }
      },
    );
  });
}

const probe = (index: number): string => `packages/${cases[index]![1]}/src/probe-${index}.ts`;
let broken: readonly string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'layers-'));
  for (const file of ['.dependency-cruiser.mjs', 'tsconfig.base.json', 'tsconfig.json'])
    copyFileSync(join(root, file), join(folder, file));
  mkdirSync(join(folder, 'examples'));
  write('package.json', '{ "private": true, "type": "module" }');
  link(join(root, 'node_modules/typescript'), 'node_modules/typescript');
  write('node_modules/native/package.json', '{ "name": "native", "main": "index.js" }');
  write('node_modules/native/index.js', '');
  addPackage('primitives', 0);
  addPackage('storage', 1);
  addPackage('bls', 1, { peerDependencies: { native: '1' } });
  addPackage('crypto', 1, { peerDependencies: { native: '1' } });
  addPackage('fbft', 2);
  addPackage('chain', 3);
  addPackage('executor', 5);
  for (const [index, [, , statement]] of cases.entries())
    write(probe(index), `${statement}\nexport const probe = 1;\n`);
  for (const [name, other] of ['ab', 'ba'])
    write(`packages/chain/src/${name}.ts`, `import './${other}.js';\nexport const ${name} = 1;\n`);
  // An adapter may import the peer; the root import may not reach the adapter.
  for (const name of ['bls', 'crypto'])
    write(`packages/${name}/src/native.ts`, "import 'native';\nexport const native = 1;\n");
  write('packages/crypto/src/index.ts', "export { native } from './native.js';\n");
  broken = await brokenRules();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(cases.map(([name, , , ...rules], index) => ({ name, index, rules })))(
  '$name: $rules',
  ({ index, rules }) => {
    const mine = broken.filter((line) => line.startsWith(`${probe(index)}: `));
    expect(mine).toEqual(rules.map((rule) => `${probe(index)}: ${rule}`));
  },
);

test('a circle of files', () => {
  expect(broken.filter((line) => line.includes('circle'))).toEqual([
    'packages/chain/src/a.ts: no circle of files',
  ]);
});

test('an optional peer within reach of the root import, and no other', () => {
  expect(broken.filter((line) => line.includes('optional peer'))).toEqual([
    'packages/crypto/src/index.ts: packages/crypto/src/index.ts reaches no optional peer',
  ]);
});

test('a package without a layer stops the check', async () => {
  write('packages/unplaced/package.json', '{ "name": "@polyphony/unplaced" }');
  await expect(brokenRules()).rejects.toThrow(/polyphony\.layer is missing/);
});
