import { localnet, mainnet, partner, reference, testnet } from '@polyphony/networks';
import type { Address } from '@polyphony/primitives';
import { loadVectors, packageFolder, unreadVectorFiles } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  advanceTurn,
  type LeaderRule,
  leaderRuleAt,
  nextLeader,
  turnLength,
  viewGap,
} from '../src/leader.js';
import { address, key } from './samples.js';

const searches = loadVectors<
  {
    readonly rule: LeaderRule;
    readonly operators?: readonly string[];
    readonly slots?: number;
    readonly harmonySlots?: number;
    readonly from: number;
    readonly next: number;
  },
  { readonly index: number; readonly found: boolean }
>(import.meta.url, 'next-leader', {
  in: ['rule', 'operators', 'slots', 'harmonySlots', 'from', 'next'],
  out: ['index', 'found'],
});

const account = (letter: string): Address => address(letter.toLowerCase().charCodeAt(0));

describe('next leader', () => {
  test.each(searches)('$name', ({ in: given, out }) => {
    const { rule, from, next, harmonySlots = 0, slots = 0 } = given;
    const operators =
      given.operators?.map(account) ?? Array.from({ length: slots }, (_, place) => address(place));
    expect(nextLeader({ rule, operators, from, next, harmonySlots })).toEqual(out);
  });
});

interface TurnText {
  readonly leader: string;
  readonly epoch: number;
  readonly blocks: number;
}

describe('leaders passed over', () => {
  for (const { name, in: given, out, error } of loadVectors<
    { viewId: string; headViewId: string },
    { gap: string }
  >(import.meta.url, 'view-gap', { in: ['viewId', 'headViewId'], out: ['gap'] })) {
    test(name, () => {
      const gap = (): bigint => viewGap(BigInt(given.viewId), BigInt(given.headViewId));
      if (error === undefined) expect(gap()).toBe(BigInt(out!.gap));
      else expect(gap).toThrow(expect.objectContaining({ code: error }));
    });
  }
});

const turns = loadVectors<
  {
    readonly turn?: TurnText;
    readonly block?: { readonly leader: string; readonly epoch: number };
    readonly blocksPerEpoch?: number;
    readonly slots?: number;
  },
  { readonly turn?: TurnText; readonly blocks?: number }
>(import.meta.url, 'leader-turn', {
  in: ['turn', 'block', 'blocksPerEpoch', 'slots'],
  out: ['turn', 'blocks'],
});

const leaderKey = (name: string): Uint8Array => key(name === 'zero' ? 0 : name.charCodeAt(0));
const turnOf = ({ leader, epoch, blocks }: TurnText) => ({
  leaderKey: leaderKey(leader),
  epoch: BigInt(epoch),
  blocks: BigInt(blocks),
});

describe('turns', () => {
  test.each(turns)('$name', ({ in: given, out }) => {
    if (given.turn !== undefined) {
      const block = {
        leaderKey: leaderKey(given.block!.leader),
        epoch: BigInt(given.block!.epoch),
      };
      expect(advanceTurn(turnOf(given.turn), block)).toEqual(turnOf(out!.turn!));
    } else {
      expect(turnLength(BigInt(given.blocksPerEpoch!), given.slots!)).toBe(BigInt(out!.blocks!));
    }
  });

  test('the first block begins a turn', () => {
    expect(advanceTurn(undefined, { leaderKey: key(1), epoch: 3n })).toEqual({
      leaderKey: key(1),
      epoch: 3n,
      blocks: 1n,
    });
  });
});

describe('rule of an epoch', () => {
  test.each([
    [mainnet, 2151n, 'hmy'],
    [mainnet, 2152n, 'v1'],
    [mainnet, 2963n, 'v1'],
    [mainnet, 2964n, 'v2'],
    [testnet, 3043n, 'hmy'],
    [testnet, 3044n, 'v1'],
    [testnet, 7413n, 'v1'],
    [testnet, 7414n, 'v2'],
    [partner, 143n, 'hmy'],
    [partner, 144n, 'v1'],
    [partner, 53508n, 'v2'],
    [localnet, 2n, 'hmy'],
    [localnet, 3n, 'v1'],
    [localnet, 5n, 'v2'],
    [reference, 0n, 'v2'],
  ] as const)('$name %s: %s', (network, epoch, rule) => {
    expect(leaderRuleAt(network, epoch)).toBe(rule);
  });
});

test('every vector file is read', () => {
  expect(unreadVectorFiles(packageFolder(import.meta.url))).toEqual([]);
});
