/** What must hold between documents and the tree: links, the layer table, the compatibility table. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { anchorsOf, linksOf, tableRowsOf } from './markdown.js';

/** Links of one document that lead nowhere. Links to other hosts are not followed. */
export function brokenLinks(root: string, path: string): readonly string[] {
  const markdown = readFileSync(join(root, path), 'utf8');
  return linksOf(markdown).flatMap(({ target, line }) => {
    if (/^[a-z][a-z+.-]*:/i.test(target)) return [];
    const [file = '', anchor] = target.split('#');
    const full =
      file === '' ? join(root, path) : join(root, dirname(path), decodeURIComponent(file));
    const where = `${path}:${line}: link to ${target}`;
    if (relative(root, full).startsWith('..')) return [`${where} leaves the repository`];
    if (!existsSync(full)) return [`${where}: no such file`];
    if (anchor === undefined || statSync(full).isDirectory()) return [];
    return anchorsOf(readFileSync(full, 'utf8')).has(anchor) ? [] : [`${where}: no such heading`];
  });
}

/** Packages that the layer table does not name in the row of their layer, and names it has too many. */
export function layerTableProblems(
  architecture: string,
  layers: ReadonlyMap<string, number>,
): readonly string[] {
  const rows = new Map(
    tableRowsOf(architecture)
      .filter(({ cells }) => /^\d+ /.test(cells[0] ?? ''))
      .map(({ cells }) => [Number.parseInt(cells[0]!, 10), namesIn(cells[1] ?? '')] as const),
  );
  const missing = [...layers]
    .filter(([name, layer]) => !rows.get(layer)?.includes(name))
    .map(([name, layer]) => `ARCHITECTURE.md: the table lacks \`${name}\` in layer ${layer}`);
  const unknown = [...rows].flatMap(([layer, names]) =>
    names
      .filter((name) => layers.get(name) !== layer)
      .map((name) => `ARCHITECTURE.md: \`${name}\` is not in layer ${layer}`),
  );
  return [...missing, ...unknown];
}

function namesIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
}

const VECTOR_NAME = /`([a-z0-9-]+\/[A-Za-z0-9_./-]+)`(?::\s*(\d+))?/g;

/**
 * Vector files that no row of the compatibility table names, names of files that do not exist, and
 * wrong numbers of cases. A row names a file as `package/name`: number, in its last column.
 *
 * @param cases - Number of cases by file.
 */
export function compatibilityProblems(
  table: string,
  cases: ReadonlyMap<string, number>,
): readonly string[] {
  const named = tableRowsOf(table).flatMap(({ cells, line }) =>
    [...(cells.at(-1) ?? '').matchAll(VECTOR_NAME)].map(([, file, number]) => ({
      file: file!,
      line,
      number: number === undefined ? undefined : Number(number),
    })),
  );
  const files = new Set(named.map(({ file }) => file));
  return [
    ...[...cases.keys()]
      .filter((file) => !files.has(file))
      .map((file) => `docs/compatibility.md: no row names the vectors \`${file}\``),
    ...named
      .filter(({ file, number }) => !cases.has(file) || cases.get(file) !== number)
      .map(({ file, line }) =>
        cases.has(file)
          ? `docs/compatibility.md:${line}: \`${file}\` has ${cases.get(file)} cases`
          : `docs/compatibility.md:${line}: no vector file \`${file}\``,
      ),
  ];
}

/** The table with the right numbers of cases. */
export function withCaseNumbers(table: string, cases: ReadonlyMap<string, number>): string {
  return table.replaceAll(VECTOR_NAME, (found, file: string) =>
    cases.has(file) ? `\`${file}\`: ${cases.get(file)}` : found,
  );
}
