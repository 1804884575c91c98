/** Secret keys, text forms, the addresses' limits, error messages, the caches' bounds. */
import {
  ACCOUNT_PROOF_FORMS,
  BlsError,
  type BlsErrorDetails,
  blsAddress,
  createBls,
  generateSecretKey,
  harmonyBls,
  identifyAccountProof,
  ietfBls,
  parsePublicKey,
  parseSecretKey,
  parseSignature,
  proveAccountPossession,
  shardOfBlsKey,
  verifyAccountPossession,
} from '@polyphony/bls';
import { bitmapIndices } from '@polyphony/bls/bitmap';
import { createWasmBls } from '@polyphony/bls/wasm';
import { parseAddress } from '@polyphony/primitives';
import { loadVectors, packageFolder, propertyRuns, unreadVectorFiles } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createByteCache } from '../src/byte-cache.js';
import { isValidSecretKey } from '../src/secret-key.js';
import { codeOf, hex, text } from './engines.js';

const ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;
const bigEndian = (value: bigint): Uint8Array => hex(value.toString(16).padStart(64, '0'));

describe('secret keys', () => {
  test('the range check is comparison with the order, in both byte orders', () => {
    const near = fc.integer({ min: -3, max: 3 }).map((step) => ORDER + BigInt(step));
    const any = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
    fc.assert(
      fc.property(fc.oneof(near, any, fc.constantFrom(0n, 1n, 2n)), (value) => {
        const expected = value > 0n && value < ORDER;
        expect(isValidSecretKey(bigEndian(value), 'ietf')).toBe(expected);
        expect(isValidSecretKey(bigEndian(value).reverse(), 'harmony')).toBe(expected);
      }),
      propertyRuns(500),
    );
  });

  test('a draw out of range is drawn again, from 255 bits', () => {
    for (const suite of ['harmony', 'ietf'] as const) {
      // All ones is out of range even after the top bit is cut; zero is out of range too.
      const draws = [0xff, 0x00, 0x11];
      let calls = 0;
      const secretKey = generateSecretKey(suite, (bytes) => bytes.fill(draws[calls++]!));
      expect(calls).toBe(3);
      expect(secretKey).toEqual(new Uint8Array(32).fill(0x11));
    }
  });

  test('two draws of the platform differ and are valid', () => {
    const bls = harmonyBls();
    const [a, b] = [generateSecretKey('harmony'), generateSecretKey('harmony')];
    expect(text(a)).not.toBe(text(b));
    expect(bls.isValidSecretKey(a) && bls.isValidSecretKey(b)).toBe(true);
  });
});

describe('text', () => {
  const digits = 'ab'.repeat(32);
  test('with and without prefix, in either case', () => {
    for (const parse of [
      (given: string) => parsePublicKey(given + digits.slice(32)),
      (given: string) => parseSignature(given + digits + digits),
    ]) {
      expect(parse(digits)).toEqual(parse(`0x${digits}`));
      expect(parse(digits)).toEqual(parse(digits.toUpperCase()));
    }
    expect(text(parseSecretKey('11'.repeat(32), 'harmony'))).toBe('11'.repeat(32));
  });

  test('bad text', () => {
    expect(codeOf(() => parsePublicKey('0'))).toBe('bls/invalid-hex');
    expect(codeOf(() => parsePublicKey('zz'.repeat(48)))).toBe('bls/invalid-hex');
    expect(codeOf(() => parsePublicKey(`${'00'.repeat(48)}\n`))).toBe('bls/invalid-hex');
    expect(codeOf(() => parsePublicKey('00'.repeat(47)))).toBe('bls/invalid-length');
    expect(codeOf(() => parseSignature('00'.repeat(97)))).toBe('bls/invalid-length');
    expect(codeOf(() => parseSecretKey('00'.repeat(32), 'harmony'))).toBe('bls/invalid-secret-key');
    expect(codeOf(() => parseSecretKey('ff'.repeat(32), 'ietf'))).toBe('bls/invalid-secret-key');
    // In range in one byte order only.
    const oneSided = `01${'ff'.repeat(31)}`;
    expect(codeOf(() => parseSecretKey(oneSided, 'ietf'))).toBe('nothing thrown');
    expect(codeOf(() => parseSecretKey(oneSided, 'harmony'))).toBe('bls/invalid-secret-key');
  });

  test('a secret never appears in an error', () => {
    const secret = `${'fe'.repeat(31)}0`;
    for (const given of [secret, `${secret}g`, 'fe'.repeat(32), 'fe'.repeat(33)]) {
      try {
        parseSecretKey(given, 'harmony');
        expect.unreachable();
      } catch (error) {
        const shown = JSON.stringify([
          String(error),
          (error as BlsError).details,
          (error as BlsError).cause,
        ]);
        expect(shown).not.toContain('fefe');
      }
    }
  });
});

