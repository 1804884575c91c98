import { inspect } from 'node:util';
import { hexToBytes } from '@polyphony/primitives';
import { mutateBytes, rejectedCode, seededRandom } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { accountFromSecretKey, decryptKeystore, encryptKeystore } from '../src/index.js';

const SECRET = hexToBytes('1f84c95ac16e6a50f08d44c7bde7aff8742212fda6e4321fde48bf83bef266dc');
const LIGHT = { n: 4096, r: 8, p: 1 };

/** A small file: the 30-byte key of the upstream test data, with n 2. */
const FILE = {
  crypto: {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: '3ca92af36ad7c2cd92454c59cea5ef00' },
    ciphertext: '108b7d34f3442fc26ab1ab90ca91476ba6bfa8c00975a49ef9051dc675aa',
    kdf: 'scrypt',
    kdfparams: {
      dklen: 32,
      n: 2,
      r: 8,
      p: 1,
      salt: 'd0769e608fb86cda848065642a9c6fa046845c928175662b8e356c77f914cd3b',
    },
    mac: '75d0e6759f7b3cefa319c3be41680ab6beea7d8328653474bd06706d4cc67420',
  },
  id: 'a37e1559-5955-450d-8075-7b8931b392b2',
  version: 3,
};

type Change = (file: { [name: string]: never } & typeof FILE) => void;
function changed(change: Change): object {
  const copy = structuredClone(FILE) as never;
  change(copy);
  return copy;
}

describe('writing and reading', () => {
  test('round trip, with what a file shows', async () => {
    const file = await encryptKeystore(SECRET, 'pass ✓', { cost: LIGHT });
    expect(file.version).toBe(3);
    expect(file.id).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(`0x${file.address}`).toBe(accountFromSecretKey(SECRET).address);
    expect(await decryptKeystore(JSON.stringify(file), 'pass ✓')).toEqual(SECRET);
    expect(await decryptKeystore(file, new TextEncoder().encode('pass ✓'))).toEqual(SECRET);
    expect(await rejectedCode(decryptKeystore(file, 'pass'))).toBe('accounts/wrong-password');
    expect(JSON.stringify(file)).not.toContain('1f84c95a');
  });

  test('two files of one key share nothing', async () => {
    const [a, b] = await Promise.all([
      encryptKeystore(SECRET, 'x', { cost: LIGHT }),
      encryptKeystore(SECRET, 'x', { cost: LIGHT }),
    ]);
    expect(a.crypto.ciphertext).not.toBe(b.crypto.ciphertext);
    expect(a.crypto.kdfparams.salt).not.toBe(b.crypto.kdfparams.salt);
    expect(a.id).not.toBe(b.id);
  });

  test('given random bytes give a given file', async () => {
    const random = (length: number) => new Uint8Array(length).fill(length);
    const [a, b] = await Promise.all([
      encryptKeystore(SECRET, 'x', { cost: LIGHT, random }),
      encryptKeystore(SECRET, 'x', { cost: LIGHT, random }),
    ]);
    expect(a).toEqual(b);
    expect(a.crypto.cipherparams.iv).toBe('10'.repeat(16));
  });

  test('the key of the caller is not changed, also when it changes meanwhile', async () => {
    const key = Uint8Array.from(SECRET);
    const writing = encryptKeystore(key, 'x', { cost: LIGHT });
    key.fill(0);
    expect(await decryptKeystore(await writing, 'x')).toEqual(SECRET);
  });

  test('progress is told', async () => {
    const told: number[] = [];
    const onProgress = (done: number) => told.push(done);
    await encryptKeystore(SECRET, 'x', { cost: LIGHT, onProgress });
    expect(told.at(-1)).toBe(1);
  });

  test('weak or impossible costs are not written', async () => {
    for (const cost of [
      { n: 2048, r: 8, p: 1 },
      { n: 5000, r: 8, p: 1 },
      { n: 4096, r: 0, p: 1 },
      { n: 4096, r: 8, p: 1.5 },
    ]) {
      expect(await rejectedCode(encryptKeystore(SECRET, 'x', { cost }))).toBe(
        'accounts/invalid-option',
      );
    }
  });

  test('what is no key is not written', async () => {
    for (const key of [new Uint8Array(32), new Uint8Array(31).fill(1), new Uint8Array(0)]) {
      expect(await rejectedCode(encryptKeystore(key, 'x'))).toBe('accounts/invalid-secret-key');
    }
  });
});

