/** The cluster as a table of text: one row a member. */
import type { Status } from './server.js';

const COLUMNS = [
  'member',
  'pid',
  'state',
  'height',
  'view',
  'leads',
  'sealed by',
  'peers',
  'entries',
  'last entry',
];
const WIDEST_TEXT = 40;

/** What a row is made of; without a status the member does not answer. */
export interface Row {
  readonly member: number;
  readonly running: boolean;
  readonly status: Status | undefined;
}

function cells({ member, running, status }: Row, members: number): string[] {
  if (status === undefined)
    return [
      String(member),
      '-',
      running ? 'starting' : 'stopped',
      ...COLUMNS.slice(3).map(() => ''),
    ];
  const text = status.last.replaceAll(/\p{Cc}/gu, ' ');
  return [
    String(member),
    String(status.pid),
    status.mode,
    String(status.height),
    String(status.view),
    status.leader === member ? 'leader' : '',
    `${status.signers}/${members}`,
    String(status.peers.length),
    String(status.entries),
    text.length > WIDEST_TEXT ? `${text.slice(0, WIDEST_TEXT - 1)}…` : text,
  ];
}

/** Aligned lines, the first of them the names of the columns. */
export function formatView(rows: readonly Row[]): string[] {
  const table = [COLUMNS, ...rows.map((row) => cells(row, rows.length))];
  const widths = COLUMNS.map((_, i) => Math.max(...table.map((line) => line[i]!.length)));
  const left = COLUMNS.length - 1;
  return table.map((line) =>
    line
      .map((cell, i) => (i === left ? cell : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
}
