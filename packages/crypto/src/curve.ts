/**
 * secp256k1 from the parts of `@noble/curves`, by its parameters. The library's own module of the curve
 * brings Schnorr signatures, threshold signatures and hashing to the curve with it, which nobody
 * here uses and which take as long to import as all of this package. Internal.
 *
 * @source SEC 2, section 2.4.1
 */
import { type ECDSA, ecdsa, weierstrass } from '@noble/curves/abstract/weierstrass.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { SECP256K1_ORDER } from './checks.js';

/** A value that is made when it is first asked for. */
function once<T>(make: () => T): () => T {
  let value: T | undefined;
  return () => {
    value ??= make();
    return value;
  };
}

/**
 * ECDSA over secp256k1, made with the first use and not with the import: the library draws random bytes
 * to see whether it can blind secret scalars.
 *
 * `endo` lets a multiplication be done as two of half the length: `beta` is a cube root of one in the
 * field, the basis one of the short vectors `(a, b)` with `a + b·lambda = 0` modulo the order.
 */
export const secp256k1: () => ECDSA = once(() =>
  ecdsa(
    weierstrass(
      {
        p: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn,
        n: SECP256K1_ORDER,
        h: 1n,
        a: 0n,
        b: 7n,
        Gx: 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n,
        Gy: 0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n,
      },
      {
        endo: {
          beta: 0x7ae96a2b657c07106e64479eac3434e99cf0497512f58995c1396c28719501een,
          basises: [
            [0x3086d221a7d46bcde86c90e49284eb15n, -0xe4437ed6010e88286f547fa90abfe4c3n],
            [0x114ca50f7a8e2f3f657c1108d9d44cfd8n, 0x3086d221a7d46bcde86c90e49284eb15n],
          ],
        },
      },
    ),
    sha256,
  ),
);
