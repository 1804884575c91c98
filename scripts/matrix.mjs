// Runs the unit, vector and property tests on the Node versions we support: `pnpm test:matrix [22 24]`.
// Each runtime comes from the npm registry as an ordinary package (the binary lies inside) and is
// kept in node_modules/.cache.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const windows = process.platform === 'win32';
const versions = process.argv.slice(2);

/** The binary of a Node release line, fetched if it is not there yet. */
function nodeOf(version) {
  const name = `node-${windows ? 'win' : process.platform}-${process.arch}`;
  const folder = join(root, 'node_modules', '.cache', `node-${version}`);
  const binary = join(folder, 'node_modules', name, 'bin', windows ? 'node.exe' : 'node');
  if (existsSync(binary)) return binary;
  console.log(`fetching ${name}@${version}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const { npm_config_local_prefix, ...env } = process.env;
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${version}`];
  spawnSync('npm', args, { cwd: folder, env, stdio: 'inherit', shell: windows });
  if (!existsSync(binary)) throw new Error(`${name}@${version} has no binary at ${binary}`);
  return binary;
}

let failed = false;
for (const version of versions.length > 0 ? versions : ['22', '24']) {
  const node = nodeOf(version);
  const said = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
  console.log(`\nNode ${said}`);
  const { status } = spawnSync(node, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run'], {
    cwd: root,
    stdio: 'inherit',
    // Programs that a test starts must run on the same Node.
    env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` },
  });
  failed ||= status !== 0;
}
process.exitCode = failed ? 1 : 0;
