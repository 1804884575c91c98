/**
 * Compiles and runs the `ts` fences of every README against the sources.
 *
 * A fence is a whole program: its imports are what a reader must write. `ts no-run` only compiles
 * (code that needs a server); any other word after `ts` marks a sketch that is left alone. Programs lie in a temporary folder whose node_modules links to what
 * the README's package declares, so an example cannot use what a user would not have.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { publishedPackages, readManifest, root } from './files.js';
import { fencesOf } from './markdown.js';
import { run } from './tools.js';

interface Program {
  readonly from: string;
  readonly path: string;
  readonly runs: boolean;
}

const RUNNER = `import { pathToFileURL } from 'node:url';
const programs = JSON.parse(process.argv[2]);
const log = console.log;
for (const { from, path, runs } of programs) {
  if (!runs) continue;
  const said = [];
  for (const name of ['log', 'info', 'error', 'warn']) console[name] = (...words) => said.push(words.map(String).join(' '));
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error('took more than 60 s')), 60_000); });
  try { await Promise.race([import(pathToFileURL(path).href), late]); }
  catch (error) { log(from + ': ' + (error?.stack ?? error)); for (const line of said) log('  printed: ' + line); process.exitCode = 1; }
  clearTimeout(timer);
}
process.exit();
`;

/** Problems of the fences of these documents, a line or more each. */
export async function fenceProblems(documents: readonly string[]): Promise<{
  readonly count: number;
  readonly problems: readonly string[];
}> {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'polyphony-fences-')));
  try {
    const programs = documents.flatMap((path) => writePrograms(scratch, path));
    if (programs.length === 0) return { count: 0, problems: [] };
    const compiled = await compile(scratch, programs);
    const ran = await runAll(scratch, programs);
    return { count: programs.length, problems: [...compiled, ...ran] };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function writePrograms(scratch: string, document: string): readonly Program[] {
  const fences = fencesOf(readFileSync(join(root, document), 'utf8')).filter(({ info }) =>
    /^ts( no-run)?$/.test(info),
  );
  if (fences.length === 0) return [];
  const folder = join(scratch, document.replaceAll(/\W/g, '-'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  linkDependencies(folder, join(root, dirname(document)));
  return fences.map(({ info, text, line }) => {
    const path = join(folder, `line-${line}.ts`);
    writeFileSync(path, `${text}\nexport {};\n`);
    return { from: `${document}:${line}`, path, runs: !/\bno-run\b/.test(info) };
  });
}

/** What a reader of the document has: the package itself and what it declares; at the root, all packages. */
function linkDependencies(folder: string, owner: string): void {
  const link = (name: string, target: string): void => {
    const at = join(folder, 'node_modules', name);
    if (existsSync(at)) return;
    mkdirSync(dirname(at), { recursive: true });
    symlinkSync(realpathSync(target), at, 'junction');
  };
  const installed = join(owner, 'node_modules');
  const isPackage = owner !== root && existsSync(join(owner, 'package.json'));
  if (isPackage) {
    link(readManifest(owner).name, owner);
    for (const name of existsSync(installed) ? packageNames(installed) : [])
      link(name, join(installed, name));
  } else {
    for (const { folder: target, manifest } of publishedPackages()) link(manifest.name, target);
  }
  link('@types/node', join(root, 'node_modules/@types/node'));
}

function packageNames(nodeModules: string): readonly string[] {
  return readdirSync(nodeModules)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@')
        ? readdirSync(join(nodeModules, name)).map((inner) => `${name}/${inner}`)
        : [name],
    );
}

async function compile(scratch: string, programs: readonly Program[]): Promise<readonly string[]> {
  writeFileSync(
    join(scratch, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.base.json'),
      compilerOptions: {
        lib: ['ES2023', 'DOM', 'DOM.Iterable'],
        isolatedDeclarations: false,
        declaration: false,
        types: ['node'],
        typeRoots: [join(root, 'node_modules/@types')],
      },
      files: programs.map(({ path }) => path),
    }),
  );
  const { output } = await run('tsc', ['-p', 'tsconfig.json', '--pretty', 'false'], scratch);
  return output
    .split('\n')
    .filter((line) => line.includes('error TS'))
    .flatMap((line) => {
      // An error in a source is reported by the type check of the sources.
      const program = programs.find(({ path }) => line.includes(path.slice(scratch.length + 1)));
      return program === undefined ? [] : [`${program.from}: ${line.replace(/^[^(]*/, '')}`];
    });
}

async function runAll(scratch: string, programs: readonly Program[]): Promise<readonly string[]> {
  const runner = join(scratch, 'runner.mjs');
  writeFileSync(runner, RUNNER);
  const { output, status } = await run(
    process.execPath,
    [
      '--conditions=@polyphony/source',
      '--import',
      import.meta.resolve('tsx'),
      runner,
      JSON.stringify(programs),
    ],
    scratch,
  );
  return status === 0 ? [] : [output.trimEnd()];
}
