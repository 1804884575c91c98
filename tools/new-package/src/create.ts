/** Writes a new package into a repository and enters it where the checks look for it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { changeset, type NewPackage, packageFiles } from './template.js';

/** Adds the package to its row of the layer table. */
function withLayerEntry(architecture: string, { name, layer }: NewPackage): string {
  const row = new RegExp(`^(\\|\\s*${layer} [^|]*\\|)([^|]*)(\\|)`, 'm');
  if (!row.test(architecture)) throw new Error(`ARCHITECTURE.md has no row for layer ${layer}`);
  return architecture.replace(
    row,
    (_, head: string, names: string, end: string) => `${head} ${names.trim()} · \`${name}\` ${end}`,
  );
}

/** Adds the package's first vector file to the compatibility table. */
function withCompatibilityRow(table: string, { name }: NewPackage): string {
  const row = `| messages of the errors | none | \`${name}\` | \`${name}/errors\`: 1 |`;
  return `${table.trimEnd()}\n\n### ${name}\n\n| rule | activation | package | vectors |\n| --- | --- | --- | --- |\n${row}\n`;
}

/**
 * Creates `packages/<name>`, its changeset, its layer entry and its compatibility row.
 *
 * @returns Paths written, from the repository's folder.
 * @throws on a bad name or layer, or if the folder exists.
 */
export function createPackage(root: string, created: NewPackage): readonly string[] {
  const { name, layer, description } = created;
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw new Error(`"${name}" is not a name: use lower-case words with dashes`);
  if (!Number.isInteger(layer) || layer < 0 || layer > 6)
    throw new Error(`layer ${layer} is not between 0 and 6`);
  if (!/^[A-Z].*\.$/.test(description)) throw new Error('the description is one sentence');
  const folder = `packages/${name}`;
  if (existsSync(join(root, folder))) throw new Error(`${folder} exists`);

  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  const texts = new Map([
    ...[...packageFiles(created)].map(([path, text]) => [`${folder}/${path}`, text] as const),
    [`.changeset/${name}-begins.md`, changeset(created)],
    ['ARCHITECTURE.md', withLayerEntry(read('ARCHITECTURE.md'), created)],
    ['docs/compatibility.md', withCompatibilityRow(read('docs/compatibility.md'), created)],
  ]);
  for (const [path, text] of texts) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return [...texts.keys()];
}
