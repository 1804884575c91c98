/** Where things are in this repository. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root: string = resolve(fileURLToPath(new URL('../../..', import.meta.url)));

/** One side of an exports map: conditions to files, or one file. */
export type ExportTarget = string | Readonly<Record<string, string>>;

/** The fields of a package.json that the checks read. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly files?: readonly string[];
  readonly scripts?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, ExportTarget>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly polyphony?: { readonly layer?: number; readonly browser?: boolean };
  readonly publishConfig?: { readonly exports?: Readonly<Record<string, ExportTarget>> };
}

/** A published package: its folder name below `packages` and its manifest. */
export interface PublishedPackage {
  readonly folder: string;
  readonly manifest: Manifest;
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** Every folder of `packages`, by name. */
export function publishedPackages(from: string = root): readonly PublishedPackage[] {
  return readdirSync(join(from, 'packages'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(from, 'packages', entry.name))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({ folder, manifest: readManifest(folder) }));
}

/** Files below a folder, as paths from the repository's root with forward slashes. */
export function filesBelow(folder: string, ending: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending) && !file.split(sep).includes('node_modules'))
    .map((file) => relative(root, join(folder, file)).split(sep).join('/'))
    .sort();
}
