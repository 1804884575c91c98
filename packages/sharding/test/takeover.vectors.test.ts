import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { ShardingError } from '../src/errors.js';
import type { Fraction } from '../src/fraction.js';
import {
  binomialTail,
  formatScientific,
  formatSignificant,
  hypergeometricTail,
} from '../src/security/probability.js';
import {
  anyShard,
  attackedPart,
  committeeSizeFor,
  evictionsPerJoinNeeded,
  losingSeats,
  takeoverProbability,
  yearsToFailure,
} from '../src/security/takeover.js';

function fraction(text: string): Fraction {
  const [numerator = '', denominator = '1'] = text.split('/');
  return { numerator: BigInt(numerator), denominator: BigInt(denominator) };
}

type Model = 'binomial' | 'hypergeometric';

const tails = loadVectors<
  {
    readonly model: Model;
    readonly shardSize: number;
    readonly malicious: string;
    readonly shards?: number;
  },
  { readonly reach: string; readonly exceed: string }
>(import.meta.url, 'takeover', {
  in: ['model', 'shardSize', 'malicious', 'shards'],
  out: ['reach', 'exceed'],
});

describe('takeover of one shard', () => {
  test.each(tails)('$name', ({ in: given, out }) => {
    const question = { ...given, malicious: fraction(given.malicious) };
    expect(formatScientific(takeoverProbability(question), 12)).toBe(out!.reach);
    expect(formatScientific(takeoverProbability({ ...question, strict: true }), 12)).toBe(
      out!.exceed,
    );
  });

  test('sampling all shards at once is safer than drawing each seat', () => {
    const malicious = fraction('1/4');
    const at = (model: Model, shards: number): Fraction =>
      takeoverProbability({ model, shardSize: 96, malicious, shards });
    const less = (a: Fraction, b: Fraction): boolean =>
      a.numerator * b.denominator < b.numerator * a.denominator;
    expect(less(at('hypergeometric', 2), at('hypergeometric', 4))).toBe(true);
    expect(less(at('hypergeometric', 4), at('hypergeometric', 400))).toBe(true);
    expect(less(at('hypergeometric', 400), at('binomial', 1))).toBe(true);
  });

  test('one shard of all seats has exactly the malicious part', () => {
    const question = { model: 'hypergeometric', shardSize: 90 } as const;
    const chance = (malicious: string): string =>
      formatScientific(takeoverProbability({ ...question, malicious: fraction(malicious) }));
    expect([chance('1/4'), chance('1/3')]).toEqual(['0', '1.00e0']);
  });

  test.each([
    [3, 1, 2],
    [4, 2, 2],
    [250, 84, 84],
    [600, 200, 201],
  ])('of %i seats %i reach a third, %i exceed it', (size, reach, exceed) => {
    expect(losingSeats(size)).toBe(reach);
    expect(losingSeats(size, undefined, true)).toBe(exceed);
  });
});

const sizes = loadVectors<
  { readonly model: Model; readonly shards: number; readonly margin: string },
  { readonly size: number }
>(import.meta.url, 'committee-size', { in: ['model', 'shards', 'margin'], out: ['size'] });

describe('size of a shard for a margin', () => {
  test.each(sizes)('$name', ({ in: { model, shards, margin }, out }) => {
    const question = { model, shards, margin: fraction(margin), malicious: fraction('1/4') };
    expect(committeeSizeFor(question)).toBe(out!.size);
  });

  test('for any of the shards it must be larger', () => {
    const question = {
      model: 'hypergeometric',
      shards: 4,
      margin: fraction('3/1000000'),
      malicious: fraction('1/4'),
    } as const;
    const size = committeeSizeFor({ ...question, forAnyShard: true });
    const chance = (shardSize: number): Fraction =>
      anyShard(takeoverProbability({ ...question, shardSize }), 4);
    expect(size).toBeGreaterThan(committeeSizeFor(question));
    expect(formatScientific(chance(size)) <= '3.00e-6').toBe(true);
    expect(Number(formatScientific(chance(size - 1)))).toBeGreaterThan(3e-6);
  });

  test('no size is enough against a third', () => {
    expect(() =>
      committeeSizeFor({
        model: 'binomial',
        margin: fraction('1/100'),
        malicious: fraction('1/3'),
      }),
    ).toThrow('margin cannot be kept by shards of up to 16384 seats');
  });
});