test('addresses and shards refuse what is not a key or a count', () => {
  expect(codeOf(() => blsAddress(new Uint8Array(47)))).toBe('bls/invalid-length');
  expect(codeOf(() => shardOfBlsKey(new Uint8Array(49), 4))).toBe('bls/invalid-length');
  for (const count of [0, -1, 1.5, Number.NaN, 2 ** 32]) {
    expect(codeOf(() => shardOfBlsKey(new Uint8Array(48), count))).toBe('bls/out-of-range');
  }
});

describe('account-bound proofs', () => {
  test('every form is told apart from the others', async () => {
    const bls = await createWasmBls({ cachedPublicKeys: 1 });
    const secretKey = generateSecretKey('harmony');
    const publicKey = bls.getPublicKey(secretKey);
    const account = '0x0123456789012345678901234567890123456789';
    for (const form of ACCOUNT_PROOF_FORMS) {
      const proof = proveAccountPossession(bls, secretKey, account, form);
      expect(identifyAccountProof(bls, proof, publicKey, account)).toBe(form);
      expect(verifyAccountPossession(bls, proof, publicKey, account, form)).toBe(true);
      const other = '0x0123456789012345678901234567890123456780';
      expect(verifyAccountPossession(bls, proof, publicKey, other, form)).toBe(false);
    }
  });

  test('the published key of the real network decodes; its proof is known in part only', async () => {
    const bls = await createWasmBls();
    for (const { in: given, out } of loadVectors<
      { publicKey: string; account: string },
      { proofPrefix: string; legacyProofPrefix: string }
    >(import.meta.url, 'account-proof', {
      in: ['publicKey', 'account'],
      out: ['proofPrefix', 'legacyProofPrefix'],
    })) {
      const publicKey = hex(given.publicKey);
      expect(bls.isValidPublicKey(publicKey)).toBe(true);
      expect(out!.proofPrefix).not.toBe(out!.legacyProofPrefix);
      const proof = new Uint8Array(96);
      proof.set(hex(out!.proofPrefix));
      expect(identifyAccountProof(bls, proof, publicKey, parseAddress(given.account))).toBe(
        undefined,
      );
    }
  });
});

test('the byte cache forgets the oldest that was not used again and keeps no long input', () => {
  const cache = createByteCache<number>(2);
  let made = 0;
  const get = (...bytes: number[]): number => cache.get(Uint8Array.from(bytes), () => ++made);
  // 3 pushes 2 out, for 1 was used again; 2 then pushes 3 out, for 1 was used once more.
  expect([get(1), get(2), get(1), get(3), get(1), get(2), get(1)]).toEqual([1, 2, 1, 3, 1, 4, 1]);
  const long = Array.from({ length: 257 }, () => 9);
  expect([get(...long), get(...long)]).toEqual([5, 6]);
  expect(() =>
    cache.get(Uint8Array.of(8), () => {
      throw new Error('not made');
    }),
  ).toThrow('not made');
  expect(get(8)).toBe(7);
  const off = createByteCache<number>(0);
  expect(off.get(Uint8Array.of(1), () => ++made)).toBe(8);
  expect(off.get(Uint8Array.of(1), () => ++made)).toBe(9);
});

test('cache sizes are checked', () => {
  for (const size of [-1, 0.5, Number.NaN, 2 ** 20 + 1]) {
    expect(codeOf(() => harmonyBls({ cachedPublicKeys: size }))).toBe('bls/out-of-range');
    expect(codeOf(() => ietfBls({ cachedMessages: size }))).toBe('bls/out-of-range');
    expect(codeOf(() => ietfBls({ cachedSignatures: size }))).toBe('bls/out-of-range');
  }
});

