import { codeOf, loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { formatJson, parseJson } from '../src/index.js';

describe('JSON texts', () => {
  for (const { name, in: given, out, error } of loadVectors<{ text: string }, { text: string }>(
    import.meta.url,
    'json',
    { in: ['text'], out: ['text'] },
  )) {
    test(name, () => {
      if (error !== undefined) expect(codeOf(() => parseJson(given.text))).toBe(error);
      else expect(formatJson(parseJson(given.text))).toBe(out!.text);
    });
  }
});
