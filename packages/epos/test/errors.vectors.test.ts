import { loadVectors, packageFolder, unreadVectorFiles } from '@polyphony/testkit';
import { expect, test } from 'vitest';
import { EposError, type EposErrorDetails } from '../src/errors.js';

for (const { name, in: details, out } of loadVectors<EposErrorDetails, string>(
  import.meta.url,
  'errors',
  { in: ['code', 'text', 'what', 'reason'] },
)) {
  test(`message: ${name}`, () => {
    const error = new EposError(details);
    expect(error.message).toBe(out);
    expect(error.code).toBe(details.code);
  });
}

test('every vector file is read', () => {
  expect(unreadVectorFiles(packageFolder(import.meta.url))).toEqual([]);
});
