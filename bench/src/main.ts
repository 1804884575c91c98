/** Runs every row file, prints the table as it grows and writes the run to `results/`. */
import { orExplain, readOptions, wholeNumber } from '@polyphony/testkit';
import { type BenchRow, measureRow, type RowResult } from './harness.js';
import { commitOf, describeMachine, formatMachine, installedVersions } from './machine.js';
import { formatRow, formatSummary, writeResults } from './report.js';

type RowsFile = { readonly rows: () => Promise<readonly BenchRow[]> };

/** A topic each, loaded on its own so that one run of a topic does not load the others' peers. */
const files: Readonly<Record<string, () => Promise<RowsFile>>> = {
  primitives: () => import('./primitives.js'),
  crypto: () => import('./crypto.js'),
  accounts: () => import('./accounts.js'),
  chain: () => import('./chain.js'),
  bls: () => import('./bls.js'),
  vdf: () => import('./vdf.js'),
  vrf: () => import('./vrf.js'),
  'light-client': () => import('./light-client.js'),
  epos: () => import('./epos.js'),
  fbft: () => import('./fbft.js'),
};

/** Runs that are no comparison of contenders and take their time: only when they are named. */
const reports: Readonly<
  Record<string, () => Promise<{ readonly report: () => Promise<string[]> }>>
> = {
  finality: () => import('./finality.js'),
  headline: () => import('./headline.js'),
};

const HELP = `Speed beside other libraries, after checking that outputs are equal.

  pnpm bench [-- options]

  --only TEXT     only rows whose topic or name has this in it; finality and headline run only so
                  topics: ${Object.keys(files).join(', ')}
  --rounds N      rounds of each row, odd                     9
  --batch-ms N    how long a contender works in each round    50`;

const values = readOptions(HELP, {
  only: { type: 'string' },
  rounds: { type: 'string', default: '9' },
  'batch-ms': { type: 'string', default: '50' },
});
const options = orExplain(HELP, () => ({
  rounds: wholeNumber('rounds', values.rounds, 1, 999),
  batchMs: wholeNumber('batch-ms', values['batch-ms'], 1, 60_000),
}));
const only = values.only?.toLowerCase() ?? '';

const machine = describeMachine();
console.log(`${formatMachine(machine)}\n${options.rounds} rounds of ${options.batchMs} ms\n`);

const results: RowResult[] = [];
for (const [topic, load] of Object.entries(reports[only] ? {} : files)) {
  for (const row of await (await load()).rows()) {
    if (!`${topic} ${row.name}`.toLowerCase().includes(only)) continue;
    const result = await measureRow(row, options);
    results.push(result);
    console.log(`${formatRow(result)}\n`);
  }
}
const lines: string[] = [];
for (const [topic, load] of Object.entries(reports)) {
  if (topic !== only) continue;
  lines.push(...(await (await load()).report()));
  console.log(lines.join('\n'));
}
if (results.length > 0) console.log(formatSummary(results));
const here = new URL('..', import.meta.url);
writeResults(new URL('results/', here), new Date(), {
  machine,
  options,
  commit: commitOf(here),
  versions: {
    ...installedVersions(new URL('package.json', here)),
    ...installedVersions(new URL('../tools/testkit/package.json', here)),
  },
  rows: results,
  ...(lines.length > 0 && { report: lines }),
});
