import { bytesToPlainHex } from '@polyphony/primitives';
import { codeOf } from '@polyphony/testkit';
import { wordlist as spanish } from '@scure/bip39/wordlists/spanish.js';
import { describe, expect, test } from 'vitest';
import {
  accountFromMnemonic,
  accountPath,
  findDerivation,
  generateMnemonic,
  isMnemonic,
  mnemonicToSeed,
  parseMnemonic,
  secretKeyFromMnemonic,
} from '../src/index.js';

const ABANDON = `${'abandon '.repeat(11)}about`;
const JUNK = `${'test '.repeat(11)}junk`;

describe('mnemonics', () => {
  test('published entropy, words and seed', () => {
    expect(generateMnemonic({ words: 12, random: (length) => new Uint8Array(length) })).toBe(
      ABANDON,
    );
    expect(
      generateMnemonic({ words: 24, random: (length) => new Uint8Array(length).fill(255) }),
    ).toBe(`${'zoo '.repeat(23)}vote`);
    expect(bytesToPlainHex(mnemonicToSeed(ABANDON, 'TREZOR'))).toBe(
      'c55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e53495531f09a6987599d18264c1e1c92f2cf141630c7a3c4ab7c81b2f001698e7463b04',
    );
  });

  test.each([12, 15, 18, 21, 24] as const)('of %d words', (words) => {
    const mnemonic = generateMnemonic({ words });
    expect(mnemonic.split(' ')).toHaveLength(words);
    expect(isMnemonic(mnemonic)).toBe(true);
    expect(generateMnemonic({ words })).not.toBe(mnemonic);
  });

  test('spaces and capitals do not matter', () => {
    expect(parseMnemonic(`  ${ABANDON.toUpperCase().replaceAll(' ', ' \n')} `)).toBe(ABANDON);
  });

  test('another list', () => {
    const mnemonic = generateMnemonic({ words: 12, wordlist: spanish });
    expect(isMnemonic(mnemonic)).toBe(false);
    expect(isMnemonic(mnemonic, spanish)).toBe(true);
    expect(accountFromMnemonic(mnemonic, { wordlist: spanish }).address).toMatch(/^0x/);
  });

  test.each([
    ['nothing', ''],
    ['too few words', 'abandon abandon about'],
    ['13 words', `${ABANDON} abandon`],
    ['an unknown word', ABANDON.replace('about', 'aboutt')],
    ['a wrong checksum', ABANDON.replace('about', 'abandon')],
    ['words in another order', ABANDON.split(' ').reverse().join(' ')],
    ['a very long text', 'abandon '.repeat(1000)],
  ])('%s is none', (_, text) => {
    expect(isMnemonic(text)).toBe(false);
    expect(codeOf(() => parseMnemonic(text))).toBe('accounts/invalid-mnemonic');
    expect(codeOf(() => accountFromMnemonic(text))).toBe('accounts/invalid-mnemonic');
  });

  test('an error names no word', () => {
    const secret = ABANDON.replace('about', 'xylophon');
    expect(() => parseMnemonic(secret)).toThrow(/^word 12 is not in the word list$/);
  });

  test('wrong arguments', () => {
    expect(codeOf(() => generateMnemonic({ words: 13 as never }))).toBe(
      'accounts/invalid-mnemonic',
    );
    expect(codeOf(() => generateMnemonic({ random: () => new Uint8Array(1) }))).toBe(
      'accounts/invalid-option',
    );
    expect(() => parseMnemonic(12 as never)).toThrow(TypeError);
  });
});

describe('derivation', () => {
  test('coin type 60 is what Ethereum wallets have', () => {
    expect(accountFromMnemonic(JUNK, { coinType: 60 }).address).toBe(
      '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266',
    );
    expect(accountFromMnemonic(JUNK, { coinType: 60, index: 1 }).address).toBe(
      '0x70997970c51812dc3a010c7d01b50e0d17dc79c8',
    );
  });

  test('both coin types are found, others are not', () => {
    const harmony = accountFromMnemonic(JUNK, { index: 2 }).address;
    const ethereum = accountFromMnemonic(JUNK, { coinType: 60, index: 3 }).address;
    expect(findDerivation(JUNK, harmony)).toEqual({
      coinType: 1023,
      index: 2,
      path: "m/44'/1023'/0'/0/2",
    });
    expect(findDerivation(JUNK, ethereum)).toEqual({
      coinType: 60,
      index: 3,
      path: "m/44'/60'/0'/0/3",
    });
    expect(findDerivation(JUNK, ethereum, { indices: 3 })).toBeUndefined();
    expect(findDerivation(JUNK, ethereum, { passphrase: 'x' })).toBeUndefined();
  });

  test('a passphrase gives another wallet', () => {
    const plain = accountFromMnemonic(JUNK).address;
    expect(accountFromMnemonic(JUNK, { passphrase: 'x' }).address).not.toBe(plain);
  });

  test('a path and its parts give the same key', () => {
    const key = secretKeyFromMnemonic(JUNK, { path: accountPath(60, 5) });
    expect(key).toEqual(secretKeyFromMnemonic(JUNK, { coinType: 60, index: 5 }));
    expect(secretKeyFromMnemonic(JUNK, { path: 'm' })).toHaveLength(32);
  });

  test.each(['', 'm/', 'M/0', "44'/0", 'm//0', "m/0''", 'm/-1', 'm/2147483648', 'm/1e3', 'm/ 0'])(
    'path %j is refused',
    (path) => {
      expect(codeOf(() => secretKeyFromMnemonic(JUNK, { path }))).toBe('accounts/invalid-path');
    },
  );

  test('wrong arguments', () => {
    for (const index of [-1, 0.5, 2 ** 31, Number.NaN])
      expect(codeOf(() => accountPath(1023, index))).toBe('accounts/invalid-path');
    expect(codeOf(() => accountPath(61 as never))).toBe('accounts/invalid-path');
    expect(codeOf(() => secretKeyFromMnemonic(JUNK, { path: 'm/0', index: 0 }))).toBe(
      'accounts/invalid-option',
    );
    expect(codeOf(() => findDerivation(JUNK, '0x00', { indices: 0 }))).toBe(
      'accounts/invalid-option',
    );
  });
});
