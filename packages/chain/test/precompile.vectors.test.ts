import { createHash } from 'node:crypto';
import { nobleEngine } from '@polyphony/crypto';
import { createWasmEngine } from '@polyphony/crypto/wasm';
import { bytesToHex, hexToBytes } from '@polyphony/primitives';
import { loadVectors, propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeEpochResult,
  EPOCH_PRECOMPILE,
  encodeEpochResult,
  encodeRecoverKeyCall,
  encodeVrfCall,
  pureCallGas,
  RECOVER_KEY_PRECOMPILE,
  runRecoverKeyPrecompile,
  runSha3Precompile,
  SHA3_PRECOMPILE,
  VRF_PRECOMPILE,
  vrfBlockOf,
  vrfResultOf,
} from '../src/index.js';

type Data = { data: string };
type Output = { output: string };
const FIELDS = { in: ['data'], out: ['output'] };

describe('vectors', () => {
  for (const { name, in: given, out } of loadVectors<Data, Output>(
    import.meta.url,
    'precompile-sha3',
    FIELDS,
  ))
    test(name, () => {
      expect(bytesToHex(runSha3Precompile(hexToBytes(given.data)))).toBe(out!.output);
    });

  for (const { name, in: given, out } of loadVectors<Data, Output>(
    import.meta.url,
    'precompile-recover-key',
    FIELDS,
  ))
    test(name, () => {
      expect(bytesToHex(runRecoverKeyPrecompile(hexToBytes(given.data)))).toBe(out!.output);
    });
});

test('SHA3-256 is that of the platform', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (input) => {
      const expected = createHash('sha3-256').update(input).digest();
      expect(Buffer.from(runSha3Precompile(input)).equals(expected)).toBe(true);
    }),
    propertyRuns(100),
  );
});

describe('recovery of a public key', () => {
  const secretKey = new Uint8Array(32).fill(7);
  const digest = nobleEngine.keccak256(Uint8Array.of(1));
  const { r, s, recovery } = nobleEngine.signDigest(digest, secretKey);
  const call = { digest: bytesToHex(digest), r, s, recovery };
  const key = nobleEngine.getPublicKey(secretKey);
  const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

  test('of a signature, in both engines', async () => {
    const input = encodeRecoverKeyCall(call);
    expect(input).toHaveLength(128);
    expect(runRecoverKeyPrecompile(input)).toEqual(key);
    expect(runRecoverKeyPrecompile(input, await createWasmEngine())).toEqual(key);
  });

  test('with a high s, and bytes behind', () => {
    const high = { ...call, s: ORDER - s, recovery: (1 - recovery) as 0 | 1 };
    const input = encodeRecoverKeyCall(high);
    expect(runRecoverKeyPrecompile(input)).toEqual(key);
    expect(runRecoverKeyPrecompile(Uint8Array.from([...input, 1, 2, 3]))).toEqual(key);
  });

  test.each([
    ['nothing', new Uint8Array(0)],
    ['v 27', encodeRecoverKeyCall(call).with(63, 27 + recovery)],
    ['a byte before v', encodeRecoverKeyCall(call).with(32, 1)],
    ['r zero', encodeRecoverKeyCall({ ...call, r: 0n })],
    ['s zero', encodeRecoverKeyCall({ ...call, s: 0n })],
    ['r above the order', encodeRecoverKeyCall({ ...call, r: ORDER })],
    ['s above the order', encodeRecoverKeyCall({ ...call, s: ORDER })],
    ['r without a point', encodeRecoverKeyCall({ ...call, r: 5n })],
  ])('is empty for %s', (_name, input) => {
    expect(runRecoverKeyPrecompile(input)).toHaveLength(0);
  });
});

test('the epoch is a word', () => {
  expect(bytesToHex(encodeEpochResult(689n))).toBe(`0x${'2b1'.padStart(64, '0')}`);
  expect(decodeEpochResult(encodeEpochResult(689n))).toBe(689n);
  expect(() => decodeEpochResult(new Uint8Array(31))).toThrow('an epoch has 32 bytes, got 31');
});

test.each([
  // asked, current, earlier ones allowed, answered
  [undefined, 1000n, true, 1000n],
  [1000n, 1000n, true, 1000n],
  [999n, 1000n, true, 999n],
  [744n, 1000n, true, 744n],
  [743n, 1000n, true, 1000n],
  [1001n, 1000n, true, 1000n],
  [0n, 1000n, true, 1000n],
  [0n, 200n, true, 0n],
  [2n ** 256n - 1n, 1000n, true, 1000n],
  [999n, 1000n, false, 1000n],
])(
  'random bytes of block %s asked for in block %s (earlier: %s) are those of %s',
  (asked, current, previous, answered) => {
    expect(vrfBlockOf(encodeVrfCall(asked), current, previous)).toBe(answered);
  },
);

test('the answer is the first 32 bytes of the field, or zeros', () => {
  const field = Uint8Array.from({ length: 128 }, (_, i) => i);
  expect(vrfResultOf(field)).toEqual(field.slice(0, 32));
  expect(vrfResultOf(new Uint8Array(0))).toEqual(new Uint8Array(32));
  expect(vrfResultOf(field.slice(0, 31))).toEqual(new Uint8Array(32));
});

test('gas and addresses', () => {
  expect([0, 1, 32, 33].map((length) => pureCallGas('sha3', length))).toEqual([30n, 36n, 36n, 42n]);
  expect(pureCallGas('recover-key', 128)).toBe(3000n);
  expect([pureCallGas('epoch', 9), pureCallGas('vrf', 32)]).toEqual([2n, 2n]);
  const last = (address: string): string => address.slice(-2);
  expect(
    [EPOCH_PRECOMPILE, SHA3_PRECOMPILE, RECOVER_KEY_PRECOMPILE, VRF_PRECOMPILE].map(last),
  ).toEqual(['fb', 'fd', 'fe', 'ff']);
});
