/** The parts of signing that are our own: multiples of the base point, and RFC 6979. */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createBaseMultiplier } from '../src/base-point.js';
import { SECP256K1_ORDER as N } from '../src/checks.js';
import { nobleEngine } from '../src/noble.js';
import { signDeterministic } from '../src/rfc6979.js';
import { createWasmEngine } from '../src/wasm.js';
import { codeOf } from './caught.js';

const wasmEngine = await createWasmEngine();
const expected = (scalar: bigint) => secp256k1.Point.BASE.multiplyUnsafe(scalar).toAffine();
/** Our sums begin at this multiple of the base point. */
const START = secp256k1.Point.BASE.x;
const LARGEST_BLIND = 2n ** 64n - 1n;

describe('multiples of the base point', () => {
  let blind = 0n;
  const library = vi.fn(expected);
  const multiplyBase = createBaseMultiplier(() => blind, library);

  test('small, large and regular scalars under small, large and regular blinds', () => {
    const scalars = [START, START - 1n, START + 1n, N - START, (2n * START) % N, N >> 1n];
    for (let i = 1n; i <= 40n; i++) scalars.push(i, N - i);
    for (let bit = 5n; bit < 256n; bit += 3n) scalars.push(1n << bit, (1n << bit) - 1n);
    for (const byte of [0x7fn, 0x80n, 0x81n, 0xffn, 0x01n]) {
      const repeated = Array.from({ length: 31 }, (_, i) => byte << BigInt(8 * i));
      scalars.push(repeated.reduce((sum, part) => sum | part));
    }
    for (const scalar of scalars) {
      blind = [0n, 1n, LARGEST_BLIND, 0x8080808080808080n][scalars.indexOf(scalar) % 4]!;
      expect(multiplyBase(scalar), `${scalar} under ${blind}`).toEqual(expected(scalar));
    }
  });

  test('random scalars under random blinds', () => {
    const scalar = fc.bigInt({ min: 1n, max: N - 1n });
    const factor = fc.bigInt({ min: 0n, max: LARGEST_BLIND });
    fc.assert(
      fc.property(scalar, factor, (value, drawn) => {
        blind = drawn;
        expect(multiplyBase(value)).toEqual(expected(value));
      }),
      propertyRuns(150),
    );
  });

  test('the sum that the formula has no answer for', () => {
    // Before its last addition, of 2^320, the sum is 2^320 too: the formula would have to double.
    const scalar = 2n ** 321n % N;
    blind = (2n ** 320n - 1n) / N - 1n;
    expect(blind <= LARGEST_BLIND).toBe(true);
    expect(library).not.toHaveBeenCalled();
    expect(multiplyBase(scalar)).toEqual(expected(scalar));
    expect(library).toHaveBeenCalledTimes(1);
  });

  test('random blinds change nothing', () => {
    const blinded = createBaseMultiplier();
    for (let i = 1n; i < 20n; i++) expect(blinded(i * 12345n)).toEqual(expected(i * 12345n));
  });
});

describe('deterministic signatures', () => {
  const digest = nobleEngine.keccak256(new Uint8Array(1));
  const secretKey = new Uint8Array(32).fill(0x42);
  const publicKey = nobleEngine.getPublicKey(secretKey);
  const multiplyBase = createBaseMultiplier();

  test('are those of libsecp256k1', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: N - 1n }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (scalar, message) => {
          const key = Uint8Array.from(Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex'));
          const signature = nobleEngine.signDigest(message, key);
          expect(signature).toEqual(wasmEngine.signDigest(message, key));
          expect(nobleEngine.getPublicKey(key)).toEqual(wasmEngine.getPublicKey(key));
        },
      ),
      propertyRuns(100),
    );
  });

  test('take the next nonce when r would be zero', () => {
    let calls = 0;
    const signature = signDeterministic(digest, secretKey, (scalar) =>
      calls++ === 0 ? { x: 0n, y: 1n } : multiplyBase(scalar),
    );
    expect(calls).toBe(2);
    expect(signature).not.toEqual(nobleEngine.signDigest(digest, secretKey));
    expect(nobleEngine.verifyDigest(digest, signature, publicKey)).toBe(true);
    expect(nobleEngine.recoverPublicKey(digest, signature)).toEqual(publicKey);
  });

  test('are refused when the x coordinate is above the order', () => {
    expect(codeOf(() => signDeterministic(digest, secretKey, () => ({ x: N + 5n, y: 2n })))).toBe(
      'crypto/invalid-signature',
    );
  });
});

describe('without a source of randomness', () => {
  afterEach(() => {
    vi.doUnmock('@noble/hashes/utils.js');
    vi.resetModules();
  });

  test('signatures are the same', async () => {
    vi.resetModules();
    const draw = vi.fn(() => {
      throw new Error('no randomness here');
    });
    vi.doMock('@noble/hashes/utils.js', async (original) => ({
      ...(await original<object>()),
      randomBytes: draw,
    }));
    const bare = (await import('../src/noble.js')).nobleEngine;
    const digest = new Uint8Array(32).fill(5);
    const secretKey = new Uint8Array(32).fill(6);
    expect(bare.signDigest(digest, secretKey)).toEqual(nobleEngine.signDigest(digest, secretKey));
    expect(draw).toHaveBeenCalled();
  });
});
