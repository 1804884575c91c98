import { createHash } from 'node:crypto';
import {
  bytesToHex,
  type Dec,
  decFromRaw,
  encodeRlp,
  type Hex,
  hexToBytes,
  isProtocolError,
  parseDec,
} from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import type { ShardState } from '../src/committee.js';
import {
  computeShardStateHash,
  computeSlotsHash,
  decodeShardState,
  encodeCommittee,
  encodeShardState,
  type ShardStateForm,
  shardStateForm,
} from '../src/shard-state.js';

interface StateText {
  readonly epoch: string | null;
  readonly committees: readonly {
    readonly shardId: number;
    readonly slots: readonly {
      readonly address: Hex;
      readonly blsPublicKey: string;
      readonly effectiveStake: string | null;
    }[];
  }[];
}

const cases = loadVectors<
  { readonly state?: StateText; readonly form?: ShardStateForm; readonly bytes?: Hex },
  {
    readonly bytes?: Hex;
    readonly hash?: Hex;
    readonly committeeSha3?: string;
    readonly slotsHash?: Hex;
  }
>(import.meta.url, 'shard-state', {
  in: ['state', 'form', 'bytes'],
  out: ['bytes', 'hash', 'committeeSha3', 'slotsHash'],
});

function stakeOf(text: string | null): Dec | undefined {
  if (text === null) return undefined;
  return text.startsWith('raw:') ? decFromRaw(BigInt(text.slice(4))) : parseDec(text);
}

function stateOf(text: StateText): ShardState {
  return {
    epoch: text.epoch === null ? undefined : BigInt(text.epoch),
    committees: text.committees.map(({ shardId, slots }) => ({
      shardId,
      slots: slots.map(({ address, blsPublicKey, effectiveStake }) => ({
        address,
        blsPublicKey: hexToBytes(blsPublicKey),
        effectiveStake: stakeOf(effectiveStake),
      })),
    })),
  };
}

describe('shard state', () => {
  test.each(cases)('$name', ({ in: given, out, error }) => {
    if (error !== undefined) {
      expect(() => decodeShardState(hexToBytes(given.bytes!))).toThrow(
        expect.toSatisfy((thrown) => isProtocolError(thrown) && thrown.code === error),
      );
      return;
    }
    const state =
      given.state === undefined ? decodeShardState(hexToBytes(given.bytes!)) : stateOf(given.state);
    const { bytes, hash, committeeSha3, slotsHash } = out!;
    expect.hasAssertions();
    if (hash !== undefined) expect(computeShardStateHash(state)).toBe(hash);
    if (bytes !== undefined) {
      expect(bytesToHex(encodeShardState(state, given.form ?? shardStateForm(state)))).toBe(bytes);
      expect(decodeShardState(hexToBytes(bytes))).toEqual(state);
    }
    if (slotsHash !== undefined) expect(computeSlotsHash(state.committees[0]!)).toBe(slotsHash);
    if (committeeSha3 !== undefined) {
      const last = encodeCommittee(state.committees.at(-1)!);
      expect(createHash('sha3-256').update(last).digest('hex')).toBe(committeeSha3);
    }
  });

  test('a committee is the same bytes alone and inside a state', () => {
    const state = decodeShardState(
      hexToBytes(cases.find(({ in: i }) => i.bytes && i.bytes.length > 200)!.in.bytes!),
    );
    const form = shardStateForm(state);
    const raw = state.committees.map((committee) => ({ rlp: encodeCommittee(committee, form) }));
    const whole = form === 'legacy' ? raw : [state.epoch!, raw];
    expect(bytesToHex(encodeRlp(whole))).toBe(bytesToHex(encodeShardState(state, form)));
  });
});
