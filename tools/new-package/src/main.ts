/** `pnpm new-package <name> --layer <n> [--description "One sentence."]` */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createPackage } from './create.js';

const USAGE = 'usage: pnpm new-package <name> --layer <0-6> [--description "One sentence."]';

function fail(text: string, status: number): never {
  console.error(text);
  process.exit(status);
}

function readWords() {
  const options = {
    layer: { type: 'string' },
    description: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    return fail(`${(error as Error).message}\n\n${USAGE}`, 2);
  }
}

const { values, positionals } = readWords();
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const [name] = positionals;
if (name === undefined || values.layer === undefined) fail(USAGE, 2);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const description = values.description ?? `The words and rules of ${name.replaceAll('-', ' ')}.`;
try {
  const written = createPackage(root, { name, layer: Number(values.layer), description });
  console.log(written.join('\n'));
  console.log(
    '\nNext: pnpm install, then pnpm check; say in the README what it owns and what it does not.',
  );
} catch (error) {
  fail((error as Error).message, 1);
}