describe('figures', () => {
  test.each([
    ['1/3', '3.33e-1', '0.333'],
    ['2/3', '6.67e-1', '0.667'],
    ['1/8000', '1.25e-4', '0.000125'],
    ['9996/1000', '1.00e1', '10.0'],
    ['9994/1000', '9.99e0', '9.99'],
    ['12345/1', '1.23e4', '12300'],
    ['12350/1', '1.24e4', '12400'],
    ['1000/1', '1.00e3', '1000'],
    ['999999/1000000', '1.00e0', '1.00'],
    ['0/7', '0', '0'],
  ])('%s is %s, %s', (text, scientific, plain) => {
    expect(formatScientific(fraction(text))).toBe(scientific);
    expect(formatSignificant(fraction(text))).toBe(plain);
  });

  test('one digit has no point', () => {
    expect(formatScientific(fraction('1/7'), 1)).toBe('1e-1');
  });

  test('years, and the union bound', () => {
    const never = { numerator: 0n, denominator: 1n };
    expect(yearsToFailure(never)).toBeUndefined();
    expect(yearsToFailure(fraction('1/730'))).toEqual({ numerator: 730n, denominator: 365n });
    expect(anyShard(fraction('2/5'), 2)).toEqual(fraction('4/5'));
    expect(anyShard(fraction('2/5'), 3)).toEqual(fraction('1/1'));
  });

  test.each([
    ['1/4', 9],
    ['1/8', 4],
    ['0/1', 3],
  ])('an attacker with %s is held by %i evictions per join', (malicious, expected) => {
    expect(evictionsPerJoinNeeded(fraction(malicious))).toBe(expected);
  });

  test('the part an attacker tends to falls below the threshold where it is said to', () => {
    for (const malicious of [fraction('1/4'), fraction('1/8'), fraction('3/10')]) {
      const k = evictionsPerJoinNeeded(malicious);
      const below = ({ numerator, denominator }: Fraction): boolean => numerator * 3n < denominator;
      expect([below(attackedPart(malicious, k)), below(attackedPart(malicious, k - 1))]).toEqual([
        true,
        false,
      ]);
    }
    expect(attackedPart(fraction('1/4'), 0)).toEqual(fraction('4/4'));
  });

  test('what is out of range is refused', () => {
    const sampling = { population: 10, marked: 3, draws: 4 };
    for (const call of [
      () => binomialTail(-1, 0, fraction('1/2')),
      () => binomialTail(2 ** 17, 0, fraction('1/2')),
      () => binomialTail(3, 1, fraction('3/2')),
      () => binomialTail(3, 0.5, fraction('1/2')),
      () => hypergeometricTail({ ...sampling, marked: 11 }, 1),
      () => hypergeometricTail({ ...sampling, draws: 11 }, 1),
      () => losingSeats(4, fraction('-1/3')),
      () => formatScientific(fraction('-1/3')),
      () => formatScientific(fraction('1/3'), 0),
      () => evictionsPerJoinNeeded(fraction('1/3')),
      () => attackedPart(fraction('1/4'), -1),
      () => attackedPart(fraction('5/4'), 1),
    ]) {
      expect(call).toThrow(ShardingError);
    }
  });

  test('tails add up', () => {
    const half = fraction('1/2');
    expect(binomialTail(4, 0, half)).toEqual(fraction('1/1'));
    expect(binomialTail(4, 4, half)).toEqual(fraction('1/16'));
    expect(binomialTail(4, 5, half)).toEqual(fraction('0/1'));
    // 10 balls, 7 marked, 5 drawn: at least 2 are always marked.
    const few = { population: 10, marked: 7, draws: 5 };
    const sure = hypergeometricTail(few, 2);
    expect(sure.numerator).toBe(sure.denominator);
    expect(hypergeometricTail(few, 5)).toEqual(fraction('21/252'));
    expect(hypergeometricTail({ ...few, marked: 2 }, 3).numerator).toBe(0n);
  });
});
