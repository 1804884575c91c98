/** Signatures are deterministic: two independent implementations give the same ones. */

import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SECP256K1_ORDER as N } from '../src/checks.js';
import { nobleEngine } from '../src/noble.js';
import { createWasmEngine } from '../src/wasm.js';

const wasmEngine = await createWasmEngine();

test('public keys and signatures are those of libsecp256k1', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1n, max: N - 1n }),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      (scalar, digest) => {
        const key = Uint8Array.from(Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex'));
        expect(nobleEngine.signDigest(digest, key)).toEqual(wasmEngine.signDigest(digest, key));
        expect(nobleEngine.getPublicKey(key)).toEqual(wasmEngine.getPublicKey(key));
      },
    ),
    propertyRuns(100),
  );
});
