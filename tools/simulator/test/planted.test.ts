/**
 * Who tests the tester: bugs are planted in copies of the machine's sources, and the simulator must
 * find each within the seeds and Twins scenarios that every change is judged by. The rare ones are
 * looked for in `planted.slow.test.ts`.
 */
import { describe, expect, test } from 'vitest';
import { BUGS } from '../src/bugs.js';
import { loadSimulator } from '../src/load.js';
import { search } from '../src/search.js';

describe('planted bugs are found', () => {
  test.each(BUGS.filter(({ rare }) => !rare))(
    '$name',
    { timeout: 120_000 },
    async ({ edits, profile = 'guarded', nodes }) => {
      const simulator = await loadSimulator(edits);
      const found = search(simulator, { profile, seeds: 200, ...(nodes && { nodes }) });
      expect(found?.what).toBeDefined();
    },
  );

  test('there are thirty and more, each with a name of its own', () => {
    expect(new Set(BUGS.map(({ name }) => name)).size).toBe(BUGS.length);
    expect(BUGS.length).toBeGreaterThanOrEqual(30);
  });

  test.each(['guarded', 'strict'] as const)(
    'without a bug there is nothing to find: %s',
    async (profile) => {
      expect(search(await loadSimulator(), { profile, seeds: 25 })).toBeUndefined();
    },
  );

  test('an edit that does not fit its source is an error', async () => {
    const edits = [{ file: 'votes.ts', from: 'no such line', to: '' }];
    await expect(loadSimulator(edits)).rejects.toThrow('found 0 times');
  });
});
