/** Runs the source and package rules over the repository; prints every broken one. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, publishedPackages, root } from './files.js';
import { checkPackageShape } from './package-shape.js';
import { checkSources } from './source-rules.js';

const packages = publishedPackages();
const sources = new Map(
  packages
    .flatMap(({ folder }) => filesBelow(join(folder, 'src'), '.ts'))
    .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
);
/** Settings that would let a dependency, or a package of ours, run a script at install. */
const workspace = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8');
const installProblems = [
  ...['onlyBuiltDependencies', 'onlyBuiltDependenciesFile', 'dangerouslyAllowAllBuilds']
    .filter((setting) => new RegExp(`^${setting}:`, 'm').test(workspace))
    .map((setting) => `pnpm-workspace.yaml: ${setting} lets dependencies run scripts at install`),
  ...packages.flatMap(({ folder, manifest }) =>
    ['preinstall', 'install', 'postinstall', 'prepare']
      .filter((script) => manifest.scripts?.[script] !== undefined)
      .map((script) => `${folder}: a package runs no ${script} script`),
  ),
];
const problems = [
  ...installProblems,
  ...checkSources(sources).map(({ path, line, message }) => `${path}:${line}: ${message}`),
  ...packages.flatMap(checkPackageShape),
];
for (const problem of problems) console.log(problem);
console.log(
  `${sources.size} sources of ${packages.length} packages, ${problems.length} broken rules`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
