/**
 * Public keys of the network's own BLS suite, computed from its generator: enough of a BLS
 * implementation for key files, independent of the one the network packages use.
 */
import { bls12_381 } from '@noble/curves/bls12-381.js';
import type { BlsKeys } from '../src/index.js';

const { G1, fields } = bls12_381;
const ORDER = fields.Fr.ORDER;
const GENERATOR = G1.Point.fromAffine({
  x: 0x04f58f3d9ee829f9a853f80b0e32c2981be883a537f0c21ad4af17be22e6e9959915ec21b7f9d8cc4c7315f31f3600e5n,
  y: 0x1212110eb10dbc575bccc44dcd77400f38282c4728b5efac69c0b4c9011bd27b8ed608acd81f027039216a291ac636a8n,
});

function scalarOf(secretKey: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(secretKey).reverse().toString('hex')}`);
}

/** Little-endian scalars and coordinates; the top bit says that y is odd. */
export const legacyBlsKeys: BlsKeys = {
  isValidSecretKey(bytes) {
    if (bytes.length !== 32) return false;
    const scalar = scalarOf(bytes);
    return scalar > 0n && scalar < ORDER;
  },
  getPublicKey(secretKey) {
    const { x, y } = GENERATOR.multiply(scalarOf(secretKey)).toAffine();
    const bytes = Uint8Array.from(Buffer.from(x.toString(16).padStart(96, '0'), 'hex')).reverse();
    if (y % 2n === 1n) bytes[47]! |= 0x80;
    return bytes;
  },
};
