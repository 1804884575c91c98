import {
  decodeEthereumTransaction,
  decodeTransaction,
  recoverSigner,
  type Transaction,
} from '@polyphony/chain/transaction';
import { bytesToHex } from '@polyphony/primitives';
import { codeOf, hostileBytes, propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Account,
  accountFromSecretKey,
  decodeSignature,
  encodeSignature,
  generateMnemonic,
  parseMnemonic,
  recoverMessageSigner,
  verifyMessage,
} from '../src/index.js';

const account: fc.Arbitrary<Account> = fc
  .bigInt({ min: 1n, max: (1n << 255n) - 1n })
  .map((key) => accountFromSecretKey(Buffer.from(key.toString(16).padStart(64, '0'), 'hex')));
const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const u256 = fc.bigInt({ min: 0n, max: (1n << 256n) - 1n });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const transaction: fc.Arbitrary<Transaction> = fc.record({
  nonce: u64,
  gasPrice: u256,
  gasLimit: u64,
  shardId: u32,
  toShardId: u32,
  to: fc.option(fc.uint8Array({ minLength: 20, maxLength: 20 }).map(bytesToHex), {
    nil: undefined,
  }),
  value: u256,
  data: fc.uint8Array({ maxLength: 100 }),
});

describe('signed transactions', () => {
  test('say what was asked and who asked', () => {
    fc.assert(
      fc.property(
        account,
        transaction,
        fc.bigInt({ min: 1n, max: 1666599999n }),
        (signer, tx, chainId) => {
          const { raw, from } = signer.signTransaction(tx, { form: 'harmony', chainId });
          const decoded = decodeTransaction(raw);
          expect(decoded).toMatchObject(tx);
          expect(recoverSigner(decoded)).toBe(signer.address);
          expect(from).toBe(signer.address);
        },
      ),
      propertyRuns(40),
    );
  });

  test('in the Ethereum form too', () => {
    fc.assert(
      fc.property(
        account,
        transaction,
        fc.bigInt({ min: 1666600000n, max: 1n << 62n }),
        (signer, tx, chainId) => {
          const within = { ...tx, toShardId: tx.shardId };
          const { raw } = signer.signTransaction(within, { form: 'ethereum', chainId });
          const decoded = decodeEthereumTransaction(raw, tx.shardId);
          expect(decoded).toMatchObject(within);
          expect(recoverSigner(decoded)).toBe(signer.address);
        },
      ),
      propertyRuns(40),
    );
  });

  test('are deterministic', () => {
    fc.assert(
      fc.property(account, transaction, (signer, tx) => {
        const options = { form: 'harmony', chainId: 1n } as const;
        expect(signer.signTransaction(tx, options)).toEqual(signer.signTransaction(tx, options));
      }),
      propertyRuns(10),
    );
  });
});

describe('signed messages', () => {
  test('name their signer, and no other text does', () => {
    fc.assert(
      fc.property(account, fc.string({ unit: 'grapheme' }), fc.string(), (signer, text, other) => {
        const signature = signer.signMessage(text);
        expect(recoverMessageSigner(text, signature)).toBe(signer.address);
        expect(verifyMessage(other, signature, signer.address)).toBe(other === text);
        expect(encodeSignature(decodeSignature(signature))).toEqual(signature);
      }),
      propertyRuns(30),
    );
  });

  test('signatures that are not in order are false, never an exception', () => {
    const { address } = accountFromSecretKey(new Uint8Array(32).fill(1));
    for (const [, bytes] of hostileBytes) expect(verifyMessage('x', bytes, address)).toBe(false);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 65, maxLength: 65 }), (bytes) => {
        expect(verifyMessage('x', bytes, address)).toBe(false);
      }),
      propertyRuns(100),
    );
  });

  test('a high s and a strange v are refused', () => {
    const signer = accountFromSecretKey(new Uint8Array(32).fill(1));
    const signature = signer.signMessage('x');
    const { r, s, recovery } = decodeSignature(signature);
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const high = encodeSignature({ r, s: order - s, recovery: recovery === 0 ? 1 : 0 });
    expect(verifyMessage('x', high, signer.address)).toBe(false);
    expect(codeOf(() => recoverMessageSigner('x', high))).toBe('accounts/invalid-signature');
    for (const v of [2, 26, 29, 35, 255]) {
      const strange = Uint8Array.from(signature);
      strange[64] = v;
      expect(codeOf(() => decodeSignature(strange))).toBe('accounts/invalid-signature');
    }
    const zeroBased = Uint8Array.from(signature);
    zeroBased[64]! -= 27;
    expect(verifyMessage('x', zeroBased, signer.address)).toBe(true);
  });
});

test('new mnemonics read back', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(12, 15, 18, 21, 24),
      fc.infiniteStream(fc.nat(255)),
      (words, stream) => {
        const random = (length: number) => Uint8Array.from(stream.take(length));
        const mnemonic = generateMnemonic({ words: words as 12, random });
        expect(parseMnemonic(mnemonic)).toBe(mnemonic);
      },
    ),
    propertyRuns(50),
  );
});
