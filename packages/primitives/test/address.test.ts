import { loadVectors, propertyRuns } from '@polyphony/testkit';
import { getAddress } from 'ethers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Address, addressFromBytes, addressToBytes, ZERO_ADDRESS } from '../src/address.js';
import {
  checksumAddress,
  formatOneAddress,
  isBech32Address,
  parseAddress,
  parseOneAddress,
} from '../src/address-text.js';
import { bytesToHex } from '../src/hex.js';
import { codeOf } from './caught.js';

describe('an address as text', () => {
  type Out = { one?: string; tone?: string; eip55?: string };
  for (const { name, in: given, out } of loadVectors<{ address: Address }, Out>(
    import.meta.url,
    'address-text',
    { in: ['address'], out: ['one', 'tone', 'eip55'] },
  )) {
    test(name, () => {
      const { address } = given;
      if (out!.eip55 !== undefined) {
        expect(checksumAddress(address)).toBe(out!.eip55);
        expect(parseAddress(out!.eip55)).toBe(address);
      }
      if (out!.one !== undefined) {
        expect(formatOneAddress(address)).toBe(out!.one);
        expect(out!.one).toHaveLength(42);
        expect(parseOneAddress(out!.one)).toBe(address);
        expect(parseAddress(out!.one)).toBe(address);
      }
      if (out!.tone !== undefined) {
        expect(formatOneAddress(address, 'tone')).toBe(out!.tone);
        expect(parseOneAddress(out!.tone, 'tone')).toBe(address);
        expect(codeOf(() => parseOneAddress(out!.tone!))).toBe('primitives/invalid-address');
        expect(isBech32Address(out!.tone)).toBe(true);
      }
    });
  }
});

describe('text as an address', () => {
  for (const { name, in: given, out, error } of loadVectors<{ text: string }, { address: Address }>(
    import.meta.url,
    'address-parse',
    { in: ['text'], out: ['address'] },
  )) {
    test(name, () => {
      if (error !== undefined) expect(codeOf(() => parseAddress(given.text))).toBe(error);
      else expect(parseAddress(given.text)).toBe(out!.address);
    });
  }
});

describe('which bech32 text counts as an address', () => {
  for (const { name, in: given, out } of loadVectors<{ text: string }, { valid: boolean }>(
    import.meta.url,
    'bech32-check',
    { in: ['text'], out: ['valid'] },
  )) {
    test(name, () => expect(isBech32Address(given.text)).toBe(out!.valid));
  }
});

const address = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes) => addressFromBytes(bytes));

test('every form comes back, and the checksum is that of ethers', () => {
  fc.assert(
    fc.property(address, (value) => {
      const one = formatOneAddress(value);
      const checksum = checksumAddress(value);
      expect(checksum).toBe(getAddress(value));
      for (const text of [
        one,
        one.toUpperCase(),
        checksum,
        value,
        `0x${value.slice(2).toUpperCase()}`,
      ]) {
        expect(parseAddress(text)).toBe(value);
      }
      expect(bytesToHex(addressToBytes(value))).toBe(value);
    }),
    propertyRuns(300),
  );
});

test('changing any one to four characters of a one1 address is noticed', () => {
  const alphabet = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
  fc.assert(
    fc.property(
      address,
      fc.uniqueArray(fc.integer({ min: 4, max: 41 }), { minLength: 1, maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 31 }), { minLength: 4, maxLength: 4 }),
      (value, places, shifts) => {
        const letters = [...formatOneAddress(value)];
        places.forEach((place, i) => {
          const index = alphabet.indexOf(letters[place]!);
          letters[place] = alphabet[(index + shifts[i]!) % 32]!;
        });
        expect(codeOf(() => parseAddress(letters.join('')))).toBe('primitives/invalid-address');
      },
    ),
    propertyRuns(500),
  );
});

test('any text is an address or refused with the right error', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `one1${text}`),
      ),
      (text) => {
        expect(codeOf(() => parseAddress(text))).toBe('primitives/invalid-address');
        expect(isBech32Address(text)).toBe(false);
      },
    ),
    propertyRuns(500),
  );
});

test('bytes of another length and text of another form', () => {
  expect(codeOf(() => addressFromBytes(new Uint8Array(19)))).toBe('primitives/invalid-length');
  expect(codeOf(() => addressToBytes('0x00'))).toBe('primitives/invalid-length');
  expect(codeOf(() => formatOneAddress('0x00'))).toBe('primitives/invalid-length');
  expect(codeOf(() => checksumAddress(`0x${'zz'.repeat(20)}`))).toBe('primitives/invalid-hex');
  expect(addressToBytes(ZERO_ADDRESS)).toEqual(new Uint8Array(20));
});

test('bytes are not text', () => {
  expect(codeOf(() => parseAddress(new Uint8Array(20) as unknown as string))).toBe('TypeError');
});
