/**
 * Bundles an installed package for the browser and starts the bundle in a context that has what a
 * browser has and nothing of Node. No plugin, no polyfill, no alias: what does not resolve fails.
 */
import { join } from 'node:path';
import { createContext, Script } from 'node:vm';
import { build } from 'esbuild';
import { readManifest } from './files.js';

/** Globals of every browser that a module may touch while it loads. */
const BROWSER_GLOBALS = [
  'AbortController',
  'Blob',
  'crypto',
  'EventTarget',
  'fetch',
  'performance',
  'queueMicrotask',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
  'structuredClone',
  'TextDecoder',
  'TextEncoder',
  'URL',
  'WebSocket',
] as const;

/** What stops a browser package from running in a browser; nothing for packages not meant for one. */
export async function browserProblems(project: string, name: string): Promise<readonly string[]> {
  const manifest = readManifest(join(project, 'node_modules', name));
  if (manifest.polyphony?.browser !== true) return [];
  const peers = Object.keys(manifest.peerDependencies ?? {});
  const paths = Object.keys(manifest.exports ?? {}).filter((path) => path !== './package.json');
  const imports = paths.map(
    (path) => `export * as ${variable(path)} from '${name}${path.slice(1)}';`,
  );
  const result = await build({
    stdin: { contents: imports.join('\n'), resolveDir: project, loader: 'js' },
    absWorkingDir: project,
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'bundle',
    platform: 'browser',
    target: 'es2022',
    external: peers,
    logLevel: 'silent',
    // An adapter's peer is the application's choice; its import is left in the bundle as a call.
    banner: { js: 'var require = (name) => new Proxy(class {}, {});' },
  }).catch((error: Error) => error);
  if (result instanceof Error) return [`browser bundle: ${result.message}`];
  const code = result.outputFiles[0]!.text;
  const globals = Object.fromEntries(
    BROWSER_GLOBALS.map((global) => [global, (globalThis as Record<string, unknown>)[global]]),
  );
  const context = createContext(globals);
  try {
    new Script(`${code};bundle;`).runInContext(context, { timeout: 20_000 });
    return [];
  } catch (error) {
    return [`browser bundle does not start: ${String(error)}`];
  }
}

function variable(path: string): string {
  return `_${path.replaceAll(/\W/g, '_')}`;
}
