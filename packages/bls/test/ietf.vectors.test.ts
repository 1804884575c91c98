/** The IETF ciphersuite on every engine against bytes of other implementations. */
import { provePossession, verifyPossession } from '@polyphony/bls';
import { loadVectors } from '@polyphony/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Bls } from '../src/bls.js';
import { codeOf, hex, ietfEngines, text } from './engines.js';

const sign = loadVectors<
  { secretKey: string; message: string },
  { publicKey: string; signature: string }
>(import.meta.url, 'ietf-sign', { in: ['secretKey', 'message'], out: ['publicKey', 'signature'] });
const possession = loadVectors<
  { secretKey: string; account: `0x${string}` },
  { publicKey: string; proof: string; accountProof: string }
>(import.meta.url, 'ietf-possession', {
  in: ['secretKey', 'account'],
  out: ['publicKey', 'proof', 'accountProof'],
});
const decode = loadVectors<{ type: string; bytes: string }, { identity: boolean }>(
  import.meta.url,
  'ietf-decode',
  { in: ['type', 'bytes'], out: ['identity'] },
);

describe.each(ietfEngines)('ietf on %s', (name, create) => {
  // Noble takes some 50 ms to verify, and makes the proofs of blst too: one case each there.
  const few = <T>(cases: readonly T[]): readonly T[] =>
    name === 'mcl-wasm' ? cases : cases.slice(0, 1);
  let bls: Bls;
  beforeAll(async () => {
    bls = await create();
  });

  test.each(sign)('sign: $name', ({ in: given, out }) => {
    const signature = bls.sign(hex(given.message), hex(given.secretKey));
    expect(text(signature)).toBe(out!.signature);
    expect(text(bls.getPublicKey(hex(given.secretKey)))).toBe(out!.publicKey);
    if (name === 'noble') return;
    expect(bls.verify(signature, hex(given.message), hex(out!.publicKey))).toBe(true);
    expect(bls.verify(signature, hex(`${given.message}00`), hex(out!.publicKey))).toBe(false);
  });

  test.each(few(possession))(
    'proof of possession: $name',
    ({ in: { secretKey, account }, out }) => {
      expect(text(provePossession(bls, hex(secretKey)))).toBe(out!.proof);
      expect(text(provePossession(bls, hex(secretKey), account))).toBe(out!.accountProof);
      const publicKey = hex(out!.publicKey);
      expect(verifyPossession(bls, hex(out!.proof), publicKey)).toBe(true);
      expect(verifyPossession(bls, hex(out!.accountProof), publicKey, account)).toBe(true);
      expect(verifyPossession(bls, hex(out!.accountProof), publicKey)).toBe(false);
    },
  );

  test.each(decode)('decode: $name', ({ in: { type, bytes }, out, error }) => {
    const given = hex(bytes);
    const check = (allowIdentity: boolean): string =>
      codeOf(() => {
        if (type === 'secretKey') bls.getPublicKey(given);
        else if (type === 'publicKey') bls.assertValidPublicKey(given, { allowIdentity });
        else bls.assertValidSignature(given, { allowIdentity });
      });
    expect(check(true)).toBe(error ?? 'nothing thrown');
    expect(check(false)).toBe(error ?? (out!.identity ? 'bls/identity' : 'nothing thrown'));
  });

  test('a message longer than any buffer', () => {
    const secretKey = hex(sign[0]!.in.secretKey);
    const message = new Uint8Array(3_000_000).fill(7);
    const signature = bls.sign(message, secretKey);
    expect(bls.verify(signature, message, bls.getPublicKey(secretKey))).toBe(true);
    message[2_999_999] = 8;
    expect(bls.verify(signature, message, bls.getPublicKey(secretKey))).toBe(false);
  });
});
