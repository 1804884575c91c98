/** Looks at every tarball with publint and are-the-types-wrong: does each exports map keep its word? */
import { availableParallelism } from 'node:os';
import { root } from './files.js';
import { packedPackages } from './pack.js';
import { inParallel, run } from './tools.js';

const results = await inParallel(
  await packedPackages(),
  availableParallelism(),
  async ({ name, tarball }) => {
    const publint = await run('publint', ['--strict', tarball], root);
    const attw = await run('attw', ['--profile', 'esm-only', '--no-color', tarball], root);
    const failed = [publint, attw].filter(({ status }) => status !== 0);
    console.log(`${failed.length === 0 ? 'ok    ' : 'FAILED'} ${name}`);
    for (const { output } of failed) console.log(output);
    return failed.length;
  },
);
process.exitCode = results.some((failed) => failed > 0) ? 1 : 0;
