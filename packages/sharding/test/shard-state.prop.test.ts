import { bytesToHex, decFromRaw, isProtocolError } from '@polyphony/primitives';
import { hostileBytes, mutateBytes, propertyRuns, seededRandom } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Committee, committeeOf, type ShardState } from '../src/committee.js';
import { ShardingError } from '../src/errors.js';
import {
  computeShardStateHash,
  decodeShardState,
  encodeCommittee,
  encodeShardState,
  shardStateForm,
} from '../src/shard-state.js';
import { committee, key } from './samples.js';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

const states: fc.Arbitrary<ShardState> = fc
  .tuple(
    fc.option(fc.bigInt(0n, 2n ** 64n - 1n), { nil: undefined }),
    fc.uniqueArray(fc.nat(0xffffffff), { maxLength: 5 }),
    fc.array(
      fc.tuple(bytes(20), bytes(48), fc.option(fc.bigInt(0n, 2n ** 315n - 1n), { nil: undefined })),
      { maxLength: 12 },
    ),
  )
  .map(([epoch, shardIds, slots]) => ({
    epoch,
    committees: shardIds.map((shardId, index) => ({
      shardId,
      slots: slots
        .filter((_, place) => place % shardIds.length === index)
        .map(([address, blsPublicKey, stake]) => ({
          address: bytesToHex(address),
          blsPublicKey,
          effectiveStake:
            epoch === undefined || stake === undefined ? undefined : decFromRaw(stake),
        })),
    })),
  }));

/** Decoded, or the code of the typed error; anything else fails the test. */
function attempt(input: Uint8Array): ShardState | string {
  try {
    return decodeShardState(input);
  } catch (error) {
    if (error instanceof ShardingError) return error.code;
    throw error;
  }
}

describe('shard state bytes', () => {
  test('what is encoded decodes to the same, in a copy', () => {
    fc.assert(
      fc.property(states, (state) => {
        const encoded = encodeShardState(state, shardStateForm(state));
        const decoded = decodeShardState(encoded);
        encoded.fill(0xaa);
        expect(decoded).toEqual(state);
      }),
      propertyRuns(200),
    );
  });

  test('the order of committees does not change the hash, the order of slots does', () => {
    fc.assert(
      fc.property(states, (state) => {
        const reversed = { ...state, committees: [...state.committees].reverse() };
        expect(computeShardStateHash(reversed)).toBe(computeShardStateHash(state));
        expect(computeShardStateHash({ ...state, epoch: 7n })).toBe(computeShardStateHash(state));
      }),
      propertyRuns(100),
    );
    const [a, b] = committee(2).slots;
    const one = { epoch: undefined, committees: [{ shardId: 0, slots: [a!, b!] }] };
    const two = { epoch: undefined, committees: [{ shardId: 0, slots: [b!, a!] }] };
    expect(computeShardStateHash(one)).not.toBe(computeShardStateHash(two));
  });

  test('a changed state is refused with a typed error or is canonical', () => {
    const valid = [
      encodeShardState(
        { epoch: 300n, committees: [committee(3), { shardId: 1, slots: [] }] },
        'staking',
      ),
      encodeShardState({ epoch: undefined, committees: [committee(4)] }, 'legacy'),
    ];
    fc.assert(
      fc.property(fc.integer(), fc.nat(1), (seed, which) => {
        const random = seededRandom(seed);
        let changed: Uint8Array = valid[which]!;
        for (let i = 0; i <= random.below(3); i++) changed = mutateBytes(changed, random);
        const result = attempt(changed);
        if (typeof result === 'string') expect(result).toBe('sharding/invalid-shard-state');
        else
          expect(bytesToHex(encodeShardState(result, shardStateForm(result)))).toBe(
            bytesToHex(changed),
          );
      }),
      propertyRuns(2000),
    );
  });

  test.each(hostileBytes)('hostile bytes: %s', (_, input) => {
    const result = attempt(input);
    if (typeof result === 'string') expect(result).toBe('sharding/invalid-shard-state');
    // The one valid state among them: an empty list, a legacy state without committees.
    else expect([...input]).toEqual([0xc0]);
  });

  test('the cause of a refusal is kept', () => {
    try {
      decodeShardState(Uint8Array.of(0xc1));
      expect.unreachable();
    } catch (error) {
      expect(isProtocolError((error as Error).cause)).toBe(true);
      expect((error as Error).message).toMatch(/^invalid shard state: invalid RLP at byte/);
    }
  });

  test('a key of a wrong length is not encoded and not hashed', () => {
    const broken: Committee = {
      shardId: 0,
      slots: [{ ...committee(1).slots[0]!, blsPublicKey: key(1).slice(1) }],
    };
    const state = { epoch: undefined, committees: [broken] };
    for (const act of [
      () => encodeShardState(state, 'legacy'),
      () => encodeCommittee(broken),
      () => computeShardStateHash(state),
    ]) {
      expect(act).toThrow(
        new ShardingError({
          code: 'sharding/invalid-committee',
          reason: 'a BLS public key must be 48 bytes, got 47',
        }),
      );
    }
  });

  test('a committee is found by its shard, or refused', () => {
    const state = { epoch: 1n, committees: [committee(2, { shardId: 3 })] };
    expect(committeeOf(state, 3)).toBe(state.committees[0]);
    expect(() => committeeOf(state, 0)).toThrow('the shard state has no committee of shard 0');
  });
});
