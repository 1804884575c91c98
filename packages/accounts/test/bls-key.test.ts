import { inspect } from 'node:util';
import { bytesToPlainHex, hexToBytes } from '@polyphony/primitives';
import { codeOf, hostileBytes, mutateBytes, rejectedCode, seededRandom } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  type BlsKeys,
  generateBlsKey,
  readBlsKeyFile,
  shardOfBlsKey,
  writeBlsKeyFile,
} from '../src/index.js';
import { legacyBlsKeys } from './bls.js';

const LIGHT = { n: 4096, r: 8, p: 1 };
/** keyFile-008 of the vectors. */
const LEGACY =
  '801e9fa0e5e2e60f5844106f00652eba635e6280fd6030be01b6d56662f8818247d117045b175c5248bfb0cc6a763afd7644d03740424db9729e6558e962b4434cff8be523163f9b20814cba7275147064ca3fb285598a3f2ca59a91';
const SECRET = hexToBytes('0eda5275ddd85f71b4ca37c1486150400603a145b26d429134a1976e8ca66e2a');
const PUBLIC = hexToBytes(
  'c3d41c2866ffe02c853ca9821f62e99d3ee556e1edee8346d3a1e54806ef0eac2c73fc6c06ab31ee461d6d94657b1017',
);
const bls = legacyBlsKeys;

describe('keys of a shard', () => {
  test.each([0, 1, 2, 3])('shard %d of 4', (shardId) => {
    const random = seededRandom(shardId);
    const pair = generateBlsKey({ bls, shardId, shardCount: 4, random: random.bytes });
    expect(shardOfBlsKey(pair.publicKey, 4)).toBe(shardId);
    expect(bls.getPublicKey(pair.secretKey)).toEqual(pair.publicKey);
  });

  test('any shard, from the platform, differ and are not printed', () => {
    const [a, b] = [generateBlsKey({ bls }), generateBlsKey({ bls })];
    expect(a.secretKey).not.toEqual(b.secretKey);
    expect(inspect(a, { showHidden: true, depth: 5 })).toBe('BlsKeyPair');
    expect(JSON.stringify(a)).not.toContain('secretKey');
    expect(Object.keys(a)).toEqual(['publicKey']);
  });

  test('wrong arguments', () => {
    for (const bad of [
      { shardId: 0 },
      { shardId: 2, shardCount: 2 },
      { shardId: -1, shardCount: 2 },
      { shardId: 0, shardCount: 0 },
    ])
      expect(codeOf(() => generateBlsKey({ bls, ...bad }))).toBe('accounts/invalid-option');
    expect(codeOf(() => shardOfBlsKey(PUBLIC, 0))).toBe('accounts/invalid-option');
    expect(codeOf(() => shardOfBlsKey(PUBLIC.subarray(1), 2))).toBe('primitives/invalid-length');
  });

  test('a source without keys, and a curve without keys of the shard, are given up', () => {
    const random = (length: number) => new Uint8Array(length);
    expect(codeOf(() => generateBlsKey({ bls, random }))).toBe('accounts/invalid-option');
    const constant: BlsKeys = { isValidSecretKey: () => true, getPublicKey: () => PUBLIC };
    const other = 1 - shardOfBlsKey(PUBLIC, 2);
    expect(codeOf(() => generateBlsKey({ bls: constant, shardId: other, shardCount: 2 }))).toBe(
      'accounts/no-key-for-shard',
    );
  });
});

