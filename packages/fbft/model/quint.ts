/**
 * Runs the Quint specifications: type check, random traces with the invariants, and the forks that
 * must be found where a rule is left out.
 *
 * The tool is pinned in `quint/package.json` and installed there on first use, without install scripts.
 * Only its TypeScript simulator is used: the other backends download programs.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('./quint', import.meta.url));

/** One run of the simulator. */
interface QuintRun {
  readonly file: string;
  /** Module of the file. */
  readonly main: string;
  readonly invariant: string;
  readonly samples: number;
  readonly steps: number;
  /** Whether some trace must break the invariant. */
  readonly breaks: boolean;
}

const RUNS: readonly QuintRun[] = [
  ...['guarded'].map((main) => run('carried.qnt', main, 'safe', 300, 16, false)),
  ...['compat', 'withoutR2', 'withoutR3'].map((main) =>
    run('carried.qnt', main, 'agreement', 5000, 12, true),
  ),
  ...['strict', 'anyOpening'].map((main) => run('strict.qnt', main, 'safe', 60, 18, false)),
  run('strict.qnt', 'withoutS2', 'agreement', 5000, 12, true),
  run('strict.qnt', 'withoutS2', 'accountable', 200, 14, false),
];

function run(
  file: string,
  main: string,
  invariant: string,
  samples: number,
  steps: number,
  breaks: boolean,
): QuintRun {
  return { file, main, invariant, samples, steps, breaks };
}

function start(command: string, args: readonly string[]) {
  return spawnSync(command, args, { cwd: FOLDER, encoding: 'utf8' });
}

/** Whether the tool is there or could be installed. */
function isInstalled(): boolean {
  if (existsSync(`${FOLDER}/node_modules/@informalsystems/quint`)) return true;
  return start('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']).status === 0;
}

function quint(args: readonly string[]) {
  return start(process.execPath, ['node_modules/@informalsystems/quint/dist/src/cli.js', ...args]);
}

/**
 * Runs everything.
 *
 * @returns What is not as it must be; undefined when the tool could not be installed.
 */
export function runQuint(tell: (line: string) => void): string[] | undefined {
  if (!isInstalled()) return undefined;
  const problems: string[] = [];
  for (const file of ['carried.qnt', 'strict.qnt']) {
    const { status, stdout, stderr } = quint(['typecheck', file]);
    if (status !== 0) problems.push(`${file}: ${stdout}${stderr}`);
  }
  for (const { file, main, invariant, samples, steps, breaks } of RUNS) {
    const started = performance.now();
    const result = quint([
      ...['run', file, '--main', main, '--backend', 'typescript', '--verbosity', '1'],
      ...['--max-samples', String(samples), '--max-steps', String(steps)],
      ...['--invariant', invariant, '--witnesses', 'decided', '--seed', '1'],
    ]);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const broken = /\[violation\]/.test(result.stdout);
    const held = /\[ok\]/.test(result.stdout);
    const decided = /decided was witnessed in (\d+)/.exec(result.stdout)?.[1];
    const outcome = broken ? 'broken' : held ? `holds, ${decided} of ${samples} decide` : 'failed';
    tell(`${main}: ${invariant} ${outcome} (${steps} acts at most, ${seconds} s)`);
    if (broken === held) problems.push(`${main}: ${result.stdout}${result.stderr}`);
    else if (broken !== breaks)
      problems.push(`${main}: ${invariant} ${breaks ? 'must break' : 'must hold'}`);
    else if (held && Number(decided) === 0) problems.push(`${main}: no trace decides anything`);
  }
  return problems;
}
