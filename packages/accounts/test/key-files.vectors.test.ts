import { bytesToHex, bytesToPlainHex, hexToBytes } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { decryptKeystore, readBlsKeyFile, shardOfBlsKey } from '../src/index.js';
import { legacyBlsKeys } from './bls.js';

describe('account files', () => {
  for (const { name, in: given, out } of loadVectors<
    { keystore: object; password: string },
    { privateKey: string }
  >(import.meta.url, 'keystore', { in: ['keystore', 'password'], out: ['privateKey'] })) {
    test(name, async () => {
      const key = await decryptKeystore(JSON.stringify(given.keystore), given.password);
      expect(key.length).toBe(32);
      const short = hexToBytes(out!.privateKey);
      expect(bytesToHex(key.subarray(32 - short.length))).toBe(out!.privateKey);
      expect(key.subarray(0, 32 - short.length).every((byte) => byte === 0)).toBe(true);
    });
  }
});

describe('BLS key files', () => {
  for (const { name, in: given, out } of loadVectors<
    { passphrase: string; content: string },
    { secretKey: string; publicKey: string }
  >(import.meta.url, 'bls-key-file', {
    in: ['passphrase', 'content'],
    out: ['secretKey', 'publicKey'],
  })) {
    test(name, async () => {
      const publicKey = hexToBytes(out!.publicKey);
      const read = await readBlsKeyFile(`${given.content}\n`, given.passphrase, {
        bls: legacyBlsKeys,
        publicKey,
      });
      expect(read.format).toBe('legacy');
      expect(bytesToPlainHex(read.secretKey)).toBe(out!.secretKey);
      expect(bytesToPlainHex(read.publicKey!)).toBe(out!.publicKey);
      expect(read.warnings).toContain('passphrase-not-stretched');
      expect(read.warnings.includes('empty-passphrase')).toBe(given.passphrase === '');
      const binary = await readBlsKeyFile(hexToBytes(given.content), given.passphrase);
      expect(binary.format).toBe('legacy-binary');
      expect(bytesToPlainHex(binary.secretKey)).toBe(out!.secretKey);
      expect(binary.warnings).toContain('public-key-not-checked');
    });
  }
});

describe('shard of a BLS key', () => {
  for (const { name, in: given, out } of loadVectors<
    { publicKey: string },
    { of2: number; of3: number; of4: number; of250: number }
  >(import.meta.url, 'bls-key-shard', {
    in: ['publicKey'],
    out: ['of2', 'of3', 'of4', 'of250'],
  })) {
    test(name, () => {
      const key = hexToBytes(given.publicKey);
      expect({
        of2: shardOfBlsKey(key, 2),
        of3: shardOfBlsKey(key, 3),
        of4: shardOfBlsKey(key, 4),
        of250: shardOfBlsKey(key, 250),
      }).toEqual(out);
    });
  }
});
