import { createECDH } from 'node:crypto';
import { harmonyBls, ietfBls, shardOfBlsKey } from '@polyphony/bls';
import { localnet, reference } from '@polyphony/networks';
import {
  localnetAccounts,
  localnetTestAccounts,
  localnetTestKeys,
} from '@polyphony/networks/genesis/localnet';
import {
  referenceAccounts,
  referenceTestFaucet,
  referenceTestKeys,
} from '@polyphony/networks/genesis/reference';
import {
  type Address,
  bytesToBigInt,
  bytesToHex,
  type Hex,
  hexToBytes,
  keccak256,
  utf8ToBytes,
} from '@polyphony/primitives';
import { describe, expect, test } from 'vitest';
import { genesisShardState } from '../src/assignment.js';
import { committeeOf, shardOfKey } from '../src/committee.js';

/** Order of the BLS12-381 groups. */
const R = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;

const hashOf = (label: string): Uint8Array => keccak256(utf8ToBytes(label));

function addressOf(secretKey: Hex): Address {
  const ecdh = createECDH('secp256k1');
  ecdh.setPrivateKey(hexToBytes(secretKey, 32));
  const publicKey = new Uint8Array(ecdh.getPublicKey());
  return bytesToHex(keccak256(publicKey.slice(1)).slice(12));
}

describe('keys of the reference network', () => {
  const bls = ietfBls();

  test.each(referenceTestKeys().map((member) => [member.shardId, member.slot, member] as const))(
    'shard %i, slot %i follows from its label',
    (shardId, slot, member) => {
      const label = `polyphony reference network, shard ${shardId}, slot ${slot}`;
      const scalar = (bytesToBigInt(hashOf(`${label}, BLS key`)) % (R - 1n)) + 1n;
      expect(BigInt(member.blsSecretKey)).toBe(scalar);
      expect(bytesToHex(bls.getPublicKey(hexToBytes(member.blsSecretKey)))).toBe(
        member.blsPublicKey,
      );
      expect(bytesToHex(hashOf(`${label}, account`))).toBe(member.secretKey);
      expect(addressOf(member.secretKey)).toBe(member.address);
    },
  );

  test('the faucet follows from its label', () => {
    expect(bytesToHex(hashOf('polyphony reference network, faucet'))).toBe(
      referenceTestFaucet.secretKey,
    );
    expect(addressOf(referenceTestFaucet.secretKey)).toBe(referenceTestFaucet.address);
  });

  test('a genesis committee signs with its keys', () => {
    const committee = committeeOf(genesisShardState(reference, referenceAccounts), 2);
    const message = utf8ToBytes('block');
    const signers = referenceTestKeys().filter(({ shardId }) => shardId === 2);
    const seal = bls.aggregateSignatures(
      signers.map(({ blsSecretKey }) => bls.sign(message, hexToBytes(blsSecretKey))),
    );
    const keys = committee.slots.map(({ blsPublicKey }) => blsPublicKey);
    expect(bls.verifyAggregate(seal, message, keys)).toBe(true);
    expect(bls.verifyAggregate(seal, message, keys.slice(1))).toBe(false);
  });
});

describe('keys of the local network', () => {
  const bls = harmonyBls();

  test('each secret key gives its public key', () => {
    for (const { blsSecretKey, blsPublicKey } of localnetTestKeys()) {
      expect(bytesToHex(bls.getPublicKey(hexToBytes(blsSecretKey)))).toBe(blsPublicKey);
    }
  });

  test('each account has its secret key', () => {
    for (const { secretKey, address } of localnetTestAccounts) {
      expect(addressOf(secretKey)).toBe(address);
    }
  });

  test('the keys of the committees are points of the curve', () => {
    for (const { slots } of genesisShardState(localnet, localnetAccounts).committees) {
      for (const { blsPublicKey } of slots) {
        expect(bls.isValidPublicKey(blsPublicKey)).toBe(true);
        expect(shardOfBlsKey(blsPublicKey, 2)).toBe(shardOfKey(blsPublicKey, 2));
      }
    }
  });
});