describe('older spellings', () => {
  test('a capital in crypto', async () => {
    const { crypto, ...rest } = FILE;
    expect(await decryptKeystore({ ...rest, Crypto: crypto }, 'foo')).toHaveLength(32);
    expect(await rejectedCode(decryptKeystore({ ...FILE, Crypto: crypto }, 'foo'))).toBe(
      'accounts/invalid-keystore',
    );
  });

  test('addresses in every form, and a wrong one', async () => {
    const key = await decryptKeystore(FILE, 'foo');
    const { address } = accountFromSecretKey(key);
    for (const spelling of [address, address.slice(2), address.slice(2).toUpperCase(), '', null])
      expect(await decryptKeystore({ ...FILE, address: spelling }, 'foo')).toEqual(key);
    const other = '14791697260e4c9a71f18484c9f997b308e59325';
    expect(await rejectedCode(decryptKeystore({ ...FILE, address: other }, 'foo'))).toBe(
      'accounts/address-mismatch',
    );
    expect(await rejectedCode(decryptKeystore({ ...FILE, address: 'x' }, 'foo'))).toBe(
      'accounts/invalid-keystore',
    );
  });
});

describe('files that are refused before anything is derived', () => {
  const cases: [string, object, string][] = [
    ['no file', {}, 'accounts/invalid-keystore'],
    ['version 1', { ...FILE, version: 1 }, 'accounts/unsupported-keystore'],
    ['version as text', { ...FILE, version: '3' }, 'accounts/unsupported-keystore'],
    ['no version', { ...FILE, version: undefined }, 'accounts/invalid-keystore'],
    ['no crypto', { ...FILE, crypto: undefined }, 'accounts/invalid-keystore'],
    ['crypto as list', { ...FILE, crypto: [] }, 'accounts/invalid-keystore'],
  ];
  const crypto: [string, Change, string][] = [
    ['another cipher', (f) => Object.assign(f.crypto, { cipher: 'aes-256-ctr' }), 'unsupported'],
    ['no cipher', (f) => Object.assign(f.crypto, { cipher: 1 }), 'invalid'],
    ['another kdf', (f) => Object.assign(f.crypto, { kdf: 'argon2id' }), 'unsupported'],
    ['kdf of the prototype', (f) => Object.assign(f.crypto, { kdf: '__proto__' }), 'unsupported'],
    ['a short iv', (f) => Object.assign(f.crypto.cipherparams, { iv: '00' }), 'invalid'],
    [
      'an iv with 0x',
      (f) => Object.assign(f.crypto.cipherparams, { iv: `0x${'00'.repeat(15)}` }),
      'invalid',
    ],
    ['no ciphertext', (f) => Object.assign(f.crypto, { ciphertext: '' }), 'invalid'],
    [
      '33 bytes of ciphertext',
      (f) => Object.assign(f.crypto, { ciphertext: '00'.repeat(33) }),
      'invalid',
    ],
    [
      'half a digit of ciphertext',
      (f) => Object.assign(f.crypto, { ciphertext: '000' }),
      'invalid',
    ],
    ['a short MAC', (f) => Object.assign(f.crypto, { mac: '00' }), 'invalid'],
    ['no MAC', (f) => Object.assign(f.crypto, { mac: undefined }), 'invalid'],
    ['a dklen too small', (f) => Object.assign(f.crypto.kdfparams, { dklen: 16 }), 'invalid'],
    ['a dklen too large', (f) => Object.assign(f.crypto.kdfparams, { dklen: 2 ** 30 }), 'invalid'],
    ['no salt', (f) => Object.assign(f.crypto.kdfparams, { salt: undefined }), 'invalid'],
    [
      'an endless salt',
      (f) => Object.assign(f.crypto.kdfparams, { salt: '00'.repeat(2000) }),
      'invalid',
    ],
    ['n as text', (f) => Object.assign(f.crypto.kdfparams, { n: '2' }), 'invalid'],
    ['n 0', (f) => Object.assign(f.crypto.kdfparams, { n: 0 }), 'invalid'],
    ['n 1', (f) => Object.assign(f.crypto.kdfparams, { n: 1 }), 'invalid'],
    ['n no power of two', (f) => Object.assign(f.crypto.kdfparams, { n: 3 }), 'invalid'],
    ['n negative', (f) => Object.assign(f.crypto.kdfparams, { n: -2 }), 'invalid'],
    ['r 0', (f) => Object.assign(f.crypto.kdfparams, { r: 0 }), 'invalid'],
    ['p 0', (f) => Object.assign(f.crypto.kdfparams, { p: 0 }), 'invalid'],
    ['2 GiB', (f) => Object.assign(f.crypto.kdfparams, { n: 2 ** 21 }), 'costly'],
    ['2 GiB by r', (f) => Object.assign(f.crypto.kdfparams, { n: 2, r: 2 ** 23 }), 'costly'],
    ['2 GiB by p', (f) => Object.assign(f.crypto.kdfparams, { n: 2, p: 2 ** 21 }), 'costly'],
    ['n 2^32', (f) => Object.assign(f.crypto.kdfparams, { n: 2 ** 32 }), 'costly'],
    ['hours of work', (f) => Object.assign(f.crypto.kdfparams, { n: 2 ** 16, p: 4096 }), 'costly'],
    [
      'many rounds',
      (f) =>
        Object.assign(f.crypto, {
          kdf: 'pbkdf2',
          kdfparams: { dklen: 32, salt: '', prf: 'hmac-sha256', c: 2 ** 31 },
        }),
      'costly',
    ],
    [
      'no rounds',
      (f) =>
        Object.assign(f.crypto, {
          kdf: 'pbkdf2',
          kdfparams: { dklen: 32, salt: '', prf: 'hmac-sha256', c: 0 },
        }),
      'invalid',
    ],
    [
      'another prf',
      (f) =>
        Object.assign(f.crypto, {
          kdf: 'pbkdf2',
          kdfparams: { dklen: 32, salt: '', prf: 'hmac-sha1', c: 1 },
        }),
      'unsupported',
    ],
  ];
  const codes: Record<string, string> = {
    invalid: 'accounts/invalid-keystore',
    unsupported: 'accounts/unsupported-keystore',
    costly: 'accounts/kdf-too-costly',
  };
  for (const [name, change, kind] of crypto) cases.push([name, changed(change), codes[kind]!]);

  test.each(cases)('%s', async (_, file, code) => {
    const started = performance.now();
    expect(await rejectedCode(decryptKeystore(file, 'foo'))).toBe(code);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test.each([
    ['no JSON', 'x'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a huge text', `"${'x'.repeat(100_000)}"`],
  ])('%s', async (_, text) => {
    expect(await rejectedCode(decryptKeystore(text, 'foo'))).toBe('accounts/invalid-keystore');
  });

  test('members of a prototype are not members of the file', async () => {
    const file = Object.create(FILE) as object;
    expect(await rejectedCode(decryptKeystore(file, 'foo'))).toBe('accounts/invalid-keystore');
  });
});

describe('files that were changed', () => {
  test.each([
    [
      'ciphertext',
      (f: typeof FILE) =>
        Object.assign(f.crypto, { ciphertext: `11${f.crypto.ciphertext.slice(2)}` }),
    ],
    [
      'a ciphertext cut short',
      (f: typeof FILE) => Object.assign(f.crypto, { ciphertext: f.crypto.ciphertext.slice(2) }),
    ],
    ['MAC', (f: typeof FILE) => Object.assign(f.crypto, { mac: '00'.repeat(32) })],
    ['salt', (f: typeof FILE) => Object.assign(f.crypto.kdfparams, { salt: '00'.repeat(32) })],
    ['cost', (f: typeof FILE) => Object.assign(f.crypto.kdfparams, { n: 4 })],
  ] as const)('%s', async (_, change) => {
    expect(await rejectedCode(decryptKeystore(changed(change as Change), 'foo'))).toBe(
      'accounts/wrong-password',
    );
  });

  test('a wrong iv, which the MAC does not cover, is caught by the address', async () => {
    const { address } = accountFromSecretKey(await decryptKeystore(FILE, 'foo'));
    const file = changed((f) => Object.assign(f.crypto.cipherparams, { iv: '00'.repeat(16) }));
    expect(await rejectedCode(decryptKeystore({ ...file, address }, 'foo'))).toBe(
      'accounts/address-mismatch',
    );
  });

  test('changed texts never give another key than the right one, or one without an address', async () => {
    const key = await decryptKeystore(FILE, 'foo');
    const text = JSON.stringify({ ...FILE, address: accountFromSecretKey(key).address.slice(2) });
    const random = seededRandom(20);
    for (let i = 0; i < 300; i++) {
      const bytes = mutateBytes(new TextEncoder().encode(text), random);
      const mutated = new TextDecoder().decode(bytes);
      try {
        const read = await decryptKeystore(mutated, 'foo');
        if (mutated.includes('"address"')) expect(read).toEqual(key);
      } catch (error) {
        expect((error as { code?: string }).code).toMatch(/^accounts\//);
        expect(inspect(error)).not.toContain('foo ');
      }
    }
  });
});

describe('passwords', () => {
  test('too long or of another type', async () => {
    expect(await rejectedCode(decryptKeystore(FILE, 'x'.repeat(70_000)))).toBe(
      'accounts/invalid-option',
    );
    await expect(decryptKeystore(FILE, 1 as never)).rejects.toThrow(TypeError);
  });
});
