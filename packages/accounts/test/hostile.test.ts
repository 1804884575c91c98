import { fuzz } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { decoders } from './decoders.js';

describe('hostile bytes and mutated samples', () => {
  const seed = Number(process.env.SEED ?? 1);
  for (const target of decoders())
    test(target.name, () => {
      const report = fuzz(target, { executions: 500, seed });
      expect(report.finding).toBeUndefined();
    });
});