describe('files with scrypt', () => {
  test('round trip', async () => {
    const text = await writeBlsKeyFile(SECRET, 'pass', { bls, cost: LIGHT });
    expect(text).not.toContain(bytesToPlainHex(SECRET));
    const read = await readBlsKeyFile(text, 'pass', { bls, publicKey: PUBLIC });
    expect(read.format).toBe('scrypt');
    expect(read.secretKey).toEqual(SECRET);
    expect(read.publicKey).toEqual(PUBLIC);
    expect(read.warnings).toEqual([]);
    const bytes = await readBlsKeyFile(new TextEncoder().encode(text), 'pass');
    expect(bytes.secretKey).toEqual(SECRET);
    expect(bytes.warnings).toEqual(['public-key-not-checked']);
    expect(inspect(read, { showHidden: true, depth: 5 })).toBe('BlsKeyFileContent');
    expect(JSON.stringify(read)).not.toContain('secretKey');
  });

  test('a wrong passphrase, also one with spaces', async () => {
    const text = await writeBlsKeyFile(SECRET, 'pass', { bls, cost: LIGHT });
    for (const passphrase of ['', 'Pass', ' pass', 'pass '])
      expect(await rejectedCode(readBlsKeyFile(text, passphrase))).toBe('accounts/wrong-password');
  });

  test('a changed public key', async () => {
    const text = await writeBlsKeyFile(SECRET, 'pass', { bls, cost: LIGHT });
    const forged = text.replace(bytesToPlainHex(PUBLIC), 'ab'.repeat(48));
    expect(await rejectedCode(readBlsKeyFile(forged, 'pass'))).toBe('accounts/wrong-password');
    const publicKey = new Uint8Array(48);
    expect(await rejectedCode(readBlsKeyFile(text, 'pass', { publicKey }))).toBe(
      'accounts/public-key-mismatch',
    );
  });

  test('shapes and costs are refused before anything is derived', async () => {
    const file = JSON.parse(await writeBlsKeyFile(SECRET, 'pass', { bls, cost: LIGHT }));
    const changes: [object, string][] = [
      [{ type: 'other' }, 'accounts/invalid-key-file'],
      [{ version: 2 }, 'accounts/invalid-key-file'],
      [{ publicKey: 'ab' }, 'accounts/invalid-key-file'],
      [{ crypto: null }, 'accounts/invalid-key-file'],
      [{ crypto: { ...file.crypto, cipher: 'none' } }, 'accounts/invalid-key-file'],
      [{ crypto: { ...file.crypto, kdf: 'none' } }, 'accounts/invalid-key-file'],
      [{ crypto: { ...file.crypto, ciphertext: '00' } }, 'accounts/invalid-key-file'],
      [{ crypto: { ...file.crypto, nonce: '00' } }, 'accounts/invalid-key-file'],
      [
        { crypto: { ...file.crypto, kdfparams: { ...file.crypto.kdfparams, n: 2 ** 30 } } },
        'accounts/kdf-too-costly',
      ],
    ];
    for (const [change, code] of changes)
      expect(
        await rejectedCode(readBlsKeyFile(JSON.stringify({ ...file, ...change }), 'pass')),
      ).toBe(code);
    expect(await rejectedCode(readBlsKeyFile('{', 'pass'))).toBe('accounts/invalid-key-file');
  });

  test('no key, no weak cost', async () => {
    expect(await rejectedCode(writeBlsKeyFile(new Uint8Array(32), 'x', { bls }))).toBe(
      'accounts/invalid-secret-key',
    );
    expect(await rejectedCode(writeBlsKeyFile(new Uint8Array(31), 'x', { bls }))).toBe(
      'accounts/invalid-secret-key',
    );
    const cost = { n: 2, r: 8, p: 1 };
    expect(await rejectedCode(writeBlsKeyFile(SECRET, 'x', { bls, cost }))).toBe(
      'accounts/invalid-option',
    );
  });
});

describe('files of the old format', () => {
  test('passphrases are tried as given, trimmed, and without tabs', async () => {
    for (const passphrase of [' correct horse', 'correct horse\n', 'correct\t horse']) {
      const read = await readBlsKeyFile(LEGACY, passphrase, { bls });
      expect(read.secretKey).toEqual(SECRET);
      expect(read.warnings).toContain('passphrase-trimmed');
    }
    const bytes = await readBlsKeyFile(LEGACY, new TextEncoder().encode('correct horse'));
    expect(bytes.warnings).not.toContain('passphrase-trimmed');
  });

  test('a wrong passphrase, a wrong public key', async () => {
    expect(await rejectedCode(readBlsKeyFile(LEGACY, 'correct horsE'))).toBe(
      'accounts/wrong-password',
    );
    const publicKey = new Uint8Array(48);
    expect(await rejectedCode(readBlsKeyFile(LEGACY, 'correct horse', { bls, publicKey }))).toBe(
      'accounts/public-key-mismatch',
    );
    const none: BlsKeys = { ...bls, isValidSecretKey: () => false };
    expect(await rejectedCode(readBlsKeyFile(LEGACY, 'correct horse', { bls: none }))).toBe(
      'accounts/invalid-secret-key',
    );
  });

  test('hostile and changed bytes are refused with a code', async () => {
    const random = seededRandom(3);
    const inputs = hostileBytes.map(([, bytes]) => bytes);
    for (let i = 0; i < 200; i++) inputs.push(mutateBytes(hexToBytes(LEGACY), random));
    for (const bytes of inputs) {
      const code = await rejectedCode(readBlsKeyFile(bytes, 'correct horse')).catch((error) =>
        String(error),
      );
      // A mutation may leave the bytes as they were.
      if (bytesToPlainHex(bytes) === LEGACY) continue;
      expect(code).toMatch(/^accounts\/(invalid-key-file|wrong-password)$/);
    }
  });
});
