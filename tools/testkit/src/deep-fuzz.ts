/** The deep run of a package's decoders as tests: one for each, and a table at the end. */
import { afterAll, describe, expect, test } from 'vitest';
import { type FuzzReport, type FuzzTarget, fuzz, fuzzTable } from './fuzz.js';

/**
 * Makes a test for each decoder: `EXECUTIONS=` inputs (default 200,000) from `SEED=` (default drawn
 * and printed with the table).
 *
 * @param title - The package.
 * @param options - `share`: one in so many executions, for what is slow and tested elsewhere too.
 */
export function deepFuzz(
  title: string,
  targets: readonly FuzzTarget[],
  options: { readonly share?: number } = {},
): void {
  const executions = Math.ceil(Number(process.env.EXECUTIONS ?? 200_000) / (options.share ?? 1));
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  const reports: FuzzReport[] = [];
  describe(`${title}, seed ${seed}`, () => {
    for (const target of targets)
      test(target.name, { timeout: 7_200_000 }, () => {
        const report = fuzz(target, { executions, seed });
        reports.push(report);
        expect(report.finding).toBeUndefined();
        expect(report.executions).toBeGreaterThanOrEqual(executions);
      });
    afterAll(() => {
      if (reports.length > 0)
        process.stdout.write(`\n${fuzzTable(`${title}, seed ${seed}`, reports)}`);
    });
  });
}
