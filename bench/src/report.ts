/** Turns measured rows into a table for people and a file for machines. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { formatCount, formatRatio, type RowResult } from './harness.js';

/** One row as lines of text: a contender each, then the targets. */
export function formatRow(result: RowResult): string {
  const lines = [`${result.name} (${result.unit} per CPU-second; x = ratio to ${result.baseline})`];
  const width = Math.max(
    ...[...result.measured, ...result.unable].map((entry) => entry.name.length),
  );
  for (const entry of result.measured) {
    const { median, min, max } = entry.perCpuSecond;
    const speed = formatCount(median).padStart(9);
    const ratio = formatRatio(entry.ratio).padStart(8);
    lines.push(
      `  ${entry.name.padEnd(width)} ${speed} ${ratio}   ${formatCount(min)} to ${formatCount(max)}`,
    );
  }
  for (const { name, reason } of result.unable)
    lines.push(`  ${name.padEnd(width)}   not measured: ${reason}`);
  for (const target of result.targets) {
    lines.push(`  ${target.met ? 'met   ' : 'MISSED'} ${target.text}: ${target.reached}`);
  }
  return lines.join('\n');
}

/** The closing lines: how many targets were met, and which were not. */
export function formatSummary(results: readonly RowResult[]): string {
  const all = results.flatMap((result) => result.targets.map((target) => ({ result, target })));
  const missed = all.filter(({ target }) => !target.met);
  const lines = [`${all.length - missed.length} of ${all.length} targets met`];
  for (const { result, target } of missed)
    lines.push(`  missed: ${result.name}: ${target.text}; reached ${target.reached}`);
  return lines.join('\n');
}

/** Writes one run to `<folder>/<time>.json` and `<folder>/latest.json`. */
export function writeResults(folder: URL, time: Date, run: object): void {
  mkdirSync(folder, { recursive: true });
  const text = `${JSON.stringify({ time: time.toISOString(), ...run }, undefined, 2)}\n`;
  for (const name of [time.toISOString().replaceAll(':', '-'), 'latest'])
    writeFileSync(new URL(`${name}.json`, folder), text);
}
