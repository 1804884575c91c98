/** Figures as text. */
import { ATTO_PER_ONE, type Dec } from '@polyphony/primitives';
import type { Figures } from './figures.js';

/** Whole ONE with thousands apart. */
export function wholeOne(atto: bigint): string {
  const sign = atto < 0n ? '-' : '';
  const digits = String((atto < 0n ? -atto : atto) / ATTO_PER_ONE);
  return sign + digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** ONE with some digits, cut. */
function someOne(atto: bigint): string {
  return fixed(atto as Dec, 2);
}

/** A decimal with some digits, cut. */
export function fixed(dec: Dec, digits: number): string {
  const scaled = String(dec / 10n ** BigInt(18 - digits)).padStart(digits + 1, '0');
  return `${scaled.slice(0, -digits)}.${scaled.slice(-digits)}`;
}

/** A decimal as percent with one digit, cut. */
export function percent(dec: Dec): string {
  return `${fixed((dec * 100n) as Dec, 1)} %`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) => row.map((cell, column) => cell.padStart(widths[column]!)).join('  '))
    .join('\n');
}

/** The two tables of a simulation: by epoch, and the greatest members of the last committees. */
export function report({ epochs, members }: Figures, top: number): string {
  const head = ['epoch', 'members', 'slots', 'median', 'Nakamoto', 'Gini', 'greatest'];
  const flows = ['issued', 'burnt', 'net'];
  const byEpoch = epochs.map((row) => [
    String(row.epoch),
    String(row.members),
    String(row.slots),
    wholeOne(row.median),
    `${row.raw.nakamoto} -> ${row.effective.nakamoto}`,
    `${fixed(row.raw.gini, 4)} -> ${fixed(row.effective.gini, 4)}`,
    `${percent(row.raw.greatest)} -> ${percent(row.effective.greatest)}`,
    ...[row.issued, row.burnt, row.net].map(wholeOne),
  ]);
  const shown = members
    .slice(0, top)
    .map(({ name, slots, stake, effective, earned, apr }) => [
      name,
      String(slots),
      wholeOne(stake),
      wholeOne(effective),
      someOne(earned),
      percent(apr),
    ]);
  const parts = [
    'Committees elected, and tokens made and burnt in the epoch before. Arrows lead from stake to effective stake.',
    table([[...head, ...flows], ...byEpoch]),
  ];
  if (shown.length > 0) {
    const columns = ['member', 'slots', 'stake', 'effective', 'earned', 'yearly'];
    parts.push('The greatest members of the last election.', table([columns, ...shown]));
  }
  return parts.join('\n\n');
}
