import { nobleEngine, SECP256K1_ORDER } from '@polyphony/crypto';
import { bigIntToBytes, bytesToBigInt, bytesToPlainHex, hexToBytes } from '@polyphony/primitives';
import { HDKey } from '@scure/bip32';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addModOrder, childNode, HARDENED_OFFSET, masterNode, wipeNode } from '../src/bip32.js';

const bytes = (minLength: number, maxLength = minLength): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength, maxLength });

describe('derivation of secret keys', () => {
  test('the published chain of BIP-32, test vector 1', () => {
    const H = HARDENED_OFFSET;
    const chain: readonly (readonly [index: number, secretKey: string])[] = [
      [0 + H, 'edb2e14f9ee77d26dd93b4ecede8d16ed408ce149b6cd80b0715a2d911a0afea'],
      [1, '3c6cb8d0f6a264c91ea8b5030fadaa8e538b020f0a387421a12de9319dc93368'],
      [2 + H, 'cbce0d719ecf7431d88e6a89fa1483e02e35092af60c042b1df2ff59fa424dca'],
      [2, '0f479245fb19a38a1954c5c7c0ebab2f9bdfd96a17563ef28a6a4b1a2a764ef4'],
      [1000000000, '471b76e389e528d6de6d816857e012c5455051cad6660850e58372a6c3e6e7c8'],
    ];
    let node = masterNode(hexToBytes('000102030405060708090a0b0c0d0e0f'), nobleEngine);
    expect(bytesToPlainHex(node.secretKey)).toBe(
      'e8f32e723decf4051aefac8e2c93c9c5b214313817cdb01a1494b917c8436b35',
    );
    for (const [index, secretKey] of chain) {
      node = childNode(node, index, nobleEngine);
      expect(bytesToPlainHex(node.secretKey)).toBe(secretKey);
    }
  });

  test('agrees with @scure/bip32 on random seeds and paths', () => {
    const index = fc.nat(0xffffffff);
    fc.assert(
      fc.property(bytes(16, 64), fc.array(index, { minLength: 1, maxLength: 4 }), (seed, path) => {
        let ours = masterNode(seed, nobleEngine);
        let theirs = HDKey.fromMasterSeed(seed);
        for (const child of path) {
          ours = childNode(ours, child, nobleEngine);
          theirs = theirs.deriveChild(child);
        }
        expect(ours.secretKey).toEqual(theirs.privateKey);
        expect(ours.chainCode).toEqual(theirs.chainCode);
      }),
      { numRuns: 20 },
    );
  });

  test('adds modulo the order', () => {
    const scalar = fc.oneof(
      bytes(32).map((value) => bytesToBigInt(value) % SECP256K1_ORDER),
      fc.constantFrom(0n, 1n, SECP256K1_ORDER - 1n, SECP256K1_ORDER >> 1n, 1n << 255n),
    );
    fc.assert(
      fc.property(scalar, scalar, (a, b) => {
        const sum = addModOrder(bigIntToBytes(a, 32), bigIntToBytes(b, 32));
        expect(bytesToBigInt(sum)).toBe((a + b) % SECP256K1_ORDER);
      }),
      { numRuns: 500 },
    );
  });

  test('does not change the parent, and clears on demand', () => {
    const parent = masterNode(new Uint8Array(64).fill(7), nobleEngine);
    const before = bytesToPlainHex(parent.secretKey);
    childNode(parent, 0, nobleEngine);
    childNode(parent, HARDENED_OFFSET, nobleEngine);
    expect(bytesToPlainHex(parent.secretKey)).toBe(before);
    wipeNode(parent);
    expect(parent.secretKey).toEqual(new Uint8Array(32));
    expect(parent.chainCode).toEqual(new Uint8Array(32));
  });

  test('a tweak that leads nowhere is refused', () => {
    const node = masterNode(new Uint8Array(16), nobleEngine);
    const engine = { ...nobleEngine, isValidSecretKey: () => false };
    expect(() => childNode(node, 0, engine)).toThrow('the path has no secret key');
    expect(() => masterNode(new Uint8Array(16), engine)).toThrow('the path has no secret key');
  });
});
