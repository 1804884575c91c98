/** Every engine passes the conformance checks, and engines agree on broken bytes. */
import type { Bls } from '@polyphony/bls';
import { blsConformance, engineAgreement } from '@polyphony/bls/conformance';
import { describe, expect, test } from 'vitest';
import { harmonyEngines, ietfEngines } from './engines.js';

for (const [, create] of [...harmonyEngines, ...ietfEngines]) {
  for (const { name, run } of await blsConformance(create)) test(name, run);
}

describe.each([
  ['harmony', harmonyEngines],
  ['ietf', ietfEngines],
] as const)('%s engines agree', (_suite, engines) => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  const [[, first], ...others] = engines as unknown as [
    (typeof engines)[number],
    ...(typeof engines)[number][],
  ];
  test.each(others)(`with %s, seed ${seed}`, async (_name, create) => {
    await engineAgreement(await first(), await create(), 150, seed).run();
  });
});

/** An engine with one method replaced. */
function spoiled(bls: Bls, change: Partial<Bls>): Bls {
  return { ...bls, ...change };
}

test('an engine that is wrong in one place fails', async () => {
  const create = harmonyEngines[0]![1];
  const bls = await create();
  const outcome = async (change: Partial<Bls>, about: string): Promise<string> => {
    const checks = await blsConformance(() => spoiled(bls, change));
    const check = checks.find(({ name }) => name.endsWith(about))!;
    try {
      await check.run();
      return 'passed';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  const right = 'a right signature verifies and every other does not';
  const malformed = 'malformed keys and signatures are refused for the right reason';
  const batches = 'batches hold when every entry does, and wrong ones are found';
  const sums = 'sums verify for exactly their signers';
  expect(await outcome({}, right)).toBe('passed');
  const failed = 'bls/conformance-failed';
  expect(await outcome({ verify: () => true }, right)).toBe(failed);
  expect(await outcome({ verify: () => false }, right)).toBe(failed);
  expect(await outcome({ verifyBatch: () => true }, batches)).toBe(failed);
  expect(await outcome({ findInvalid: () => [] }, batches)).toBe(failed);
  expect(await outcome({ isValidPublicKey: () => true }, malformed)).toBe(failed);
  expect(await outcome({ assertValidSignature: () => {} }, malformed)).toBe(failed);
  expect(await outcome({ verifyAggregate: () => true }, sums)).toBe(failed);
  const lax = spoiled(bls, { assertValidPublicKey: () => {} });
  await expect(engineAgreement(bls, lax, 50, 1).run()).rejects.toMatchObject({ code: failed });
});
