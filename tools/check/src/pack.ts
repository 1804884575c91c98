/** Packs every published package the way a release does. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { publishedPackages, root } from './files.js';
import { runOrThrow } from './tools.js';

/** A package's name, its folder here, and its tarball. */
export interface Packed {
  readonly name: string;
  readonly folder: string;
  readonly tarball: string;
}

/** Packs into `target`; needs a finished build. */
export async function packInto(target: string): Promise<void> {
  mkdirSync(target, { recursive: true });
  await runOrThrow(
    'pnpm',
    ['--recursive', '--filter', './packages/*', 'pack', '--pack-destination', target],
    root,
  );
}

/** The tarballs in `POLYPHONY_TARBALLS`, or new ones in a temporary folder. */
export async function packedPackages(): Promise<readonly Packed[]> {
  const given = process.env.POLYPHONY_TARBALLS;
  const target = given ?? mkdtempSync(join(tmpdir(), 'polyphony-packed-'));
  if (!existsSync(target) || readdirSync(target).length === 0) await packInto(target);
  return publishedPackages().map(({ folder, manifest: { name, version } }) => {
    const tarball = join(target, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
    if (!existsSync(tarball)) throw new Error(`${tarball} was not packed`);
    return { name, folder, tarball };
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const target = process.argv[2];
  if (target === undefined) throw new Error('usage: pack.ts <folder>');
  await packInto(resolve(target));
  console.log(readdirSync(target).join('\n'));
}
