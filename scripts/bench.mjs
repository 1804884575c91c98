// Runs the comparisons of `bench` on plain Node: `npm run bench -- [options]`, see bench/README.md.
//
// Our sources are bundled first, names of functions not kept; peers stay where they are. A loader that reads
// TypeScript as it runs would wrap our closures, and would have a part in every `import()`, of which viem
// calls one for each signature.
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const bench = new URL('../bench/', import.meta.url);
const outfile = fileURLToPath(new URL('dist/main.mjs', bench));

/** Peers are imported by Node from where they lie; files know where they lie. */
const inPlace = {
  name: 'in-place',
  setup(bundle) {
    bundle.onResolve({ filter: /^[^./]/ }, async ({ path, kind, resolveDir, pluginData }) => {
      if (pluginData === inPlace || /^(node:|@polyphony\/)/.test(path)) return undefined;
      const found = await bundle.resolve(path, { kind, resolveDir, pluginData: inPlace });
      if (found.errors.length > 0 || found.external) return found;
      return { path: pathToFileURL(found.path).href, external: true };
    });
    bundle.onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll(
        'import.meta.url',
        JSON.stringify(pathToFileURL(path).href),
      ),
      loader: 'ts',
    }));
  },
};

await build({
  entryPoints: [fileURLToPath(new URL('src/main.ts', bench))],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  conditions: ['@polyphony/source'],
  plugins: [inPlace],
  logLevel: 'warning',
});
await import(pathToFileURL(outfile).href);
