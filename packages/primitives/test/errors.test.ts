import { packageFolder, unreadVectorFiles } from '@polyphony/testkit';
import { expect, test } from 'vitest';
import {
  isProtocolError,
  PrimitivesError,
  type PrimitivesErrorDetails,
  ProtocolError,
} from '../src/errors.js';
import { bytesToHex } from '../src/hex.js';
import { keccak256 } from '../src/keccak.js';

test('every code has its sentence', () => {
  const details: readonly PrimitivesErrorDetails[] = [
    { code: 'primitives/invalid-hex', reason: 'hex is wrong' },
    { code: 'primitives/invalid-length', what: 'hash', expected: 32, actual: 31 },
    { code: 'primitives/out-of-range', what: 'integer', reason: 'must fit 8 bytes' },
    { code: 'primitives/invalid-address', reason: 'address is wrong' },
    { code: 'primitives/invalid-amount', reason: 'amount is wrong' },
    { code: 'primitives/invalid-decimal', reason: 'decimal is wrong' },
    { code: 'primitives/decimal-overflow', reason: 'decimal is large' },
    { code: 'primitives/division-by-zero', reason: 'divisor is zero' },
    { code: 'primitives/invalid-rlp', reason: 'cut', offset: 3 },
  ];
  expect(details.map((detail) => new PrimitivesError(detail).message)).toEqual([
    'hex is wrong',
    'hash must be 32 bytes, got 31',
    'integer must fit 8 bytes',
    'address is wrong',
    'amount is wrong',
    'decimal is wrong',
    'decimal is large',
    'divisor is zero',
    'invalid RLP at byte 3: cut',
  ]);
});

test('an error is known by its code, also from another copy of the package', () => {
  const error = new PrimitivesError({ code: 'primitives/invalid-hex', reason: 'no' });
  expect(error).toBeInstanceOf(ProtocolError);
  expect([error.name, error.code]).toEqual(['PrimitivesError', 'primitives/invalid-hex']);
  expect(isProtocolError(error)).toBe(true);
  const foreign = Object.assign(new Error('x'), { details: { code: 'bls/invalid-length' } });
  expect(isProtocolError(foreign)).toBe(true);
  expect([new Error('x'), { details: { code: 'a/b' } }, null, 'x'].some(isProtocolError)).toBe(
    false,
  );
});

test('keccak with the original padding', () => {
  expect(bytesToHex(keccak256(new Uint8Array(0)))).toBe(
    '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
  );
});

test('every vector file is read', () => {
  expect(unreadVectorFiles(packageFolder(import.meta.url))).toEqual([]);
});
