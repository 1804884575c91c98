/** Bytes a peer could send: never an exception out of verify, only coded errors out of decoding. */
import { type Bls, BlsError, generateSecretKey } from '@polyphony/bls';
import { hostileBytes, mutateBytes, seededRandom } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { harmonyEngines, ietfEngines } from './engines.js';

function coded(action: () => unknown, what: string): void {
  try {
    action();
  } catch (error) {
    expect(error, what).toBeInstanceOf(BlsError);
  }
}

function attack(
  bls: Bls,
  bytes: Uint8Array,
  good: Readonly<Record<'key' | 'signature' | 'message', Uint8Array>>,
  what: string,
): void {
  const { key, signature, message } = good;
  coded(() => bls.assertValidPublicKey(bytes, { allowIdentity: true }), what);
  coded(() => bls.assertValidSignature(bytes, { allowIdentity: true }), what);
  coded(() => bls.getPublicKey(bytes), what);
  coded(() => bls.aggregateSignatures([signature, bytes]), what);
  coded(() => bls.aggregatePublicKeys([key, bytes]), what);
  expect(bls.verify(bytes, message, key), what).toBe(false);
  expect(bls.verify(signature, message, bytes), what).toBe(false);
  expect(bls.verifyAggregate(signature, message, [key, bytes]), what).toBe(false);
}

describe.each([...harmonyEngines, ...ietfEngines])('%s', (name, create) => {
  test('hostile and mutated bytes', async () => {
    const bls = await create({ cachedPublicKeys: 2, cachedSignatures: 2, cachedMessages: 1 });
    const secretKey = generateSecretKey(bls.suite);
    const message = new Uint8Array(32).fill(5);
    const key = bls.getPublicKey(secretKey);
    const signature = bls.sign(message, secretKey);
    const good = { key, signature, message };
    for (const [label, bytes] of hostileBytes) attack(bls, bytes, good, label);
    const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
    const random = seededRandom(seed);
    const rounds = name === 'noble' ? 4 : 15;
    for (let i = 0; i < rounds; i++) {
      for (const base of [key, signature]) {
        const bytes = mutateBytes(base, random);
        if (Buffer.compare(bytes, base) === 0) continue;
        attack(bls, bytes, good, `seed ${seed}, round ${i}`);
      }
    }
  });

  test('hostile messages', async () => {
    const bls = await create();
    const secretKey = generateSecretKey(bls.suite);
    const key = bls.getPublicKey(secretKey);
    for (const [label, message] of hostileBytes) {
      if (message.length > 100_000) continue;
      if (name === 'noble' && message.length > 60) continue;
      let signature: Uint8Array;
      try {
        signature = bls.sign(message, secretKey);
      } catch (error) {
        expect((error as BlsError).code, label).toBe('bls/invalid-message');
        expect(bls.verify(new Uint8Array(96).fill(1), message, key)).toBe(false);
        continue;
      }
      if (name !== 'noble') expect(bls.verify(signature, message, key), label).toBe(true);
    }
  });
});
