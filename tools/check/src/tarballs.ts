/**
 * Installs the packed tarballs into empty projects and uses them as a stranger would.
 *
 * One project has no optional peer: every root import must work there. The other has the peers:
 * every path of every exports map must import. Packages for browsers are bundled without a Node
 * module and started in a context that has only what a browser has. pnpm installs without the
 * network: the tarballs are files, dependencies from outside are links into this workspace, and
 * nothing is hoisted, so a package that forgot to declare a dependency fails here.
 */
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browserProblems } from './browser.js';
import { type Manifest, readManifest } from './files.js';
import { type Packed, packedPackages } from './pack.js';
import { run, runOrThrow } from './tools.js';

const IMPORT = `import { createRequire } from 'node:module';
const [path, peers] = process.argv.slice(1);
try {
  const names = Object.keys(await import(path));
  const required = Object.keys(createRequire(process.cwd() + '/')(path)).filter((name) => name !== '__esModule');
  if (names.length === 0) console.log('nothing exported');
  else console.log(required.join() === names.join() ? 'ok' : 'require() exports ' + required.join());
} catch (error) {
  const missing = /Cannot find package '([^']+)'/.exec(error.message)?.[1];
  if (error.code === 'ERR_MODULE_NOT_FOUND' && peers.split(',').includes(missing)) console.log('peer ' + missing);
  else console.log(error.message.split('\\n')[0]);
}`;

/** Makes an empty project that depends on every tarball, and on the peers if wanted. */
async function install(
  folder: string,
  packed: readonly Packed[],
  withPeers: boolean,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const links = new Map<string, string>();
  const peers = new Set<string>();
  for (const { folder: source } of packed) {
    const { dependencies = {}, peerDependencies = {} } = readManifest(source);
    for (const name of [...Object.keys(dependencies), ...Object.keys(peerDependencies)]) {
      if (packed.some((entry) => entry.name === name)) continue;
      links.set(name, `link:${realpathSync(join(source, 'node_modules', name))}`);
      if (name in peerDependencies) peers.add(name);
    }
  }
  const tarballs = packed.map(({ name, tarball }) => [name, `file:${tarball}`] as const);
  const outside = [...links].filter(([name]) => withPeers && peers.has(name));
  const overrides = Object.fromEntries([...tarballs, ...links]);
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({
      private: true,
      type: 'module',
      dependencies: Object.fromEntries([...tarballs, ...outside]),
      pnpm: { overrides },
    }),
  );
  writeFileSync(join(folder, '.npmrc'), 'hoist=false\nauto-install-peers=false\n');
  await runOrThrow(
    'pnpm',
    ['install', '--offline', '--ignore-workspace', '--store-dir', join(folder, '.store')],
    folder,
  );
}

/** Import specifiers of a package's exports map. */
function importPaths(name: string, manifest: Manifest): readonly string[] {
  return Object.keys(manifest.exports ?? {})
    .filter((subpath) => subpath !== './package.json')
    .map((subpath) => `${name}${subpath.slice(1)}`);
}

/** Problems of one package in a project, a line each. */
async function importAll(
  project: string,
  name: string,
  mayLackPeers: boolean,
): Promise<readonly string[]> {
  const manifest = readManifest(join(project, 'node_modules', name));
  const peers = Object.keys(manifest.peerDependencies ?? {}).join();
  const problems: string[] = [];
  for (const path of importPaths(name, manifest)) {
    const { output } = await run(
      process.execPath,
      ['--no-warnings', '--input-type=module', '--eval', IMPORT, path, peers],
      project,
    );
    const said = output.trim();
    const lacksPeer = said.startsWith('peer ') && mayLackPeers && path !== name;
    if (said !== 'ok' && !lacksPeer) problems.push(`import '${path}': ${said}`);
  }
  return problems;
}

/** Problems of a packed manifest and its files. */
function manifestProblems(project: string, name: string): readonly string[] {
  const folder = join(project, 'node_modules', name);
  const manifest = readManifest(folder);
  const ranges = Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies });
  return [
    ...ranges
      .filter(([, range]) => /^(workspace|catalog|link|file):/.test(range))
      .map(([dependency, range]) => `depends on ${dependency} at ${range}`),
    ...(JSON.stringify(manifest.exports).includes('@polyphony/source')
      ? ['exports the source condition']
      : []),
    ...['README.md', 'LICENSE']
      .filter((file) => !existsSync(join(folder, file)))
      .map((file) => `ships no ${file}`),
  ];
}

/** Problems of the shipped declarations, seen by a strict project that imports every path. */
async function typeProblems(project: string, paths: readonly string[]): Promise<readonly string[]> {
  writeFileSync(
    join(project, 'consumer.ts'),
    paths.map((path, index) => `export * as _${index} from '${path}';\n`).join(''),
  );
  const options = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    module: 'NodeNext',
    target: 'ES2022',
    lib: ['ES2023', 'DOM', 'DOM.Iterable'],
    types: [],
    noEmit: true,
  };
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, files: ['consumer.ts'] }),
  );
  const { output } = await run('tsc', ['-p', 'tsconfig.json', '--pretty', 'false'], project);
  // Declarations of packages from outside are theirs to mend.
  return output
    .split('\n')
    .filter((line) => /^(consumer\.ts|.*@polyphony\/[^/]+\/dist\/).*error TS/.test(line));
}

const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'polyphony-tarballs-')));
let failed = 0;
try {
  const packed = await packedPackages();
  const bare = join(scratch, 'bare');
  const full = join(scratch, 'full');
  await Promise.all([install(bare, packed, false), install(full, packed, true)]);
  console.log(`installed ${packed.length} tarballs into two empty projects`);
  const everyPath = packed.flatMap(({ name }) =>
    importPaths(name, readManifest(join(full, 'node_modules', name))),
  );
  const types = await typeProblems(full, everyPath);
  console.log(`${types.length === 0 ? 'ok    ' : 'FAILED'} declarations in a strict project`);
  for (const problem of types) console.log(`  ${problem}`);
  failed += types.length;
  for (const { name } of packed) {
    const [withoutPeers, withPeers, inBrowser] = await Promise.all([
      importAll(bare, name, true),
      importAll(full, name, false),
      browserProblems(full, name),
    ]);
    const problems = [
      ...manifestProblems(full, name),
      ...withoutPeers.map((problem) => `without optional peers: ${problem}`),
      ...withPeers,
      ...inBrowser,
    ];
    const paths = importPaths(name, readManifest(join(full, 'node_modules', name)));
    console.log(`${problems.length === 0 ? 'ok    ' : 'FAILED'} ${paths.join(' ')}`);
    for (const problem of problems) console.log(`  ${problem}`);
    failed += problems.length;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = failed === 0 ? 0 : 1;
