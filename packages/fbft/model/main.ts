/**
 * `pnpm model`: the whole table, row by row, each compared with what it must be, and then the Quint
 * specifications in its simulator.
 */
import { orExplain, readOptions, wholeNumber } from '@polyphony/testkit';
import { runQuint } from './quint.js';
import { carriedRows, type Row, strictRows } from './rows.js';
import { search } from './search.js';

const HELP = `Searches all states of the abstract rules, row by row, then runs the Quint specifications.

  pnpm model [-- options]

  --views N[,N]   how many views; 4 takes minutes and gigabytes   2,3
  --row TEXT      only rows whose name has this in it, no Quint`;

const values = readOptions(HELP, {
  views: { type: 'string', default: '2,3' },
  row: { type: 'string', default: '' },
});
const depths = orExplain(HELP, () =>
  values.views.split(',').map((text) => wholeNumber('views', text, 1, 4)),
);

const COLUMNS = ['rules', 'views', 'found', 'states', 'of a member', 'stuck', 'seconds'];
const WIDTHS = [36, 5, 8, 11, 11, 9, 8];

function line(cells: readonly string[]): string {
  return cells
    .map((cell, i) => (i === 0 ? cell.padEnd(WIDTHS[0]!) : cell.padStart(WIDTHS[i]!)))
    .join('  ');
}

/** Runs a row; returns what is not as it must be. */
function runRow(row: Row, views: number): string | undefined {
  const started = performance.now();
  const progress = process.stdout.isTTY === true;
  const found = search(row.network(views), {
    onProgress: (states) => {
      if (progress) process.stdout.write(`\r${row.name}, ${views} views: ${states} states …`);
    },
  });
  if (progress) process.stdout.write('\r\x1b[K');
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const figures = [views, found.fork ? 'fork' : 'no fork', found.states, found.locals, found.stuck];
  console.log(line([row.name, ...figures.map(String), seconds]));
  const expected = views === 2 ? row.forks[2] : row.forks[3];
  if ((found.fork !== undefined) !== expected)
    return `${row.name}, ${views} views: expected ${expected ? 'a fork' : 'no fork'}`;
  if (found.fork === undefined && found.stuck > 0 !== row.sticks)
    return `${row.name}, ${views} views: ${found.stuck} stuck states`;
  return undefined;
}

console.log(line(COLUMNS));
const problems: string[] = [];
for (const views of depths)
  for (const row of [...carriedRows, ...strictRows]) {
    if (!row.name.includes(values.row)) continue;
    const problem = runRow(row, views);
    if (problem !== undefined) problems.push(problem);
  }
if (values.row === '') {
  console.log('\nQuint, random traces:');
  const found = runQuint(console.log);
  if (found === undefined)
    console.log('not run: the tool is not installed and could not be fetched');
  else problems.push(...found);
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
