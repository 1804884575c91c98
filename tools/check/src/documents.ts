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

/**
 * Vector files that no row of the compatibility table names, and names of files that do not exist.
 * A row names a file as `package/name` in backticks in its last column.
 */
export function compatibilityProblems(
  table: string,
  vectorFiles: readonly string[],
): readonly string[] {
  const named = new Map(
    tableRowsOf(table).flatMap(({ cells, line }) =>
      [...(cells.at(-1) ?? '').matchAll(/`([a-z0-9-]+\/[A-Za-z0-9_./-]+)`/g)].map(
        (match) => [match[1]!, line] as const,
      ),
    ),
  );
  return [
    ...vectorFiles
      .filter((file) => !named.has(file))
      .map((file) => `docs/compatibility.md: no row names the vectors \`${file}\``),
    ...[...named]
      .filter(([file]) => !vectorFiles.includes(file))
      .map(([file, line]) => `docs/compatibility.md:${line}: no vector file \`${file}\``),
  ];
}
