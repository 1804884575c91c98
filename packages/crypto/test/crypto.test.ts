import { packageFolder, unreadVectorFiles } from '@polyphony/testkit';
import { Engine as OxEngine } from 'ox';
import { expect, test, vi } from 'vitest';
import { addressOfPublicKey } from '../src/address.js';
import { CryptoError, type CryptoErrorDetails } from '../src/errors.js';
import { fromRecovered } from '../src/layout.js';
import { nobleEngine } from '../src/noble.js';
import { createWasmEngine } from '../src/wasm.js';
import { codeOf } from './caught.js';

test('every code has its sentence', () => {
  const details: readonly CryptoErrorDetails[] = [
    { code: 'crypto/invalid-length', what: 'digest', expected: 32, actual: 31 },
    { code: 'crypto/invalid-secret-key' },
    { code: 'crypto/invalid-public-key', reason: 'is wrong' },
    { code: 'crypto/invalid-signature', reason: 'is wrong' },
    { code: 'crypto/engine-unavailable', engine: 'wasm' },
    { code: 'crypto/conformance-failed', engine: 'wasm', reason: 'must hash' },
  ];
  expect(details.map((detail) => new CryptoError(detail).message)).toEqual([
    'digest must be 32 bytes, got 31',
    'secret key must be at least 1 and below the order of secp256k1',
    'public key is wrong',
    'signature is wrong',
    'engine wasm could not be loaded',
    'engine wasm must hash',
  ]);
});

test('an address needs an uncompressed key', () => {
  const publicKey = nobleEngine.getPublicKey(new Uint8Array(32).fill(1));
  expect(addressOfPublicKey(publicKey)).toBe('0x1a642f0e3c3af545e7acbd38b07251b3990914f1');
  expect(codeOf(() => addressOfPublicKey(publicKey.slice(1)))).toBe('crypto/invalid-length');
  const hybrid = Uint8Array.from(publicKey, (byte, i) => (i === 0 ? 6 : byte));
  expect(codeOf(() => addressOfPublicKey(hybrid))).toBe('crypto/invalid-public-key');
});

test('a nonce point above the order is an error, not a wrong recovery bit', () => {
  const bytes = new Uint8Array(65).fill(1);
  expect(fromRecovered(bytes).recovery).toBe(1);
  for (const recovery of [2, 3]) {
    bytes[0] = recovery;
    expect(codeOf(() => fromRecovered(bytes))).toBe('crypto/invalid-signature');
  }
});

test('errors say nothing about the secret key', () => {
  const secretKey = new Uint8Array(31).fill(0xab);
  try {
    nobleEngine.signDigest(new Uint8Array(32), secretKey);
    expect.unreachable();
  } catch (error) {
    expect(`${(error as Error).message} ${JSON.stringify(error)}`).not.toMatch(/ab|171/);
  }
});

test('the WebAssembly engine installs nothing', async () => {
  await createWasmEngine();
  expect(OxEngine.get()).toEqual({});
});

test('a missing peer is an error of its own', async () => {
  vi.resetModules();
  vi.doMock('ox/wasm/Secp256k1', () => {
    throw new Error('not installed');
  });
  const fresh = await import('../src/wasm.js');
  const failure: unknown = await fresh.createWasmEngine().catch((error: unknown) => error);
  vi.doUnmock('ox/wasm/Secp256k1');
  expect(failure).toMatchObject({
    code: 'crypto/engine-unavailable',
    message: 'engine wasm could not be loaded',
  });
  expect((failure as Error).cause).toBeInstanceOf(Error);
});

test('every vector file is read', () => {
  expect(unreadVectorFiles(packageFolder(import.meta.url))).toEqual([]);
});
