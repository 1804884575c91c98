// Which file may import which. The layer of a package is `polyphony.layer` in its package.json;
// the table of ARCHITECTURE.md is checked against these numbers, so the ladder is written once.
import { readdirSync, readFileSync } from 'node:fs';

const here = (path) => new URL(path, import.meta.url);

/** Name, folder, layer, exported source files and optional peers of each package and example. */
function readLadder() {
  return ['packages', 'examples'].flatMap((group) =>
    readdirSync(here(group), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => {
        const folder = `${group}/${name}`;
        const manifest = JSON.parse(readFileSync(here(`${folder}/package.json`), 'utf8'));
        const layer = manifest.polyphony?.layer;
        if (!Number.isInteger(layer)) throw new Error(`${folder}: polyphony.layer is missing`);
        return { name, folder, layer, peers: Object.keys(manifest.peerDependencies ?? {}) };
      }),
  );
}

const ladder = readLadder();
const quoted = (text) => text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
const anyOf = (values) => `(?:${values.map(quoted).join('|')})`;
const peersOf = (names) => `node_modules/${anyOf(names)}/`;

const climbing = ladder.map(({ folder, layer }) => {
  const above = ladder.filter((other) => other.layer >= layer && other.folder !== folder);
  return {
    name: `${folder} imports only from layers below ${layer}`,
    severity: 'error',
    from: { path: `^${quoted(folder)}/` },
    to: { path: `^${anyOf(above.map((other) => other.folder))}/` },
  };
});

// The root import of a package must work where its optional peers are absent.
const withoutPeers = ladder
  .filter(({ peers }) => peers.length > 0)
  .map(({ folder, peers }) => ({
    name: `${folder}/src/index.ts reaches no optional peer`,
    severity: 'error',
    from: { path: `^${quoted(folder)}/src/index\\.ts$` },
    to: { path: peersOf(peers), reachable: true },
  }));

const never = (name, from, to) => ({ name, severity: 'error', from, to });

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...climbing,
    ...withoutPeers,
    never('no circle of files', {}, { circular: true }),
    never(
      'every import resolves: no path outside an exports map',
      // The page is bundled by Vite, which also resolves styles and workers.
      { pathNot: '^examples/[^/]+/page/' },
      { couldNotResolve: true },
    ),
    never(
      'another package is imported by its name, not by its files',
      { path: '^(packages|examples|tools)/([^/]+)/' },
      {
        path: '^(packages|examples|tools|bench)/',
        pathNot: '^$1/$2/',
        dependencyTypes: ['local'],
      },
    ),
    never(
      'index.ts is imported by no file of its own package',
      { path: '^(packages/[^/]+)/src/' },
      { path: '^$1/src/index\\.ts$' },
    ),
    never(
      'sources use no test file, tool or bench',
      { path: '^(packages|examples)/[^/]+/src/' },
      { path: '(^(tools|bench|scripts)/|/test/)' },
    ),
    never(
      'sources use no development dependency',
      { path: '^packages/[^/]+/src/' },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm-peer', 'npm'] },
    ),
    never(
      'published packages use no Node module',
      { path: '^packages/[^/]+/src/', pathNot: '^packages/(storage/src/level|p2p/src/libp2p)' },
      { dependencyTypes: ['core'] },
    ),
    never(
      'fbft knows nothing of networks, transport or storage',
      { path: '^packages/fbft/src/' },
      { path: '^packages/(networks|sharding|chain|epos|p2p|storage)/' },
    ),
    never(
      'chain treats keys and seals as bytes',
      { path: '^packages/chain/src/' },
      { path: '^packages/(bls|fbft)/' },
    ),
    never(
      'light-client needs no node code',
      { path: '^packages/light-client/src/' },
      { path: '^packages/(executor|rpc|p2p)/' },
    ),
    never(
      'epos, light-client and executor use only the seal of fbft',
      { path: '^packages/(epos|light-client|executor)/src/' },
      { path: '^packages/fbft/', pathNot: '^packages/fbft/src/seal\\.ts$' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@polyphony/source', 'import', 'node', 'types', 'default'],
      extensions: ['.ts', '.mts', '.js', '.mjs', '.json', '.d.ts'],
    },
  },
};
