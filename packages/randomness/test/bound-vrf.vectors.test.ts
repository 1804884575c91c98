import { type BlsSuite, harmonyBls, ietfBls } from '@polyphony/bls';
import { bytesToPlainHex, hexToBytes } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { expect, test } from 'vitest';
import { boundVrfMessage, boundVrfOutput, evaluateBoundVrf, verifyBoundVrf } from '../src/index.js';

interface In {
  readonly suite: BlsSuite;
  readonly secretKey: string;
  readonly input: string;
}
interface Out {
  readonly publicKey: string;
  readonly message: string;
  readonly proof: string;
  readonly output: string;
}

const suites = { ietf: ietfBls(), harmony: harmonyBls() };

test.each(
  loadVectors<In, Out>(import.meta.url, 'bound-vrf', {
    in: ['suite', 'secretKey', 'input'],
    out: ['publicKey', 'message', 'proof', 'output'],
  }),
)('$name', ({ in: { suite, secretKey, input }, out }) => {
  const bls = suites[suite];
  const key = hexToBytes(secretKey);
  const bytes = hexToBytes(input);
  const publicKey = bls.getPublicKey(key);
  expect(bytesToPlainHex(publicKey)).toBe(out!.publicKey);
  expect(bytesToPlainHex(boundVrfMessage(suite, publicKey, bytes))).toBe(out!.message);
  const proof = evaluateBoundVrf(bls, key, bytes);
  expect(bytesToPlainHex(proof)).toBe(out!.proof);
  expect(bytesToPlainHex(boundVrfOutput(suite, proof))).toBe(out!.output);
  expect(verifyBoundVrf(bls, publicKey, bytes, proof)).toBe(true);
});
