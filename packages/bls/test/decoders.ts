/** Every decoder of the package with valid inputs: what the hostile-input tests run over. */
import { type Bls, BlsError, parsePublicKey, parseSecretKey, parseSignature } from '@polyphony/bls';
import { bitmapFromIndices, bitmapIndices } from '@polyphony/bls/bitmap';
import type { FuzzTarget } from '@polyphony/testkit';
import { text as plainHex } from './engines.js';

/** Bytes 1 to n, so that no two samples are equal. */
function secret(bls: Bls, n: number): Uint8Array {
  const key = new Uint8Array(32);
  key[bls.suite === 'harmony' ? 0 : 31] = n;
  return key;
}

/**
 * Keys and signatures as bytes: what is accepted must be the sum of itself alone, in the same bytes.
 */
export function pointTargets(name: string, bls: Bls): readonly FuzzTarget[] {
  const secrets = [1, 2, 77].map((n) => secret(bls, n));
  const message = new Uint8Array(32).fill(5);
  // Nothing here is due to length: a point costs a square root and a check of its order.
  const costs = { refusal: BlsError, baseMs: 60, allocates: true };
  return [
    {
      ...costs,
      name: `public key, ${name}`,
      samples: secrets.map((key) => bls.getPublicKey(key)),
      run: (bytes) => {
        bls.assertValidPublicKey(bytes);
        return bls.aggregatePublicKeys([bytes]);
      },
    },
    {
      ...costs,
      name: `signature, ${name}`,
      samples: secrets.map((key) => bls.sign(message, key)),
      run: (bytes) => {
        bls.assertValidSignature(bytes);
        return bls.aggregateSignatures([bytes]);
      },
    },
  ];
}

/** Bytes as text of one character each. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function bitmaps(signers: number, samples: readonly (readonly number[])[]): FuzzTarget {
  return {
    name: `bitmap of ${signers}`,
    samples: samples.map((indices) => bitmapFromIndices(indices, signers)),
    refusal: BlsError,
    run: (bytes) => bitmapFromIndices(bitmapIndices(bytes, signers), signers),
  };
}

function digits(
  name: string,
  length: number,
  parse: (text: string) => Uint8Array,
  samples: readonly Uint8Array[],
): FuzzTarget {
  return {
    name,
    samples: samples.map((bytes) => Buffer.from(plainHex(bytes))),
    refusal: BlsError,
    run: (bytes) => {
      const given = textOf(bytes).toLowerCase();
      const value = plainHex(parse(textOf(bytes)));
      if (value.length !== 2 * length) throw new Error('another length');
      return value === given || `0x${value}` === given ? undefined : Buffer.from(value);
    },
  };
}

/** Decoders that need no engine. */
export function plainTargets(): readonly FuzzTarget[] {
  const small = new Uint8Array(32);
  small[0] = 5;
  return [
    bitmaps(1, [[], [0]]),
    bitmaps(12, [
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
      [3, 11],
    ]),
    bitmaps(250, [[0, 7, 8, 100, 249], Array.from({ length: 250 }, (_, i) => i)]),
    digits('secret key digits', 32, (text) => parseSecretKey(text, 'harmony'), [small]),
    digits('public key digits', 48, parsePublicKey, [new Uint8Array(48).fill(0xab)]),
    digits('signature digits', 96, parseSignature, [new Uint8Array(96).fill(0xcd)]),
  ];
}
