import { harmonyBls } from '@polyphony/bls';
import { bytesToPlainHex, hexToBytes } from '@polyphony/primitives';
import { loadVectors, packageFolder, unreadVectorFiles } from '@polyphony/testkit';
import { expect, test } from 'vitest';
import { evaluateVrf, verifyVrf, vrfMessage, vrfOutput } from '../src/index.js';

interface In {
  readonly publicKey: string;
  readonly parentHash: string;
  readonly headerField: string;
  readonly secretKey?: string;
}
interface Out {
  readonly valid: boolean;
  readonly alphaHash?: string;
  readonly beta?: string;
  readonly proof?: string;
}

const bls = harmonyBls();

for (const { name, in: given, out } of loadVectors<In, Out>(import.meta.url, 'vrf', {
  in: ['publicKey', 'parentHash', 'headerField', 'secretKey'],
  out: ['valid', 'alphaHash', 'beta', 'proof'],
})) {
  test(name, () => {
    const field = hexToBytes(given.headerField);
    const parentHash = hexToBytes(given.parentHash);
    expect(verifyVrf(bls, hexToBytes(given.publicKey), parentHash, field)).toBe(out!.valid);
    if (!out!.valid) return;
    expect(bytesToPlainHex(vrfMessage(parentHash))).toBe(out!.alphaHash);
    expect(bytesToPlainHex(vrfOutput(field))).toBe(out!.beta);
    expect(bytesToPlainHex(field.subarray(32))).toBe(out!.proof);
    if (given.secretKey !== undefined) {
      expect(evaluateVrf(bls, hexToBytes(given.secretKey), parentHash)).toEqual(field);
    }
  });
}

test('every vector file is read', () => {
  expect(unreadVectorFiles(packageFolder(import.meta.url))).toEqual([]);
});
