/** The page builds for browsers: no module of Node, and nothing in its place. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const outDir = mkdtempSync(join(tmpdir(), 'verify-mainnet-'));
afterAll(() => rmSync(outDir, { recursive: true }));

test('vite build', async () => {
  const { build } = await import('vite');
  const warnings: string[] = [];
  const note = (message: string): void => {
    warnings.push(message);
  };
  await build({
    configFile: fileURLToPath(new URL('../page/vite.config.ts', import.meta.url)),
    build: { outDir, emptyOutDir: true, chunkSizeWarningLimit: 2000 },
    customLogger: {
      info: () => {},
      warn: note,
      warnOnce: note,
      error: note,
      clearScreen: () => {},
      hasErrorLogged: () => false,
      hasWarned: false,
    },
  });
  expect(warnings).toEqual([]);

  const files = readdirSync(outDir, { recursive: true, encoding: 'utf8' });
  expect(files).toContain('index.html');
  const scripts = files.filter((file) => file.endsWith('.js'));
  // The engine in WebAssembly is a script of its own, fetched only when asked for.
  expect(scripts.length).toBeGreaterThan(1);
  for (const file of scripts) {
    const text = readFileSync(join(outDir, file), 'utf8');
    expect(text).not.toMatch(
      /\bfrom ?["']node:|\bimport\(["']node:|\brequire\(["'](node:)?(fs|path|crypto|os|util)["']\)/,
    );
    expect(text).not.toContain('__vite-browser-external');
    expect(text).not.toContain('Buffer.from(');
  }
}, 120_000);
