import type { Directive } from '@polyphony/chain/directive';
import {
  decodeStakingTransaction,
  type StakingTransaction,
  stakingSigningDigest,
} from '@polyphony/chain/staking-transaction';
import { bytesToHex, hexToBytes, keccak256, parseAddress, parseDec } from '@polyphony/primitives';
import { codeOf, loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { accountFromSecretKey } from '../src/index.js';

type Json = Record<string, unknown>;

const bytes = (value: unknown): Uint8Array | undefined =>
  typeof value === 'string' ? hexToBytes(value) : undefined;
const amount = (value: unknown): bigint | undefined =>
  typeof value === 'string' ? BigInt(value) : undefined;
const list = (value: unknown): Uint8Array[] =>
  (value as readonly string[]).map((item) => hexToBytes(item));

/** A vector's message as a directive. */
function directiveOf(message: Json): Directive {
  const description = message.description as never;
  const address = (name: string) => parseAddress(message[name] as string);
  switch (message.type) {
    case 'create-validator':
      return {
        type: 'create-validator',
        validatorAddress: address('validatorAddress'),
        description,
        commissionRates: {
          rate: parseDec(message.rate as string),
          maxRate: parseDec(message.maxRate as string),
          maxChangeRate: parseDec(message.maxChangeRate as string),
        },
        minSelfDelegation: amount(message.minSelfDelegation)!,
        maxTotalDelegation: amount(message.maxTotalDelegation)!,
        slotPublicKeys: list(message.slotPublicKeys),
        slotKeySignatures: list(message.slotKeySignatures),
        amount: amount(message.amount)!,
      };
    case 'edit-validator':
      return {
        type: 'edit-validator',
        validatorAddress: address('validatorAddress'),
        description,
        commissionRate:
          message.commissionRate === null ? undefined : parseDec(message.commissionRate as string),
        minSelfDelegation: amount(message.minSelfDelegation),
        maxTotalDelegation: amount(message.maxTotalDelegation),
        slotKeyToRemove: bytes(message.slotKeyToRemove),
        slotKeyToAdd: bytes(message.slotKeyToAdd),
        slotKeyToAddSignature: bytes(message.slotKeyToAddSignature),
        eligibility: Number(message.eligibility),
      };
    case 'delegate':
    case 'undelegate':
      return {
        type: message.type,
        delegatorAddress: address('delegatorAddress'),
        validatorAddress: address('validatorAddress'),
        amount: amount(message.amount)!,
      };
    case 'collect-rewards':
      return { type: 'collect-rewards', delegatorAddress: address('delegatorAddress') };
    default:
      throw new Error(`unknown directive ${message.type}`);
  }
}

describe('staking', () => {
  for (const { name, in: given, out: expected } of loadVectors<
    {
      privateKey: string;
      chainId: string;
      nonce: string;
      gasPrice: string;
      gasLimit: string;
      directive: Json;
    },
    Record<string, string>
  >(import.meta.url, 'staking', {
    in: ['privateKey', 'chainId', 'nonce', 'gasPrice', 'gasLimit', 'directive'],
    out: ['from', 'signingPayload', 'signingHash', 'v', 'r', 's', 'raw', 'hash'],
  })) {
    test(name, () => {
      const out = expected!;
      const chainId = BigInt(given.chainId);
      const tx: StakingTransaction = {
        directive: directiveOf(given.directive),
        nonce: BigInt(given.nonce),
        gasPrice: BigInt(given.gasPrice),
        gasLimit: BigInt(given.gasLimit),
      };
      expect(bytesToHex(stakingSigningDigest(tx, chainId))).toBe(out.signingHash);
      expect(bytesToHex(keccak256(hexToBytes(out.signingPayload!)))).toBe(out.signingHash);
      const account = accountFromSecretKey(hexToBytes(given.privateKey));
      const signed = account.signStakingTransaction(tx, { chainId, skipFieldRules: true });
      expect(bytesToHex(signed.raw)).toBe(out.raw);
      expect(signed.hash).toBe(out.hash);
      expect(signed.from).toBe(out.from);
      expect(signed.transaction.v).toBe(BigInt(out.v!));
      expect(signed.transaction.r).toBe(BigInt(out.r!));
      expect(signed.transaction.s).toBe(BigInt(out.s!));
    });
  }
});

describe('staking of outdated clients', () => {
  for (const { name, in: given, error } of loadVectors<{ raw: string }, never>(
    import.meta.url,
    'staking-rejected',
    { in: ['raw'] },
  )) {
    test(name, () => {
      expect(codeOf(() => decodeStakingTransaction(hexToBytes(given.raw)))).toBe(error);
    });
  }
});
