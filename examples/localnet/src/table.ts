/**
 * The live table in the terminal: one row a shard. On a terminal it redraws in place; into a file
 * or a pipe it prints now and then.
 */
import type { NetworkView } from './dashboard/protocol.js';

const COLUMNS = [
  'shard',
  'height',
  'view',
  'epoch',
  'leader',
  'signers',
  'finality p50',
  'p99',
  'txs',
  'view changes',
  'running',
] as const;

const milliseconds = (value: number | null): string => (value === null ? '-' : `${value} ms`);

/** The rows as aligned text, without a trailing line break. */
export function formatTable(view: NetworkView): string {
  const rows = view.shards.map((shard) => {
    const newest = shard.blocks[0];
    const running = shard.validators.filter((validator) => validator.running).length;
    return [
      String(shard.shardId),
      shard.height,
      shard.viewId,
      shard.epoch,
      newest === undefined || newest.leader < 0 ? '-' : String(newest.leader),
      newest === undefined ? '-' : `${newest.signers.length}/${newest.committeeSize}`,
      milliseconds(shard.finalityP50),
      milliseconds(shard.finalityP99),
      String(shard.transactionCount),
      String(shard.viewChanges),
      `${running}/${shard.validators.length}`,
    ];
  });
  const widths = COLUMNS.map((column, i) =>
    Math.max(column.length, ...rows.map((row) => row[i]!.length)),
  );
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => cell.padStart(widths[i]!)).join('  ');
  return [line(COLUMNS), ...rows.map(line)].join('\n');
}

/** A table that is being shown. */
export interface LiveTable {
  /** Shows the newest figures. */
  update(view: NetworkView): void;
  /** Prints a line above the table. */
  note(text: string): void;
}

/** Where the table is written to. */
export interface TableOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** How often a pipe gets a table. */
const PIPE_INTERVAL_MS = 10_000;

/** A live table on an output. */
export function liveTable(output: TableOutput, now: () => number): LiveTable {
  let shown = 0;
  let latest: NetworkView | undefined;
  let printedAt = Number.NEGATIVE_INFINITY;

  function clear(): void {
    if (shown > 0) output.write(`\x1b[${shown}A\x1b[J`);
    shown = 0;
  }

  function draw(): void {
    if (latest === undefined) return;
    const text = formatTable(latest);
    output.write(`${text}\n`);
    shown = text.split('\n').length;
  }

  if (output.isTTY !== true) {
    return {
      update(view) {
        if (now() - printedAt < PIPE_INTERVAL_MS) return;
        printedAt = now();
        output.write(`${formatTable(view)}\n`);
      },
      note: (text) => output.write(`${text}\n`),
    };
  }
  return {
    update(view) {
      clear();
      latest = view;
      draw();
    },
    note(text) {
      clear();
      output.write(`${text}\n`);
      draw();
    },
  };
}
