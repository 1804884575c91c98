// Runs everything a change must pass, a step at a time in plain words, on plain Node.
//
//   node scripts/test.mjs                     every step
//   node scripts/test.mjs --only types,unit   these steps, and the steps they need
//   node scripts/test.mjs --skip unit         all but these
//
// Steps that only read run two at a time; the tests come last and alone, and their closing line
// `N passed, N failed, N skipped` ends the output, with every failed step counted as one failed.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const scratch = mkdtempSync(join(tmpdir(), 'polyphony-test-'));
const tarballs = join(scratch, 'tarballs');
const tool = (path, ...args) => ['node', '--import', 'tsx', `tools/${path}`, ...args];

/** Each step: its commands in order, and the steps whose results it reads. */
const steps = [
  { name: 'format and lint', key: 'lint', run: [['biome', 'ci', '--colors=off', '.']] },
  { name: 'source and package rules', key: 'rules', run: [tool('check/src/rules.ts')] },
  {
    name: 'layers and cycles',
    key: 'layers',
    run: [['depcruise', '--no-progress', 'packages', 'examples', 'tools', 'bench']],
  },
  {
    name: 'types',
    key: 'types',
    run: [
      ['tsc', '-p', 'tsconfig.json', '--pretty', 'false'],
      ['tsc', '-p', 'tsconfig.tools.json', '--pretty', 'false'],
    ],
  },
  { name: 'unused code and dependencies', key: 'unused', run: [['knip', '--no-progress']] },
  { name: 'vector files', key: 'vectors', run: [tool('vectors/src/main.ts')] },
  { name: 'documents', key: 'docs', run: [tool('check/src/docs.ts')] },
  {
    name: 'build',
    key: 'build',
    run: [['turbo', 'run', 'build', '--output-logs=errors-only', '--ui=stream']],
  },
  { name: 'pack', key: 'pack', after: ['build'], run: [tool('check/src/pack.ts', tarballs)] },
  { name: 'exports maps', key: 'exports', after: ['pack'], run: [tool('check/src/exports.ts')] },
  {
    name: 'packed tarballs in empty projects',
    key: 'tarballs',
    after: ['pack'],
    run: [tool('check/src/tarballs.ts')],
  },
  { name: 'size budgets', key: 'size', after: ['build'], run: [['size-limit']] },
  {
    name: 'unit, vector and property tests',
    key: 'unit',
    alone: true,
    run: [['vitest', 'run']],
  },
];

const { values } = parseArgs({
  options: { only: { type: 'string' }, skip: { type: 'string' } },
});
const listed = (text) => {
  const keys = text?.split(',') ?? [];
  for (const key of keys) {
    if (!steps.some((step) => step.key === key)) {
      console.error(`no step "${key}"; there are ${steps.map((step) => step.key).join(', ')}`);
      process.exit(2);
    }
  }
  return keys;
};
const only = listed(values.only);
const skip = listed(values.skip);
const wanted = new Set(
  steps
    .map(({ key }) => key)
    .filter((key) => (only.length === 0 || only.includes(key)) && !skip.includes(key)),
);
// In reverse order, so that what a needed step needs is added too.
for (const { key, after = [] } of steps.toReversed())
  if (wanted.has(key)) for (const needed of after) wanted.add(needed);

const env = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_(package|lifecycle|command|execpath|node|config_local_prefix)/i.test(name),
    ),
  ),
  PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH ?? ''}`,
  POLYPHONY_TARBALLS: tarballs,
  DO_NOT_TRACK: '1',
  TURBO_TELEMETRY_DISABLED: '1',
  NO_COLOR: '1',
  npm_config_update_notifier: 'false',
};
const running = new Set();

/** Runs one command; the output is collected, and shown as it comes if `onOutput` is given. */
function command([program, ...args], onOutput) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    running.add(child);
    let output = '';
    const collect = (chunk) => {
      output += chunk;
      onOutput?.(String(chunk));
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => collect(`${error}\n`));
    child.on('close', (status) => {
      running.delete(child);
      resolve({ ok: status === 0, output });
    });
  });
}

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;
const started = performance.now();
const finished = new Map();
let closing;

async function runStep(step) {
  const blocked = (step.after ?? []).find((key) => !finished.get(key));
  if (blocked !== undefined) {
    console.log(`skipped   ${step.name}: ${blocked} failed`);
    finished.set(step.key, false);
    return;
  }
  const before = performance.now();
  let ok = true;
  let output = '';
  if (step.alone) console.log(`running   ${step.name}`);
  for (const line of step.run) {
    const result = await command(line, step.alone ? showTests : undefined);
    ok &&= result.ok;
    output += result.output;
  }
  finished.set(step.key, ok);
  console.log(`${ok ? 'ok       ' : 'FAILED   '} ${step.name} (${seconds(before)})`);
  if (!ok && !step.alone) console.log(`\n${output.trimEnd()}\n`);
}

/** Shows the tests' output, but keeps their closing line for the end. */
const showTests = (() => {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      const match = /^(\d+) passed, (\d+) failed, (\d+) skipped$/.exec(line);
      if (match) closing = match.slice(1).map(Number);
      else if (line.trim() !== '') console.log(line);
    }
  };
})();

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    for (const child of running) child.kill(signal);
    rmSync(scratch, { recursive: true, force: true });
    process.exit(1);
  });
}

const waiting = steps.filter(({ key, alone }) => wanted.has(key) && !alone);
const lanes = Array.from({ length: Math.min(2, availableParallelism()) }, async () => {
  for (;;) {
    // The first step whose inputs are there; with none, wait for the step that makes them.
    const ready = waiting.findIndex(({ after = [] }) => after.every((key) => finished.has(key)));
    if (ready >= 0) await runStep(...waiting.splice(ready, 1));
    else if (waiting.length === 0) return;
    else await new Promise((resolve) => setTimeout(resolve, 50));
  }
});
await Promise.all(lanes);
for (const step of steps.filter(({ key, alone }) => wanted.has(key) && alone)) await runStep(step);
rmSync(scratch, { recursive: true, force: true });

const broken = steps.filter(({ key }) => finished.get(key) === false);
console.log(
  `\n${finished.size - broken.length} of ${finished.size} steps passed in ${seconds(started)}`,
);
for (const { name, key } of broken) console.log(`failed: ${name} (npm test -- --only ${key})`);
const failedSteps = broken.filter(({ alone }) => !alone || closing === undefined).length;
const [passed, failed, skipped] = closing ?? [finished.size - broken.length, 0, 0];
console.log(`${passed} passed, ${failed + failedSteps} failed, ${skipped} skipped`);
process.exitCode = broken.length === 0 ? 0 : 1;
