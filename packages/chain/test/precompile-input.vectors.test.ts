import type { Address } from '@polyphony/primitives';
import { hexToBytes } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  assertValidTransferCall,
  type ChainError,
  decodeStakingCall,
  decodeTransferCall,
  encodeStakingCall,
  encodeTransferCall,
} from '../src/index.js';

function refused(message: string): object {
  return expect.objectContaining({
    code: 'chain/invalid-precompile-input',
    message,
  } as Partial<ChainError>);
}

describe('staking', () => {
  const cases = loadVectors<
    { caller: Address; data: string },
    {
      message?: string;
      directive?: 'delegate' | 'undelegate' | 'collect-rewards';
      delegator?: Address;
      validator?: Address;
      amount?: string;
    }
  >(import.meta.url, 'precompile-staking', {
    in: ['caller', 'data'],
    out: ['message', 'directive', 'delegator', 'validator', 'amount'],
  });
  for (const { name, in: given, out } of cases) {
    test(name, () => {
      const data = hexToBytes(given.data);
      if (out!.message !== undefined) {
        expect(() => decodeStakingCall(data, given.caller)).toThrow(refused(out!.message));
        return;
      }
      const call = decodeStakingCall(data, given.caller);
      const expected = {
        type: out!.directive,
        delegatorAddress: out!.delegator,
        ...(out!.validator === undefined
          ? {}
          : { validatorAddress: out!.validator, amount: BigInt(out!.amount!) }),
      };
      expect(call).toEqual(expected);
      expect(encodeStakingCall(call)).toEqual(data);
    });
  }
});

describe('cross-shard transfer', () => {
  const cases = loadVectors<
    { data: string; shardId: number; shardCount: number; msgValue: string | null },
    { message?: string; value?: string; to?: Address; toShardId?: number }
  >(import.meta.url, 'precompile-transfer', {
    in: ['data', 'shardId', 'shardCount', 'msgValue'],
    out: ['message', 'value', 'to', 'toShardId'],
  });
  for (const { name, in: given, out } of cases) {
    test(name, () => {
      const run = (): object => {
        const call = decodeTransferCall(hexToBytes(given.data));
        const value = given.msgValue === null ? call.value : BigInt(given.msgValue);
        assertValidTransferCall(call, { ...given, value });
        return call;
      };
      if (out!.message !== undefined) return expect(run).toThrow(refused(out!.message));
      const call = { value: BigInt(out!.value!), to: out!.to!, toShardId: out!.toShardId! };
      expect(run()).toEqual(call);
      expect(encodeTransferCall(call)).toEqual(hexToBytes(given.data));
    });
  }
});
