import { addressOfPublicKey, nobleEngine } from '@polyphony/crypto';
import { type Address, bytesToHex, type Hex, hexToBytes } from '@polyphony/primitives';
import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { keccak256, serializeTransaction, type TransactionSerializableLegacy } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { expect, test } from 'vitest';
import {
  decodeEthereumTransaction,
  decodeTransaction,
  encodeEthereumTransaction,
  encodeTransaction,
  ethereumTransactionHash,
  recoverSigner,
  signingDigest,
  signingFormOf,
  type Transaction,
  transactionHash,
  withSignature,
} from '../src/index.js';

const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const u53 = fc.bigInt({ min: 0n, max: (1n << 53n) - 1n });
const u256 = fc.bigInt({ min: 0n, max: (1n << 256n) - 1n });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const address: fc.Arbitrary<Address> = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes) => bytesToHex(bytes));
const secret = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .filter((key) => nobleEngine.isValidSecretKey(key));
const transaction: fc.Arbitrary<Transaction> = fc.record({
  nonce: u53,
  gasPrice: u256,
  gasLimit: u64,
  shardId: u32,
  toShardId: u32,
  to: fc.option(address, { nil: undefined }),
  value: u256,
  data: fc.uint8Array({ maxLength: 300 }),
});

/** The same transaction in the words of viem. */
function viemTransaction(
  tx: Transaction,
  chainId: number | undefined,
): TransactionSerializableLegacy {
  return {
    type: 'legacy',
    nonce: Number(tx.nonce),
    gasPrice: tx.gasPrice,
    gas: tx.gasLimit,
    value: tx.value,
    data: bytesToHex(tx.data) as Hex,
    ...(tx.to === undefined ? {} : { to: tx.to }),
    ...(chainId === undefined ? {} : { chainId }),
  };
}

test('the Ethereum form, its digest, hash and sender are the ones of viem', async () => {
  await fc.assert(
    fc.asyncProperty(
      transaction,
      secret,
      fc.constantFrom(undefined, 1, 1666600000, 1666600001, 1668000003),
      async (tx, key, chainId) => {
        const theirs = viemTransaction(tx, chainId);
        const account = privateKeyToAccount(bytesToHex(key));
        const raw = await account.signTransaction(theirs);
        const ours = decodeEthereumTransaction(hexToBytes(raw), 0);
        const chain = chainId === undefined ? undefined : BigInt(chainId);
        const digest = signingDigest(tx, { form: 'ethereum', chainId: chain });
        expect(bytesToHex(digest)).toBe(keccak256(serializeTransaction(theirs)));
        const signed = withSignature(
          { ...tx, shardId: 0, toShardId: 0 },
          nobleEngine.signDigest(digest, key),
          chain,
        );
        expect(ours).toEqual(signed);
        expect(bytesToHex(encodeEthereumTransaction(signed))).toBe(raw);
        expect(ethereumTransactionHash(signed)).toBe(keccak256(raw));
        expect(recoverSigner(signed, { ethereumForm: true })).toBe(account.address.toLowerCase());
      },
    ),
    propertyRuns(30),
  );
});

test('the Harmony form keeps everything, and signing then recovering gives the signer', () => {
  fc.assert(
    fc.property(
      transaction,
      secret,
      fc.constantFrom(undefined, 1n, 2n, 6n, 1666600000n),
      (tx, key, chainId) => {
        const digest = signingDigest(tx, signingFormOf(chainId));
        const signed = withSignature(tx, nobleEngine.signDigest(digest, key), chainId);
        const bytes = encodeTransaction(signed);
        expect(decodeTransaction(bytes)).toEqual(signed);
        expect(transactionHash(signed)).toBe(keccak256(bytesToHex(bytes)));
        expect(recoverSigner(signed)).toBe(addressOfPublicKey(nobleEngine.getPublicKey(key)));
      },
    ),
    propertyRuns(30),
  );
});