test('a backend of someone else makes a Bls value', () => {
  // The integers modulo a small prime: not secure, but every rule around a backend holds.
  const modulus = 251;
  const wrap = (value: number): number => ((value % modulus) + modulus) % modulus;
  const encode =
    (length: number) =>
    (value: number): Uint8Array => {
      const bytes = new Uint8Array(length);
      bytes[0] = value;
      return bytes;
    };
  const scalar = (secret: Uint8Array): number =>
    wrap(secret.reduce((sum, byte) => wrap(sum * 256 + byte), 0));
  const weigh = (points: readonly number[], weights: readonly Uint8Array[]): number =>
    wrap(points.reduce((sum, point, i) => sum + point * scalar(weights[i]!), 0));
  const add = (points: readonly number[]): number => wrap(points.reduce((a, b) => a + b));
  const bls = createBls<number, number, number>({
    suite: 'ietf',
    engine: 'integers',
    decodePublicKey: (bytes) => wrap(bytes[0]!),
    encodePublicKey: encode(48),
    isIdentityKey: (key) => key === 0,
    derivePublicKey: scalar,
    negatePublicKey: (key) => wrap(-key),
    sumPublicKeys: add,
    weightedPublicKeys: weigh,
    decodeSignature: (bytes) => wrap(bytes[0]!),
    encodeSignature: encode(96),
    isIdentitySignature: (signature) => signature === 0,
    sumSignatures: add,
    weightedSignatures: weigh,
    mapMessage: (message) => (message.length === 0 ? undefined : wrap(message[0]!)),
    sign: (message, secret) => wrap(message * scalar(secret)),
    verify: (signature, message, key) => signature === wrap(message * key),
  });
  const secretKey = new Uint8Array(32).fill(1);
  const message = Uint8Array.of(7);
  const signature = bls.sign(message, secretKey);
  expect(bls.verify(signature, message, bls.getPublicKey(secretKey))).toBe(true);
  expect(bls.verify(signature, Uint8Array.of(8), bls.getPublicKey(secretKey))).toBe(false);
  expect(codeOf(() => bls.sign(new Uint8Array(0), secretKey))).toBe('bls/invalid-message');
});

test('every error has a sentence', () => {
  const all: readonly BlsErrorDetails[] = [
    { code: 'bls/invalid-length', what: 'bitmap', expected: 2, actual: 1 },
    { code: 'bls/invalid-hex', what: 'public key', reason: 'must be hexadecimal' },
    {
      code: 'bls/invalid-encoding',
      what: 'signature',
      reason: 'lacks the bit of the compressed form',
    },
    { code: 'bls/not-on-curve', what: 'public key' },
    { code: 'bls/not-in-subgroup', what: 'signature' },
    { code: 'bls/identity', what: 'public key' },
    { code: 'bls/invalid-secret-key', reason: 'must not be zero' },
    { code: 'bls/invalid-message', reason: 'must not be empty' },
    { code: 'bls/nothing-to-aggregate', what: 'signature' },
    { code: 'bls/invalid-weights', reason: 'must not be zero' },
    { code: 'bls/bitmap-padding', signers: 10 },
    { code: 'bls/out-of-range', what: 'signers', reason: 'must be an integer' },
    { code: 'bls/conformance-failed', check: 'a check', reason: 'expected a, got b' },
  ];
  expect(all.map((details) => new BlsError(details).message)).toMatchInlineSnapshot(`
    [
      "bitmap must be 2 bytes, got 1",
      "public key must be hexadecimal",
      "signature lacks the bit of the compressed form",
      "public key is not the encoding of a curve point",
      "signature is a curve point outside the prime-order subgroup",
      "public key is the point at infinity",
      "secret key must not be zero",
      "message must not be empty",
      "at least one signature is needed to aggregate",
      "weights must not be zero",
      "bitmap has bits set above its 10 signers",
      "signers must be an integer",
      "a check: expected a, got b",
    ]
  `);
  expect(codeOf(() => bitmapIndices(new Uint8Array(1), 10))).toBe('bls/invalid-length');
});

test('every vector file is read', () => {
  expect(unreadVectorFiles(packageFolder(import.meta.url))).toEqual([]);
});
