/** `pnpm simulate:epoch`: see the text of `--help`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { orExplain } from '@polyphony/testkit';
import { simulate } from './figures.js';
import { HELP, parseOptions } from './options.js';
import { pagePlot, withFigures } from './page.js';
import { plot } from './plot.js';
import { report } from './report.js';
import { createScenario } from './scenario.js';

const options = orExplain(HELP, () => parseOptions(process.argv.slice(2)));
if (options === undefined) {
  console.log(HELP);
} else if (options.page !== undefined) {
  writeFileSync(options.page, withFigures(readFileSync(options.page, 'utf8')));
  writeFileSync(join(dirname(options.page), 'images/effective-stake.svg'), pagePlot());
} else {
  const figures = simulate(createScenario(options), options.epochs);
  console.log(report(figures, options.top));
  if (options.svg !== undefined) {
    const { network, validators, spread, shards, slots, bound } = options;
    const title = `${network}: ${validators} validators, ${spread} stakes, ${shards} × ${slots} slots, ${bound} % around the median`;
    writeFileSync(options.svg, plot(figures, title));
    console.log(`\nwrote ${options.svg}`);
  }
}
