import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ReshardingParameters } from '../src/deal.js';
import type { Fraction } from '../src/fraction.js';
import { simulateJoinLeave } from '../src/security/join-leave.js';
import { simulateMixing } from '../src/security/mixing.js';
import { formatScientific, formatSignificant } from '../src/security/probability.js';
import {
  anyShard,
  attackedPart,
  committeeSizeFor,
  takeoverProbability,
  yearsToFailure,
} from '../src/security/takeover.js';

/** The page in the documents, whose tables must be what the code computes. */
const page = readFileSync(
  new URL('../../../docs/security-of-sharding.md', import.meta.url),
  'utf8',
).split('\n');

const part = (numerator: number, denominator: number): Fraction => ({
  numerator: BigInt(numerator),
  denominator: BigInt(denominator),
});
const quarter = part(1, 4);
const seed = new Uint8Array(32);

const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

/** The rows of the table under a head, without the line of dashes. */
function tableUnder(head: string): readonly string[] {
  const at = page.indexOf(head);
  expect(at, `the page must have the table head ${head}`).toBeGreaterThan(0);
  const rest = page.slice(at + 2);
  const end = rest.findIndex((line) => !line.startsWith('|'));
  return rest.slice(0, end);
}

function years(chance: Fraction): string {
  const time = yearsToFailure(chance)!;
  return time.numerator < time.denominator * 1_000_000n
    ? formatSignificant(time)
    : formatScientific(time);
}

function of(shardSize: number, shards?: number): Fraction {
  return shards === undefined
    ? takeoverProbability({ model: 'binomial', shardSize, malicious: quarter })
    : takeoverProbability({ model: 'hypergeometric', shardSize, shards, malicious: quarter });
}

describe('docs/security-of-sharding.md', () => {
  test('chance that a given shard is lost', () => {
    const rows = [100, 200, 250, 400, 500, 600, 800, 1000].map((size) =>
      row(size, ...[of(size), of(size, 4), of(size, 2)].map((chance) => formatScientific(chance))),
    );
    expect(
      tableUnder(
        '| seats of a shard | binomial | hypergeometric, 4 shards | hypergeometric, 2 shards |',
      ),
    ).toEqual(rows);
  });

  test('years until a shard is lost', () => {
    const rows = [250, 400, 600, 1000].map((size) =>
      row(
        size,
        years(of(size)),
        years(anyShard(of(size), 4)),
        years(anyShard(of(size, 4), 4)),
        years(anyShard(of(size, 2), 2)),
      ),
    );
    expect(
      tableUnder(
        '| seats of a shard | one shard, binomial | any of 4, binomial | any of 4, hypergeometric | any of 2, hypergeometric |',
      ),
    ).toEqual(rows);
  });

  test('sizes for a margin', () => {
    const rows = [part(1, 1000), part(1, 10_000), part(3, 1_000_000), part(1, 1_000_000_000)].map(
      (margin) => {
        const size = (shards?: number): number =>
          committeeSizeFor({
            model: shards === undefined ? 'binomial' : 'hypergeometric',
            malicious: quarter,
            margin,
            ...(shards === undefined ? {} : { shards, forAnyShard: true }),
          });
        return row(formatScientific(margin, 1), size(), size(4), size(2));
      },
    );
    expect(
      tableUnder(
        '| chance in one draw | one shard, binomial | any of 4, hypergeometric | any of 2, hypergeometric |',
      ),
    ).toEqual(rows);
  });

  const rules: readonly (readonly [string, Omit<ReshardingParameters, 'shardCount'>])[] = [
    ['no evictions', { evictionRate: part(0, 1), evictionsPerJoin: 0 }],
    ['a tenth', { evictionRate: part(1, 10), evictionsPerJoin: 0 }],
    ['a tenth, or 4 per join', { evictionRate: part(1, 10), evictionsPerJoin: 4 }],
    ['a tenth, or 9 per join', { evictionRate: part(1, 10), evictionsPerJoin: 9 }],
    ['everything', { evictionRate: part(1, 1), evictionsPerJoin: 0 }],
  ];

  test('an attack by leaving and joining', () => {
    const rows = rules.flatMap(([name, rule]) =>
      [8, 32].map((rejoins) => {
        const outcome = simulateJoinLeave({
          parameters: { shardCount: 4, ...rule },
          shardSize: 90,
          malicious: part(1, 8),
          rejoins,
          honestChurn: 4,
          epochs: 40,
          runs: 8,
          seed,
        });
        return row(
          name,
          rejoins,
          `${outcome.takenOver} of ${outcome.runs}`,
          formatSignificant(outcome.meanPeak),
          formatSignificant(outcome.moved),
        );
      }),
    );
    expect(
      tableUnder(
        '| evicted in an epoch | rejoins in an epoch | runs with a shard lost | most of a shard, mean | moved in an epoch |',
      ),
    ).toEqual(rows);
  });

  test('what evictions per join hold', () => {
    const rows = [4, 9, 19, 49, 199].map((k) =>
      row(
        k,
        ...[part(1, 4), part(1, 8)].flatMap((malicious) => {
          const attacked = attackedPart(malicious, k);
          const chance = takeoverProbability({
            model: 'binomial',
            shardSize: 600,
            malicious: attacked,
          });
          return [formatSignificant(attacked), formatScientific(chance)];
        }),
      ),
    );
    expect(
      tableUnder(
        '| evictions per join | a quarter becomes | lost at 600 seats | an eighth becomes | lost at 600 seats |',
      ),
    ).toEqual(rows);
  });

  test('how fast shards mix', () => {
    const rows = [part(1, 20), part(1, 10), part(1, 5), part(1, 2), part(1, 1)].map((rate) => {
      const { moved, atHome } = simulateMixing({
        parameters: { shardCount: 4, evictionRate: rate, evictionsPerJoin: 9 },
        shardSize: 150,
        epochs: 60,
        seed,
      });
      const all = moved.reduce((sum, { numerator }) => sum + numerator, 0n);
      const mean = { numerator: all, denominator: moved[0]!.denominator * BigInt(moved.length) };
      const mixed = atHome.findIndex(
        ({ numerator, denominator }) => numerator * 10n < denominator * 3n,
      );
      return row(
        rate.denominator === 1n ? 'all' : `1/${rate.denominator}`,
        formatSignificant(mean),
        formatSignificant(atHome[9]!),
        mixed + 1,
      );
    });
    expect(
      tableUnder(
        '| evicted in an epoch | moved, mean | at home after 10 epochs | epochs until fewer than 30 % are at home |',
      ),
    ).toEqual(rows);
  });

  test('figures in the text', () => {
    const text = page.join(' ').replaceAll(/\s+/g, ' ');
    const { numerator, denominator } = of(250);
    const draws = formatSignificant({ numerator: denominator, denominator: numerator });
    const days = formatSignificant({
      numerator: denominator,
      denominator: numerator * 4n,
    });
    for (const figure of [
      `at 600 seats ${formatScientific(of(600))} in one draw, once in ${years(of(600))} years`,
      `${formatScientific(of(250))} in one draw, once in ${draws} draws`,
      `any of four within ${days} days`,
      `${committeeSizeFor({ model: 'binomial', malicious: quarter, margin: part(3, 1_000_000) })} seats or more`,
    ]) {
      expect(text).toContain(figure);
    }
  });
});
