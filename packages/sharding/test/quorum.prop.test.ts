import { localnet, mainnet, reference } from '@polyphony/networks';
import { referenceAccounts } from '@polyphony/networks/genesis/reference';
import {
  DEC_ONE,
  DEC_ZERO,
  type Dec,
  decFromRaw,
  formatDec,
  parseDec,
  subDec,
} from '@polyphony/primitives';
import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { genesisShardState } from '../src/assignment.js';
import type { Committee } from '../src/committee.js';
import { ShardingError } from '../src/errors.js';
import {
  legacyHeaderQuorum,
  type QuorumPolicy,
  quorumAt,
  stakedQuorum,
  TWO_THIRDS,
  uniformQuorum,
  uniformThreshold,
  votingCommittee,
} from '../src/quorum.js';
import { computeRoster, votingPower } from '../src/voting-power.js';
import { committee } from './samples.js';

const share = fc.bigInt(0n, 10n ** 18n).map(decFromRaw);
const staked: fc.Arbitrary<Committee> = fc
  .tuple(fc.nat(6), fc.array(fc.bigInt(1n, 10n ** 28n), { minLength: 1, maxLength: 12 }))
  .map(([harmony, stakes]) => committee(harmony, { stakes }));

const sum = (powers: readonly Dec[]): bigint => powers.reduce((total, power) => total + power, 0n);

describe('voting power', () => {
  test('adds up to exactly 1 with a staked slot', () => {
    fc.assert(
      fc.property(staked, share, (given, part) => {
        expect(sum(votingPower(given, part))).toBe(DEC_ONE);
      }),
      propertyRuns(300),
    );
  });

  test('more stake never weighs less, but for the last slot that takes the rest', () => {
    fc.assert(
      fc.property(staked, share, (given, part) => {
        const powers = votingPower(given, part);
        const rows = given.slots
          .map((slot, place) => ({ stake: slot.effectiveStake, power: powers[place]! }))
          .slice(0, -1)
          .filter(({ stake }) => stake !== undefined)
          .sort((a, b) => (a.stake! < b.stake! ? -1 : 1));
        for (let i = 1; i < rows.length; i++)
          expect(rows[i]!.power >= rows[i - 1]!.power).toBe(true);
      }),
      propertyRuns(200),
    );
  });

  test('without Harmony slots their share goes to the last staked slot', () => {
    const powers = votingPower(committee(0, { stakes: [1n, 1n] }), parseDec('0.9'));
    expect(powers.map(formatDec)).toEqual(['0.05', '0.95']);
  });

  test('Q13: the part of a group without slots goes to the other, in networks without quirks', () => {
    const share = parseDec('0.9');
    const powersOf = (harmonySlots: number, stakes: bigint[], withoutQuirks: boolean) =>
      votingPower(committee(harmonySlots, { stakes }), share, { withoutQuirks }).map(formatDec);
    expect(powersOf(0, [1n, 3n], false)).toEqual(['0.025', '0.975']);
    expect(powersOf(0, [1n, 3n], true)).toEqual(['0.25', '0.75']);
    expect(powersOf(2, [], false)).toEqual(['0.45', '0.45']);
    expect(powersOf(2, [], true)).toEqual(['0.5', '0.5']);
    expect(powersOf(2, [1n], true)).toEqual(powersOf(2, [1n], false));
    expect(powersOf(0, [], true)).toEqual([]);
  });

  test('the founders of a network without quirks are a quorum until somebody is elected', () => {
    const founders = committee(4, { stakes: [] });
    for (const epoch of [0n, 1n, 9n]) {
      const policy = quorumAt(reference, epoch, founders);
      expect(policy.hasQuorum([0, 1])).toBe(false);
      expect(policy.hasQuorum([0, 1, 2])).toBe(true);
    }
  });

  test('Harmony slots without a share weigh nothing', () => {
    const roster = computeRoster(committee(2, { stakes: [5n] }), DEC_ZERO);
    expect(roster.slots[0]).toEqual({ overall: DEC_ZERO, group: DEC_ZERO });
    expect(roster.slots[2]!.overall).toBe(DEC_ONE);
  });

  test('a key in two slots has the weight of its first place in both', () => {
    const given = committee(1, { stakes: [1n, 3n] });
    const twice: Committee = {
      shardId: 0,
      slots: [
        ...given.slots,
        { ...given.slots[1]!, effectiveStake: given.slots[2]!.effectiveStake },
      ],
    };
    const roster = computeRoster(twice, parseDec('0.3'));
    expect(roster.slots[3]).toEqual(roster.slots[1]);
    expect(formatDec(roster.totalEffectiveStake)).toBe('7');
    expect(formatDec(roster.slots[1]!.overall)).toBe('0.1');
    expect(formatDec(roster.stakedPower)).toBe('0.7');
  });

  test('no slots, no stake, a share outside 0 to 1', () => {
    expect(votingPower(committee(0), DEC_ONE)).toEqual([]);
    expect(() => votingPower(committee(1, { stakes: [0n, 0n] }), DEC_ONE)).toThrow(
      new ShardingError({
        code: 'sharding/no-stake',
        reason: 'the effective stakes of a committee must add up to more than 0',
      }),
    );
    expect(() => votingPower(committee(1), parseDec('-0.1'))).toThrow(ShardingError);
    expect(() => votingPower(committee(1), parseDec('1.1'))).toThrow(
      'Harmony vote share must be from 0 to 1',
    );
  });
});

const policies: fc.Arbitrary<readonly [Committee, QuorumPolicy]> = fc.oneof(
  fc.integer({ min: 1, max: 40 }).map((size) => {
    const given = committee(size);
    return [given, uniformQuorum(given)] as const;
  }),
  fc.tuple(staked, share).map(([given, part]) => [given, stakedQuorum(given, part)] as const),
);

