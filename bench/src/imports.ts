/**
 * How long an import takes: the built packages and their peers, each sample in a process of its own.
 * Needs `pnpm build`. The process start is not counted; the file cache of the system is warm. CPU time,
 * all threads, is what limits are compared with: on a quiet machine it is the wall time, on a shared one
 * the wall time says nothing.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describeMachine, formatMachine } from './machine.js';

const SAMPLES = 15;
const here = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

/** What is imported, and the most milliseconds it may take. */
const IMPORTS: readonly (readonly [name: string, paths: readonly string[], limit?: number])[] = [
  ['Node itself, its start', []],
  ['@polyphony/primitives', ['@polyphony/primitives']],
  ['@polyphony/chain', ['@polyphony/chain'], 60],
  ['@polyphony/accounts', ['@polyphony/accounts'], 60],
  ['@polyphony/accounts and chain', ['@polyphony/accounts', '@polyphony/chain'], 60],
  ['@polyphony/light-client', ['@polyphony/light-client']],
  ['viem and viem/accounts', ['viem', 'viem/accounts']],
  ['ethers', ['ethers']],
  ['ox', ['ox']],
];

/** Milliseconds of one import in a fresh process: of CPU, and on the clock. */
interface Sample {
  readonly cpu: number;
  readonly wall: number;
}

async function sample(paths: readonly string[]): Promise<Sample> {
  // Without an import the start of the process is what is measured: a yardstick for the machine.
  const since =
    paths.length === 0 ? '0, used = undefined' : 'performance.now(), used = process.cpuUsage()';
  const script = `const start = ${since};
${paths.map((path) => `await import(${JSON.stringify(path)});`).join('\n')}
const { user, system } = process.cpuUsage(used);
console.log(JSON.stringify({ cpu: (user + system) / 1000, wall: performance.now() - start }));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
    cwd: here,
    env: { PATH: process.env.PATH },
  });
  return JSON.parse(stdout) as Sample;
}

/** Median with the least and the most. */
function spread(values: readonly number[]): readonly [median: number, text: string] {
  const sorted = [...values].sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1]!;
  const text = `${median.toFixed(1).padStart(7)} (${sorted[0]!.toFixed(1)} to ${sorted.at(-1)!.toFixed(1)})`;
  return [median, text.padEnd(28)];
}

async function main(): Promise<void> {
  if (!existsSync(new URL('../../packages/accounts/dist/index.js', import.meta.url)))
    throw new Error('the packages are not built: pnpm build');
  console.log(`${formatMachine(describeMachine())}\n${SAMPLES} fresh processes each\n`);
  const samples = new Map<string, Sample[]>(IMPORTS.map(([name]) => [name, []]));
  // In rounds, so that a busy moment of the machine is shared by all.
  for (let round = 0; round <= SAMPLES; round++) {
    for (const [name, paths] of IMPORTS) {
      const took = await sample(paths);
      if (round > 0) samples.get(name)!.push(took);
    }
  }
  for (const [name, , limit] of IMPORTS) {
    const [cpu, cpuText] = spread(samples.get(name)!.map((entry) => entry.cpu));
    const [, wallText] = spread(samples.get(name)!.map((entry) => entry.wall));
    const verdict =
      limit === undefined ? '' : `${cpu <= limit ? 'met' : 'MISSED'}, at most ${limit}`;
    console.log(`  ${name.padEnd(30)} CPU ms ${cpuText} wall ms ${wallText} ${verdict}`);
  }
}

await main();
