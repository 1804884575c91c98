/** The Node program runs as its script says, and is short. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { mainnetHeaders } from '../src/mainnet-headers.js';

const folder = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

test('five blocks are valid, and none with a changed field', async () => {
  const { scripts } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8'));
  const [command, ...args] = (scripts.start as string).split(' ');
  expect(command).toBe('node');
  const { stdout } = await run(process.execPath, args, { cwd: folder });
  const lines = stdout.trim().split('\n');
  const numbers = lines
    .filter((_, i) => i % 2 === 0)
    .map((line) => /^block (\d+) is valid/.exec(line)?.[1]);
  expect(numbers).toEqual(['1753086', '1753087', '1769470', '1769471', '1785855']);
  for (const line of lines.filter((_, i) => i % 2 === 1)) expect(line).toMatch(/: false$/);
}, 60_000);

test('the headers are those of the vectors', () => {
  const path = '../../../packages/light-client/vectors/mainnet-headers.json';
  const { cases } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as {
    cases: { in: unknown }[];
  };
  expect(mainnetHeaders).toEqual(cases.map((entry) => entry.in));
});

test.each(['src/main.ts', 'page/main.ts'])('%s has fewer than 40 lines', (file) => {
  const lines = readFileSync(`${folder}${file}`, 'utf8').trimEnd().split('\n');
  expect(lines.length).toBeLessThan(40);
});
