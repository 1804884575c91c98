/** All planted bugs, also those that take hundreds of seeds to find. */
import { expect, test } from 'vitest';
import { BUGS } from '../src/bugs.js';
import { loadSimulator } from '../src/load.js';
import { search } from '../src/search.js';

test.each(BUGS)('$name', async ({ edits, profile = 'guarded', nodes }) => {
  const simulator = await loadSimulator(edits);
  expect(search(simulator, { profile, ...(nodes && { nodes }) })?.what).toBeDefined();
});
