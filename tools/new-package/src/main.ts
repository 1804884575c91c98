/** `pnpm new-package <name> --layer <n> [--description "One sentence."]` */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createPackage } from './create.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { layer: { type: 'string' }, description: { type: 'string' } },
});
const [name] = positionals;
if (name === undefined || values.layer === undefined) {
  console.error('usage: pnpm new-package <name> --layer <0-6> [--description "One sentence."]');
  process.exit(2);
}
const root = fileURLToPath(new URL('../../..', import.meta.url));
const description = values.description ?? `The words and rules of ${name.replaceAll('-', ' ')}.`;
try {
  const written = createPackage(root, { name, layer: Number(values.layer), description });
  console.log(written.join('\n'));
  console.log(
    '\nNext: pnpm install, then pnpm check; say in the README what it owns and what it does not.',
  );
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
