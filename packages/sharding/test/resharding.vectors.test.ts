import { bytesToPlainHex, hexToBytes } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { reshard } from '../src/resharding.js';

const cases = loadVectors<
  {
    readonly previous: Readonly<Record<string, readonly string[]>>;
    readonly elected: Readonly<Record<string, number>>;
    readonly epoch: string;
    readonly seed: string;
    readonly shardCount: number;
    readonly evictionRate: readonly [number, number];
    readonly evictionsPerJoin: number;
  },
  {
    readonly shards: readonly (readonly string[])[];
    readonly moves: readonly (readonly [string, number, number])[];
    readonly joined: number;
    readonly left: number;
    readonly evicted: number;
  }
>(import.meta.url, 'resharding', {
  in: ['previous', 'elected', 'epoch', 'seed', 'shardCount', 'evictionRate', 'evictionsPerJoin'],
  out: ['shards', 'moves', 'joined', 'left', 'evicted'],
});

const nameOf = (key: Uint8Array): string => bytesToPlainHex(key.slice(0, 1));

function keyOf(name: string): Uint8Array {
  const key = new Uint8Array(48);
  key[0] = Number.parseInt(name, 16);
  key[47] = 255 - key[0];
  return key;
}

describe('resharding', () => {
  test.each(cases)('$name', ({ in: given, out }) => {
    const [numerator, denominator] = given.evictionRate;
    const { assignment, moves, ...counts } = reshard({
      previous: Object.entries(given.previous).map(([shardId, names]) => ({
        shardId: Number(shardId),
        keys: names.map(keyOf),
      })),
      elected: Object.entries(given.elected).map(([name, seats]) => ({
        blsPublicKey: keyOf(name),
        seats,
      })),
      epoch: BigInt(given.epoch),
      seed: hexToBytes(given.seed),
      parameters: {
        shardCount: given.shardCount,
        evictionRate: { numerator: BigInt(numerator), denominator: BigInt(denominator) },
        evictionsPerJoin: given.evictionsPerJoin,
      },
    });
    const { shards, moves: moved, ...summary } = out!;
    expect(assignment.map(({ shardId }) => shardId)).toEqual(shards.map((_, index) => index));
    expect(assignment.map(({ keys }) => keys.map(nameOf))).toEqual(shards);
    expect(moves.map(({ blsPublicKey, from, to }) => [nameOf(blsPublicKey), from, to])).toEqual(
      moved,
    );
    expect(counts).toEqual(summary);
  });
});
