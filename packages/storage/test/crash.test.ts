import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { propertyRuns, seededRandom } from '@polyphony/testkit';
import { expect, test } from 'vitest';
import { openLevelStore } from '../src/level.js';

const KEYS = 50;

/** Starts a writer at `start`, kills it after it ran for a while, and answers what it confirmed last. */
async function writeUntilKilled(path: string, start: number, lifeMs: number): Promise<number> {
  const script = join(import.meta.dirname, 'crash-writer.ts');
  const child = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      '--conditions=@polyphony/source',
      script,
      path,
      String(start),
      String(KEYS),
    ],
    { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.on('data', (chunk) => {
    if (output === '') setTimeout(() => child.kill('SIGKILL'), lifeMs);
    output += chunk;
  });
  const signal = await new Promise((resolve) => child.on('close', (_, by) => resolve(by)));
  expect(signal).toBe('SIGKILL');
  const numbers = output.split('\n').slice(1, -1).map(Number);
  return numbers.at(-1) ?? start - 1;
}

test('a killed writer loses no confirmed batch and leaves no half batch', async () => {
  const { numRuns, seed } = propertyRuns(4);
  const random = seededRandom(seed ?? 2026);
  const folder = mkdtempSync(join(tmpdir(), 'polyphony-crash-'));
  const path = join(folder, 'db');
  let next = 1;
  try {
    for (let kill = 0; kill < numRuns; kill++) {
      const confirmed = await writeUntilKilled(path, next, random.below(250));
      const store = await openLevelStore(path, { writeBufferBytes: 64 * 1024 });
      const found: number[] = [];
      for await (const [, value] of store.iterate()) {
        found.push(new DataView(value.buffer, value.byteOffset).getUint32(0));
      }
      await store.close();
      const last = found[0] ?? 0;
      expect(found).toEqual(last === 0 ? [] : new Array(KEYS).fill(last));
      expect(last).toBeGreaterThanOrEqual(confirmed);
      expect(last).toBeLessThanOrEqual(confirmed + 1);
      next = last + 1;
    }
    expect(next).toBeGreaterThan(numRuns);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
