/**
 * How long an import takes: the built packages and their peers, each sample in a process of its own.
 * Needs `pnpm build`. The process start is not counted; the file cache of the system is warm.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describeMachine, formatMachine } from './machine.js';

const SAMPLES = 21;
const here = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

/** What is imported, and the most milliseconds it may take. */
const IMPORTS: readonly (readonly [name: string, paths: readonly string[], limit?: number])[] = [
  ['@polyphony/primitives', ['@polyphony/primitives']],
  ['@polyphony/chain', ['@polyphony/chain'], 60],
  ['@polyphony/accounts', ['@polyphony/accounts'], 60],
  ['@polyphony/accounts and chain', ['@polyphony/accounts', '@polyphony/chain'], 60],
  ['@polyphony/light-client', ['@polyphony/light-client']],
  ['viem and viem/accounts', ['viem', 'viem/accounts']],
  ['ethers', ['ethers']],
  ['ox', ['ox']],
];

/** Milliseconds of one import in a fresh process. */
async function sample(paths: readonly string[]): Promise<number> {
  const script = `const start = performance.now();
${paths.map((path) => `await import(${JSON.stringify(path)});`).join('\n')}
console.log(performance.now() - start);`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
    cwd: here,
    env: { PATH: process.env.PATH },
  });
  return Number(stdout);
}

async function main(): Promise<void> {
  if (!existsSync(new URL('../../packages/accounts/dist/index.js', import.meta.url)))
    throw new Error('the packages are not built: pnpm build');
  console.log(`${formatMachine(describeMachine())}\n${SAMPLES} fresh processes each\n`);
  const samples = new Map<string, number[]>(IMPORTS.map(([name]) => [name, []]));
  // In rounds, so that a busy moment of the machine is shared by all.
  for (let round = 0; round <= SAMPLES; round++) {
    for (const [name, paths] of IMPORTS) {
      const took = await sample(paths);
      if (round > 0) samples.get(name)!.push(took);
    }
  }
  for (const [name, , limit] of IMPORTS) {
    const sorted = samples.get(name)!.sort((a, b) => a - b);
    const median = sorted[SAMPLES >> 1]!;
    const verdict = limit === undefined ? '' : median <= limit ? '  met' : '  MISSED';
    console.log(
      `  ${name.padEnd(30)} ${median.toFixed(1).padStart(7)} ms   ${sorted[0]!.toFixed(1)} to ${sorted.at(-1)!.toFixed(1)}` +
        `${limit === undefined ? '' : `   at most ${limit} ms`}${verdict}`,
    );
  }
}

await main();
