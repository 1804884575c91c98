/** Checks the documents against the tree: links, tables, and the code in READMEs. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { brokenLinks, compatibilityProblems, layerTableProblems } from './documents.js';
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
  ...compatibilityProblems(
    read('docs/compatibility.md'),
    packages.flatMap(({ folder }) =>
      filesBelow(join(folder, 'vectors'), '.json').map((path) =>
        path.replace(/^packages\/([^/]+)\/vectors\/(.+)\.json$/, '$1/$2'),
      ),
    ),
  ),
  ...fences.problems,
];
for (const problem of problems) console.log(problem);
console.log(
  `${documents.length} documents, ${fences.count} programs in READMEs, ${problems.length} problems`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
