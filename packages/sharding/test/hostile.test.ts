import { bytesToHex, hexToBytes, joinBytes, keccak256 } from '@polyphony/primitives';
import { fuzz } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { computeShardStateHash, computeSlotsHash } from '../src/shard-state.js';
import { decoders } from './decoders.js';
import { address, key } from './samples.js';

describe('hostile bytes and mutated samples', () => {
  const seed = Number(process.env.SEED ?? 1);
  for (const target of decoders())
    test(target.name, () => {
      const report = fuzz(target, { executions: 500, seed });
      expect(report.finding).toBeUndefined();
    });
});

test('a shard state of more committees than a call takes arguments has a hash', () => {
  const slot = { address: address(1), blsPublicKey: key(1), effectiveStake: undefined };
  const committees = Array.from({ length: 130_000 }, (_, shardId) => ({ shardId, slots: [slot] }));
  const digest = hexToBytes(computeSlotsHash(committees[0]!));
  const digests = joinBytes(committees.map(() => digest));
  const hash = computeShardStateHash({ epoch: undefined, committees });
  expect(hash).toBe(bytesToHex(keccak256(digests)));
});
