/**
 * Checks the documents against the tree: links, tables, and the code in READMEs. With `--write` it
 * first corrects the numbers of cases in the compatibility table.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  brokenLinks,
  compatibilityProblems,
  layerTableProblems,
  withCaseNumbers,
} from './documents.js';
import { fenceProblems } from './fences.js';
import { filesBelow, publishedPackages, root } from './files.js';

const documents = [
  ...['README', 'ARCHITECTURE', 'CONTRIBUTING', 'SECURITY'].map((name) => `${name}.md`),
  ...['packages', 'examples', 'tools', 'bench', 'docs'].flatMap((folder) =>
    filesBelow(join(root, folder), '.md'),
  ),
].filter((path) => existsSync(join(root, path)));
const packages = publishedPackages();
const read = (path: string): string =>
  existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '';

const cases = new Map(
  packages.flatMap(({ folder }) =>
    filesBelow(join(folder, 'vectors'), '.json').map((path) => {
      const file = JSON.parse(read(path)) as { cases: readonly unknown[] };
      const name = path.replace(/^packages\/([^/]+)\/vectors\/(.+)\.json$/, '$1/$2');
      return [name, file.cases.length] as const;
    }),
  ),
);
const table = 'docs/compatibility.md';
if (process.argv.includes('--write'))
  writeFileSync(join(root, table), withCaseNumbers(read(table), cases));

const fences = await fenceProblems(
  documents.filter((path) => /^(packages\/[^/]+\/)?README\.md$/.test(path)),
);
const problems = [
  ...documents.flatMap((path) => brokenLinks(root, path)),
  ...layerTableProblems(
    read('ARCHITECTURE.md'),
    new Map(
      packages.map(({ folder, manifest }) => [basename(folder), manifest.polyphony?.layer ?? -1]),
    ),
  ),
  ...compatibilityProblems(read(table), cases),
  ...fences.problems,
];
for (const problem of problems) console.log(problem);
console.log(
  `${documents.length} documents, ${fences.count} programs in READMEs, ${problems.length} problems`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