describe('quorum', () => {
  test('nobody is never a quorum, an empty committee has none', () => {
    fc.assert(
      fc.property(policies, ([, policy]) => {
        expect(policy.hasQuorum([])).toBe(false);
      }),
      propertyRuns(200),
    );
    const empty = committee(0);
    for (const policy of [uniformQuorum(empty), stakedQuorum(empty, DEC_ONE)]) {
      expect(policy.hasQuorum([])).toBe(false);
      expect(policy.hasQuorum([0])).toBe(false);
    }
    expect(legacyHeaderQuorum(empty).hasQuorum([])).toBe(false);
  });

  test('everybody is a quorum; more signers never lose it; repeats and order do not matter', () => {
    fc.assert(
      fc.property(policies, fc.infiniteStream(fc.nat()), ([given, policy], stream) => {
        const places = given.slots.map((_, place) => place);
        expect(policy.hasQuorum(places)).toBe(true);
        const drawn = [...stream.take(places.length)].map((n) => n % places.length);
        const answer = policy.hasQuorum(drawn);
        expect(policy.hasQuorum([...drawn, ...drawn].reverse())).toBe(answer);
        expect(policy.hasQuorum(new Set(drawn))).toBe(answer);
        if (answer) expect(policy.hasQuorum([...drawn, places.length - 1])).toBe(true);
      }),
      propertyRuns(300),
    );
  });

  test('two quorums share more than a third of the weight', () => {
    fc.assert(
      fc.property(policies, fc.bigInt(0n, 2n ** 40n), fc.bigInt(0n, 2n ** 40n), (pair, a, b) => {
        const [given, policy] = pair;
        const pick = (bits: bigint) =>
          given.slots.map((_, place) => place).filter((place) => (bits >> BigInt(place)) & 1n);
        const [one, two] = [pick(a), pick(b)];
        if (!policy.hasQuorum(one) || !policy.hasQuorum(two)) return;
        const shared = one.filter((place) => two.includes(place));
        const whole = policy.kind === 'uniform' ? BigInt(given.slots.length) * DEC_ONE : DEC_ONE;
        expect(3n * sum(shared.map((place) => policy.powerOf(place))) > whole).toBe(true);
      }),
      propertyRuns(300),
    );
  });

  test.each([-1, 4, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32])(
    'a signer at place %d is outside a committee of 4',
    (place) => {
      const given = committee(2, { stakes: [1n, 1n] });
      for (const policy of [uniformQuorum(given), stakedQuorum(given, parseDec('0.5'))]) {
        expect(policy.hasQuorum([0, 1, 2, 3, place])).toBe(false);
        expect(policy.powerOf(place)).toBe(DEC_ZERO);
      }
    },
  );

  test('one signer below the threshold is not a quorum, for any size', () => {
    for (let size = 1; size <= 300; size++) {
      const policy = uniformQuorum(committee(size));
      const threshold = uniformThreshold(size);
      const first = (count: number) => Array.from({ length: count }, (_, place) => place);
      expect(policy.hasQuorum(first(threshold - 1))).toBe(false);
      expect(policy.hasQuorum(first(threshold))).toBe(true);
      expect(3 * threshold > 2 * size).toBe(true);
    }
  });

  test('stake: exactly two thirds is not enough', () => {
    const given = committee(1, { stakes: [1n] });
    expect(stakedQuorum(given, TWO_THIRDS).hasQuorum([0])).toBe(false);
    expect(stakedQuorum(given, decFromRaw(TWO_THIRDS + 1n)).hasQuorum([0])).toBe(true);
    expect(stakedQuorum(given, subDec(DEC_ONE, TWO_THIRDS)).hasQuorum([1])).toBe(false);
  });

  test('the policy follows the epoch', () => {
    const given = committee(2, { stakes: [1n, 1n] });
    expect(quorumAt(mainnet, 185n, given).kind).toBe('uniform');
    expect(quorumAt(mainnet, 186n, given).kind).toBe('staked');
    expect(quorumAt(localnet, 1n, given).kind).toBe('uniform');
    expect(quorumAt(localnet, 2n, given).kind).toBe('staked');
    // 0.68 until epoch 529: Harmony alone was a quorum. Not with 0.60 from 530 on.
    expect(quorumAt(mainnet, 529n, given).hasQuorum([0, 1])).toBe(true);
    expect(quorumAt(mainnet, 530n, given).hasQuorum([0, 1])).toBe(false);
    // 0.01 from 2152 on.
    expect(formatDec(quorumAt(mainnet, 2151n, given).powerOf(0))).toBe('0.245');
    expect(formatDec(quorumAt(mainnet, 2152n, given).powerOf(0))).toBe('0.005');
  });

  test('staked slots name their operator, Harmony slots none', () => {
    const given = committee(2, { stakes: [1n, 1n] });
    const seen = votingCommittee(given, stakedQuorum(given, parseDec('0.5')));
    expect([0, 1, 2, 3, 4, -1].map((slot) => seen.operatorOf(slot))).toEqual([
      undefined,
      undefined,
      given.slots[2]!.address,
      given.slots[3]!.address,
      undefined,
      undefined,
    ]);
  });

  test('three of four members of a reference committee are a quorum', () => {
    const [first] = genesisShardState(reference, referenceAccounts).committees;
    const seen = votingCommittee(first!, quorumAt(reference, 0n, first!));
    expect(seen.keys).toEqual(first!.slots.map(({ blsPublicKey }) => blsPublicKey));
    expect(seen.hasQuorum([0, 1])).toBe(false);
    expect(seen.hasQuorum([0, 1, 1])).toBe(false);
    expect(seen.hasQuorum([0, 1, 3])).toBe(true);
  });
});
