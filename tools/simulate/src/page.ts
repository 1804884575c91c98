/**
 * The figures of `docs/economics.md`, computed. In the page each stands between `<!-- figures: name -->`
 * and `<!-- end -->`; `--page` writes them anew, and a test compares.
 */
import {
  addReward,
  blockReward,
  COMMON_YEAR_SECONDS,
  crossLinkPayout,
  emission,
  emissionRate,
  JULIAN_YEAR_SECONDS,
  rewardRoster,
  yearlyIssuance,
} from '@polyphony/epos';
import { mainnet, type Network, reference, shardingAt } from '@polyphony/networks';
import {
  ATTO_PER_ONE,
  addressFromBytes,
  type Dec,
  decFromBigInt,
  formatOne,
  parseDec,
} from '@polyphony/primitives';
import { simulate } from './figures.js';
import { type Options, parseOptions } from './options.js';
import { plot } from './plot.js';
import { fixed, percent, wholeOne } from './report.js';
import { createScenario, exampleValidator } from './scenario.js';

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function issuanceRow(name: string, network: Network, epoch: bigint): readonly string[] {
  const rate = emissionRate(network, epoch);
  const year = yearlyIssuance(network, epoch, COMMON_YEAR_SECONDS);
  return [
    name,
    formatOne(rate.reward),
    String(rate.shards),
    `${rate.blockMs / 1000} s`,
    fixed(emission(rate, 1n) as Dec, 4),
    wholeOne(year.toValidators),
    wholeOne(year.toRecovery),
  ];
}

/** What each era issues by its rule and block time. */
function issuanceFigures(): string {
  const eras: readonly (readonly [string, bigint])[] = [
    ['mainnet, epochs 0 to 185', 0n],
    ['186 to 229', 186n],
    ['230 to 365', 230n],
    ['366 to 1672', 366n],
    ['from 1673', 1673n],
  ];
  const head = [
    'rules',
    'ONE per block',
    'shards',
    'block time',
    'ONE per second',
    'to validators in 365 days',
    'to recovery',
  ];
  const rows = eras.map(([name, epoch]) => issuanceRow(name, mainnet, epoch));
  return table(head, [...rows, issuanceRow('reference', reference, 1n)]);
}

/** The cap of the reference network in years of different lengths. */
function capFigures(): string {
  const { yearlyIssuance: cap, yearSeconds } = reference.economy!;
  const years: readonly (readonly [string, bigint])[] = [
    ['366 days, the year of the cap', yearSeconds],
    ['365.25 days', JULIAN_YEAR_SECONDS],
    ['365 days', COMMON_YEAR_SECONDS],
  ];
  const rows = years.map(([name, seconds]) => [
    name,
    wholeOne(yearlyIssuance(reference, 1n, seconds).total),
    wholeOne(cap),
    wholeOne(yearlyIssuance(mainnet, 1673n, seconds).total),
  ]);
  return table(
    ['year', 'reference: all sign, no block is late', 'cap', 'mainnet by its rule'],
    rows,
  );
}

/** One slot of three is absent. */
function absenceFigures(): string {
  const slots = [1, 2, 3].map((n) => ({
    address: addressFromBytes(new Uint8Array(20).fill(n)),
    blsPublicKey: new Uint8Array(48).fill(n),
    effectiveStake: decFromBigInt(BigInt(n) * ATTO_PER_ONE),
  }));
  const rows = (
    [
      ['mainnet', mainnet, 1673n, 'to-signers', 'cut'],
      ['reference', reference, 1n, 'not-issued', 'exact'],
    ] as const
  ).map(([name, network, epoch, absentShares, rounding]) => {
    const roster = rewardRoster({ shardId: 0, slots }, parseDec('0'));
    const split = shardingAt(network, epoch).recovery === undefined ? 1n : 2n;
    const reward = decFromBigInt(blockReward(network, epoch));
    const whole = (split === 1n ? reward : (reward * 3n) / 4n) as Dec;
    const { payouts, total } = crossLinkPayout(roster, Uint8Array.of(0b011), whole, {
      absentShares,
      rounding,
    });
    return [name, ...payouts.map(({ amount }) => formatOne(amount)), formatOne(total)];
  });
  return table(
    ['rules', 'the slot with 1/6', 'the slot with 2/6', 'the slot with 3/6 is absent; together'],
    rows.map((row) => row),
  );
}

/** Rounding when a reward is shared. */
function sharingFigures(): string {
  const equal = exampleValidator(
    [1n, 1n, 1n, 1n].map((amount) => amount * ATTO_PER_ONE),
    '0',
  );
  const docs = exampleValidator(
    [1000n, 1000n, 1000n].map((amount) => amount * ATTO_PER_ONE),
    '0.25',
  );
  const rows = [
    ['4 ONE, commission 25 %, three equal delegations', docs, 4n * ATTO_PER_ONE, false],
    ['7 atto, no commission, four equal delegations', equal, 7n, false],
    ['the same from `strictStateValidation` on', equal, 7n, true],
  ] as const;
  return table(
    ['reward', 'atto to each delegation, the validator’s first', 'together'],
    rows.map(([name, snapshot, amount, capped]) => {
      const { wrapper, paid } = addReward(snapshot, { snapshot, amount, capped });
      return [name, wrapper.delegations.map(({ reward }) => reward).join(', '), String(paid)];
    }),
  );
}

const EXAMPLE: Options = parseOptions(['--epochs', '2'])!;

/** What effective stake does, for three spreads of stake and both bounds. */
function concentrationFigures(): string {
  const rows = (['equal', 'zipf', 'whale'] as const).flatMap((spread) =>
    ([15, 35] as const).map((bound) => {
      const { epochs, rewards } = simulate(createScenario({ ...EXAMPLE, spread, bound }), 2);
      const { raw, effective } = epochs.at(-1)!;
      const of = [raw, effective, rewards];
      return [
        spread,
        `${bound} %`,
        of.map(({ nakamoto }) => nakamoto).join(', '),
        of.map(({ gini }) => fixed(gini, 3)).join(', '),
        of.map(({ greatest }) => percent(greatest)).join(', '),
      ];
    }),
  );
  return table(['stakes', 'bound', 'Nakamoto', 'Gini', 'part of the greatest'], rows);
}

const FIGURES: Readonly<Record<string, () => string>> = {
  issuance: issuanceFigures,
  cap: capFigures,
  absence: absenceFigures,
  sharing: sharingFigures,
  concentration: concentrationFigures,
};

/** The page with its figures computed anew. */
export function withFigures(page: string): string {
  return page.replace(/<!-- figures: ([a-z]+) -->[\s\S]*?<!-- end -->/g, (_whole, name: string) => {
    const figures = FIGURES[name];
    if (figures === undefined) throw new Error(`no figures are called ${name}`);
    return `<!-- figures: ${name} -->\n${figures()}\n<!-- end -->`;
  });
}

/** The plot that the page shows. */
export function pagePlot(): string {
  const { validators, shards, slots, bound } = EXAMPLE;
  const title = `${validators} validators, stakes as 1, 1/2, 1/3 …, ${shards} × ${slots} slots, ${bound} % around the median`;
  return plot(simulate(createScenario(EXAMPLE), EXAMPLE.epochs), title);
}
