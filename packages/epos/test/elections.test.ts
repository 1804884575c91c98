/** What an election changes in the records, by era. */
import { mainnet, type Network } from '@polyphony/networks';
import { formatDec, parseDec } from '@polyphony/primitives';
import { describe, expect, test } from 'vitest';
import { applyElection, isPromotionOver, minCommissionRateAt } from '../src/commission.js';
import { address, ledgerOf, networkWith, record } from './support.js';

function elect(
  network: Network,
  epoch: bigint,
  first: bigint,
  rates: readonly [rate: string, maxRate: string, maxChangeRate: string],
) {
  const [rate, maxRate, maxChangeRate] = rates.map(parseDec) as [never, never, never];
  const commission = { rate, maxRate, maxChangeRate, updateHeight: 90n };
  const ledger = ledgerOf({
    wrappers: [record(1, { commission }), record(2, { commission })],
    firstElectionEpochs: [1, 2].map((number) => [address(number), first] as const),
  });
  const context = { network, epoch: epoch - 1n, blockNumber: 100n };
  const result = applyElection(ledger, { epoch, elected: [address(1)] }, context);
  const shown = (number: number) => {
    const wrapper = result.wrappers.get(address(number));
    if (wrapper === undefined) return 'same';
    expect(wrapper.commission.updateHeight).toBe(90n);
    const { rate: now, maxRate: highest } = wrapper.commission;
    return `${formatDec(now)} of ${formatDec(highest)}, ${wrapper.lastEpochInCommittee}`;
  };
  return [shown(1), shown(2), result.firstElectionEpochs.get(address(1))];
}

describe('mainnet', () => {
  test.each([
    // Before the lowest rate only the epoch is kept, and no first election.
    [630n, 0n, ['0', '0.5', '0.1'], ['0 of 0.5, 630', 'same', undefined]],
    // First election under the rule: kept once.
    [631n, 0n, ['0', '0.5', '0.1'], ['0 of 0.5, 631', 'same', 631n]],
    [730n, 631n, ['0', '0.5', '0.1'], ['0 of 0.5, 730', 'same', undefined]],
    [731n, 631n, ['0', '0.5', '0.1'], ['0.05 of 0.5, 731', 'same', undefined]],
    // The lowest rate passes the highest one: see Q1.
    [731n, 631n, ['0', '0.01', '0.01'], ['0.05 of 0.01, 731', 'same', undefined]],
    // hip30 asks those too that were not elected.
    [1672n, 631n, ['0.05', '0.5', '0.1'], ['0.05 of 0.5, 1672', 'same', undefined]],
    [1673n, 631n, ['0.05', '0.5', '0.1'], ['0.07 of 0.5, 1673', '0.07 of 0.5, 0', undefined]],
    // maxRate raises the highest rate of all, topMaxRate not above 1.
    [1733n, 631n, ['0.07', '0.1', '0.1'], ['0.07 of 0.17, 1733', '0.07 of 0.17, 0', undefined]],
    [1733n, 631n, ['0.07', '0.2', '0.1'], ['0.07 of 0.2, 1733', 'same', undefined]],
    [1975n, 631n, ['0.07', '1', '1'], ['0.07 of 1.07, 1975', '0.07 of 1.07, 0', undefined]],
    [1976n, 631n, ['0.07', '1', '1'], ['0.07 of 1, 1976', 'same', undefined]],
  ] as const)(
    'election for epoch %i, first election %i, rates %o',
    (epoch, first, rates, expected) => {
      expect(elect(mainnet, epoch, first, rates)).toEqual(expected);
    },
  );

  test('lowest rates', () => {
    const rates = [630n, 631n, 1672n, 1673n].map((e) => formatDec(minCommissionRateAt(mainnet, e)));
    expect(rates).toEqual(['0', '0.05', '0.05', '0.07']);
  });
});

test('a validator that was never elected keeps its rate, and grace ends on its last epoch', () => {
  expect(isPromotionOver(0n, 5000n, 10n)).toBe(false);
  expect(isPromotionOver(10n, 9n, 10n)).toBe(false);
  expect(isPromotionOver(10n, 19n, 10n)).toBe(false);
  expect(isPromotionOver(10n, 20n, 10n)).toBe(true);
  expect(isPromotionOver(10n, 10n, 0n)).toBe(true);
});

test('without grace the first election already asks for the lowest rate', () => {
  const network = networkWith({ minCommissionRate: 0n }, 20n, 0n);
  expect(elect(network, 5n, 0n, ['0', '0.5', '0.1'])[0]).toBe('0.05 of 0.5, 5');
});
