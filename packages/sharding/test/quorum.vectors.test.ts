import { DEC_ONE, type Dec, formatDec, parseDec } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import type { Committee } from '../src/committee.js';
import {
  legacyHeaderQuorum,
  type QuorumPolicy,
  stakedQuorum,
  TWO_THIRDS,
  uniformQuorum,
} from '../src/quorum.js';
import { computeRoster, votingPower } from '../src/voting-power.js';
import { address, committee, key } from './samples.js';

const powers = loadVectors<
  { readonly harmonyVoteShare: string; readonly stakes: readonly (string | null)[] },
  {
    readonly overall: readonly string[];
    readonly group?: readonly string[];
    readonly stakedGroup?: readonly string[];
    readonly harmonyPower: string;
    readonly stakedPower: string;
    readonly totalEffectiveStake: string;
  }
>(import.meta.url, 'voting-power', {
  in: ['harmonyVoteShare', 'stakes'],
  out: ['overall', 'group', 'stakedGroup', 'harmonyPower', 'stakedPower', 'totalEffectiveStake'],
});

function withStakes(stakes: readonly (string | null)[]): Committee {
  return {
    shardId: 0,
    slots: stakes.map((stake, place) => ({
      address: address(place),
      blsPublicKey: key(place),
      effectiveStake: stake === null ? undefined : parseDec(stake),
    })),
  };
}

describe('voting power', () => {
  test.each(powers)('$name', ({ in: { harmonyVoteShare, stakes }, out }) => {
    const given = withStakes(stakes);
    const roster = computeRoster(given, parseDec(harmonyVoteShare));
    const text = (decs: readonly Dec[]) => decs.map(formatDec);
    expect(text(roster.slots.map(({ overall }) => overall))).toEqual(out!.overall);
    expect(text(votingPower(given, parseDec(harmonyVoteShare)))).toEqual(out!.overall);
    const group = text(roster.slots.map((slot) => slot.group));
    if (out!.group) expect(group).toEqual(out!.group);
    if (out!.stakedGroup)
      expect(group.filter((_, place) => stakes[place] !== null)).toEqual(out!.stakedGroup);
    expect(formatDec(roster.harmonyPower)).toBe(out!.harmonyPower);
    expect(formatDec(roster.stakedPower)).toBe(out!.stakedPower);
    expect(formatDec(roster.totalEffectiveStake)).toBe(out!.totalEffectiveStake);
    if (stakes.some((stake) => stake !== null))
      expect(roster.harmonyPower + roster.stakedPower).toBe(DEC_ONE);
  });
});

const quorums = loadVectors<
  {
    readonly policy: QuorumPolicy['kind'];
    readonly slots?: number;
    readonly signers?: number;
    readonly harmonyVoteShare?: string;
    readonly harmonySlots?: number;
    readonly stakedSlots?: number;
    readonly members?: readonly number[];
  },
  { readonly quorum: boolean; readonly power?: string }
>(import.meta.url, 'quorum', {
  in: ['policy', 'slots', 'signers', 'harmonyVoteShare', 'harmonySlots', 'stakedSlots', 'members'],
  out: ['quorum', 'power'],
});

describe('quorum', () => {
  test.each(quorums)('$name', ({ in: given, out }) => {
    const members = given.members ?? Array.from({ length: given.signers! }, (_, place) => place);
    let policy: QuorumPolicy;
    if (given.policy === 'staked') {
      const stakes = new Array<bigint>(given.stakedSlots!).fill(100n);
      policy = stakedQuorum(
        committee(given.harmonySlots!, { stakes }),
        parseDec(given.harmonyVoteShare!),
      );
    } else {
      const make = given.policy === 'uniform' ? uniformQuorum : legacyHeaderQuorum;
      policy = make(committee(given.slots!));
    }
    expect(policy.kind).toBe(given.policy);
    expect(policy.hasQuorum(members)).toBe(out!.quorum);
    if (out!.power !== undefined) {
      const power = members.reduce((total, place) => total + policy.powerOf(place), 0n);
      expect(formatDec(power as Dec)).toBe(out!.power);
    }
  });

  test('the threshold is the decimal of the node', () => {
    expect(formatDec(TWO_THIRDS)).toBe('0.666666666666666667');
  });
});
