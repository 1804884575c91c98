import { expect, test } from 'vitest';
import type { NetworkView } from '../src/dashboard/protocol.js';
import { percentiles } from '../src/latency.js';
import { formatTable, liveTable } from '../src/table.js';

const view: NetworkView = {
  network: 'reference',
  startedAt: 0,
  economy: null,
  shards: [
    {
      shardId: 0,
      httpUrl: '',
      wsUrl: '',
      validators: [
        { index: 0, account: 'one1a', running: true },
        { index: 1, account: 'one1b', running: false },
      ],
      height: '12',
      viewId: '13',
      epoch: '0',
      viewChanges: 1,
      finalityP50: 210,
      finalityP99: null,
      transactionCount: 3,
      transactions: [],
      blocks: [
        {
          shardId: 0,
          number: '12',
          hash: '0x',
          viewId: '13',
          epoch: '0',
          leader: 1,
          signers: [0, 1],
          committeeSize: 2,
          timestamp: 0,
          finalityMs: 210,
          gasUsed: '0',
          transactionCount: 0,
          transactions: [],
        },
      ],
    },
  ],
};

test('the table has one aligned row a shard', () => {
  const [head, row] = formatTable(view).split('\n');
  expect(head).toContain('finality p50');
  expect(
    row!
      .split(/ {2,}/)
      .map((cell) => cell.trim())
      .filter(Boolean),
  ).toEqual(['0', '12', '13', '0', '1', '2/2', '210 ms', '-', '3', '1', '1/2']);
  expect(row!.length).toBe(head!.length);
});

test('a pipe gets a table every ten seconds, a terminal one that is redrawn', () => {
  let now = 0;
  const written: string[] = [];
  const pipe = liveTable({ write: (text) => written.push(text) }, () => now);
  pipe.update(view);
  now = 9_999;
  pipe.update(view);
  expect(written).toHaveLength(1);
  now = 10_000;
  pipe.update(view);
  expect(written).toHaveLength(2);

  const screen: string[] = [];
  const terminal = liveTable({ isTTY: true, write: (text) => screen.push(text) }, () => now);
  terminal.update(view);
  terminal.note('a line');
  expect(screen.join('')).toContain('\x1b[2A\x1b[J');
  expect(screen.at(-1)).toContain('shard');
});

test('percentiles over a window', () => {
  const window = percentiles(4);
  expect(window.at(0.5)).toBeNull();
  for (const value of [100, 4, 3, 2, 1]) window.add(value);
  expect(window.at(0.5)).toBe(2);
  expect(window.at(0.99)).toBe(4);
  expect(window.at(0)).toBe(1);
});
