import { fuzz } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { plainTargets, pointTargets } from './decoders.js';
import { harmonyEngines } from './engines.js';

const seed = Number(process.env.SEED ?? 1);

describe('hostile bytes and mutated samples', () => {
  for (const target of plainTargets())
    test(target.name, () => {
      expect(fuzz(target, { executions: 500, seed }).finding).toBeUndefined();
    });

  test.each(harmonyEngines)('points, %s', async (name, create) => {
    const executions = name === 'noble' ? 60 : 300;
    for (const target of pointTargets(name, await create()))
      expect(fuzz(target, { executions, seed }).finding).toBeUndefined();
  });
});
