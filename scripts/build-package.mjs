// Builds one package into its dist: declarations by tsc, one for each source, and code by esbuild in as
// few files as the exports map allows. Run by the `build` script of every package, in its folder.
//
// Opening a file costs Node about a millisecond, so code that is loaded together lies together. An
// exports entry is a file of its own, what entries share is in chunks. A subpath that shows a part of
// what `index.ts` shows is only a list of names before the same code.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';
import { withPureValues } from './pure.mjs';

const INDEX = 'src/index.ts';
const CORE = 'chunks/core';
/** A chunk that is loaded for its effects; there are none, and what is used of it is imported by name. */
const BARE_IMPORT = /^import "[^"]+";$/gm;
const { exports, polyphony } = JSON.parse(readFileSync('package.json', 'utf8'));

/** Source files that become files of the same name: the exports, and those the package names itself. */
const entries = [
  ...Object.values(exports).map((entry) => entry['@polyphony/source']),
  ...(polyphony.entries ?? []),
].flatMap((path) => (path === undefined ? [] : [path.replace('./', '')]));

const options = {
  bundle: true,
  splitting: true,
  format: 'esm',
  packages: 'external',
  platform: 'neutral',
  target: 'es2022',
  outdir: 'dist',
  outbase: 'src',
  chunkNames: 'chunks/[name]-[hash]',
  sourcemap: true,
  sourcesContent: false,
  metafile: true,
  logLevel: 'warning',
};
const fileOf = (source) => source.replace(/^src\//, '').replace(/\.ts$/, '');

/** Names that each entry exports, and the sources that `index.ts` loads. */
async function survey() {
  const { metafile } = await build({
    ...options,
    entryPoints: entries,
    write: false,
  });
  const names = new Map(
    Object.values(metafile.outputs).flatMap(({ entryPoint, exports: list }) =>
      entryPoint === undefined ? [] : [[entryPoint, list]],
    ),
  );
  const loaded = new Set();
  const visit = (path) => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { kind, path: next, external } of metafile.inputs[path].imports)
      if (!external && kind !== 'dynamic-import') visit(next);
  };
  visit(INDEX);
  return { names, loaded };
}

/** Names of the entries before the core, under the source that they come from. */
function viewsOf({ names, loaded }) {
  const shown = new Set(names.get(INDEX));
  return [...names].filter(
    ([entry, list]) => entry !== INDEX && loaded.has(entry) && list.some((name) => shown.has(name)),
  );
}

const written = new Set();

function write(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  written.add(resolve(file));
}

/** What an earlier build left. Folders stay: other steps may be reading them. */
function removeStale() {
  for (const entry of readdirSync('dist', { recursive: true, withFileTypes: true })) {
    const file = resolve(entry.parentPath, entry.name);
    if (entry.isFile() && !written.has(file)) rmSync(file);
  }
}

/** Writes an entry that is only a list of names. */
function writeView(entry, names) {
  const file = join('dist', `${fileOf(entry)}.js`);
  const core = relative(dirname(file), join('dist', `${CORE}.js`)).replaceAll('\\', '/');
  const from = core.startsWith('.') ? core : `./${core}`;
  write(file, `export {\n${names.map((name) => `  ${name},\n`).join('')}} from '${from}';\n`);
}

async function bundle(program) {
  const found = await survey();
  const views = viewsOf(found);
  const entryPoints = Object.fromEntries(entries.map((entry) => [fileOf(entry), entry]));
  if (views.length > 0) {
    for (const [entry] of [[INDEX], ...views]) delete entryPoints[fileOf(entry)];
    entryPoints[CORE] = 'core';
  }
  const shown = new Set(found.names.get(INDEX));
  const core = [
    `export * from './${INDEX}';`,
    ...views.map(([entry, list]) => {
      const more = list.filter((name) => !shown.has(name));
      for (const name of more) shown.add(name);
      return more.length === 0 ? '' : `export { ${more.join(', ')} } from './${entry}';`;
    }),
  ].join('\n');
  const { metafile, outputFiles } = await build({
    ...options,
    entryPoints,
    write: false,
    plugins: [
      {
        name: 'polyphony',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^core$/ }, () => ({ path: 'core', namespace: 'core' }));
          onLoad({ filter: /.*/, namespace: 'core' }, () => ({
            contents: core,
            loader: 'ts',
            resolveDir: process.cwd(),
          }));
          onLoad({ filter: /\.ts$/ }, ({ path }) => ({
            contents: withPureValues(program.getSourceFile(path.replaceAll('\\', '/'))),
            loader: 'ts',
          }));
        },
      },
    ],
  });
  for (const { path, text } of outputFiles) write(path, text.replaceAll(BARE_IMPORT, ''));
  if (views.length > 0) {
    writeView(INDEX, found.names.get(INDEX));
    for (const [entry, list] of views) writeView(entry, list);
  }
  assertPlaces(metafile);
}

/** A source that asks for its own place lies in the file of its name, and what it names is there too. */
function assertPlaces({ outputs }) {
  for (const [output, { inputs }] of Object.entries(outputs)) {
    for (const input of Object.keys(inputs).filter((path) => path.startsWith('src/'))) {
      const code = readFileSync(input, 'utf8').replaceAll(/^\s*(\*|\/\/).*$/gm, '');
      if (!code.includes('import.meta')) continue;
      const place = `dist/${fileOf(input)}.js`;
      if (output !== place) throw new Error(`${input} lies in ${output} and needs to be an entry`);
      for (const [, name] of code.matchAll(/new URL\(['"`]\.\/([\w/-]+)\./g)) {
        const named = join(dirname(place), `${name}.js`);
        if (!written.has(resolve(named)))
          throw new Error(`${input} names ${named}, which is no entry`);
      }
    }
  }
}

/** Writes declarations and their maps; answers with the parsed sources. */
function declare() {
  const fail = (diagnostics) => {
    if (diagnostics.length === 0) return;
    throw new Error(
      ts.formatDiagnostics(diagnostics, {
        getCanonicalFileName: (name) => name,
        getCurrentDirectory: ts.sys.getCurrentDirectory,
        getNewLine: () => '\n',
      }),
    );
  };
  const config = ts.getParsedCommandLineOfConfigFile('tsconfig.build.json', undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (diagnostic) => fail([diagnostic]),
  });
  fail(config.errors);
  const program = ts.createProgram(config.fileNames, config.options);
  fail(program.getSyntacticDiagnostics());
  fail(program.emit(undefined, write).diagnostics);
  return program;
}

await bundle(declare());
removeStale();
