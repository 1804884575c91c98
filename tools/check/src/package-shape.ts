/**
 * What every published package has: a layer, an exports map written twice in step (with the source
 * condition for work in the repository, without it for the published file), and a README that
 * answers the same questions in the same order.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ExportTarget, filesBelow, type PublishedPackage } from './files.js';

/** First words of a package README's headings, in order. */
export const README_HEADINGS: readonly string[] = [
  'Install',
  'Use',
  'Owns',
  'Concepts',
  'API',
  'Errors',
  'Vectors',
  'Limits',
  'Speed',
  'Security',
];

/** What is wrong with a package's outside, a sentence each. */
export function checkPackageShape({ folder, manifest }: PublishedPackage): readonly string[] {
  return [
    ...(Number.isInteger(manifest.polyphony?.layer) ? [] : ['polyphony.layer is missing']),
    ...checkExports(manifest.exports ?? {}, manifest.publishConfig?.exports ?? {}),
    ...checkTargets(folder, manifest.exports ?? {}),
    ...checkReadme(join(folder, 'README.md')),
    ...(filesBelow(join(folder, 'test'), '.test.ts').length > 0 ? [] : ['has no tests']),
  ].map((problem) => `${manifest.name}: ${problem}`);
}

type ExportsMap = Readonly<Record<string, ExportTarget>>;

function checkExports(sources: ExportsMap, published: ExportsMap): string[] {
  const subpaths = new Set([...Object.keys(sources), ...Object.keys(published)]);
  return [...subpaths].flatMap((subpath) => {
    const target = sources[subpath];
    const expected =
      typeof target === 'object'
        ? Object.fromEntries(
            Object.entries(target).filter(([condition]) => condition !== '@polyphony/source'),
          )
        : target;
    if (JSON.stringify(expected) !== JSON.stringify(published[subpath]))
      return [`exports and publishConfig.exports differ at "${subpath}"`];
    if (subpath === './package.json') return [];
    const source = typeof target === 'object' ? target['@polyphony/source'] : undefined;
    const file = source?.match(/^\.\/src\/(.+)\.ts$/)?.[1];
    const wanted = {
      '@polyphony/source': source,
      types: `./dist/${file}.d.ts`,
      default: `./dist/${file}.js`,
    };
    return file !== undefined && JSON.stringify(target) === JSON.stringify(wanted)
      ? []
      : [`exports of "${subpath}" must name one file as source, types and default`];
  });
}

function checkTargets(folder: string, exports: ExportsMap): string[] {
  return Object.values(exports).flatMap((target) => {
    const source = typeof target === 'object' ? target['@polyphony/source'] : target;
    return source !== undefined && existsSync(join(folder, source)) ? [] : [`${source} is missing`];
  });
}

function checkReadme(path: string): string[] {
  if (!existsSync(path)) return ['README.md is missing'];
  const found = [...readFileSync(path, 'utf8').matchAll(/^## (\w+)/gm)].map((match) => match[1]!);
  const missing = README_HEADINGS.filter((heading) => !found.includes(heading));
  if (missing.length > 0) return [`README.md lacks the headings ${missing.join(', ')}`];
  const order = found.filter((heading) => README_HEADINGS.includes(heading));
  return order.join() === README_HEADINGS.join() ? [] : ['README.md has its headings out of order'];
}
