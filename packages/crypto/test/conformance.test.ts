import { expect, test } from 'vitest';
import { engineConformance } from '../src/conformance.js';
import type { Engine } from '../src/engine.js';
import { CryptoError } from '../src/errors.js';
import { nobleEngine } from '../src/noble.js';
import { createWasmEngine } from '../src/wasm.js';

const seed = Number(process.env.SEED ?? 7);
const rounds = Number(process.env.RUNS ?? 12);
const wasmEngine = await createWasmEngine();

for (const { name, run } of engineConformance(wasmEngine, { seed, rounds })) {
  test(`wasm (seed ${seed}): ${name}`, run);
}
for (const { name, run } of engineConformance(nobleEngine, {
  seed: seed + 1,
  rounds,
  reference: wasmEngine,
})) {
  test(`noble (seed ${seed + 1}): ${name}`, run);
}

/** Engines with one fault each, and a word of the check that must find it. */
const faulty: readonly (readonly [name: string, fault: Partial<Engine>, found: string])[] = [
  [
    'hashes as SHA3-256 pads',
    { keccak256: (data) => nobleEngine.keccak256(Uint8Array.of(...data, 6)) },
    'hashes',
  ],
  [
    'derives a compressed key',
    { getPublicKey: (key) => nobleEngine.getPublicKey(key).slice(0, 33) },
    'derives',
  ],
  [
    'signs with a high s',
    {
      signDigest: (digest, key) => {
        const { r, s, recovery } = nobleEngine.signDigest(digest, key);
        const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
        return { r, s: order - s, recovery: recovery === 0 ? 1 : 0 };
      },
    },
    'signatures',
  ],
  [
    'loses the recovery bit',
    { signDigest: (digest, key) => ({ ...nobleEngine.signDigest(digest, key), recovery: 0 }) },
    'signatures',
  ],
  ['takes the key 0', { isValidSecretKey: (key) => key.length === 32 }, 'secret keys in range'],
  [
    'cuts long digests',
    { signDigest: (digest, key) => nobleEngine.signDigest(digest.slice(0, 32), key) },
    'digests',
  ],
  [
    'recovers from a high s',
    {
      recoverPublicKey: (digest, signature) =>
        nobleEngine.recoverPublicKey(digest, signature, { allowHighS: true }),
    },
    'high s',
  ],
  [
    'never allows a high s',
    { verifyDigest: (digest, signature, key) => nobleEngine.verifyDigest(digest, signature, key) },
    'high s',
  ],
  [
    'masks the recovery value',
    {
      recoverPublicKey: (digest, signature, options) =>
        nobleEngine.recoverPublicKey(
          digest,
          { ...signature, recovery: (signature.recovery & 1) as 0 | 1 },
          options,
        ),
    },
    'out of range',
  ],
  ['verifies everything', { verifyDigest: () => true }, 'verif'],
  [
    'reuses its result',
    (() => {
      const shared = new Uint8Array(32);
      return {
        keccak256: (data: Uint8Array) => {
          shared.set(nobleEngine.keccak256(data));
          return shared;
        },
      };
    })(),
    'fresh',
  ],
  [
    'wipes the digest',
    {
      signDigest: (digest, key) => {
        const signature = nobleEngine.signDigest(digest, key);
        digest.fill(0);
        return signature;
      },
    },
    'arguments',
  ],
];

for (const [name, fault, found] of faulty) {
  test(`an engine that ${name} does not pass`, () => {
    const engine: Engine = { ...nobleEngine, name: 'faulty', ...fault };
    const failures: string[] = [];
    for (const check of engineConformance(engine, { rounds: 1 })) {
      try {
        check.run();
      } catch (error) {
        expect(error).toBeInstanceOf(CryptoError);
        expect((error as CryptoError).code).toBe('crypto/conformance-failed');
        failures.push(check.name);
      }
    }
    expect(failures.some((failure) => failure.includes(found))).toBe(true);
  });
}
