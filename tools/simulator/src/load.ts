/**
 * Loads the simulator with the machine under it from source, bundled into one module: as it is, or
 * with some lines of it changed. Bundled code is also free of the loader's costs, which count when
 * millions of steps are taken.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

/** The simulator's exports. */
export type Simulator = typeof import('@polyphony/fbft/simulator');

/** One place in a source file of `packages/fbft/src`, and what stands there instead. */
export interface Edit {
  readonly file: string;
  /** Must occur exactly once. */
  readonly from: string;
  readonly to: string;
}

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const source = join(root, 'packages/fbft/src');

/** Bundles the simulator with some edits and imports it. */
export async function loadSimulator(edits: readonly Edit[] = []): Promise<Simulator> {
  const folder = await mkdtemp(join(tmpdir(), 'polyphony-simulator-'));
  try {
    const outfile = join(folder, 'simulator.mjs');
    await build({
      entryPoints: [join(source, 'simulator/index.ts')],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      conditions: ['@polyphony/source'],
      logLevel: 'silent',
      plugins: edits.length === 0 ? [] : [editing(edits)],
    });
    return (await import(pathToFileURL(outfile).href)) as Simulator;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Applies edits while files are loaded. */
function editing(edits: readonly Edit[]): Plugin {
  return {
    name: 'edits',
    setup: ({ onLoad }) => {
      onLoad({ filter: /[\\/]packages[\\/]fbft[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
        const mine = edits.filter(({ file }) => join(source, file) === path);
        if (mine.length === 0) return undefined;
        let contents = await readFile(path, 'utf8');
        for (const { file, from, to } of mine) {
          const parts = contents.split(from);
          if (parts.length !== 2)
            throw new Error(`${file}: found ${parts.length - 1} times, not once: ${from}`);
          contents = parts.join(to);
        }
        return { contents, loader: 'ts' };
      });
    },
  };
}
