/** What the command takes. */
import { parseArgs } from 'node:util';
import { oneOf, wholeNumber } from '@polyphony/testkit';

/** How stakes are spread over validators. */
export type Spread = 'equal' | 'zipf' | 'whale';

/** What is simulated. */
export interface Options {
  readonly network: 'reference' | 'live';
  readonly validators: number;
  readonly keys: number;
  readonly delegators: number;
  readonly shards: number;
  readonly slots: number;
  readonly spread: Spread;
  /** Percent from the median within which stake counts. */
  readonly bound: 15 | 35;
  readonly epochs: number;
  readonly blocks: number;
  /** Percent of seats that do not sign a block. */
  readonly absent: number;
  /** Whole ONE per block. */
  readonly fees: number;
  readonly seed: number;
  readonly top: number;
  /** Where the plot goes; nowhere when left out. */
  readonly svg: string | undefined;
  /** A page whose figures are written anew, and nothing else is done. */
  readonly page: string | undefined;
}

export const HELP = `Simulates epochs of the staking economy.

  pnpm simulate:epoch [options]

  --network reference|live  rules of the reference network or of mainnet today   reference
  --validators N            how many bid                                          40
  --keys N                  keys of each validator, at most                       4
  --delegators N            delegations of each validator                         5
  --shards N  --slots N     committees                                            4, 16
  --spread equal|zipf|whale how stake is spread                                   zipf
  --bound 15|35             percent from the median within which stake counts     35
  --epochs N  --blocks N    how long                                              5, 64
  --absent N                percent of seats that do not sign                     3
  --fees N                  ONE of fees in each block                             1
  --seed N                  of absences and keys                                  1
  --top N                   validators in the second table                        8
  --svg FILE                writes a plot
  --page FILE               computes the figures of docs/economics.md anew
`;

/** Options from command-line words; `undefined` when help is wanted. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      network: text('reference'),
      validators: text('40'),
      keys: text('4'),
      delegators: text('5'),
      shards: text('4'),
      slots: text('16'),
      spread: text('zipf'),
      bound: text('35'),
      epochs: text('5'),
      blocks: text('64'),
      absent: text('3'),
      fees: text('1'),
      seed: text('1'),
      top: text('8'),
      svg: { type: 'string' },
      page: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    network: oneOf('network', values.network, ['reference', 'live']),
    validators: wholeNumber('validators', values.validators, 1, 20_000),
    keys: wholeNumber('keys', values.keys, 1, 106),
    delegators: wholeNumber('delegators', values.delegators, 0, 10_000),
    shards: wholeNumber('shards', values.shards, 1, 64),
    slots: wholeNumber('slots', values.slots, 1, 1000),
    spread: oneOf('spread', values.spread, ['equal', 'zipf', 'whale']),
    bound: oneOf('bound', values.bound, ['15', '35']) === '15' ? 15 : 35,
    epochs: wholeNumber('epochs', values.epochs, 1, 1000),
    blocks: wholeNumber('blocks', values.blocks, 16, 32_768),
    absent: wholeNumber('absent', values.absent, 0, 100),
    fees: wholeNumber('fees', values.fees, 0, 1_000_000),
    seed: wholeNumber('seed', values.seed, 0, 0xffffffff),
    top: wholeNumber('top', values.top, 0, 20_000),
    svg: values.svg,
    page: values.page,
  };
}
